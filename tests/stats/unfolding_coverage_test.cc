// A parameter fitted to unfolded bins keeps its coverage if the whole covariance is used.
#include <algorithm>
#include <array>
#include <cmath>

#include <gtest/gtest.h>

#include "femto/core/random.h"
#include "femto/core/threads.h"
#include "femto/stats/distributions.h"
#include "femto/stats/iterative_bayes.h"
#include "femto/stats/linear.h"
#include "femto/stats/summary.h"

namespace femto::stats {
namespace {

constexpr double noise = 0.5, efficiency = 0.8;

/// Probabilities of equal bins on [-range, range] with open ends, of N(mean, sd).
std::vector<double> probabilities(std::size_t bins,
                                  double range,
                                  double mean,
                                  double sd) {
  std::vector<double> out(bins);
  double before = 0;
  for (std::size_t b = 0; b < bins; ++b) {
    const double edge =
        -range + 2 * range * static_cast<double>(b + 1) / static_cast<double>(bins);
    const double upto = b + 1 == bins ? 1 : normal_cdf((edge - mean) / sd);
    out[b] = upto - before;
    before = upto;
  }
  return out;
}

struct Problem {
  static constexpr std::size_t truths = 8, measured = 14, replicas = 100;
  static constexpr double range = 2.4, events = 5000;
  static constexpr int iterations = 10;
  BinnedResponse response{Matrix(measured, truths), {}};

  /// Simulated with N(0, 1), as the truth, so that the shape inside bins is no issue
  /// here: midpoints of fine steps of the truth.
  Problem() {
    std::vector<double> generated(truths, 0.0);
    constexpr int steps = 4000;
    for (int k = 0; k < steps; ++k) {
      const double z = -6 + 12 * (k + 0.5) / steps;
      const double w = std::exp(-0.5 * z * z);
      const auto t = static_cast<std::size_t>(
          std::clamp((z + range) / (2 * range) * static_cast<double>(truths),
                     0.0,
                     static_cast<double>(truths) - 0.5));
      const auto p = probabilities(measured, range, z, noise);
      generated[t] += w;
      for (std::size_t b = 0; b < measured; ++b)
        response.probability(b, t) += w * efficiency * p[b];
    }
    for (std::size_t t = 0; t < truths; ++t)
      for (std::size_t b = 0; b < measured; ++b)
        response.probability(b, t) /= generated[t];
  }

  std::vector<double> model(const std::array<double, 3>& p) const {
    auto out = probabilities(truths, range, p[0], p[1]);
    for (auto& v : out) v *= p[2];
    return out;
  }
};

struct Estimate {
  std::array<double, 3> value;  // mean, sd, events
  std::array<double, 3> error;
};

/// Least squares: bins against the model with a weight matrix.
template <class Model>
Estimate fitted(const std::vector<double>& bins,
                const Matrix& weight,
                const Model& model) {
  std::array<double, 3> p = {0, 1, Problem::events};
  Matrix inverse(3, 3);
  for (int k = 0; k < 10; ++k) {
    Matrix slope(bins.size(), 3);
    const std::array<double, 3> h = {1e-4, 1e-4, 1};
    for (std::size_t j = 0; j < 3; ++j) {
      auto up = p, down = p;
      up[j] += h[j];
      down[j] -= h[j];
      const auto a = model(up), b = model(down);
      for (std::size_t t = 0; t < bins.size(); ++t)
        slope(t, j) = (a[t] - b[t]) / (2 * h[j]);
    }
    const auto left = multiply(transpose(slope), weight);
    inverse = *cholesky_inverse(multiply(left, slope));
    auto rest = bins;
    const auto now = model(p);
    for (std::size_t t = 0; t < bins.size(); ++t) rest[t] -= now[t];
    const auto step = multiply(inverse, multiply(left, rest));
    for (std::size_t j = 0; j < 3; ++j) p[j] += step[j];
  }
  return {p,
          {std::sqrt(inverse(0, 0)), std::sqrt(inverse(1, 1)), std::sqrt(inverse(2, 2))}};
}

/// Over toys: spread of one parameter, its mean error, how often 1 sd holds the truth.
struct Summary {
  double spread = 0, error = 0, covered = 0;
};

Summary summary(const std::vector<Estimate>& toys, std::size_t j, double truth) {
  std::vector<double> values, errors;
  double inside = 0;
  for (const auto& toy : toys) {
    values.push_back(toy.value[j]);
    errors.push_back(toy.error[j]);
    inside += std::fabs(toy.value[j] - truth) < toy.error[j] ? 1 : 0;
  }
  return {standard_deviation(values),
          mean(errors),
          inside / static_cast<double>(toys.size())};
}

std::vector<double> drawn(const std::vector<double>& mean, const random::Stream& stream) {
  std::vector<double> out(mean.size());
  for (std::size_t b = 0; b < out.size(); ++b)
    out[b] =
        mean[b] > 0
            ? static_cast<double>(random::poisson(random::uniform(stream, b), mean[b]))
            : 0;
  return out;
}

TEST(UnfoldingCoverage, OfParametersFittedWithTheWholeCovariance) {
  const Problem problem;
  auto expected =
      probabilities(Problem::measured, Problem::range, 0, std::sqrt(1 + noise * noise));
  for (auto& v : expected) v *= Problem::events * efficiency;
  const auto prior = problem.model({0.1, 0.9, Problem::events});
  constexpr std::size_t toys = 300;
  std::vector<Estimate> whole(toys), forward(toys);
  parallel_for(toys, [&](std::size_t toy) {
    const auto data = drawn(expected, random::Stream::named(3, "toy", toy));
    const auto found = unfold(problem.response, data, prior, Problem::iterations);
    std::vector<std::vector<double>> replicas;
    for (std::size_t r = 0; r < Problem::replicas; ++r)
      replicas.push_back(unfold(problem.response,
                                drawn(data, random::Stream::named(3, "replica", toy, r)),
                                prior,
                                Problem::iterations));
    const auto c = covariance(replicas);
    const auto model = [&](const auto& p) { return problem.model(p); };
    auto weight = pseudo_inverse(c, 1e-6).inverse;
    // The inverse of a covariance from few replicas is too large. Source: Hartlap:2007.
    for (auto& w : weight.data)
      w *= static_cast<double>(Problem::replicas - c.rows - 2) /
           static_cast<double>(Problem::replicas - 1);
    whole[toy] = fitted(found, weight, model);
    Matrix poisson(data.size(), data.size());
    for (std::size_t b = 0; b < data.size(); ++b) poisson(b, b) = 1 / expected[b];
    forward[toy] = fitted(data, poisson, [&](const auto& p) {
      return problem.response.fold(problem.model(p));
    });
  });
  const std::array<double, 2> truth = {0, 1};
  for (std::size_t j = 0; j < 2; ++j) {
    const auto a = summary(whole, j, truth[j]), b = summary(forward, j, truth[j]);
    EXPECT_NEAR(a.covered, 0.6827, 3 * binomial_error(0.6827, toys)) << j;
    EXPECT_NEAR(b.covered, 0.6827, 3 * binomial_error(0.6827, toys)) << j;
    EXPECT_NEAR(a.spread / a.error, 1, 3 / std::sqrt(2.0 * toys)) << j;
    EXPECT_LT(a.spread, 1.06 * b.spread) << j;  // little is lost against the forward fit
  }
}

}  // namespace
}  // namespace femto::stats
