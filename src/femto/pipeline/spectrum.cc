// Eigenvalues, null space and generalised inverse of an information matrix.
#include "femto/pipeline/spectrum.h"

#include <algorithm>
#include <cmath>

#include <Eigen/Dense>

#include "femto/core/error.h"
#include "femto/stats/linear.h"

namespace femto {

namespace {

/// Components of null vectors below this fraction of the largest are rounding.
constexpr double rounding = 1e-6;
/// A diagonal element this far below the largest is rounding: no information at all.
constexpr double blindness = 1e-26;

/// The free block, each row and column divided by the root of its diagonal element.
Eigen::MatrixXd scaled_block(const Matrix& m,
                             const std::vector<std::size_t>& free,
                             const std::vector<double>& scale) {
  const auto n = static_cast<Eigen::Index>(free.size());
  Eigen::MatrixXd block(n, n);
  for (Eigen::Index i = 0; i < n; ++i)
    for (Eigen::Index j = 0; j < n; ++j)
      block(i, j) = m(free[i], free[j]) * scale[free[i]] * scale[free[j]];
  return block;
}

/// Gauss-Jordan elimination: rows that involve as few parameters as possible.
void reduce_rows(Eigen::MatrixXd& rows) {
  Eigen::Index done = 0;
  std::vector<bool> used(static_cast<std::size_t>(rows.cols()), false);
  for (; done < rows.rows(); ++done) {
    Eigen::Index pivot = 0;
    double largest = -1;
    for (Eigen::Index j = 0; j < rows.cols(); ++j) {
      if (!used[static_cast<std::size_t>(j)] && std::fabs(rows(done, j)) > largest) {
        largest = std::fabs(rows(done, j));
        pivot = j;
      }
    }
    used[static_cast<std::size_t>(pivot)] = true;
    rows.row(done) /= rows(done, pivot);
    for (Eigen::Index i = 0; i < rows.rows(); ++i)
      if (i != done) rows.row(i) -= rows(i, pivot) * rows.row(done);
  }
}

/// To the parameter basis: rounding removed, unit length, largest component positive.
void store_null(const Eigen::MatrixXd& scaled_rows,
                const std::vector<std::size_t>& free,
                Spectrum& out) {
  for (Eigen::Index k = 0; k < scaled_rows.rows(); ++k) {
    const double cut = rounding * scaled_rows.row(k).cwiseAbs().maxCoeff();
    double norm = 0, largest = 0;
    double* v = out.null.row(static_cast<std::size_t>(k));
    for (std::size_t i = 0; i < free.size(); ++i) {
      const double x = scaled_rows(k, static_cast<Eigen::Index>(i));
      if (std::fabs(x) <= cut) continue;
      v[free[i]] = x * out.scale[free[i]];
      norm += v[free[i]] * v[free[i]];
      if (std::fabs(v[free[i]]) > std::fabs(largest)) largest = v[free[i]];
    }
    const double factor = (largest < 0 ? -1 : 1) / std::sqrt(norm);
    for (const std::size_t j : free) v[j] *= factor;
  }
}

void store_inverse(const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd>& eigen,
                   const std::vector<std::size_t>& seen,
                   Eigen::Index nulls,
                   Spectrum& out) {
  const Eigen::Index n = eigen.eigenvalues().size();
  for (Eigen::Index k = nulls; k < n; ++k) {
    const double root = 1 / std::sqrt(eigen.eigenvalues()(k));
    for (std::size_t i = 0; i < seen.size(); ++i)
      out.factor(seen[i], static_cast<std::size_t>(k - nulls)) =
          out.scale[seen[i]] * eigen.eigenvectors()(static_cast<Eigen::Index>(i), k) *
          root;
  }
  for (std::size_t i = 0; i < out.inverse.rows; ++i)
    for (std::size_t j = 0; j < out.inverse.cols; ++j)
      for (std::size_t k = 0; k < out.factor.cols; ++k)
        out.inverse(i, j) += out.factor(i, k) * out.factor(j, k);
}

std::vector<double> parameter_eigenvalues(const Matrix& information,
                                          const std::vector<std::size_t>& free,
                                          std::size_t nulls) {
  const std::vector<double> ones(information.rows, 1.0);
  const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> eigen(
      scaled_block(information, free, ones), Eigen::EigenvaluesOnly);
  std::vector<double> values(eigen.eigenvalues().begin(), eigen.eigenvalues().end());
  std::fill_n(values.begin(), nulls, 0.0);
  return values;
}

}  // namespace

Spectrum spectrum(const Matrix& information,
                  const std::vector<bool>& fixed,
                  double tolerance) {
  const std::size_t size = information.rows;
  expect(information.cols == size && fixed.size() == size,
         "the information matrix is square in the parameters");
  Spectrum out;
  out.scale.assign(size, 1.0);
  std::vector<std::size_t> seen, blind;  // with and without any information
  double most = 0;
  for (std::size_t j = 0; j < size; ++j)
    if (!fixed[j]) most = std::max(most, information(j, j));
  for (std::size_t j = 0; j < size; ++j) {
    if (fixed[j]) continue;
    const double diagonal = information(j, j);
    if (!std::isfinite(diagonal))
      throw NumericalError("the information matrix is not finite");
    out.free.push_back(j);
    const bool any = diagonal > blindness * most;
    (any ? seen : blind).push_back(j);
    if (any) out.scale[j] = 1 / std::sqrt(diagonal);
  }
  Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> eigen;
  Eigen::Index nulls = 0;
  if (!seen.empty()) {
    eigen.compute(scaled_block(information, seen, out.scale));
    const double largest = eigen.eigenvalues().maxCoeff();
    nulls = (eigen.eigenvalues().array() <= tolerance * largest).count();
  }
  const auto n = static_cast<Eigen::Index>(seen.size());
  out.rank = static_cast<std::size_t>(n - nulls);
  Eigen::MatrixXd rows =
      Eigen::MatrixXd::Zero(nulls + static_cast<Eigen::Index>(blind.size()),
                            static_cast<Eigen::Index>(out.free.size()));
  const auto position = [&](std::size_t j) {
    return std::ranges::find(out.free, j) - out.free.begin();
  };
  for (Eigen::Index k = 0; k < nulls; ++k)
    for (Eigen::Index i = 0; i < n; ++i)
      rows(k, position(seen[static_cast<std::size_t>(i)])) = eigen.eigenvectors()(i, k);
  for (std::size_t b = 0; b < blind.size(); ++b)
    rows(nulls + static_cast<Eigen::Index>(b), position(blind[b])) = 1;
  if (nulls > 1) reduce_rows(rows);
  out.null = Matrix(static_cast<std::size_t>(rows.rows()), size);
  store_null(rows, out.free, out);
  out.factor = Matrix(size, out.rank);
  out.inverse = Matrix(size, size);
  if (!seen.empty()) store_inverse(eigen, seen, nulls, out);
  out.eigenvalues = parameter_eigenvalues(information, out.free, out.null.rows);
  return out;
}

bool estimable(const Spectrum& s, std::span<const double> gradient) {
  for (std::size_t k = 0; k < s.null.rows; ++k) {
    double dot = 0, terms = 0;
    for (const std::size_t j : s.free) {
      dot += s.null(k, j) * gradient[j];
      terms = std::max(terms, std::fabs(gradient[j]) * s.scale[j]);
    }
    double length = 0;
    for (const std::size_t j : s.free)
      length = std::max(length, std::fabs(s.null(k, j)) / s.scale[j]);
    if (std::fabs(dot) > rounding * terms * length) return false;
  }
  return true;
}

bool touched(const Spectrum& s, std::size_t j) {
  for (std::size_t k = 0; k < s.null.rows; ++k)
    if (s.null(k, j) != 0) return true;
  return false;
}

double deviation(const Matrix& a, std::span<const double> g) {
  return std::sqrt(std::max(0.0, stats::bilinear(g, a, g)));
}

}  // namespace femto
