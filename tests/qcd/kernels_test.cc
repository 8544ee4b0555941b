// Kernel matrices against direct adaptive integration of the convolution.
#include "femto/qcd/kernels.h"

#include <cmath>

#include <boost/math/quadrature/tanh_sinh.hpp>
#include <gtest/gtest.h>

#include "femto/core/threads.h"

namespace femto::qcd {
namespace {

double density(double x) {
  return std::pow(x, -0.1) * std::pow(1 - x, 4) * (1 + std::sqrt(x));
}

/// int_x^1 dz { K(z) F(x/z) - plus F(x)/(1 - z) } + F(x) (plus ln(1 - x) + delta)
double convolution(Piece piece, double x) {
  boost::math::quadrature::tanh_sinh<double> rule(15);
  const auto singular = singular_part(piece);
  const double plus = singular.plus, delta = singular.delta;
  const auto part = [&](double lo, double hi) {
    return rule.integrate(
        [&](double z, double to_end) {
          // distance from 1, exact where z is close to it
          const double y = hi == 1 && z > 0.5 * (lo + hi) ? std::abs(to_end) : 1 - z;
          if (y < 1e-13) return 0.0;  // what is left there is below 1e-10
          std::array<double, piece_count> values;
          evaluate_pieces(Order::nlo, z, y, values);
          return values[index(piece)] * density(std::min(1.0, x / z)) -
                 plus * density(x) / y;
        },
        lo,
        hi,
        1e-12);
  };
  double sum = 0;  // in decades, over which the integrand is tame
  for (double lo = x; lo < 1;) {
    const double hi = lo * 10 < 0.5 ? lo * 10 : (lo < 0.5 ? 0.5 * (lo + 1) : 1.0);
    sum += part(lo, hi);
    lo = hi;
  }
  return sum + density(x) * (plus * std::log1p(-x) + delta);
}

TEST(KernelMatrices, AreTheConvolution) {
  const XGrid grid({});
  const auto kernels = KernelMatrices::build(grid, Order::nlo);
  for (const std::size_t i : {0, 11, 40, 62, 75, 90, 96})
    for (std::size_t p = 0; p < piece_count; ++p) {
      const auto row = kernels.piece(static_cast<Piece>(p)).subspan(i * 100, 100);
      double sum = 0, scale = 0;
      for (std::size_t j = 0; j < 100; ++j) {
        sum += row[j] * density(grid.x()[j]);
        scale += std::abs(row[j] * density(grid.x()[j]));
      }
      EXPECT_NEAR(sum, convolution(static_cast<Piece>(p), grid.x()[i]), 2e-7 * scale)
          << "piece " << p << ", x = " << grid.x()[i];
    }
}

TEST(KernelMatrices, LeadingOrderIsPartOfNextToLeading) {
  const XGrid grid({.nodes = 30});
  const auto lo = KernelMatrices::build(grid, Order::lo);
  const auto nlo = KernelMatrices::build(grid, Order::nlo);
  for (std::size_t k = 0; k < lo.numbers().size(); ++k)
    EXPECT_EQ(lo.numbers()[k], nlo.numbers()[k]);
}

TEST(KernelMatrices, AreTheSameForAnyNumberOfThreads) {
  const XGrid grid({.nodes = 40});
  set_threads(1);
  const auto one = KernelMatrices::build(grid, Order::nlo);
  set_threads(3);
  const auto three = KernelMatrices::build(grid, Order::nlo);
  set_threads(0);
  EXPECT_EQ(one.numbers(), three.numbers());
}

}  // namespace
}  // namespace femto::qcd
