// Splitting functions against sum rules, published moments and closed forms.
#include "femto/qcd/splitting.h"

#include <cmath>
#include <numbers>

#include <boost/math/quadrature/tanh_sinh.hpp>
#include <gtest/gtest.h>

namespace femto::qcd {
namespace {

constexpr double cf = colour_f, ca = colour_a;

/// int_0^1 z^(n-1) of a piece, plus distribution and delta function included.
double moment(Piece piece, double n) {
  boost::math::quadrature::tanh_sinh<double> rule(15);
  const auto singular = singular_part(piece);
  const double plus = singular.plus, delta = singular.delta;
  const auto integrand = [&](double z, double to_end) {
    const double y = z > 0.5 ? std::abs(to_end) : 1 - z;
    if (z < 1e-290 || y < 1e-290) return 0.0;
    std::array<double, piece_count> values;
    evaluate_pieces(Order::nlo, z, y, values);
    // z^(n-1) K - plus/y without loss of digits at z = 1
    const double less = std::expm1((n - 1) * (z > 0.5 ? std::log1p(-y) : std::log(z)));
    return (values[index(piece)] - plus / y) + less * values[index(piece)];
  };
  return rule.integrate(integrand, 0.0, 1.0, 1e-13) + delta;
}

double harmonic(int n) {
  double sum = 0;
  for (int k = 1; k <= n; ++k) sum += 1.0 / k;
  return sum;
}

TEST(LeadingOrder, HasTheMomentsOfTheTextbook) {
  // Ellis:1996 section 4.3, with the average over flavours taken out
  for (const int n : {2, 3, 4, 6, 10}) {
    const double N = n;
    EXPECT_NEAR(
        moment(Piece::qq0, N), cf * (1.5 + 1 / (N * (N + 1)) - 2 * harmonic(n)), 1e-11);
    EXPECT_NEAR(moment(Piece::qg0, N), (N * N + N + 2) / (N * (N + 1) * (N + 2)), 1e-11);
    EXPECT_NEAR(
        moment(Piece::gq0, N), cf * (N * N + N + 2) / ((N - 1) * N * (N + 1)), 1e-11);
    EXPECT_NEAR(
        moment(Piece::gg0, N),
        2 * ca * (1 / (N * (N - 1)) + 1 / ((N + 1) * (N + 2)) - harmonic(n) + 11.0 / 12),
        1e-11);
  }
}

TEST(SumRules, QuarkNumberIsConserved) {
  EXPECT_NEAR(moment(Piece::qq0, 1), 0, 1e-11);
  EXPECT_NEAR(moment(Piece::v1, 1) - moment(Piece::vbar1, 1), 0, 1e-10);
  EXPECT_NEAR(moment(Piece::v1_n, 1), 0, 1e-11);
}

TEST(SumRules, MomentumIsConservedForAnyNumberOfFlavours) {
  const auto m = [](Piece piece) { return moment(piece, 2); };
  EXPECT_NEAR(m(Piece::qq0) + m(Piece::gq0), 0, 1e-11);
  EXPECT_NEAR(m(Piece::qg0) - 1.0 / 3, 0, 1e-11);  // -1/3 = delta of gg0, per flavour
  EXPECT_NEAR(m(Piece::gg0), 0, 1e-11);
  EXPECT_NEAR(m(Piece::v1) + m(Piece::vbar1) + m(Piece::gq1), 0, 1e-10);
  EXPECT_NEAR(m(Piece::v1_n) + 2 * m(Piece::s1) + m(Piece::gq1_n), 0, 1e-10);
  EXPECT_NEAR(m(Piece::gg1), 0, 1e-10);
  EXPECT_NEAR(m(Piece::qg1) + m(Piece::gg1_n), 0, 1e-10);
}

TEST(NextToLeadingOrder, HasThePublishedNonSingletMoments) {
  // Larin:1994: anomalous dimensions in powers of alpha_s/(4 pi),
  // twice minus ours in powers of alpha_s/(2 pi) at one loop and four times at two.
  const auto plus = [](double n, double nf) {
    return moment(Piece::v1, n) + nf * moment(Piece::v1_n, n) + moment(Piece::vbar1, n);
  };
  for (const double nf : {0.0, 4.0}) {
    const double n2 = 376.0 / 27 * cf * ca - 112.0 / 27 * cf * cf - 64.0 / 27 * nf * cf;
    const double n4 =
        16157.0 / 675 * cf * ca - 287303.0 / 54000 * cf * cf - 13271.0 / 2700 * nf * cf;
    EXPECT_NEAR(-4 * plus(2, nf), n2, 1e-10);
    EXPECT_NEAR(-4 * plus(4, nf), n4, 1e-10);
  }
}

TEST(NextToLeadingOrder, GluonAndQuarkRadiateSoftGluonsAlike) {
  const auto plus = [](Piece piece) { return singular_part(piece).plus; };
  EXPECT_NEAR(plus(Piece::gg1) / plus(Piece::v1), ca / cf, 1e-14);
  EXPECT_NEAR(plus(Piece::gg1_n) / plus(Piece::v1_n), ca / cf, 1e-14);
}

TEST(CrossedLogarithm, IsItsIntegral) {
  // int_{z/(1+z)}^{1/(1+z)} du/u ln((1-u)/u), the phase space of two crossed gluons
  boost::math::quadrature::tanh_sinh<double> rule(15);
  for (const double z : {1e-7, 1e-3, 0.1, 0.5, 0.9, 0.999}) {
    const double exact = rule.integrate(
        [](double u) { return std::log((1 - u) / u) / u; }, z / (1 + z), 1 / (1 + z));
    EXPECT_NEAR(crossed_logarithm(z, std::log(z)), exact, 1e-12 * (1 + std::abs(exact)));
  }
}

TEST(SplittingFunctions, LeadingOrderAloneIsTheSame) {
  std::array<double, piece_count> both, lo;
  lo.fill(7);
  evaluate_pieces(Order::nlo, 0.3, 0.7, both);
  evaluate_pieces(Order::lo, 0.3, 0.7, lo);
  for (std::size_t p = 0; p < piece_count; ++p)
    EXPECT_EQ(lo[p], p < lo_piece_count ? both[p] : 7.0);
}

}  // namespace
}  // namespace femto::qcd
