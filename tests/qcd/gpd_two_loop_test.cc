// Two-loop kernels of generalised parton distributions against forward anomalous
// dimensions and the special conformal anomaly.
#include "femto/qcd/gpd_two_loop.h"

#include <cmath>
#include <string>
#include <vector>

#include "gpd_moments.h"
#include <boost/math/quadrature/tanh_sinh.hpp>
#include <gtest/gtest.h>

#include "femto/qcd/dilogarithm.h"

namespace femto::qcd::gpd_moments {
namespace {

enum class Channel { ns, pure, qg, gq, gg };

constexpr Channel channels[] = {
    Channel::ns, Channel::pure, Channel::qg, Channel::gq, Channel::gg};

double entry(const Gammas& g, Channel c) {
  return c == Channel::ns     ? g.ns
         : c == Channel::pure ? g.qq - g.ns
         : c == Channel::qg   ? g.qg
         : c == Channel::gq   ? g.gq
                              : g.gg;
}

/// The kernel, for functions of the parity of quark moments j.
double value(const TwoLoopKernels& k, Channel c, int j, double n) {
  return c == Channel::ns     ? k.ns + n * k.ns_n + (j % 2 == 1 ? 1 : -1) * k.crossed
         : c == Channel::pure ? n * k.qq_n
         : c == Channel::qg   ? n * k.qg_n
         : c == Channel::gq   ? k.gq + n * k.gq_n
                              : k.gg + n * k.gg_n;
}

double polynomial(bool gluon, int j, double x) {
  return gluon ? gegenbauer(j - 1, 2.5, x) : gegenbauer(j, 1.5, x);
}

/// int dx C_j(x/xi) K(x, y), with the subtraction and delta function of [K]_+.
double moment(Helicity helicity, Channel c, int j, double n, double xi, double y) {
  const bool subtracted = c == Channel::ns || c == Channel::gg;
  const bool gluon = c == Channel::gq || c == Channel::gg;
  const double there = polynomial(gluon, j, y / xi);
  std::vector<double> ends{-xi, -y, y, xi};
  if (y > xi) ends = {-xi, xi, y};
  double sum = value(two_loop_deltas(helicity), c, j, n) * (subtracted ? there : 0);
  static boost::math::quadrature::tanh_sinh<double> rule;
  for (std::size_t e = 0; e + 1 < ends.size(); ++e)
    sum += rule.integrate(
        [&](double x) {
          const double near = 1e-13 * xi;
          if (std::abs(std::abs(x) - y) < near || std::abs(std::abs(x) - xi) < near)
            return 0.0;
          const auto k = two_loop_kernels(helicity, xi, x, y, y - x);
          return value(k, c, j, n) *
                 (polynomial(gluon, j, x / xi) - (subtracted ? there : 0));
        },
        ends[e],
        ends[e + 1],
        1e-11);
  return sum;
}

TEST(GpdTwoLoop, MomentsAreThePolynomialsOfTheConformalAnomaly) {
  constexpr double xi = 0.4;
  for (const auto helicity : {Helicity::vector, Helicity::axial})
    for (const auto c : channels)
      for (const int flavours : {0, 4}) {
        const int parity = helicity == Helicity::vector ? 1 : 0;
        for (int j = 0; j <= 5; ++j) {
          if (c != Channel::ns && (j % 2 != parity || j == 0)) continue;
          // From y inside and outside of xi: one polynomial.
          for (const double y : {0.07, 0.33, 0.55, 0.95}) {
            double expected = 0;
            for (int k = j; k >= 0; k -= 2)
              expected += entry(two_loop(helicity, j, k, flavours, xi), c) *
                          polynomial(c == Channel::qg || c == Channel::gg, k, y / xi);
            EXPECT_NEAR(moment(helicity, c, j, flavours, xi, y),
                        expected,
                        1e-6 * std::max(1.0, std::abs(expected)))
                << "channel " << static_cast<int>(c) << ", j = " << j << ", y = " << y
                << (parity == 1 ? ", vector" : ", axial");
          }
        }
      }
}

TEST(GpdTwoLoop, ChargeAndMomentumAreConserved) {
  for (const double xi : {0.1, 0.7})
    for (const double y : {0.03, 0.5, 0.9}) {
      EXPECT_NEAR(moment(Helicity::vector, Channel::ns, 0, 4, xi, y), 0, 1e-9);
      // xi m_q/3 + m_g, whatever it comes from.
      const auto m = [&](Channel c) { return moment(Helicity::vector, c, 1, 4, xi, y); };
      const double quarks = xi / 3 * (m(Channel::ns) + m(Channel::pure)) + m(Channel::gq);
      EXPECT_NEAR(quarks, 0, 1e-7);
      EXPECT_NEAR(xi / 3 * m(Channel::qg) + m(Channel::gg), 0, 1e-7);
    }
}

TEST(Dilogarithm, HasItsKnownValuesAndDerivative) {
  constexpr double pi2 = 9.869604401089358;
  EXPECT_EQ(dilogarithm(0), 0);
  EXPECT_NEAR(dilogarithm(1), pi2 / 6, 1e-15);
  EXPECT_NEAR(dilogarithm(-1), -pi2 / 12, 1e-15);
  EXPECT_NEAR(dilogarithm(0.5), pi2 / 12 - 0.5 * std::pow(std::log(2), 2), 1e-15);
  EXPECT_NEAR(dilogarithm(2), pi2 / 4, 1e-15);
  static boost::math::quadrature::tanh_sinh<double> rule;
  for (const double x : {-7.0, -1.3, -0.6, 0.2, 0.7, 0.99}) {
    const auto f = [](double u) { return u == 0 ? 1 : -std::log1p(-u) / u; };
    EXPECT_NEAR(
        dilogarithm(x),
        std::copysign(1, x) * rule.integrate(f, std::min(0.0, x), std::max(0.0, x)),
        1e-13)
        << x;
  }
  for (const double x : {1.2, 1.999, 2.001, 30.0})  // -ln|1 - x|/x
    EXPECT_NEAR((dilogarithm(x + 1e-4) - dilogarithm(x - 1e-4)) / 2e-4,
                -std::log(x - 1) / x,
                1e-6);
}

}  // namespace
}  // namespace femto::qcd::gpd_moments
