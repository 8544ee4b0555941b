// Norms, scores and information of the proxies against published tables.
#include "femto/pipeline/density.h"

#include <cmath>

#include "tests/support/build.h"
#include "tests/support/proxies.h"
#include <Eigen/Eigenvalues>
#include <gtest/gtest.h>

#include "femto/core/error.h"
#include "femto/core/threads.h"
#include "femto/physics/beta.h"
#include "femto/pipeline/formula.h"

namespace femto {
namespace {

using testing::build;
using testing::evaluate_at;
using testing::truth1d;
using testing::truth2d;

std::vector<double> eigenvalues(const Matrix& m) {
  Eigen::MatrixXd a(m.rows, m.cols);
  for (std::size_t i = 0; i < m.rows; ++i)
    for (std::size_t j = 0; j < m.cols; ++j)
      a(static_cast<Eigen::Index>(i), static_cast<Eigen::Index>(j)) = m(i, j);
  const Eigen::VectorXd values =
      Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd>(a).eigenvalues();
  return {values.begin(), values.end()};
}

/// Fisher matrix in (p1, p2, ln(p3/p0), p4, p5), the common log scale held fixed.
Matrix reduced(const Matrix& full) {
  Matrix jacobian(6, 5);
  jacobian(1, 0) = jacobian(2, 1) = jacobian(4, 3) = jacobian(5, 4) = 1;
  jacobian(0, 2) = -truth1d[0] / 2;
  jacobian(3, 2) = truth1d[3] / 2;
  Matrix out(5, 5);
  for (std::size_t i = 0; i < 5; ++i)
    for (std::size_t j = 0; j < 5; ++j)
      for (std::size_t k = 0; k < 6; ++k)
        for (std::size_t l = 0; l < 6; ++l)
          out(i, j) += jacobian(k, i) * full(k, l) * jacobian(l, j);
  return out;
}

TEST(DensityProxy1d, NormsAreTheIncompleteBetaFunctions) {
  const auto theory = build<Theory>("proxy1d");
  const Density density(*theory);
  const auto norms = density.norms(truth1d);
  // proxy applications, table 1.3
  EXPECT_NEAR(std::exp(norms.log_norm[0]) / 3.268459708124754, 1, 1e-13);
  EXPECT_NEAR(std::exp(norms.log_norm[1]) / 1.872591310431229, 1, 1e-13);
  const std::vector<double> steep{0.7, -0.9, 0.1, 2.9, 0.95, 4.9};
  const double u = 0.7 * beta_integral(0.1, 0.99999, -0.9, 0.1);
  const double d = 2.9 * beta_integral(0.1, 0.99999, 0.95, 4.9);
  EXPECT_NEAR(std::exp(density.norms(steep).log_norm[0]) / (4 * u + d), 1, 1e-12);
}

TEST(DensityProxy1d, NormSlopesMatchTheTable) {
  const double table[2][6] = {
      {0.41777643, -1.39640452, -0.27652048, 0.07873286, -0.13876637, -0.02284965},
      {0.18229891, -0.60932835, -0.12066115, 0.54968790, -0.96882279, -0.15952901}};
  const auto theory = build<Theory>("proxy1d");
  const auto norms = Density(*theory).norms(truth1d);
  for (std::size_t c = 0; c < 2; ++c)
    for (std::size_t k = 0; k < 6; ++k)
      EXPECT_NEAR(norms.slope(c, k), table[c][k], 5.1e-9);  // digits of the table
  // closed form: d ln N_1/d p0 = 4 int u / (p0 N_1)
  EXPECT_NEAR(
      norms.slope(0, 0), 4 * 0.7467498348045192 / truth1d[0] / 3.268459708124754, 1e-13);
}

TEST(DensityProxy1d, LogDensityAndScoresMatchTheTables) {
  const double x[] = {0.15, 0.3, 0.5, 0.8};
  const double log_f[2][4] = {
      {1.546713984994, 0.600577918031, -0.687508465879, -3.707314485351},
      {1.609691117074, 0.562866447815, -0.884284630726, -4.224833584910}};
  const double score[2][2][6] = {
      {{0.00258482, 0.28930309, -0.05145648, -0.00516965, 0.04189499, -0.00584833},
       {0.02821661, 1.17870350, -1.29366285, -0.05643321, 0.13332384, -0.01640493}},
      {{0.00817728, 0.10767302, -0.02795341, -0.01635456, 0.26650532, -0.04853137},
       {0.14423170, 0.44994010, -1.02893736, -0.28846341, 0.90506749, -0.30031039}}};
  const auto theory = build<Theory>("proxy1d");
  const Density density(*theory);
  const auto norms = density.norms(truth1d);
  for (std::size_t c = 0; c < 2; ++c) {
    std::vector<double> features[2] = {std::vector<double>(4), std::vector<double>(4)};
    const double* in = x;
    double* out[] = {features[0].data(), features[1].data()};
    theory->features(c, 4, &in, out);
    std::vector<double> value(4), slope(24);
    double* slopes[6];
    for (std::size_t k = 0; k < 6; ++k) slopes[k] = &slope[4 * k];
    density.log_density(c, truth1d, norms, 4, out, value.data(), slopes);
    for (std::size_t i = 0; i < 4; ++i) {
      EXPECT_NEAR(value[i], log_f[c][i], 6e-13);  // digits of the table
      // scale direction: p0 s_0 + p3 s_3 = 0
      EXPECT_NEAR(truth1d[0] * slopes[0][i] + truth1d[3] * slopes[3][i], 0, 1e-14);
    }
    for (std::size_t k = 0; k < 6; ++k) {
      EXPECT_NEAR(slopes[k][1], score[c][0][k], 5.1e-9);
      EXPECT_NEAR(slopes[k][3], score[c][1][k], 5.1e-9);
    }
  }
}

TEST(DensityProxy1d, MomentsMatchTheTable) {
  const auto theory = build<Theory>("proxy1d");
  const Density density(*theory);
  const double mean[] = {0.2441631348649, 0.2321451652439};
  const double variance[] = {0.0172293359924, 0.0149179483672};
  const double slope[2][6] = {
      {0.00083937, 0.05467693, -0.02620717, -0.00167873, 0.00727440, -0.00118427},
      {0.00255712, 0.01653567, -0.01288574, -0.00511425, 0.03914425, -0.01018542}};
  for (std::size_t c = 0; c < 2; ++c) {
    const auto x =
        testing::expectation(density, c, truth1d, [](const auto& v) { return v[0]; });
    const auto x2 = testing::expectation(
        density, c, truth1d, [](const auto& v) { return v[0] * v[0]; });
    EXPECT_NEAR(x.first, mean[c], 1e-13);
    EXPECT_NEAR(x2.first - x.first * x.first, variance[c], 1e-13);
    for (std::size_t k = 0; k < 6; ++k) EXPECT_NEAR(x.second[k], slope[c][k], 5.1e-9);
  }
}

TEST(DensityProxy1d, InformationMatchesTheTable) {
  const double table[6][6] = {
      {0.00049346, 0.00537953, -0.00363416, -0.00098692, 0.00676746, -0.00178644},
      {0.00537953, 0.20540810, -0.09271976, -0.01075905, 0.07150092, -0.01534420},
      {-0.00363416, -0.09271976, 0.05424833, 0.00726833, -0.04150230, 0.01031847},
      {-0.00098692, -0.01075905, 0.00726833, 0.00197385, -0.01353491, 0.00357287},
      {0.00676746, 0.07150092, -0.04150230, -0.01353491, 0.11417300, -0.02750906},
      {-0.00178644, -0.01534420, 0.01031847, 0.00357287, -0.02750906, 0.00706839}};
  const auto theory = build<Theory>("proxy1d");
  const Density density(*theory);
  const auto information = density.information(truth1d);
  for (std::size_t i = 0; i < 6; ++i)
    for (std::size_t j = 0; j < 6; ++j)
      EXPECT_NEAR(information(i, j), table[i][j], 5.1e-9);
  const auto all = eigenvalues(information);
  EXPECT_NEAR(all[0], 0, 1e-16);  // exact null direction, to round-off
  const double expected[] = {2.49376e-5, 4.43202e-4, 9.82680e-3, 8.03888e-2, 2.92575e-1};
  const auto five = eigenvalues(reduced(information));
  for (std::size_t i = 0; i < 5; ++i) EXPECT_NEAR(five[i] / expected[i], 1, 1e-5);
}

TEST(DensityProxy1d, InformationIsConvergedAtTheDefaultNodes) {
  const auto theory = build<Theory>("proxy1d");
  const auto standard = eigenvalues(reduced(Density(*theory).information(truth1d)));
  const auto fine = eigenvalues(reduced(Density(*theory, 20000).information(truth1d)));
  for (std::size_t i = 0; i < 5; ++i) EXPECT_NEAR(standard[i] / fine[i], 1, 1e-10);
}

TEST(DensityProxy1d, StaysFiniteAtTheEdgesOfTheBox) {
  const auto theory = build<Theory>("proxy1d");
  const Density density(*theory);
  for (const auto& theta :
       {std::vector<double>{0, -1, 0, 3, 1, 5}, std::vector<double>{3, 1, 5, 0, -1, 0}}) {
    const auto norms = density.norms(theta);
    for (std::size_t c = 0; c < 2; ++c) {
      EXPECT_TRUE(std::isfinite(norms.log_norm[c]));
      for (std::size_t k = 0; k < 6; ++k)
        EXPECT_TRUE(std::isfinite(norms.slope(c, k))) << c << " " << k;
    }
  }
}

TEST(DensityProxy1d, RefusesADensityThatVanishesEverywhere) {
  const auto theory = build<Theory>("proxy1d");
  const std::vector<double> nothing{0, 0, 0, 0, 0, 0};
  EXPECT_THROW(Density(*theory).norms(nothing), NumericalError);
}

TEST(DensityProxy2d, NormIsTheProductOfBetaIntegrals) {
  const auto theory = build<Theory>("proxy2d");
  const Density density(*theory);
  EXPECT_NEAR(
      std::exp(density.norms(truth2d).log_norm[0]) / 0.01128786331987285, 1, 1e-11);
  const std::vector<double> other{-0.45, 2.8, 0.05, 3.1, 1.4};
  const double expected =
      beta_integral(0.001, 0.999, -0.45, 2.8) * beta_integral(0.001, 0.999, 0.05, 3.1) +
      1.4 * beta_integral(0.001, 0.999, 0.55, 2.8) *
          beta_integral(0.001, 0.999, 1.05, 3.1);
  EXPECT_NEAR(std::exp(density.norms(other).log_norm[0]) / expected,
              1,
              2e-10);  // x^-0.45 close to the lower edge
}

TEST(DensityProxy2d, MatchesThePublishedValues) {
  const auto theory = build<Theory>("proxy2d");
  const auto norms = Density(*theory).norms(truth2d);
  const double table[6][3] = {{0.1, 0.1, 1.911907503789},
                              {0.2, 0.3, 1.266002831154},
                              {0.5, 0.2, 0.7549271235827},
                              {0.25, 0.6, -0.7839671045335},
                              {0.7, 0.7, -3.916138157169},
                              {0.01, 0.9, -7.083930133529}};
  for (const auto& [x, y, log_f] : table)
    EXPECT_NEAR(evaluate_at(*theory, 0, truth2d, {x, y}).log_sigma - norms.log_norm[0],
                log_f,
                1e-11);
  const double raw[] = {-1.5537537, -0.36241714, -1.89853129, -0.25962716, 0.05405546};
  const double score[] = {1.19707876, -0.84155566, 1.54185635, -0.94434564, 0.30426264};
  const auto at = evaluate_at(*theory, 0, truth2d, {0.7, 0.7});
  for (std::size_t k = 0; k < 5; ++k) {
    EXPECT_NEAR(norms.slope(0, k), raw[k], k == 0 ? 5.1e-8 : 5.1e-9);
    EXPECT_NEAR(at.slope[k] - norms.slope(0, k), score[k], 1e-8);  // last digit
  }
}

TEST(DensityProxy2d, InformationMatchesTheTable) {
  const double table[5][5] = {
      {0.72077716, -0.20103778, 0.01138664, -0.00298165, 0.02508183},
      {-0.20103778, 0.08709746, -0.00427922, 0.00112054, -0.00942602},
      {0.01138664, -0.00427922, 0.92510001, -0.17358787, 0.03139356},
      {-0.00298165, 0.00112054, -0.17358787, 0.05131806, -0.00822057},
      {0.02508183, -0.00942602, 0.03139356, -0.00822057, 0.00285443}};
  const auto theory = build<Theory>("proxy2d");
  const auto information = Density(*theory).information(truth2d);
  for (std::size_t i = 0; i < 5; ++i)
    for (std::size_t j = 0; j < 5; ++j) EXPECT_NEAR(information(i, j), table[i][j], 6e-9);
  const double expected[] = {4.6719e-4, 1.8348e-2, 2.8848e-2, 7.7907e-1, 9.6042e-1};
  const auto values = eigenvalues(information);
  for (std::size_t i = 0; i < 5; ++i) EXPECT_NEAR(values[i] / expected[i], 1, 3e-5);
}

TEST(DensityGaussians, InformationIsTheClosedForm) {
  const auto theory = build<Theory>("gaussian_experiments");
  const Density density(*theory);
  const std::vector<double> theta{2, 1};
  const auto information = density.information(theta);
  // proxy applications, section 8
  EXPECT_NEAR(information(0, 0), 86.59976692, 5.1e-9);
  EXPECT_NEAR(information(0, 1), -11.63829206, 5.1e-9);
  EXPECT_NEAR(information(1, 1), 8.55819302, 5.1e-9);
  for (const double log_norm : density.norms(theta).log_norm)
    EXPECT_NEAR(log_norm, 0, 1e-13);  // 8 sd: 1e-15 outside
}

TEST(Density, NormSlopesAreFiniteDifferencesOfNorms) {
  for (const auto* name : {"proxy1d", "proxy2d", "gaussian_experiments"}) {
    const auto theory = build<Theory>(name);
    const Density density(*theory);
    std::vector<double> theta;
    for (const auto& p : theory->parameters()) theta.push_back(0.6 * p.lo + 0.4 * p.hi);
    const auto norms = density.norms(theta);
    for (std::size_t k = 0; k < theta.size(); ++k) {
      const double h = 1e-5;
      auto up = theta, down = theta;
      up[k] += h, down[k] -= h;
      const auto above = density.norms(up), below = density.norms(down);
      for (std::size_t c = 0; c < norms.log_norm.size(); ++c)
        EXPECT_NEAR(norms.slope(c, k),
                    (above.log_norm[c] - below.log_norm[c]) / (2 * h),
                    3e-9)  // h^2 and 1e-15/h
            << name;
    }
  }
}

TEST(Density, DoesNotDependOnTheNumberOfThreads) {
  const auto theory = build<Theory>("proxy2d");
  set_threads(1);
  const auto one = Density(*theory).information(truth2d);
  set_threads(4);
  const auto four = Density(*theory).information(truth2d);
  set_threads(0);
  EXPECT_EQ(one, four);
}

/// Smooth in three dimensions, with a norm known in closed form.
struct Exponentials {
  static constexpr std::size_t size = 3;

  std::vector<Parameter> parameters() const {
    return {{"a", -2, 2, 0, "", ""}, {"b", -2, 2, 0, "", ""}, {"c", -2, 2, 0, "", ""}};
  }

  std::vector<Channel> channels() const {
    return {{"cube", {{"x", "", 0, 1}, {"y", "", 0, 1}, {"z", "", 0, 1}}}};
  }

  template <class T>
  T log_density(std::size_t, const T* p, const double* x) const {
    return p[0] * x[0] + p[1] * x[1] + p[2] * x[2];
  }
};

TEST(Density, IntegratesInThreeDimensions) {
  const FormulaTheory<Exponentials> theory;
  const std::vector<double> theta{1, -0.5, 0.3};
  double expected = 0;
  for (const double t : theta) expected += std::log(std::expm1(t) / t);
  EXPECT_NEAR(Density(theory).norms(theta).log_norm[0], expected, 1e-13);
}

TEST(Grading, MapsTheEndsOntoTheAxisAndHasItsSlope) {
  for (const auto grading :
       {Grading::uniform, Grading::log_upper, Grading::smooth_step}) {
    const Axis axis{"x", "", 0.1, 0.99999, grading};
    EXPECT_NEAR(graded(axis, 0).x, 0.1, 1e-16);
    EXPECT_NEAR(graded(axis, 1).x, 0.99999, 1e-15);
    for (const double t : {0.2, 0.5, 0.9}) {
      const double h = 1e-6;
      EXPECT_NEAR(graded(axis, t).slope,
                  (graded(axis, t + h).x - graded(axis, t - h).x) / (2 * h),
                  1e-8);
    }
  }
}

}  // namespace
}  // namespace femto
