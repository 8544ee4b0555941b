// Gaussian, log-normal and Poisson terms of auxiliary measurements.
#include "femto/pipeline/constraints.h"

#include <cmath>
#include <limits>

#include <Eigen/Dense>

#include "femto/core/error.h"

namespace femto {
namespace {

Eigen::MatrixXd eigen(const Matrix& m) {
  const auto rows = static_cast<Eigen::Index>(m.rows);
  return Eigen::Map<const Eigen::Matrix<double, -1, -1, Eigen::RowMajor>>(
      m.data.data(), rows, static_cast<Eigen::Index>(m.cols));
}

void add_poisson(const Constraint& c,
                 std::span<const double> theta,
                 stats::Evaluation& out) {
  const std::size_t p = c.parameters[0];
  const double seen = c.values[0], mean = c.exposure * theta[p];
  if (!(mean > 0)) {
    out.value = std::numeric_limits<double>::infinity();
    return;
  }
  out.value += mean - seen * std::log(mean);
  out.gradient[p] += c.exposure - seen / theta[p];
  out.curvature(p, p) += c.exposure / theta[p];
}

}  // namespace

void add_constraint(const Constraint& c,
                    std::span<const double> theta,
                    stats::Evaluation& out) {
  if (c.form == ConstraintForm::poisson) return add_poisson(c, theta, out);
  const auto n = static_cast<Eigen::Index>(c.parameters.size());
  const bool log = c.form == ConstraintForm::log_normal;
  Eigen::VectorXd distance(n), slope = Eigen::VectorXd::Ones(n);
  for (Eigen::Index i = 0; i < n; ++i) {
    const auto at = static_cast<std::size_t>(i);
    const double x = theta[c.parameters[at]];
    if (log && !(x > 0)) {
      out.value = std::numeric_limits<double>::infinity();
      return;
    }
    distance[i] = log ? std::log(x / c.values[at]) : x - c.values[at];
    if (log) slope[i] = 1 / x;
  }
  const Eigen::MatrixXd precision =
      eigen(c.covariance).llt().solve(Eigen::MatrixXd::Identity(n, n));
  const Eigen::VectorXd pull = precision * distance;
  out.value += 0.5 * distance.dot(pull);
  for (Eigen::Index i = 0; i < n; ++i) {
    const std::size_t p = c.parameters[static_cast<std::size_t>(i)];
    out.gradient[p] += slope[i] * pull[i];
    for (Eigen::Index j = 0; j < n; ++j)
      out.curvature(p, c.parameters[static_cast<std::size_t>(j)]) +=
          slope[i] * precision(i, j) * slope[j];
  }
}

Constraint measured_again(const Constraint& c,
                          std::span<const double> theta,
                          const random::Stream& stream,
                          std::uint64_t index) {
  Constraint out = c;
  if (c.form == ConstraintForm::poisson) {
    const double mean = c.exposure * theta[c.parameters[0]];
    out.values[0] =
        static_cast<double>(random::poisson(random::uniform(stream, index), mean));
    return out;
  }
  const auto n = static_cast<Eigen::Index>(c.parameters.size());
  Eigen::VectorXd z(n);
  for (Eigen::Index i = 0; i < n; ++i)
    z[i] = random::normal_pair(stream, index, static_cast<std::uint32_t>(i))[0];
  const Eigen::VectorXd error = eigen(c.covariance).llt().matrixL() * z;
  for (std::size_t i = 0; i < c.parameters.size(); ++i) {
    const double x = theta[c.parameters[i]], e = error[static_cast<Eigen::Index>(i)];
    out.values[i] = c.form == ConstraintForm::log_normal ? x * std::exp(e) : x + e;
  }
  return out;
}

}  // namespace femto
