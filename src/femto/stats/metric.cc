// Dense and diagonal metrics by Cholesky factors.
#include "femto/stats/metric.h"

#include <cmath>

#include <Eigen/Cholesky>

#include "femto/core/error.h"
#include "femto/stats/linear.h"

namespace femto::stats {

Metric Metric::dense(const Matrix& covariance) {
  expect(covariance.rows == covariance.cols, "a metric is square");
  using Dense = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
  const auto n = static_cast<Eigen::Index>(covariance.rows);
  const Eigen::LLT<Dense> llt(
      Eigen::Map<const Dense>(covariance.data.data(), n, n).eval());
  if (llt.info() != Eigen::Success)
    throw NumericalError("a mass matrix is not positive definite");
  Metric out;
  out.size_ = covariance.rows;
  out.diagonal_ = false;
  out.covariance_ = covariance;
  out.root_ = Matrix(covariance.rows, covariance.cols);
  const Dense root = llt.matrixU().solve(Dense::Identity(n, n));  // L^-T
  std::copy_n(root.data(), out.root_.data.size(), out.root_.data.begin());
  return out;
}

Metric Metric::diagonal(std::span<const double> variances) {
  Metric out;
  out.size_ = variances.size();
  out.variances_.assign(variances.begin(), variances.end());
  for (const double v : variances)
    if (!(v > 0) || !std::isfinite(v))
      throw NumericalError("a mass matrix is not positive definite");
  return out;
}

std::vector<double> Metric::velocity(std::span<const double> p) const {
  if (!diagonal_) return multiply(covariance_, p);
  std::vector<double> out(p.begin(), p.end());
  for (std::size_t i = 0; i < out.size(); ++i) out[i] *= variances_[i];
  return out;
}

std::vector<double> Metric::momentum(std::span<const double> normals) const {
  if (!diagonal_) return multiply(root_, normals);
  std::vector<double> out(normals.begin(), normals.end());
  for (std::size_t i = 0; i < out.size(); ++i) out[i] /= std::sqrt(variances_[i]);
  return out;
}

Matrix Metric::covariance() const {
  if (!diagonal_) return covariance_;
  Matrix out(size_, size_);
  for (std::size_t i = 0; i < size_; ++i) out(i, i) = variances_[i];
  return out;
}

}  // namespace femto::stats
