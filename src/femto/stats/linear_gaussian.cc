#include "femto/stats/linear_gaussian.h"

#include <algorithm>
#include <cmath>

#include <Eigen/Dense>

#include "femto/core/error.h"

namespace femto::stats {
namespace {

using RowMajor = Eigen::Matrix<double, -1, -1, Eigen::RowMajor>;
using Eigen::Index;
using Eigen::Map;
using Eigen::MatrixXd;
using Eigen::VectorXd;

Map<const RowMajor> map(const Matrix& m) {
  return {m.data.data(), static_cast<Index>(m.rows), static_cast<Index>(m.cols)};
}

Map<const VectorXd> map(std::span<const double> v) {
  return {v.data(), static_cast<Index>(v.size())};
}

std::vector<double> vector_of(const VectorXd& v) {
  return {v.data(), v.data() + v.size()};
}

void check(const LinearGaussian& m) {
  const std::size_t data = m.response.rows, unknowns = m.response.cols;
  expect(m.errors.size() == data && m.mean.size() == unknowns &&
             m.root.rows == unknowns && m.root.cols == unknowns,
         "shapes of a linear problem");
  for (std::size_t i = 0; i < data; ++i)
    if (!(m.errors[i] > 0) || std::isinf(m.errors[i]))
      fail("datum {} has the error {} (it must be positive and finite)", i, m.errors[i]);
}

}  // namespace

Components::Components(const LinearGaussian& model) : model_(model) {
  check(model_);
  const VectorXd weights = map(model_.errors).cwiseInverse();
  MatrixXd whitened = weights.asDiagonal() * map(model_.response) * map(model_.root);
  if (!whitened.allFinite())
    throw NumericalError("the response of an image is not finite");
  const auto n = whitened.cols();
  MatrixXd squares = MatrixXd::Zero(n, n);
  squares.selfadjointView<Eigen::Lower>().rankUpdate(whitened.transpose());
  const Eigen::SelfAdjointEigenSolver<MatrixXd> solver(squares);
  const MatrixXd vectors = solver.eigenvectors().rowwise().reverse();
  for (Index k = n; k-- > 0;)
    information_.push_back(std::max(0.0, solver.eigenvalues()[k]));
  patterns_ = Matrix(model_.root.rows, static_cast<std::size_t>(n));
  Map<RowMajor>(patterns_.data.data(), n, n).noalias() = map(model_.root) * vectors;
  expected_ = vector_of(map(model_.response) * map(model_.mean));
}

std::vector<double> Components::pull(std::span<const double> residuals) const {
  const VectorXd weighted = map(residuals).cwiseQuotient(map(model_.errors).cwiseAbs2());
  return vector_of(map(patterns_).transpose() *
                   (map(model_.response).transpose() * weighted));
}

std::vector<double> Components::estimate(std::span<const double> data) const {
  expect(data.size() == expected_.size(), "data of another problem");
  std::vector<double> residuals(data.begin(), data.end());
  for (std::size_t i = 0; i < residuals.size(); ++i) residuals[i] -= expected_[i];
  auto out = pull(residuals);
  for (std::size_t k = 0; k < out.size(); ++k) out[k] /= 1 + information_[k];
  return out;
}

std::vector<double> Components::of(std::span<const double> unknowns, double least) const {
  expect(unknowns.size() == model_.mean.size(), "unknowns of another problem");
  const VectorXd away = map(unknowns) - map(model_.mean);
  auto out = pull(vector_of(map(model_.response) * away));
  for (std::size_t k = 0; k < out.size(); ++k)
    out[k] = information_[k] > least ? out[k] / information_[k] : 0;
  return out;
}

std::vector<double> Components::unknowns(std::span<const double> coordinates) const {
  return vector_of(map(model_.mean) + map(patterns_) * map(coordinates));
}

Matrix covariance_root(const Matrix& covariance) {
  const Eigen::LLT<MatrixXd> factor(MatrixXd{map(covariance)});
  if (factor.info() != Eigen::Success)
    fail(
        "a prior covariance of {} x {} is not positive definite (a longer correlation "
        "length needs a larger share of independent variance)",
        covariance.rows,
        covariance.cols);
  Matrix root(covariance.rows, covariance.cols);
  Map<RowMajor>(
      root.data.data(), static_cast<Index>(root.rows), static_cast<Index>(root.cols)) =
      factor.matrixL();
  return root;
}

}  // namespace femto::stats
