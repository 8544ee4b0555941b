// Curves with bands: shapes where the scale is not determined, whole where it is.
#include <cmath>

#include "tests/support/proxies.h"
#include "tests/support/tasks.h"
#include <gtest/gtest.h>

#include "femto/pipeline/analysis.h"
#include "femto/pipeline/spectrum.h"

namespace femto {
namespace {

using testing::build;
using testing::truth1d;
using testing::Workshop;

Findings curves(Workshop& w, const std::string& settings = "points: 401") {
  w.take(w.drawn(truth1d, 100, 1));
  const Task task = w.task();
  Fit fit;
  fit.theta = truth1d;
  const std::vector<Fit> members{fit};
  const auto s =
      spectrum(expected_information(*w.density, w.side, 1e5, truth1d), w.setup.fixed);
  const Fitted fitted{task, fit, members, truth1d, s.inverse, truth1d};
  SilentMonitor monitor;
  return build<Analysis>("{type: curves, " + settings + "}")->examine(fitted, monitor);
}

const io::Array& array(const Findings& f, const std::string& name) {
  for (const auto& a : f.arrays)
    if (a.name == name) return a;
  throw Bug("no array " + name);
}

TEST(Curves, ShowTheShapeWhereTheScaleIsNotDetermined) {
  Workshop w(build<Theory>("{type: proxy1d}"));
  const auto found = curves(w);
  const auto& x = array(found, "bands/u/x").values;
  const auto& u = array(found, "bands/u/value");
  EXPECT_NE(u.about.find("shape"), std::string::npos);
  double area = 0;  // Simpson, as many points as the curve has
  for (std::size_t i = 0; i + 2 < x.size(); i += 2)
    area += (x[i + 2] - x[i]) / 6 * (u.values[i] + 4 * u.values[i + 1] + u.values[i + 2]);
  EXPECT_NEAR(area, 1, 1e-12);
  EXPECT_EQ(u.values, array(found, "bands/u/truth").values);
}

TEST(Curves, HaveBandsOfTheRightWidth) {
  Workshop w(build<Theory>("{type: proxy1d}"));
  const auto found = curves(w);
  const auto& value = array(found, "bands/d/value").values;
  const auto& lo = array(found, "bands/d/lo68").values;
  const auto& hi95 = array(found, "bands/d/hi95").values;
  for (std::size_t i = 0; i < value.size(); i += 50) {
    const double sd = value[i] - lo[i];
    EXPECT_GE(sd, 0);
    EXPECT_NEAR(hi95[i] - value[i], 1.959964 * sd, 1e-3 * sd + 1e-15);
  }
}

TEST(Curves, AreWholeWhenTheNormsAreKnown) {
  Workshop w(build<Theory>("{type: proxy1d}"));
  w.side.norms = {3.268459708124754, 1.872591310431229};
  w.side.norm_uncertainties = {0.01, 0.01};
  const auto found = curves(w);
  const auto& x = array(found, "bands/u/x").values;
  const auto& u = array(found, "bands/u/value").values;
  const double expected = 2.1875 * std::pow(x[100], -0.5) * std::pow(1 - x[100], 3);
  EXPECT_NEAR(u[100], expected, 1e-12 * expected);
}

/// Known norms, and a prior on everything that is ten times wider than the bands.
Workshop known_world() {
  Workshop w(build<Theory>("{type: proxy1d}"));
  w.side.norms = {3.268459708124754, 1.872591310431229};
  w.side.norm_uncertainties = {0.01, 0.01};
  return w;
}

TEST(Curves, OverTheTruthOfAnotherTheoryOnALogarithmicGrid) {
  auto w = known_world();
  const auto found =
      curves(w,
             "points: 11, spacing: log, ratio: true, true_theory: proxy1d, "
             "true_values: {N_u: 4.375, a_u: -0.5, b_u: 3, N_d: 1.09375, "
             "a_d: -0.5, b_d: 4}");
  const auto& x = array(found, "bands/u/x").values;
  if (x[0] > 0) {
    EXPECT_NEAR(x[2] / x[1], x[1] / x[0], 1e-9);
  }
  const auto& ratio = array(found, "ratios/u/value").values;
  const auto& lo = array(found, "ratios/u/lo68").values;
  const auto& value = array(found, "bands/u/value").values;
  const auto& band = array(found, "bands/u/lo68").values;
  for (std::size_t i = 1; i + 1 < x.size(); ++i) {
    EXPECT_NEAR(ratio[i], 0.5, 1e-12);  // twice as many up quarks are true
    EXPECT_NEAR(lo[i] / ratio[i], band[i] / value[i], 1e-9);
  }
  EXPECT_THROW(curves(w, "true_theory: proxy1d, true_values: {N_u: 1}"), Error);
  EXPECT_THROW(curves(w, "true_theory: proxy1d, true_values: {up: 1}"), Error);
}

TEST(Curves, HaveThePriorsBandsWhereItBoundsEverything) {
  auto w = known_world();
  for (std::size_t k = 0; k < 6; ++k) {
    Matrix variance(1, 1);
    variance(0, 0) = 0.01;
    w.side.constraints.push_back(
        {ConstraintForm::gaussian, {k}, {truth1d[k]}, variance, 1});
  }
  const auto found = curves(w, "points: 5");
  const auto& x = array(found, "bands/u/x").values;
  const auto& value = array(found, "bands/u/value").values;
  const auto& hi = array(found, "bands/u/prior_hi").values;
  // Relative: ln N, a ln x, b ln(1 - x), each parameter to 0.1.
  const double relative = 0.1 * std::hypot(1 / 2.1875, std::log(x[2]), std::log1p(-x[2]));
  EXPECT_NEAR(hi[2] - value[2], relative * value[2], 1e-6 * value[2]);
}

}  // namespace
}  // namespace femto
