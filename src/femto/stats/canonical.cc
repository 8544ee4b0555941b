// Whitening, canonical directions and quadratic regression.
#include "femto/stats/canonical.h"

#include <algorithm>

#include <Eigen/Cholesky>
#include <Eigen/Core>
#include <Eigen/Eigenvalues>

#include "femto/core/error.h"

namespace femto::stats {
namespace {

using RowMatrix = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
using Eigen::Index;
using Eigen::VectorXd;

/// Eigenvalues of a correlation matrix below this times the largest are rounding.
constexpr double rounding = 1e-11;
/// Of the normal equations, relative: keeps collinear features apart.
constexpr double ridge = 1e-9;

Index to_index(std::size_t i) {
  return static_cast<Index>(i);
}

Eigen::Map<const RowMatrix> view(const Matrix& m) {
  return {m.data.data(), to_index(m.rows), to_index(m.cols)};
}

}  // namespace

std::vector<double> CanonicalMap::of(std::span<const double> summaries) const {
  expect(summaries.size() == mean.size(), "summaries are those of the map");
  std::vector<double> out(map.rows);
  for (std::size_t i = 0; i < map.rows; ++i)
    for (std::size_t j = 0; j < map.cols; ++j)
      out[i] += map(i, j) * (summaries[j] - mean[j]);
  return out;
}

CanonicalMap canonical_map(const Matrix& summaries,
                           const Matrix& parameters,
                           std::size_t most) {
  const auto s = view(summaries);
  const double n = static_cast<double>(s.rows());
  const Eigen::RowVectorXd mean = s.colwise().mean();
  const RowMatrix centred = s.rowwise() - mean;
  VectorXd inverse_sd = (centred.colwise().squaredNorm().transpose() / n).cwiseSqrt();
  for (double& x : inverse_sd) x = x > 0 ? 1 / x : 1;
  const RowMatrix unit = centred * inverse_sd.asDiagonal();
  const Eigen::SelfAdjointEigenSolver<RowMatrix> eigen(unit.transpose() * unit / n);
  const VectorXd& values = eigen.eigenvalues();
  Index first = 0;
  while (values[first] <= rounding * values[values.size() - 1]) ++first;
  const Index rank = values.size() - first;
  const VectorXd scale = values.tail(rank).cwiseSqrt().cwiseInverse();
  const RowMatrix root =
      scale.asDiagonal() * eigen.eigenvectors().rightCols(rank).transpose();
  const auto t = view(parameters);
  const RowMatrix deviations = t.rowwise() - t.colwise().mean();
  const RowMatrix link = root * (unit.transpose() * deviations) / n;
  const Eigen::SelfAdjointEigenSolver<RowMatrix> canonical(link * link.transpose());
  const Index kept = std::min(to_index(most), rank);
  const RowMatrix turned =
      canonical.eigenvectors().rowwise().reverse().leftCols(kept).transpose();
  const RowMatrix map = turned * root * inverse_sd.asDiagonal();
  CanonicalMap out{{mean.data(), mean.data() + mean.size()},
                   Matrix(static_cast<std::size_t>(kept), summaries.cols),
                   (centred * map.transpose()).rowwise().norm().maxCoeff()};
  std::copy_n(map.data(), map.size(), out.map.data.data());
  return out;
}

std::size_t quadratic_count(std::size_t inputs) {
  return 1 + inputs + inputs * (inputs + 1) / 2;
}

void quadratic_features(std::span<const double> u, std::span<double> out) {
  std::size_t k = 0;
  out[k++] = 1;
  for (std::size_t i = 0; i < u.size(); ++i) {
    out[k++] = u[i];
    for (std::size_t j = 0; j <= i; ++j) out[k++] = u[i] * u[j];
  }
}

std::vector<double> quadratic_regression(const Matrix& u, std::span<const double> y) {
  const std::size_t size = quadratic_count(u.cols);
  RowMatrix features(to_index(u.rows), to_index(size));
  for (std::size_t i = 0; i < u.rows; ++i)
    quadratic_features({u.row(i), u.cols}, {features.row(to_index(i)).data(), size});
  RowMatrix normal = features.transpose() * features;
  normal.diagonal() *= 1 + ridge;
  normal.diagonal().array() += ridge * static_cast<double>(u.rows);
  const Eigen::Map<const VectorXd> target(y.data(), to_index(y.size()));
  const VectorXd beta = normal.llt().solve(features.transpose() * target);
  return {beta.data(), beta.data() + beta.size()};
}

}  // namespace femto::stats
