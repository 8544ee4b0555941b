// Small matrices with known spectra, inverses and null spaces.
#include "femto/stats/linear.h"

#include <cmath>
#include <limits>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "femto/core/error.h"

namespace femto::stats {
namespace {

Matrix make(std::size_t n, std::vector<double> values) {
  Matrix m(n, n);
  m.data = std::move(values);
  return m;
}

/// A^T A + shift for a random n x n matrix A with entries in [-1, 1].
Matrix random_definite(std::size_t n, double shift) {
  Matrix a(n, n);
  for (double& v : a.data) v = *rc::gen::inRange(-1000, 1001) / 1000.0;
  Matrix out = multiply(transpose(a), a);
  for (std::size_t i = 0; i < n; ++i) out(i, i) += shift;
  return out;
}

void expect_near(const Matrix& a, const Matrix& b, double tolerance) {
  ASSERT_EQ(a.data.size(), b.data.size());
  for (std::size_t i = 0; i < a.data.size(); ++i)
    EXPECT_NEAR(a.data[i], b.data[i], tolerance) << "entry " << i;
}

TEST(Linear, FindsTheSpectrumOfATwoByTwoMatrix) {
  // [[2, 1], [1, 2]] has eigenvalues 1 and 3 with vectors (1, -1) and (1, 1).
  const Spectrum s = eigen_symmetric(make(2, {2, 1, 1, 2}));
  EXPECT_NEAR(s.values[0], 1, 1e-15);
  EXPECT_NEAR(s.values[1], 3, 1e-15);
  EXPECT_NEAR(s.vectors(0, 0) + s.vectors(1, 0), 0, 1e-15);
  EXPECT_NEAR(s.vectors(0, 1) - s.vectors(1, 1), 0, 1e-15);
}

TEST(Linear, RefusesTheSpectrumOfAMatrixThatIsNotFinite) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  EXPECT_THROW(eigen_symmetric(make(2, {1, nan, nan, 1})), NumericalError);
}

RC_GTEST_PROP(Linear, CholeskySolvesWhatItWasGiven, ()) {
  const Matrix a = random_definite(5, 0.5);
  std::vector<double> x;
  for (int i = 0; i < 5; ++i) x.push_back(*rc::gen::inRange(-100, 101) / 10.0);
  const auto found = cholesky_solve(a, multiply(a, x));
  RC_ASSERT(found.has_value());
  for (std::size_t i = 0; i < 5; ++i) RC_ASSERT(std::abs((*found)[i] - x[i]) < 1e-11);
}

TEST(Linear, CholeskyRefusesAnIndefiniteMatrix) {
  EXPECT_FALSE(cholesky_solve(make(2, {1, 2, 2, 1}), std::vector<double>{1, 1}));
  EXPECT_FALSE(cholesky_inverse(make(2, {1, 2, 2, 1})));
}

RC_GTEST_PROP(Linear, PseudoInverseIsTheInverseOfARegularMatrix, ()) {
  const Matrix a = random_definite(4, 0.5);
  const PseudoInverse p = pseudo_inverse(a);
  RC_ASSERT(p.rank == 4);
  const Matrix one = multiply(a, p.inverse);
  for (std::size_t i = 0; i < 4; ++i)
    for (std::size_t j = 0; j < 4; ++j)
      RC_ASSERT(std::abs(one(i, j) - (i == j ? 1 : 0)) < 1e-11);
}

TEST(Linear, PseudoInverseOfARankOneMatrix) {
  // (v v^T)^+ = v v^T / |v|^4 with v = (2, 1): |v|^2 = 5.
  const PseudoInverse p = pseudo_inverse(make(2, {4, 2, 2, 1}));
  EXPECT_EQ(p.rank, 1);
  expect_near(p.inverse, make(2, {4.0 / 25, 2.0 / 25, 2.0 / 25, 1.0 / 25}), 1e-16);
}

TEST(Linear, NullSpaceOfARankOneMatrix) {
  const Matrix null = null_space(make(2, {4, 2, 2, 1}));
  ASSERT_EQ(null.cols, 1u);
  EXPECT_NEAR(std::abs(null(0, 0)), 1 / std::sqrt(5.0), 1e-15);
  EXPECT_NEAR(null(0, 0) * 2 + null(1, 0), 0, 1e-15);
  EXPECT_EQ(rank(Matrix(3, 3)), 0);
  EXPECT_EQ(null_space(Matrix(3, 3)).cols, 3u);
}

RC_GTEST_PROP(Linear, ReducedInformationInvertsABlockOfTheInverse, ()) {
  const Matrix a = random_definite(5, 0.5);
  const std::vector<std::size_t> keep{1, 3};
  const Matrix reduced = reduced_information(a, keep);
  const Matrix block = submatrix(*cholesky_inverse(a), keep);
  const Matrix one = multiply(reduced, block);
  for (std::size_t i = 0; i < 2; ++i)
    for (std::size_t j = 0; j < 2; ++j)
      RC_ASSERT(std::abs(one(i, j) - (i == j ? 1 : 0)) < 1e-11);
}

TEST(Linear, ReducedInformationSurvivesANullDirectionOfTheRest) {
  // Only x0 + x1 is seen, with information 1, beside x2 with 4; x0 and x1 profiled out.
  const Matrix a = make(3, {1, 1, 1, 1, 1, 1, 1, 1, 5});
  const Matrix reduced = reduced_information(a, std::vector<std::size_t>{2});
  EXPECT_NEAR(reduced(0, 0), 4, 1e-14);
}

TEST(Linear, BilinearFormOfAKnownMatrix) {
  const Matrix a = make(2, {1, 2, 3, 4});
  EXPECT_EQ(bilinear(std::vector<double>{1, 2}, a, std::vector<double>{3, 4}), 61);
}

}  // namespace
}  // namespace femto::stats
