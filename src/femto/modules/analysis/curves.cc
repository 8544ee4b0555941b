// Curves of the theory, such as u(x), with bands from the fit's covariance.
#include <algorithm>
#include <cmath>
#include <map>
#include <optional>

#include "femto/config/registry.h"
#include "femto/core/error.h"
#include "femto/pipeline/analysis.h"
#include "femto/pipeline/spectrum.h"
#include "femto/stats/distributions.h"
#include "femto/stats/linear.h"

namespace femto {
namespace {

using config::field;

enum class Spacing { linear, logarithmic };

constexpr std::array<std::pair<std::string_view, Spacing>, 2> names(Spacing) {
  return {{{"linear", Spacing::linear}, {"log", Spacing::logarithmic}}};
}

/// A curve and its gradient on a grid: values [x], gradient [x][parameter].
struct Drawn {
  std::vector<double> x, value;
  std::vector<std::vector<double>> gradient;
};

std::vector<double> grid_of(const Curve& curve, std::size_t points, Spacing spacing) {
  const bool log = spacing == Spacing::logarithmic && curve.lo > 0;
  std::vector<double> out;
  for (std::size_t i = 0; i < points; ++i) {
    const double t = static_cast<double>(i) / static_cast<double>(points - 1);
    out.push_back(log ? curve.lo * std::pow(curve.hi / curve.lo, t)
                      : curve.lo + (curve.hi - curve.lo) * t);
  }
  out.back() = curve.hi;
  return out;
}

Drawn draw(const Curve& curve,
           std::span<const double> theta,
           const std::vector<double>& grid) {
  Drawn out;
  for (const double x : grid) {
    out.x.push_back(x);
    out.value.push_back(curve.value(x, theta));
    out.gradient.push_back(curve.gradient(x, theta));
  }
  return out;
}

/// Weights of Simpson's rule in x; on a logarithmic grid it is one in ln x.
std::vector<double> weights_of(const std::vector<double>& x, Spacing spacing) {
  const bool log = spacing == Spacing::logarithmic && x.front() > 0;
  const double range = log ? std::log(x.back() / x.front()) : x.back() - x.front();
  const double step = range / static_cast<double>(x.size() - 1);
  std::vector<double> out;
  for (std::size_t i = 0; i < x.size(); ++i) {
    const double end = i == 0 || i + 1 == x.size() ? 1 : (i % 2 == 1 ? 4 : 2);
    out.push_back(end * step / 3 * (log ? x[i] : 1));
  }
  return out;
}

/// Divides by the integral over the grid (an odd number of points).
void normalise(Drawn& c, Spacing spacing) {
  const std::size_t n = c.x.size(), size = c.gradient.front().size();
  const auto weights = weights_of(c.x, spacing);
  double area = 0;
  std::vector<double> slope(size, 0.0);
  for (std::size_t i = 0; i < n; ++i) {
    const double w = weights[i];
    area += w * c.value[i];
    for (std::size_t j = 0; j < size; ++j) slope[j] += w * c.gradient[i][j];
  }
  for (std::size_t i = 0; i < n; ++i) {
    c.value[i] /= area;
    for (std::size_t j = 0; j < size; ++j)
      c.gradient[i][j] = (c.gradient[i][j] - c.value[i] * slope[j]) / area;
  }
}

/// Covariance of what was known of the parameters before the data; empty unless it bounds
/// all that are free.
Matrix known_before(const Fitted& fitted) {
  stats::Evaluation before;
  before.gradient.assign(fitted.theta.size(), 0.0);
  before.curvature = Matrix(fitted.theta.size(), fitted.theta.size());
  for (const auto& c : fitted.task.side.constraints)
    add_constraint(c, fitted.theta, before);
  const auto s = spectrum(before.curvature, fitted.task.setup.fixed);
  return s.null.rows == 0 ? s.inverse : Matrix{};
}

bool determined(const Drawn& c, const Spectrum& spectrum) {
  return std::ranges::all_of(c.gradient,
                             [&](const auto& g) { return estimable(spectrum, g); });
}

class Curves final : public Analysis {
 public:
  struct Config {
    int points = 201;
    Spacing spacing = Spacing::linear;
    bool ratio = false;
    std::optional<Slot<Theory>> true_theory;
    std::map<std::string, double> true_values;

    static constexpr auto fields() {
      return std::tuple{
          field<&Config::points>(
              {.doc = "points of each curve; rounded up to an odd number",
               .rule = config::at_least(3)}),
          field<&Config::spacing>({.doc = "of the points"}),
          field<&Config::ratio>({.doc = "draw the curves over the truth as well"}),
          field<&Config::true_theory>(
              {.doc = "theory whose curves of the same names are the truth; default: the "
                      "study's, at its `truth`"}),
          field<&Config::true_values>({.doc = "every parameter of true_theory, by name"}),
      };
    }
  };

  explicit Curves(Config config)
      : points_(static_cast<std::size_t>(config.points) | std::size_t{1}),
        spacing_(config.spacing),
        ratio_(config.ratio),
        true_theory_(config.true_theory ? config.true_theory->build() : nullptr) {
    if (!true_theory_) return;
    for (const auto& [name, value] : config.true_values)
      if (parameter_index(*true_theory_, name) < 0)
        throw Error(fmt::format("true_theory has no parameter '{}'", name));
    for (const auto& p : true_theory_->parameters()) {
      const auto found = config.true_values.find(p.name);
      if (found == config.true_values.end())
        throw Error(fmt::format("true_values misses parameter '{}'", p.name));
      true_values_.push_back(found->second);
    }
  }

  bool takes_spread_data() const override { return true; }

  Findings examine(const Fitted& fitted, Monitor&) const override {
    Findings out;
    const Task& task = fitted.task;
    const auto information =
        expected_information(task.density, task.side, 1, fitted.theta);
    const Spectrum s = spectrum(information, task.setup.fixed);
    const Matrix prior = known_before(fitted);
    for (const auto& curve : task.theory.curves()) {
      const auto grid = grid_of(curve, points_, spacing_);
      Drawn estimate = draw(curve, fitted.theta, grid);
      const bool whole = determined(estimate, s);
      if (!whole) normalise(estimate, spacing_);
      if (!whole && !determined(estimate, s)) {
        out.notes.push_back("The shape of " + curve.name +
                            " is not determined by these data; it is left out.");
        continue;
      }
      const auto truth = truth_of(curve, fitted, grid, whole);
      add(out, curve, estimate, truth, fitted.covariance, prior, whole);
      if (ratio_ && !truth.empty()) add_ratio(out, curve, estimate, truth, fitted, prior);
    }
    return out;
  }

 private:
  /// Empty where it is not known.
  std::vector<double> truth_of(const Curve& curve,
                               const Fitted& fitted,
                               const std::vector<double>& grid,
                               bool whole) const {
    const auto drawn = [&](const Curve& one, const std::vector<double>& theta) {
      Drawn t = draw(one, theta, grid);
      if (!whole) normalise(t, spacing_);
      return t.value;
    };
    if (!true_theory_)
      return fitted.truth.empty() ? std::vector<double>{} : drawn(curve, fitted.truth);
    for (const auto& one : true_theory_->curves())
      if (one.name == curve.name) return drawn(one, true_values_);
    return {};
  }

  /// Where the truth vanishes there is no ratio.
  static void add_ratio(Findings& out,
                        const Curve& curve,
                        Drawn drawn,
                        const std::vector<double>& truth,
                        const Fitted& fitted,
                        const Matrix& prior) {
    for (std::size_t i = 0; i < truth.size(); ++i) {
      const double scale = truth[i] == 0 ? 0 : 1 / truth[i];
      drawn.value[i] *= scale;
      for (double& g : drawn.gradient[i]) g *= scale;
    }
    Findings ratio;
    add(ratio,
        curve,
        drawn,
        std::vector<double>(truth.size(), 1.0),
        fitted.covariance,
        prior,
        true);
    for (auto& array : ratio.arrays) {
      array.name.replace(0, std::string_view("bands").size(), "ratios");
      array.about += " Divided by the truth.";
      out.arrays.push_back(std::move(array));
    }
  }

  static void add(Findings& out,
                  const Curve& curve,
                  const Drawn& drawn,
                  const std::vector<double>& truth,
                  const Matrix& covariance,
                  const Matrix& prior,
                  bool whole) {
    const std::string base = "bands/" + curve.name + "/";
    const std::string shape =
        whole ? ""
              : " Divided by its integral over the shown range: only the shape is "
                "determined by these data.";
    const auto put =
        [&](const char* name, std::vector<double> values, const std::string& about) {
          out.arrays.push_back({.name = base + name,
                                .shape = {values.size()},
                                .values = std::move(values),
                                .dims = {"point"},
                                .about = about + shape});
        };
    const auto sds = [&](const Matrix& of) {
      std::vector<double> sd;
      for (const auto& g : drawn.gradient) sd.push_back(deviation(of, g));
      return sd;
    };
    const auto sd = sds(covariance);
    put("x", drawn.x, "Points of the curve.");
    put("value", drawn.value, "The curve at the estimate.");
    if (!truth.empty()) put("truth", truth, "The curve at the truth.");
    if (std::ranges::all_of(sd, [](double v) { return v == 0; })) return;
    const auto moved = [&](double z, const std::vector<double>& by) {
      std::vector<double> values;
      for (std::size_t i = 0; i < by.size(); ++i)
        values.push_back(drawn.value[i] + z * by[i]);
      return values;
    };
    const auto edge = [&](double probability) {
      return moved(stats::normal_quantile(probability), sd);
    };
    const std::string how = " end of the band by linear error propagation.";
    put("lo68", edge(0.15865), "Lower 68 %" + how);
    put("hi68", edge(0.84135), "Upper 68 %" + how);
    put("lo95", edge(0.025), "Lower 95 %" + how);
    put("hi95", edge(0.975), "Upper 95 %" + how);
    if (prior.rows == 0) return;
    const auto wide = sds(prior);
    const std::string what = " one prior standard deviation from the curve.";
    put("prior_lo", moved(-1, wide), "Lower end," + what);
    put("prior_hi", moved(1, wide), "Upper end," + what);
  }

  std::size_t points_;
  Spacing spacing_;
  bool ratio_;
  std::unique_ptr<Theory> true_theory_;
  std::vector<double> true_values_;
};

}  // namespace

void register_analysis_curves(Registry& r) {
  r.add<Analysis, Curves>({
      .name = "curves",
      .summary =
          "Curves of the theory at the estimate, with 68 % and 95 % bands along the "
          "directions that the data determine.",
      .source = "this project",
  });
}

}  // namespace femto
