// Linear algebra on small dense symmetric matrices, by Eigen.
#include "femto/stats/linear.h"

#include <algorithm>
#include <cmath>

#include <Eigen/Cholesky>
#include <Eigen/Eigenvalues>

#include "femto/core/error.h"

namespace femto::stats {
namespace {

using Dense = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
using View = Eigen::Map<const Dense>;
using Vector = Eigen::Map<const Eigen::VectorXd>;

View view(const Matrix& a) {
  return {a.data.data(),
          static_cast<Eigen::Index>(a.rows),
          static_cast<Eigen::Index>(a.cols)};
}

Vector view(std::span<const double> x) {
  return {x.data(), static_cast<Eigen::Index>(x.size())};
}

Matrix matrix(const Dense& a) {
  Matrix out(static_cast<std::size_t>(a.rows()), static_cast<std::size_t>(a.cols()));
  std::copy_n(a.data(), out.data.size(), out.data.begin());
  return out;
}

std::vector<double> vector(const Eigen::VectorXd& x) {
  return {x.data(), x.data() + x.size()};
}

void expect_square(const Matrix& a) {
  expect(a.rows == a.cols, "a symmetric matrix is square");
}

}  // namespace

Spectrum eigen_symmetric(const Matrix& a) {
  expect_square(a);
  if (a.rows == 0) return {};
  if (!std::ranges::all_of(a.data, [](double v) { return std::isfinite(v); }))
    throw NumericalError("a matrix with values that are not finite has no eigenvalues");
  const Eigen::SelfAdjointEigenSolver<Dense> solver(view(a));
  return {vector(solver.eigenvalues()), matrix(solver.eigenvectors())};
}

std::optional<std::vector<double>> cholesky_solve(const Matrix& a,
                                                  std::span<const double> b) {
  expect_square(a);
  expect(a.rows == b.size(), "a right-hand side has as many rows as the matrix");
  if (a.rows == 0) return std::vector<double>{};
  const Eigen::LLT<Dense> llt(view(a));
  if (llt.info() != Eigen::Success) return {};
  return vector(llt.solve(view(b)));
}

std::optional<Matrix> cholesky_inverse(const Matrix& a) {
  expect_square(a);
  const Eigen::LLT<Dense> llt(view(a));
  if (llt.info() != Eigen::Success) return {};
  const auto n = static_cast<Eigen::Index>(a.rows);
  return matrix(llt.solve(Dense::Identity(n, n)));
}

PseudoInverse pseudo_inverse(const Matrix& a, double tolerance) {
  const Spectrum s = eigen_symmetric(a);
  PseudoInverse out{Matrix(a.rows, a.cols), 0};
  if (s.values.empty()) return out;
  std::vector<double> direction(a.rows);
  for (std::size_t k = 0; k < a.rows; ++k) {
    if (s.values[k] <= tolerance * s.values.back()) continue;
    for (std::size_t i = 0; i < a.rows; ++i) direction[i] = s.vectors(i, k);
    add_outer(out.inverse, 1 / s.values[k], direction);
    ++out.rank;
  }
  return out;
}

int rank(const Matrix& a, double tolerance) {
  const Spectrum s = eigen_symmetric(a);
  return static_cast<int>(std::ranges::count_if(
      s.values, [&](double v) { return v > tolerance * s.values.back(); }));
}

Matrix null_space(const Matrix& a, double tolerance) {
  const Spectrum s = eigen_symmetric(a);
  const std::size_t dimension = a.rows - static_cast<std::size_t>(rank(a, tolerance));
  Matrix out(a.rows, dimension);
  for (std::size_t k = 0; k < dimension; ++k)
    for (std::size_t i = 0; i < a.rows; ++i) out(i, k) = s.vectors(i, k);
  return out;
}

Matrix reduced_information(const Matrix& a,
                           std::span<const std::size_t> keep,
                           double tolerance) {
  std::vector<std::size_t> rest;
  for (std::size_t i = 0; i < a.rows; ++i)
    if (std::ranges::find(keep, i) == keep.end()) rest.push_back(i);
  Matrix out = submatrix(a, keep);
  if (rest.empty()) return out;
  const Matrix inverse = pseudo_inverse(submatrix(a, rest), tolerance).inverse;
  Matrix cross(keep.size(), rest.size());
  for (std::size_t i = 0; i < keep.size(); ++i)
    for (std::size_t j = 0; j < rest.size(); ++j) cross(i, j) = a(keep[i], rest[j]);
  add(out, -1, multiply(multiply(cross, inverse), transpose(cross)));
  return out;
}

Matrix submatrix(const Matrix& a, std::span<const std::size_t> keep) {
  Matrix out(keep.size(), keep.size());
  for (std::size_t i = 0; i < keep.size(); ++i)
    for (std::size_t j = 0; j < keep.size(); ++j) out(i, j) = a(keep[i], keep[j]);
  return out;
}

Matrix multiply(const Matrix& a, const Matrix& b) {
  expect(a.cols == b.rows, "factors of a matrix product fit");
  return matrix(view(a) * view(b));
}

std::vector<double> multiply(const Matrix& a, std::span<const double> x) {
  expect(a.cols == x.size(), "a matrix and its vector fit");
  return vector(view(a) * view(x));
}

Matrix transpose(const Matrix& a) {
  return matrix(view(a).transpose());
}

Matrix identity(std::size_t n) {
  Matrix out(n, n);
  for (std::size_t i = 0; i < n; ++i) out(i, i) = 1;
  return out;
}

double bilinear(std::span<const double> x, const Matrix& a, std::span<const double> y) {
  return dot(x, multiply(a, y));
}

double dot(std::span<const double> x, std::span<const double> y) {
  expect(x.size() == y.size(), "vectors of a scalar product are of one length");
  double sum = 0;
  for (std::size_t i = 0; i < x.size(); ++i) sum += x[i] * y[i];
  return sum;
}

void add_outer(Matrix& a, double factor, std::span<const double> x) {
  for (std::size_t i = 0; i < a.rows; ++i)
    for (std::size_t j = 0; j < a.cols; ++j) a(i, j) += factor * (x[i] * x[j]);
}

void add(Matrix& a, double factor, const Matrix& b) {
  expect(a.rows == b.rows && a.cols == b.cols, "matrices of a sum are of one shape");
  for (std::size_t i = 0; i < a.data.size(); ++i) a.data[i] += factor * b.data[i];
}

}  // namespace femto::stats
