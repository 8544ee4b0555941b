// Densities kept as products of factors against the same densities at every node.
#include "femto/pipeline/intensity.h"

#include <cmath>

#include <gtest/gtest.h>

#include "femto/physics/panel_products.h"

namespace femto {
namespace {

constexpr std::size_t rows = 10;  // more than one group of lanes

/// Three products of smooth functions with derivatives that differ in every row.
Intensity factors() {
  const Panels x({0.1, 0.3, 1}), y({-1, 0, 0.5, 2});
  std::vector<std::array<Matrix, 2>> products(3);
  for (std::size_t k = 0; k < products.size(); ++k)
    for (std::size_t a = 0; a < 2; ++a) {
      const Panels& axis = a == 0 ? x : y;
      auto& m = products[k][a] = Matrix(rows, axis.nodes());
      for (std::size_t r = 0; r < rows; ++r)
        for (std::size_t i = 0; i < axis.nodes(); ++i)
          m(r, i) = std::cos(axis.x[i] * static_cast<double>(1 + r + 2 * k + a));
    }
  return Intensity({x, y}, std::move(products));
}

/// The same at all pairs of nodes, by the product rule.
Intensity dense(const Intensity& in) {
  Intensity out(in.axes, in.rows());
  const std::size_t across = in.axes[1].nodes();
  for (const auto& [a, b] : in.products)
    for (std::size_t r = 0; r < in.rows(); ++r)
      for (std::size_t i = 0; i < in.axes[0].nodes(); ++i)
        for (std::size_t j = 0; j < across; ++j)
          out.values(r, i * across + j) +=
              r == 0 ? a(0, i) * b(0, j) : a(r, i) * b(0, j) + a(0, i) * b(r, j);
  return out;
}

void expect_same(const Matrix& a, const Matrix& b) {
  ASSERT_EQ(a.rows, b.rows);
  ASSERT_EQ(a.cols, b.cols);
  for (std::size_t i = 0; i < a.data.size(); ++i)
    EXPECT_NEAR(a.data[i], b.data[i], 1e-12) << i;
}

TEST(Intensity, FactorsFoldAsTheirProducts) {
  for (std::size_t axis = 0; axis < 2; ++axis) {
    const auto in = factors();
    const KernelMatrix matrix(
        in.axes[axis], Panels({0.2, 0.6, 1.1}), {4, [](double y, double x, double* k) {
                                                   for (int o = 0; o < 4; ++o)
                                                     k[o] = std::exp(-x * y + o);
                                                   return std::fabs(x - y) < 0.8;
                                                 }});
    const KernelUse use{1, {2, 9}};
    expect_same(dense(folded(in, axis, matrix, use)).values,
                folded(dense(in), axis, matrix, use).values);
  }
}

TEST(Intensity, FactorsAreMultipliedCutAndIntegratedAsTheirProducts) {
  const auto in = factors();
  const auto factor = [](double x, double* e) {
    e[0] = 1 + x;
    e[1] = std::sin(x);
    e[2] = x * x;
  };
  const double lo[] = {0.3, 0}, hi[] = {1, 0.5};
  for (std::size_t axis = 0; axis < 2; ++axis) {
    auto here = in, there = dense(in);
    multiply(here, axis, {3, 8}, factor);
    multiply(there, axis, {3, 8}, factor);
    expect_same(dense(here).values, there.values);
    here = cut(here, axis, lo[axis], hi[axis]);
    there = cut(there, axis, lo[axis], hi[axis]);
    expect_same(dense(here).values, there.values);
    expect_same(integrated(here, axis), integrated(there, axis));
    expect_same(integrated(here, 1 - axis), integrated(there, 1 - axis));
  }
}

TEST(PanelProducts, AgreeWithPolynomialsOfTheProducts) {
  const auto in = factors();
  const PanelProducts products(in.axes, in.products);
  const PanelPolynomials whole(in.axes, dense(in).values);
  constexpr std::size_t n = 40;  // more than one block
  std::vector<double> x(n), y(n);
  for (std::size_t i = 0; i < n; ++i) {
    x[i] = in.axes[0].position(0.1 + 0.9 * static_cast<double>(i) / (n - 1));
    y[i] = in.axes[1].position(2 - 3 * std::sqrt(static_cast<double>(i) / (n - 1)));
  }
  const double* position[] = {x.data(), y.data()};
  for (const std::size_t width : {8u, 16u}) {
    std::vector<double> found(n * width, 1.0), expected(n * width);
    products.add(n, position, width, found.data());
    whole.at(n, position, width, expected.data());
    for (std::size_t i = 0; i < found.size(); ++i)
      EXPECT_NEAR(found[i], 1 + expected[i], 1e-11) << i;  // powers lose three digits
  }
}

}  // namespace
}  // namespace femto
