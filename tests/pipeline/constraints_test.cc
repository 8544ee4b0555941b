// Terms of auxiliary measurements against their densities, and toys of them.
#include "femto/pipeline/constraints.h"

#include <cmath>

#include <gtest/gtest.h>

namespace femto {
namespace {

stats::Evaluation evaluated(const Constraint& c, const std::vector<double>& theta) {
  stats::Evaluation out;
  out.gradient.assign(theta.size(), 0);
  out.curvature = Matrix(theta.size(), theta.size());
  add_constraint(c, theta, out);
  return out;
}

Constraint of(ConstraintForm form,
              std::vector<std::size_t> parameters,
              std::vector<double> values,
              std::vector<double> covariance,
              double exposure = 1) {
  const std::size_t n = parameters.size();
  Constraint c{form, std::move(parameters), std::move(values), Matrix(n, n), exposure};
  c.covariance.data = std::move(covariance);
  return c;
}

void expect_exact_gradient(const Constraint& c, std::vector<double> theta) {
  const auto at = evaluated(c, theta);
  for (std::size_t k = 0; k < theta.size(); ++k) {
    const double h = 1e-5, here = theta[k];
    theta[k] = here + h;
    const double up = evaluated(c, theta).value;
    theta[k] = here - h;
    const double down = evaluated(c, theta).value;
    theta[k] = here;
    EXPECT_NEAR(at.gradient[k], (up - down) / (2 * h), 1e-7) << k;
  }
}

TEST(Constraints, CorrelatedGaussian) {
  // Covariance [[4, 1], [1, 1]]: precision [[1, -1], [-1, 4]] / 3.
  const auto c = of(ConstraintForm::gaussian, {2, 0}, {1, -1}, {4, 1, 1, 1});
  const std::vector<double> theta{0.5, 7, 3};
  const auto at = evaluated(c, theta);
  const double a = 3 - 1, b = 0.5 + 1;
  EXPECT_NEAR(at.value, 0.5 * (a * a - 2 * a * b + 4 * b * b) / 3, 1e-14);
  EXPECT_NEAR(at.curvature(0, 0), 4.0 / 3, 1e-14);
  EXPECT_NEAR(at.curvature(0, 2), -1.0 / 3, 1e-14);
  EXPECT_EQ(at.curvature(1, 1), 0);
  expect_exact_gradient(c, theta);
}

TEST(Constraints, LogNormalAndPoisson) {
  const auto scale = of(ConstraintForm::log_normal, {0}, {2}, {0.01});
  EXPECT_NEAR(evaluated(scale, {2 * std::exp(0.1)}).value, 0.5, 1e-12);
  expect_exact_gradient(scale, {1.8});
  EXPECT_TRUE(std::isinf(evaluated(scale, {-1}).value));
  const auto count = of(ConstraintForm::poisson, {0}, {7}, {0}, 3);
  EXPECT_NEAR(evaluated(count, {2}).value, 6 - 7 * std::log(6.0), 1e-12);
  EXPECT_NEAR(evaluated(count, {2}).curvature(0, 0), 9.0 / 6, 1e-12);  // n'^2 / n
  expect_exact_gradient(count, {2});
}

// Means and covariances of repeated measurements; bands of 5 standard errors.
TEST(Constraints, ToysHaveTheirDistribution) {
  const auto stream = random::Stream::named(4, "constraints");
  const int toys = 20000;
  const auto gauss = of(ConstraintForm::gaussian, {0, 1}, {0, 0}, {4, 1, 1, 1});
  const auto count = of(ConstraintForm::poisson, {0}, {0}, {0}, 3);
  double sum[2] = {}, square = 0, cross = 0, counted = 0;
  for (int t = 0; t < toys; ++t) {
    const std::vector<double> theta{1.5, -2};
    const auto key = static_cast<std::uint64_t>(t);
    const auto v = measured_again(gauss, theta, stream, key).values;
    sum[0] += v[0] - 1.5;
    sum[1] += v[1] + 2;
    square += (v[0] - 1.5) * (v[0] - 1.5);
    cross += (v[0] - 1.5) * (v[1] + 2);
    counted += measured_again(count, theta, stream, key).values[0];
  }
  EXPECT_NEAR(sum[0] / toys, 0, 5 * 2 / std::sqrt(toys));
  EXPECT_NEAR(sum[1] / toys, 0, 5 * 1 / std::sqrt(toys));
  EXPECT_NEAR(square / toys, 4, 5 * 4 * std::sqrt(2.0 / toys));
  EXPECT_NEAR(cross / toys, 1, 5 * std::sqrt(5.0 / toys));  // var = C11 C22 + C12^2
  EXPECT_NEAR(counted / toys, 4.5, 5 * std::sqrt(4.5 / toys));
}

}  // namespace
}  // namespace femto
