// The likelihood against long sums, golden information matrices and its own invariances.
#include <cmath>

#include "tests/support/fits.h"
#include "tests/support/proxies.h"
#include <boost/math/special_functions/beta.hpp>
#include <gtest/gtest.h>

#include "femto/core/threads.h"
#include "femto/stats/linear.h"

namespace femto {
namespace {

using testing::build;

const std::vector<double> off1d{1.7, -0.4, 2.8, 1.2, -0.55, 3.6};
const std::vector<double> off2d{0.55, 3.1, 0.25, 3.9, 0.6};

/// An objective bound to a table of events.
struct Bound {
  std::unique_ptr<Theory> theory;
  Density density;
  Dataset data;
  std::unique_ptr<Criterion> criterion;

  Bound(const std::string& type, io::EventTable table, const std::string& objective)
      : theory(build<Theory>(type)),
        density(*theory),
        data(std::move(table)),
        criterion(build<Objective>(objective)->bind({density, data})) {}
};

io::EventTable toy1d(std::size_t rows) {
  return testing::toy(*build<Theory>("proxy1d"), testing::truth1d, rows);
}

/// int_a^b amplitude x^p (1-x)^q dx by the incomplete beta function.
double integral(double amplitude, double p, double q) {
  using boost::math::beta;
  return amplitude * (beta(p + 1, q + 1, 0.99999) - beta(p + 1, q + 1, 0.1));
}

TEST(Likelihood, IsTheLongSumOfLogDensitiesWithClosedFormNorms) {
  const Bound b("proxy1d", toy1d(3000), "likelihood");
  const double charge[2][2] = {{4, 1}, {1, 4}};
  const auto& t = off1d;
  long double sum = 0;
  for (std::size_t c = 0; c < 2; ++c) {
    const long double norm = charge[c][0] * integral(t[0], t[1], t[2]) +
                             charge[c][1] * integral(t[3], t[4], t[5]);
    for (const long double x : b.data.table()->column(c))
      sum -= std::log((charge[c][0] * t[0] * std::pow(x, static_cast<long double>(t[1])) *
                           std::pow(1 - x, static_cast<long double>(t[2])) +
                       charge[c][1] * t[3] * std::pow(x, static_cast<long double>(t[4])) *
                           std::pow(1 - x, static_cast<long double>(t[5]))) /
                      norm);
  }
  EXPECT_NEAR(b.criterion->evaluate(t).value,
              static_cast<double>(sum),
              1e-12 * std::abs(static_cast<double>(sum)));  // rounding of 6000 terms
}

void check_gradient(const std::string& theory,
                    const std::vector<double>& truth,
                    const std::vector<double>& at,
                    const std::string& objective) {
  const auto t = build<Theory>(theory);
  const Bound b(theory, testing::toy(*t, truth, 2000), objective);
  const auto f = [&](std::span<const double> x) {
    return b.criterion->evaluate(x).value;
  };
  const auto expected = testing::differences(f, at, 1e-3);
  const auto found = b.criterion->evaluate(at).gradient;
  for (std::size_t k = 0; k < at.size(); ++k)
    EXPECT_NEAR(found[k], expected[k], 1e-6 * (1 + std::abs(expected[k])))
        << theory << " " << objective << " parameter " << k;
}

TEST(Likelihood, RefusesBinsThatItWouldNotUse) {
  EXPECT_THROW(build<Objective>("{type: likelihood, bins: 20}"), Error);
  EXPECT_NO_THROW(build<Objective>("{type: likelihood, form: binned, bins: 20}"));
}

TEST(Likelihood, GradientMatchesDifferences) {
  for (const std::string form :
       {"likelihood", "{type: likelihood, form: binned, bins: 30}"}) {
    check_gradient("proxy1d", testing::truth1d, off1d, form);
    check_gradient("proxy2d", testing::truth2d, off2d, form);
    check_gradient("gaussian_experiments", {2, 1}, {2.05, 0.9}, form);
  }
}

/// Fisher matrix per event pair at the reference truth; proxy applications 1.4.
const std::vector<double> golden1d{
    0.00049346,  0.00537953,  -0.00363416, -0.00098692, 0.00676746,  -0.00178644,
    0.00537953,  0.20540810,  -0.09271976, -0.01075905, 0.07150092,  -0.01534420,
    -0.00363416, -0.09271976, 0.05424833,  0.00726833,  -0.04150230, 0.01031847,
    -0.00098692, -0.01075905, 0.00726833,  0.00197385,  -0.01353491, 0.00357287,
    0.00676746,  0.07150092,  -0.04150230, -0.01353491, 0.11417300,  -0.02750906,
    -0.00178644, -0.01534420, 0.01031847,  0.00357287,  -0.02750906, 0.00706839};

TEST(Likelihood, CurvatureIsTheExpectedInformation) {
  const Bound b("proxy1d", toy1d(500), "likelihood");
  const auto curvature = b.criterion->evaluate(testing::truth1d).curvature;
  for (std::size_t i = 0; i < 36; ++i)
    EXPECT_NEAR(curvature.data[i] / 500, golden1d[i], 6e-9);  // printed digits
}

TEST(Likelihood, FineBinsKeepTheInformation) {
  const Bound b("proxy1d", toy1d(500), "{type: likelihood, form: binned, bins: 4000}");
  const auto curvature = b.criterion->evaluate(testing::truth1d).curvature;
  // The loss falls with the square of the bin width: 0.5 % at 100 bins, 3e-6 here.
  for (std::size_t i = 0; i < 36; ++i)
    EXPECT_NEAR(
        curvature.data[i] / 500, golden1d[i], 1e-5 * std::abs(golden1d[i]) + 6e-9);
}

/// Rows are d theta / d phi, phi = (p1, p2, ln(p3/p0), p4, p5) at a fixed common scale.
Matrix reduced1d(const Matrix& information) {
  Matrix to(6, 5);
  to(1, 0) = to(2, 1) = to(4, 3) = to(5, 4) = 1;
  to(0, 2) = -testing::truth1d[0] / 2;
  to(3, 2) = testing::truth1d[3] / 2;
  return stats::multiply(stats::transpose(to), stats::multiply(information, to));
}

double determinant(const Matrix& m) {
  double product = 1;
  for (const double v : stats::eigen_symmetric(m).values) product *= v;
  return product;
}

TEST(Likelihood, HistogramsAreAsEfficientAsPublished) {
  // statistics 2.1: efficiencies of equal bins for p1, p2, ln r, p4, p5, det^(1/5). The
  // table has three digits; its row of 20 bins lies up to 0.0018 above the converged
  // integrals (8, 16 and 32 nodes per bin agree to 1e-5).
  const std::vector<std::pair<int, std::vector<double>>> table{
      {100, {0.998, 0.999, 0.998, 0.995, 0.997, 0.998}},
      {50, {0.991, 0.994, 0.993, 0.981, 0.987, 0.993}},
      {20, {0.949, 0.964, 0.959, 0.892, 0.924, 0.960}}};
  const Bound full("proxy1d", toy1d(100), "likelihood");
  const Matrix best = reduced1d(full.criterion->evaluate(testing::truth1d).curvature);
  const auto floor = stats::cholesky_inverse(best);
  for (const auto& [bins, expected] : table) {
    const Bound b("proxy1d",
                  toy1d(100),
                  fmt::format("{{type: likelihood, form: binned, bins: {}}}", bins));
    const Matrix information =
        reduced1d(b.criterion->evaluate(testing::truth1d).curvature);
    const auto covariance = stats::cholesky_inverse(information);
    const double tolerance = bins == 20 ? 2e-3 : 6e-4;
    ASSERT_TRUE(floor && covariance);
    for (std::size_t k = 0; k < 5; ++k)
      EXPECT_NEAR((*floor)(k, k) / (*covariance)(k, k), expected[k], tolerance)
          << bins << " bins, parameter " << k;
    EXPECT_NEAR(std::pow(determinant(information) / determinant(best), 0.2),
                expected[5],
                tolerance);
  }
}

TEST(Likelihood, BinnedGradientApproachesTheUnbinnedOne) {
  const Bound exact("proxy1d", toy1d(20000), "likelihood");
  const auto reference = exact.criterion->evaluate(off1d);
  double before = 1;
  for (const int bins : {50, 500, 5000}) {
    const Bound b("proxy1d",
                  toy1d(20000),
                  fmt::format("{{type: likelihood, form: binned, bins: {}}}", bins));
    const auto found = b.criterion->evaluate(off1d).gradient;
    double worst = 0;  // in standard deviations of the gradient
    for (std::size_t k = 0; k < 6; ++k)
      worst = std::max(worst,
                       std::abs(found[k] - reference.gradient[k]) /
                           std::sqrt(reference.curvature(k, k)));
    EXPECT_LT(worst, before / 3);
    before = worst;
  }
  EXPECT_LT(before, 2e-3);
}

TEST(Likelihood, CountsAWeightOfTwoAsTwoEvents) {
  const auto theory = build<Theory>("proxy1d");
  const auto plain = toy1d(1000);
  auto doubled = testing::empty_table(*theory, 1000, io::Weighted::yes);
  auto copied = testing::empty_table(*theory, 1001);
  for (std::size_t c = 0; c < 2; ++c) {
    for (std::size_t i = 0; i < 1000; ++i)
      doubled.column(c)[i] = copied.column(c)[i] = plain.column(c)[i];
    copied.column(c)[1000] = plain.column(c)[7];
  }
  doubled.weights()[7] = 2;
  for (const std::string form : {"likelihood", "{type: likelihood, form: binned}"}) {
    const Bound a("proxy1d", doubled, form), b("proxy1d", copied, form);
    const auto one = a.criterion->evaluate(off1d), two = b.criterion->evaluate(off1d);
    EXPECT_EQ(a.criterion->events(), 1001);
    EXPECT_NEAR(one.value, two.value, 1e-12 * std::abs(two.value));
    for (std::size_t k = 0; k < 6; ++k)
      EXPECT_NEAR(one.gradient[k], two.gradient[k], 1e-9);
  }
}

TEST(Likelihood, WeightsEnterTheVarianceSquared) {
  // Every event three times as one: sum w^2 = 9000, while the curvature knows sum w =
  // 3000.
  const auto theory = build<Theory>("proxy1d");
  const auto plain = toy1d(1000);
  auto threefold = testing::empty_table(*theory, 1000, io::Weighted::yes);
  for (std::size_t c = 0; c < 2; ++c)
    for (std::size_t i = 0; i < 1000; ++i) threefold.column(c)[i] = plain.column(c)[i];
  for (std::size_t i = 0; i < 1000; ++i) threefold.weights()[i] = 3;
  for (const std::string form : {"likelihood", "{type: likelihood, form: binned}"}) {
    const Bound a("proxy1d", plain, form), b("proxy1d", threefold, form);
    EXPECT_FALSE(a.criterion->gradient_variance(off1d)) << form;
    const auto variance = b.criterion->gradient_variance(off1d);
    ASSERT_TRUE(variance) << form;
    const auto curvature = a.criterion->evaluate(off1d).curvature;
    for (std::size_t k = 0; k < 6; ++k)
      EXPECT_NEAR((*variance)(k, k), 9 * curvature(k, k), 1e-9 * curvature(k, k)) << form;
  }
}

TEST(Likelihood, IgnoresEventsOfWeightZero) {
  const auto theory = build<Theory>("proxy1d");
  const auto plain = toy1d(1000);
  auto more = testing::empty_table(*theory, 1001, io::Weighted::yes);
  for (std::size_t c = 0; c < 2; ++c) {
    more.column(c)[0] = 0.5;
    for (std::size_t i = 0; i < 1000; ++i) more.column(c)[i + 1] = plain.column(c)[i];
  }
  more.weights()[0] = 0;
  for (const std::string form : {"likelihood", "{type: likelihood, form: binned}"}) {
    const Bound a("proxy1d", more, form), b("proxy1d", plain, form);
    const auto one = a.criterion->evaluate(off1d), two = b.criterion->evaluate(off1d);
    EXPECT_EQ(one.value, two.value);
    EXPECT_EQ(one.gradient, two.gradient);
  }
}

TEST(Likelihood, BootstrapWeightsAreTableWeights) {
  const auto theory = build<Theory>("proxy1d");
  const Density density(*theory);
  const auto plain = toy1d(1000);
  auto weighted = testing::empty_table(*theory, 1000, io::Weighted::yes);
  const Weighting bootstrap{5, 3};
  for (std::size_t i = 0; i < 1000; ++i) {
    for (std::size_t c = 0; c < 2; ++c) weighted.column(c)[i] = plain.column(c)[i];
    weighted.weights()[i] = bootstrap.weight(i);
  }
  const Dataset one(plain), two(weighted);
  for (const std::string form : {"likelihood", "{type: likelihood, form: binned}"}) {
    const auto objective = build<Objective>(form);
    EXPECT_EQ(objective->bind({density, one, bootstrap})->evaluate(off1d).value,
              objective->bind({density, two})->evaluate(off1d).value);
  }
}

TEST(Likelihood, IsTheSameForAnyNumberOfThreads) {
  for (const std::string form : {"likelihood", "{type: likelihood, form: binned}"}) {
    const Bound b("proxy1d", toy1d(30000), form);
    set_threads(1);
    const auto one = b.criterion->evaluate(off1d);
    for (const int threads : {2, 3}) {
      set_threads(threads);
      const auto many = b.criterion->evaluate(off1d);
      EXPECT_EQ(one.value, many.value);
      EXPECT_EQ(one.gradient, many.gradient);
      EXPECT_EQ(one.curvature, many.curvature);
    }
    set_threads(0);
  }
}

TEST(Likelihood, SaysWhichEventHasNoDensity) {
  const std::vector<double> nothing{0, -0.5, 3, 0, -0.5, 4};
  const Bound a("proxy1d", toy1d(100), "likelihood");
  EXPECT_EQ(a.criterion->evaluate(nothing).value, HUGE_VAL);
  EXPECT_NE(a.criterion->explain(nothing).find("row 1"), std::string::npos);
  const Bound b("proxy1d", toy1d(100), "{type: likelihood, form: binned}");
  EXPECT_EQ(b.criterion->evaluate(nothing).value, HUGE_VAL);
  EXPECT_NE(b.criterion->explain(nothing).find("sigma_1"), std::string::npos);
  EXPECT_EQ(b.criterion->explain(off1d), "");
}

TEST(Likelihood, NamesTheRowOutsideTheBins) {
  auto table = toy1d(100);
  table.column(1)[41] = 0.05;
  try {
    const Bound b("proxy1d", table, "{type: likelihood, form: binned}");
    FAIL() << "no error";
  } catch (const DataError& e) {
    EXPECT_NE(std::string(e.what()).find("row 42, column x2: 0.05"), std::string::npos);
  }
}

TEST(Likelihood, RefusesToForgetEveryEvent) {
  auto table = testing::empty_table(*build<Theory>("proxy1d"), 3, io::Weighted::yes);
  for (double& w : table.weights()) w = 0;
  EXPECT_THROW(Bound("proxy1d", table, "likelihood"), DataError);
}

}  // namespace
}  // namespace femto
