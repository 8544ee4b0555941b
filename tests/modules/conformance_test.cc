// What holds for every registered component, whatever it computes.
#include <cmath>

#include "tests/support/build.h"
#include "tests/support/catalogue.h"
#include <gtest/gtest.h>

#include "femto/core/threads.h"
#include "femto/exchange/builtins.h"
#include "femto/modules/builtins.h"
#include "femto/pipeline/density.h"
#include "femto/pipeline/objective.h"
#include "femto/pipeline/sampler.h"

using namespace femto;

namespace {

/// A point well inside the box, another for each k.
std::vector<double> inside(const Theory& theory, std::uint64_t k) {
  const auto stream = random::Stream::named(20, "conformance");
  std::vector<double> theta;
  for (const auto& p : theory.parameters()) {
    const double t = 0.2 + 0.6 * random::uniform(stream, k * 64 + theta.size());
    theta.push_back(p.lo + t * (p.hi - p.lo));
  }
  return theta;
}

/// Columns of doubles as the pointer arrays that the interfaces take.
struct Columns {
  std::vector<std::vector<double>> values;

  Columns(std::size_t count, std::size_t n) : values(count, std::vector<double>(n)) {}

  std::vector<double*> out() {
    std::vector<double*> p;
    for (auto& v : values) p.push_back(v.data());
    return p;
  }

  std::vector<const double*> in() const {
    std::vector<const double*> p;
    for (const auto& v : values) p.push_back(v.data());
    return p;
  }
};

Columns draw(const SamplerTable& table,
             std::size_t channel,
             std::size_t axes,
             std::uint64_t first,
             std::size_t n) {
  Columns events(axes, n);
  const Draw which{event_stream(7, channel), first};
  table.draw(channel, which, n, events.out().data());
  return events;
}

/// Some value of this form, for settings that must be given.
std::string sample_of(const Registry& registry, const config::Shape& shape) {
  using Form = config::Shape::Form;
  switch (shape.form) {
    case Form::slot:  // a component that needs the least
      for (const auto& [name, entry] : registry.shelf(shape.kind)) {
        std::string text = "{type: " + name;
        for (const auto& setting : entry.settings())
          if (setting.required)
            text += ", " + setting.name + ": " + sample_of(registry, setting.shape);
        return text + "}";
      }
      return "given";
    case Form::flag:
      return "true";
    case Form::whole:
    case Form::number:
      return "3";
    case Form::list: {
      std::string text = sample_of(registry, shape.inner.at(0));
      for (std::size_t i = 1; i < shape.length; ++i)
        text += ", " + sample_of(registry, shape.inner.at(0));
      return "[" + text + "]";
    }
    case Form::table:
      return "{name: " + sample_of(registry, shape.inner.at(0)) + "}";
    case Form::choice:
      return shape.choices.at(0);
    default:
      return "given";
  }
}

/// The derivative of f by a five-point rule; h is relative to the box.
template <class F>
double five_point(const F& f, double h) {
  return (f(-2 * h) - 8 * f(-h) + 8 * f(h) - f(2 * h)) / (12 * h);
}

}  // namespace

TEST(Conformance, CatalogueIsComplete) {
  Registry strategies;
  exchange::register_builtins(strategies);
  test::check_catalogue(
      builtin_registry(), "src/femto/modules", "tests/modules", strategies);
}

TEST(Conformance, EveryKindHasAComponent) {
  const auto registry = builtin_registry();
  for (const auto* kind : {"source",
                           "theory",
                           "sampler",
                           "detector",
                           "stage",
                           "objective",
                           "generator",
                           "amortiser",
                           "solver",
                           "analysis",
                           "exchange",
                           "image",
                           "ratio",
                           "sample"})
    EXPECT_FALSE(registry.shelf(kind).empty()) << kind;
}

TEST(Conformance, SettingsSurviveARoundTrip) {
  const auto registry = builtin_registry();
  for (const auto& [kind, shelf] : registry.shelves())
    for (const auto& [name, entry] : shelf) {
      std::string required;
      for (const auto& setting : entry.settings())
        if (setting.required)
          required += setting.name + ": " + sample_of(registry, setting.shape) + "\n";
      SCOPED_TRACE(kind + "/" + name);
      const auto settings = registry.decode_alone(entry, required);
      const auto once = config::to_yaml(entry.encode(settings));
      const auto again =
          config::to_yaml(entry.encode(registry.decode_alone(entry, once)));
      EXPECT_EQ(once, again);
    }
}

TEST(Conformance, UnknownSettingsAreRefused) {
  const auto registry = builtin_registry();
  for (const auto& [kind, shelf] : registry.shelves())
    for (const auto& [name, entry] : shelf)
      EXPECT_THROW(registry.decode_alone(entry, "no_such_setting: 1"),
                   config::ConfigError)
          << kind << "/" << name;
}

TEST(Conformance, TheorySlopesMatchFiniteDifferences) {
  const auto registry = builtin_registry();
  for (const auto& [name, entry] : registry.shelf("theory")) {
    const auto theory = registry.build<Theory>(name);
    const auto& parameters = theory->parameters();
    for (std::size_t c = 0; c < theory->channels().size(); ++c) {
      const auto& axes = theory->channels()[c].axes;
      const std::size_t n = 40;
      Columns x(axes.size(), n), features(theory->feature_count(c), n),
          slope(parameters.size(), n);
      for (std::size_t a = 0; a < axes.size(); ++a)
        for (std::size_t i = 0; i < n; ++i)
          x.values[a][i] =
              graded(
                  axes[a],
                  0.25 + 0.5 * random::uniform({1, 2}, i, static_cast<std::uint32_t>(a)))
                  .x;
      theory->features(c, n, x.in().data(), features.out().data());
      auto theta = inside(*theory, c);
      std::vector<double> value(n);
      theory->evaluate(
          c, theta, n, features.in().data(), value.data(), slope.out().data());
      for (std::size_t p = 0; p < parameters.size(); ++p) {
        const double width = parameters[p].hi - parameters[p].lo;
        const double here = theta[p];
        for (std::size_t i = 0; i < n; i += 7) {
          const double difference = five_point(
              [&](double h) {
                theta[p] = here + h;
                theory->evaluate(
                    c, theta, n, features.in().data(), value.data(), nullptr);
                return value[i];
              },
              1e-3 * width);
          // Fifth derivatives are of order one in units of the box: h^4 is 1e-12.
          EXPECT_NEAR(slope.values[p][i], difference, 1e-7 * (1 + std::abs(difference)))
              << name << " channel " << c << " parameter " << parameters[p].name;
        }
        theta[p] = here;
      }
    }
  }
}

TEST(Conformance, NormSlopesMatchFiniteDifferences) {
  const auto registry = builtin_registry();
  for (const auto& [name, entry] : registry.shelf("theory")) {
    const auto theory = registry.build<Theory>(name);
    const Density density(*theory);
    auto theta = inside(*theory, 3);
    const auto norms = density.norms(theta);
    for (std::size_t p = 0; p < theta.size(); ++p) {
      const auto& box = theory->parameters()[p];
      const double here = theta[p];
      for (std::size_t c = 0; c < theory->channels().size(); ++c) {
        const double difference = five_point(
            [&](double h) {
              theta[p] = here + h;
              return density.norms(theta).log_norm[c];
            },
            1e-3 * (box.hi - box.lo));
        EXPECT_NEAR(norms.slope(c, p), difference, 1e-7 * (1 + std::abs(difference)))
            << name << " " << box.name;
      }
      theta[p] = here;
    }
  }
}

TEST(Conformance, EventsDependOnSeedAndIndexAlone) {
  const auto registry = builtin_registry();
  for (const auto& [sampler_name, sampler_entry] : registry.shelf("sampler"))
    for (const auto* theory_name : {"proxy1d", "proxy2d"}) {
      const auto theory = registry.build<Theory>(theory_name);
      const auto sampler = registry.build<Sampler>(sampler_name);
      std::unique_ptr<SamplerPlan> plan;
      try {
        plan = sampler->plan(*theory);
      } catch (const Error&) {
        continue;  // a sampler may serve some dimensions only, and says so
      }
      const auto table = plan->at(inside(*theory, 5));
      const auto axes = theory->channels()[0].axes.size();
      const auto whole = draw(*table, 0, axes, 0, 1000);
      const auto tail = draw(*table, 0, axes, 613, 387);
      const auto single = draw(*table, 0, axes, 999, 1);
      for (std::size_t a = 0; a < axes; ++a) {
        EXPECT_EQ(
            std::vector<double>(whole.values[a].begin() + 613, whole.values[a].end()),
            tail.values[a])
            << sampler_name << " " << theory_name;
        EXPECT_EQ(whole.values[a][999], single.values[a][0])
            << sampler_name << " " << theory_name;
        for (const double x : whole.values[a]) {
          EXPECT_GE(x, theory->channels()[0].axes[a].lo);
          EXPECT_LE(x, theory->channels()[0].axes[a].hi);
        }
      }
    }
}

TEST(Conformance, ExactSamplersAgreeWithFiniteDifferences) {
  const auto registry = builtin_registry();
  for (const auto& [sampler_name, entry] : registry.shelf("sampler"))
    for (const auto* theory_name : {"proxy1d", "proxy2d"}) {
      const auto theory = registry.build<Theory>(theory_name);
      const auto sampler = registry.build<Sampler>(sampler_name);
      if (!sampler->bias().empty()) continue;
      const auto plan = sampler->plan(*theory);
      auto theta = inside(*theory, 8);
      const auto axes = theory->channels()[0].axes.size();
      const std::size_t n = 50;
      Columns upstream(axes, n);
      for (std::size_t a = 0; a < axes; ++a)
        for (std::size_t i = 0; i < n; ++i)
          upstream.values[a][i] = std::cos(1.0 + static_cast<double>(3 * i + a));
      std::vector<double> slope(theta.size(), 0.0);
      plan->at(theta)->backward(
          0, {event_stream(7, 0), 0}, n, upstream.in().data(), slope.data());
      for (std::size_t p = 0; p < theta.size(); ++p) {
        const auto& box = theory->parameters()[p];
        const double here = theta[p];
        const double difference = five_point(
            [&](double h) {
              theta[p] = here + h;
              const auto events = draw(*plan->at(theta), 0, axes, 0, n);
              double sum = 0;
              for (std::size_t a = 0; a < axes; ++a)
                for (std::size_t i = 0; i < n; ++i)
                  sum += upstream.values[a][i] * events.values[a][i];
              return sum;
            },
            1e-4 * (box.hi - box.lo));
        theta[p] = here;
        // Events that cross a node of the grid within the step leave kinks of order h.
        EXPECT_NEAR(slope[p], difference, 1e-4 * (1 + std::abs(difference)))
            << sampler_name << " " << theory_name << " " << box.name;
      }
    }
}

/// Of sum_i sum_a sin(3 x_a) over n events, in one pass and in two.
void expect_same_slopes(const Theory& theory, const SamplerTable& table, std::size_t n) {
  const auto axes = theory.channels()[0].axes.size();
  const auto events = draw(table, 0, axes, 0, n);
  Columns upstream(axes, n), shown(axes, n);
  for (std::size_t a = 0; a < axes; ++a)
    for (std::size_t i = 0; i < n; ++i)
      upstream.values[a][i] = 3 * std::cos(3 * events.values[a][i]);
  const auto loss = [&](std::size_t first, std::size_t m, auto* x, auto* to) {
    for (std::size_t a = 0; a < axes; ++a)
      for (std::size_t i = 0; i < m; ++i) {
        shown.values[a][first + i] = x[a][i];
        to[a][i] = 3 * std::cos(3 * x[a][i]);
      }
  };
  const Draw which{event_stream(7, 0), 0};
  std::vector<double> once(theory.parameters().size(), 0.25), twice = once;
  table.draw_and_pull(0, which, n, loss, once.data());
  table.backward(0, which, n, upstream.in().data(), twice.data());
  EXPECT_EQ(shown.values, events.values);
  EXPECT_EQ(once, twice);
}

TEST(Conformance, SamplersDrawAndPullInOnePassWhatTheyDoInTwo) {
  const auto registry = builtin_registry();
  const char* const cases[][2] = {
      {"proxy1d", "inverse_cdf"},
      {"proxy2d", "{type: inverse_cdf, nodes: 50}"},
      {"proxy1d", "{type: loits, nodes: 12}"},
      {"proxy2d", "{type: loits, nodes: 12, allocation: systematic}"},
      {"proxy2d", "{type: loits, nodes: 30, variant: corner}"},
  };
  for (const auto& [name, settings] : cases) {
    SCOPED_TRACE(std::string(settings) + " " + name);
    const auto theory = registry.build<Theory>(name);
    const auto plan = femto::testing::build<Sampler>(settings)->plan(*theory);
    const auto table = plan->at(inside(*theory, 5));
    for (const std::size_t n : {1, 700, 300'000}) expect_same_slopes(*theory, *table, n);
  }
}

TEST(Conformance, ObjectivesHaveExactGradientsForAnyThreadCount) {
  const auto registry = builtin_registry();
  const auto theory = registry.build<Theory>("proxy1d");
  const Density density(*theory);
  const auto plan = registry.build<Sampler>("inverse_cdf")->plan(*theory);
  const auto table = plan->at(inside(*theory, 1));
  io::EventTable events({{"x1", ""}, {"x2", ""}});
  events.resize(5000);
  for (std::size_t c = 0; c < 2; ++c) {
    const auto drawn = draw(*table, c, 1, 0, events.rows());
    std::copy(drawn.values[0].begin(), drawn.values[0].end(), events.column(c).begin());
  }
  const Dataset data(std::move(events));
  for (const auto& [name, entry] : registry.shelf("objective")) {
    const auto objective = registry.build<Objective>(name);
    if (!objective->is_function()) continue;
    const auto criterion = objective->bind({density, data});
    auto theta = inside(*theory, 2);
    set_threads(1);
    const auto one = criterion->evaluate(theta);
    set_threads(3);
    const auto three = criterion->evaluate(theta);
    set_threads(0);
    EXPECT_EQ(one.value, three.value) << name;
    EXPECT_EQ(one.gradient, three.gradient) << name;
    for (std::size_t p = 0; p < theta.size(); ++p) {
      const auto& box = theory->parameters()[p];
      const double here = theta[p];
      const double difference = five_point(
          [&](double h) {
            theta[p] = here + h;
            return criterion->evaluate(theta).value;
          },
          1e-3 * (box.hi - box.lo));
      theta[p] = here;
      EXPECT_NEAR(one.gradient[p], difference, 1e-6 * (1 + std::abs(difference)))
          << name << " " << box.name;
    }
  }
}
