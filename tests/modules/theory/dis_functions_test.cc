// Densities as functions from deep-inelastic events: prior, closure over toys, truth that
// is none of the functions.
#include <cmath>

#include "tests/support/fits.h"
#include "tests/support/proxies.h"
#include <gtest/gtest.h>

#include "femto/pipeline/inference.h"
#include "femto/pipeline/origin.h"
#include "femto/pipeline/plan.h"
#include "femto/pipeline/prior.h"
#include "femto/pipeline/spectrum.h"
#include "femto/stats/linear.h"
#include "femto/stats/linear_gaussian.h"

namespace femto {
namespace {

using testing::build;

constexpr const char* process =
    "{type: dis, order: lo, targets: [proton, deuteron], densities: gaussian_process, "
    "functions: {nodes: 5, x_lo: 0.005, x_hi: 0.8, size: 0.3}, curve_q2: [50]}";
constexpr const char* net =
    "{type: dis, order: lo, targets: [proton, deuteron], densities: network, "
    "functions: {units: 2, x_lo: 0.02, x_hi: 0.5, size: 0.3}}";

/// A theory with what a fit of it needs.
struct World {
  std::unique_ptr<Theory> theory;
  Density density;
  SideInformation side;
  ParameterSetup setup;
  std::unique_ptr<SamplerPlan> plan;
  std::size_t size;

  explicit World(const char* settings)
      : theory(build<Theory>(settings)),
        density(*theory, 30),
        plan(build<Sampler>("{type: inverse_cdf, nodes: 80}")->plan(*theory)),
        size(theory->parameters().size()) {
    side.constraints = prior_of(*theory);
    setup = {theory->parameters(), std::vector<bool>(size, false)};
  }

  std::vector<double> centre() const {
    std::vector<double> out;
    for (const auto& p : theory->parameters()) out.push_back(p.start);
    return out;
  }

  /// A point that the prior draws.
  std::vector<double> drawn(std::uint64_t index) const {
    auto out = centre();
    const auto stream = random::Stream::named(5, "prior", index);
    for (const auto& c : side.constraints) {
      const auto root = stats::covariance_root(c.covariance);
      for (std::size_t i = 0; i < root.rows; ++i)
        for (std::size_t j = 0; j <= i; ++j)
          out[c.parameters[i]] +=
              root(i, j) * random::normal_pair(stream, c.parameters[j])[0];
    }
    return out;
  }

  io::EventTable events(std::span<const double> theta,
                        std::size_t rows,
                        std::uint64_t seed) const {
    auto table = testing::empty_table(*theory, rows);
    std::vector<double*> columns;
    for (std::size_t c = 0; c < table.columns().size(); ++c)
      columns.push_back(table.column(c).data());
    const Experiment experiment(*theory, *build<Detector>("identity"));
    Simulation(experiment, *plan->at(theta), {}, {seed, 0}).next(rows, columns);
    return table;
  }

  /// Most probable parameters by damped steps of Fisher scoring.
  std::vector<double> fit(const Dataset& data) const {
    const auto criterion = build<Objective>("likelihood")->bind({density, data});
    const auto f = [&](std::span<const double> theta) {
      auto e = criterion->evaluate(theta);
      const auto more = side_terms(side, density, theta);
      e.value += more.value;
      for (std::size_t i = 0; i < size; ++i) e.gradient[i] += more.gradient[i];
      stats::add(e.curvature, 1, more.curvature);
      return e;
    };
    auto theta = centre();
    auto here = f(theta);
    for (int i = 0; i < 20; ++i) {
      const auto step = *stats::cholesky_solve(here.curvature, here.gradient);
      if (stats::dot(step, here.gradient) < 1e-3) break;
      for (double factor = 1; factor > 0.01; factor /= 2) {
        auto moved = theta;
        for (std::size_t k = 0; k < size; ++k) moved[k] -= factor * step[k];
        auto there = f(moved);
        if (!(there.value < here.value)) continue;
        theta = std::move(moved);
        here = std::move(there);
        break;
      }
    }
    return theta;
  }
};

/// Truths drawn from the prior, events from each truth: then every component has chi2 1,
/// by data or not, and the bands cover as often as they say.
TEST(DisFunctions, ErrorsOfToysAreRight) {
  const World w(process);
  constexpr std::size_t toys = 16, records = 3000;
  double by_data = 0, all = 0, count_by_data = 0, covered = 0, points = 0;
  for (std::size_t toy = 0; toy < toys; ++toy) {
    const auto truth = w.drawn(toy);
    const Dataset data(w.events(truth, records, toy + 1));
    const auto theta = w.fit(data);
    const auto origin = origin_of(w.density, w.side, w.setup, theta, records);
    ASSERT_EQ(origin.information.size(), w.size);
    EXPECT_GE(origin.by_data, 3u);
    EXPECT_GT(origin.by_prior + origin.null, 5u);
    const auto total = expected_information(w.density, w.side, records, theta);
    std::vector<double> away;
    for (std::size_t k = 0; k < w.size; ++k) away.push_back(truth[k] - theta[k]);
    const auto c = coordinates(origin, total, away);
    for (std::size_t k = 0; k < w.size; ++k) {
      all += c[k] * c[k];
      if (k < origin.by_data) by_data += c[k] * c[k];
    }
    count_by_data += static_cast<double>(origin.by_data);
    const auto covariance = *stats::cholesky_inverse(total);
    for (const auto& curve : w.theory->curves())
      for (const double x : {0.01, 0.05, 0.2, 0.5}) {
        const double sd = deviation(covariance, curve.gradient(x, theta));
        covered += std::abs(curve.value(x, truth) - curve.value(x, theta)) < sd;
        points += 1;
      }
  }
  const double n = toys * static_cast<double>(w.size);
  EXPECT_NEAR(by_data / count_by_data, 1, 4 * std::sqrt(2 / count_by_data));
  EXPECT_NEAR(all / n, 1, 4 * std::sqrt(2 / n));
  // Four functions in each toy, hardly more independent points.
  EXPECT_NEAR(covered / points, 0.683, 4 * std::sqrt(0.683 * 0.317 / (4 * toys)));
}

TEST(DisFunctions, APriorComponentIsReportedAsSuchAndNarrowsWithEvents) {
  const World w(process);
  const auto at = w.centre();
  const auto few = identify(w.density, w.side, w.setup, at, 1e3);
  const auto many = identify(w.density, w.side, w.setup, at, 1e6);
  EXPECT_LT(few.origin.by_data, many.origin.by_data);
  EXPECT_EQ(few.rank, 20);  // the prior holds what events do not
  EXPECT_TRUE(few.sloppy_directions.empty());
  ASSERT_FALSE(few.sentences.empty());
  EXPECT_NE(few.sentences[0].find("known before"), std::string::npos);
  // Without the prior the same data leave directions that nothing determines.
  const auto alone = identify(w.density, {}, w.setup, at, 1e3);
  EXPECT_FALSE(alone.origin.any_before);
  EXPECT_LT(alone.eigenvalues_parameters[0], 1e-4 * few.eigenvalues_parameters[0]);
  // The last component moves along the constants of the functions, which cancel: no event
  // knows of it.
  EXPECT_LT(few.origin.information.back(), 0.02);
}

/// Patterns are orthogonal in data and prior alike: closed form of the definition.
TEST(DisFunctions, ComponentsAreIndependentInDataAndPrior) {
  const World w(process);
  const auto at = w.drawn(1);
  const auto o = origin_of(w.density, w.side, w.setup, at, 5000);
  SideInformation none;
  const auto data = expected_information(w.density, none, 5000, at);
  const auto both = expected_information(w.density, w.side, 5000, at);
  for (std::size_t i = 0; i < w.size; ++i)
    for (std::size_t j = 0; j < w.size; ++j) {
      std::vector<double> a, b;
      for (std::size_t p = 0; p < w.size; ++p)
        a.push_back(o.patterns(p, i)), b.push_back(o.patterns(p, j));
      EXPECT_NEAR(stats::bilinear(a, both, b), i == j, 1e-6);
      EXPECT_NEAR(stats::bilinear(a, data, b),
                  i == j ? o.information[i] / (1 + o.information[i]) : 0,
                  1e-6);
    }
}

TEST(DisFunctions, SlopesAreFiniteDifferences) {
  for (const char* settings : {process, net}) {
    const World w(settings);
    const auto theta = w.drawn(2);
    const std::vector<double> x = {std::log(0.03), std::log(25.0)};
    const auto slope = testing::evaluate_at(*w.theory, 1, theta, x).slope;
    const auto expected = testing::differences(
        [&](std::span<const double> p) {
          return testing::evaluate_at(*w.theory, 1, p, x).log_sigma;
        },
        theta,
        1e-3);
    for (std::size_t k = 0; k < w.size; ++k) EXPECT_NEAR(slope[k], expected[k], 1e-8);
    const auto curves = w.theory->curves();
    for (const std::size_t c : {std::size_t{0}, curves.size() - 2}) {
      const auto gradient = curves[c].gradient(0.1, theta);
      for (std::size_t k = 0; k < w.size; k += 5) {
        auto up = theta, down = theta;
        up[k] += 1e-4, down[k] -= 1e-4;
        const double step = curves[c].value(0.1, up) - curves[c].value(0.1, down);
        EXPECT_NEAR(gradient[k], step / 2e-4, 1e-7) << curves[c].name;
      }
    }
  }
}

/// A truth in powers, which no function of five nodes equals: the curves that data
/// determine are found within their bands.
TEST(DisFunctions, FindDensitiesThatAreNotAmongThem) {
  const World w(process);
  const auto truth = build<Theory>(
      "{type: dis, order: lo, targets: [proton, deuteron], curve_q2: [50], values: "
      "{gluon_b: 6}}");
  const std::vector<double> values = {0.7, 3.3, -0.2, 0.22};
  const Dataset data(testing::toy(*truth, values, 20000, 9));
  const auto theta = w.fit(data);
  const auto covariance =
      *stats::cholesky_inverse(expected_information(w.density, w.side, 20000, theta));
  const auto true_curves = truth->curves();
  for (const auto& curve : w.theory->curves()) {
    const auto same = std::ranges::find(true_curves, curve.name, &Curve::name);
    ASSERT_NE(same, true_curves.end()) << curve.name;
    for (const double x : {0.01, 0.1, 0.4})
      EXPECT_NEAR(curve.value(x, theta),
                  same->value(x, values),
                  3.5 * deviation(covariance, curve.gradient(x, theta)))
          << curve.name << " " << x;
  }
}

TEST(DisFunctions, ThePriorJoinsWhatAStudyFits) {
  const char* root = std::getenv("FEMTO_SOURCE_DIR");
  Components components(builtin_registry());
  const auto plan = make_plan(
      {.file = std::string(root ? root : ".") + "/studies/dis/neural.yaml",
       .overrides = {"theory.order=lo",
                     "theory.functions.nodes=3",
                     "constraints=[{parameters: [sea_1], values: [0], sd: [1]}]"}},
      components);
  ASSERT_EQ(plan.side.constraints.size(), 5u);  // one per function, and the study's
  EXPECT_EQ(plan.side.constraints[3].parameters, (std::vector<std::size_t>{9, 10, 11}));
  EXPECT_EQ(plan.side.constraints[3].values, (std::vector<double>{0, 0, 0}));
  EXPECT_NEAR(plan.side.constraints[3].covariance(1, 1), 0.25, 1e-12);
  EXPECT_TRUE(prior_of(*build<Theory>("{type: dis, order: lo}")).empty());
}

TEST(DisFunctions, SettingsThatMakeNoSenseAreRefused) {
  const auto complaint = [](const std::string& settings) -> std::string {
    try {
      build<Theory>("{type: dis, order: lo, " + settings + "}");
    } catch (const Error& e) {
      return e.what() + (" " + e.hint());
    }
    return {};
  };
  EXPECT_NE(complaint("densities: duke_owens").find("below 10"), std::string::npos);
  EXPECT_EQ(complaint("densities: duke_owens, start_q2: 10"), "");
  EXPECT_NE(
      complaint("densities: network, functions: {x_lo: 0.5, x_hi: 0.1}").find("x_lo"),
      std::string::npos);
  EXPECT_NE(complaint("densities: gaussian_process, values: {sea_1: 1}").find("sea_1"),
            std::string::npos);
  EXPECT_NE(complaint("densities: gaussian_process, values: {up_valence_d: -2}")
                .find("not positive"),
            std::string::npos);
}

/// F2 at the scale of the start is 4/9 x u + 1/9 x d of the published toy.
TEST(DisDukeOwens, CrossSectionAtTheStartIsThatOfTheToy) {
  const auto theory = build<Theory>(
      "{type: dis, order: lo, densities: duke_owens, start_q2: 10, alpha_em: constant}");
  ASSERT_EQ(theory->parameters().size(), 12u);
  std::vector<double> theta;
  for (const auto& p : theory->parameters()) theta.push_back(p.start);
  const auto ln_f2 = [&](double x) {
    const double y = 10 / (x * 2 * 18 * (275 + 274.99839937));
    const double value =
        testing::evaluate_at(*theory, 0, theta, {std::log(x), std::log(10.0)}).log_sigma;
    return value - std::log(1 + (1 - y) * (1 - y));
  };
  const auto f2 = [](double x, double u, double d) {
    return std::log(x * (4 * u + d) / 9);
  };
  const double at_01 = f2(0.1, 6.73100, 4.47228), at_05 = f2(0.5, 0.50743, 0.13282);
  EXPECT_NEAR(ln_f2(0.5) - ln_f2(0.1), at_05 - at_01, 2e-5);
  EXPECT_NEAR(ln_f2(0.3) - ln_f2(0.1), f2(0.3, 1.87304, 0.84326) - at_01, 2e-5);
}

}  // namespace
}  // namespace femto
