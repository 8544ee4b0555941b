// Linear problems with Gaussian priors against the textbook formula and by simulation.
#include "femto/stats/linear_gaussian.h"

#include <cmath>

#include <gtest/gtest.h>

#include "femto/core/error.h"
#include "femto/core/random.h"
#include "femto/stats/linear.h"

namespace femto::stats {
namespace {

double normal(std::uint64_t i) {
  return random::normal_pair({7, 3}, i)[0];
}

/// Five data of four unknowns; the last unknown is not seen at all.
LinearGaussian example() {
  LinearGaussian m;
  m.response = Matrix(5, 4);
  Matrix covariance(4, 4);
  std::uint64_t i = 0;
  for (std::size_t d = 0; d < 5; ++d)
    for (std::size_t u = 0; u < 3; ++u) m.response(d, u) = normal(i++);
  for (std::size_t a = 0; a < 4; ++a)
    for (std::size_t b = 0; b < 4; ++b)
      covariance(a, b) =
          2 * std::exp(-0.5 * std::abs(static_cast<double>(a) - static_cast<double>(b)));
  m.errors = {0.3, 0.2, 0.5, 0.4, 0.3};
  m.mean = {1, -1, 0.5, 2};
  m.root = covariance_root(covariance);
  return m;
}

TEST(LinearGaussian, RootIsARoot) {
  const auto m = example();
  const auto square = multiply(m.root, transpose(m.root));
  EXPECT_NEAR(square(0, 0), 2, 1e-14);
  EXPECT_NEAR(square(3, 0), 2 * std::exp(-1.5), 1e-14);
  Matrix bad(2, 2);
  bad(0, 0) = 1;
  bad(1, 1) = -1;
  EXPECT_THROW(covariance_root(bad), Error);
}

/// Posterior covariance (A^T W A + K^-1)^-1 and mean m + C A^T W (d - A m).
TEST(LinearGaussian, PosteriorIsTheTextbooks) {
  const auto m = example();
  const std::vector<double> data{0.3, -1.2, 2, 0.1, 0.7};
  const auto inverse_prior =
      cholesky_inverse(multiply(m.root, transpose(m.root))).value();
  Matrix information = inverse_prior;
  for (std::size_t d = 0; d < 5; ++d)
    add_outer(
        information, 1 / (m.errors[d] * m.errors[d]), std::span(m.response.row(d), 4));
  const auto covariance = cholesky_inverse(information).value();
  const auto expected = multiply(m.response, m.mean);
  std::vector<double> right(4, 0.0);
  for (std::size_t d = 0; d < 5; ++d)
    for (std::size_t u = 0; u < 4; ++u)
      right[u] +=
          m.response(d, u) * (data[d] - expected[d]) / (m.errors[d] * m.errors[d]);
  const auto shift = multiply(covariance, right);
  const Components c(m);
  const auto estimate = c.estimate(data);
  const auto unknowns = c.unknowns(estimate);
  for (std::size_t u = 0; u < 4; ++u) {
    EXPECT_NEAR(unknowns[u], m.mean[u] + shift[u], 1e-12);
    for (std::size_t v = 0; v < 4; ++v) {
      double sum = 0;
      for (std::size_t k = 0; k < 4; ++k)
        sum += c.patterns()(u, k) * c.patterns()(v, k) / (1 + c.information()[k]);
      EXPECT_NEAR(sum, covariance(u, v), 1e-12);
    }
  }
}

TEST(LinearGaussian, TellsWhatDataCannotSee) {
  const Components c(example());
  EXPECT_GT(c.information()[2], 1e-3);
  EXPECT_NEAR(c.information()[3], 0, 1e-10);
  for (std::size_t k = 1; k < 4; ++k)
    EXPECT_GE(c.information()[k - 1], c.information()[k]);
  // Coordinates come back from unknowns where the data see them.
  const std::vector<double> given{0.3, -2, 1.1, 0};
  const auto back = c.of(c.unknowns(given), 1e-6);
  for (std::size_t k = 0; k < 3; ++k) EXPECT_NEAR(back[k], given[k], 1e-9);
  EXPECT_EQ(back[3], 0);
}

/// Truths from the prior, data from the truths: chi2 of every coordinate is one.
TEST(LinearGaussian, ErrorsCoverTheTruth) {
  const auto m = example();
  const Components c(m);
  constexpr std::size_t toys = 4000;
  std::vector<double> chi2(4, 0.0);
  std::uint64_t i = 1000;
  for (std::size_t t = 0; t < toys; ++t) {
    std::vector<double> truth(4);
    for (double& z : truth) z = normal(i++);
    auto data = multiply(m.response, c.unknowns(truth));
    for (std::size_t d = 0; d < 5; ++d) data[d] += m.errors[d] * normal(i++);
    const auto found = c.estimate(data);
    for (std::size_t k = 0; k < 4; ++k)
      chi2[k] += std::pow(found[k] - truth[k], 2) * (1 + c.information()[k]) / toys;
  }
  // Standard deviation of the mean of chi2 with one degree of freedom: sqrt(2/toys).
  for (const double one : chi2) EXPECT_NEAR(one, 1, 4 * std::sqrt(2.0 / toys));
}

TEST(LinearGaussian, RefusesDataWithoutErrors) {
  auto m = example();
  m.errors[2] = 0;
  EXPECT_THROW(Components{m}, Error);
}

}  // namespace
}  // namespace femto::stats
