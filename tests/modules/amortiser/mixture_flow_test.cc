// Learnt posteriors against exact ones: linear Gaussian, at an edge, and curved.
#include <algorithm>
#include <cmath>

#include <gtest/gtest.h>

#include "femto/core/threads.h"
#include "femto/modules/builtins.h"
#include "femto/pipeline/amortiser.h"
#include "femto/stats/summary.h"

namespace femto {
namespace {

constexpr std::size_t simulations = 4000, draws = 4000;

std::unique_ptr<Amortiser> flow(int epochs = 8) {
  return builtin_registry().build<Amortiser>(
      "mixture_flow",
      "{simulations: 4000, rate: 0.01, epochs: " + std::to_string(epochs) + "}");
}

/// Simulation k: a point, then its summaries from normals.
template <class Simulate>
Lesson lesson_of(std::size_t d, std::size_t summaries, const Simulate& simulate) {
  Lesson out;
  out.points = Matrix(simulations, d);
  out.summaries = Matrix(simulations, summaries);
  for (std::size_t k = 0; k < simulations; ++k) {
    std::vector<double> z;
    for (std::size_t j = 0; j < d; ++j)
      out.points(k, j) = random::uniform({31, 1}, k, static_cast<std::uint32_t>(j));
    for (std::uint32_t j = 0; j < summaries; ++j)
      z.push_back(random::normal_pair({31, 2}, k, j)[0]);
    simulate(out.points.row(k), z, out.summaries.row(k));
  }
  return out;
}

std::vector<double> column(const KnownDraws& known, std::size_t j) {
  std::vector<double> out;
  for (std::size_t i = 0; i < known.points.rows; ++i) out.push_back(known.points(i, j));
  return out;
}

/// s = (t1 + t2, t1 - t2 / 2) + 0.01 normals, in other units. The posterior is normal
/// with covariance 1e-4 (A^T A)^-1.
Lesson linear() {
  return lesson_of(2, 2, [](const double* t, const std::vector<double>& z, double* s) {
    s[0] = 100 * (t[0] + t[1] + 0.01 * z[0]) - 7;
    s[1] = 0.03 * (t[0] - 0.5 * t[1] + 0.01 * z[1]);
  });
}

TEST(MixtureFlow, LearnsALinearGaussianPosterior) {
  const auto learnt = flow()->learn(linear());
  // s of t = (0.4, 0.6) without noise: the posterior's mean is t.
  const std::vector<double> s{100 * 1.0 - 7, 0.03 * 0.1};
  const auto known = learnt->draw(s, draws, {1, 1});
  // A^T A = ((2, 1/2), (1/2, 5/4)) has the determinant 9/4.
  const double sd[2] = {0.01 * std::sqrt(1.25 / 2.25), 0.01 * std::sqrt(2 / 2.25)};
  const auto a = column(known, 0), b = column(known, 1);
  EXPECT_NEAR(stats::mean(a), 0.4, 0.1 * sd[0]);
  EXPECT_NEAR(stats::mean(b), 0.6, 0.1 * sd[1]);
  EXPECT_NEAR(stats::standard_deviation(a) / sd[0], 1, 0.06);
  EXPECT_NEAR(stats::standard_deviation(b) / sd[1], 1, 0.06);
  double cross = 0;
  for (std::size_t i = 0; i < draws; ++i)
    cross += (a[i] - 0.4) * (b[i] - 0.6) / (sd[0] * sd[1] * draws);
  EXPECT_NEAR(cross, -0.5 / std::sqrt(2.5), 0.06);
  // Both densities are normalised, so the mean ratio is one; and its variance is small
  // where they are nearly the same.
  double ratio = 0, square = 0;
  for (std::size_t i = 0; i < draws; ++i) {
    const double u = a[i] - 0.4, v = b[i] - 0.6;
    const double log_p = -0.5 * (2 * u * u + u * v + 1.25 * v * v) / 1e-4 +
                         0.5 * std::log(2.25) - std::log(2 * M_PI * 1e-4);
    const double r = std::exp(log_p - known.log_q[i]);
    ratio += r / draws;
    square += r * r / draws;
  }
  EXPECT_NEAR(ratio, 1, 0.02);
  EXPECT_LT(square, 1.1);
  EXPECT_LT(learnt->strangeness(s), 1);
  EXPECT_GT(learnt->strangeness(std::vector<double>{500, 0}), 2);
}

TEST(MixtureFlow, StaysInTheBox) {
  const auto learnt = flow()->learn(
      lesson_of(1, 1, [](const double* t, const std::vector<double>& z, double* s) {
        s[0] = t[0] + 0.1 * z[0];
      }));
  // N(0, 0.1^2) cut off at 0: mean 0.1 sqrt(2 / pi), sd 0.1 sqrt(1 - 2 / pi).
  const auto t = column(learnt->draw(std::vector<double>{0.0}, draws, {1, 2}), 0);
  EXPECT_GE(*std::ranges::min_element(t), 0);
  EXPECT_NEAR(stats::mean(t), 0.1 * std::sqrt(2 / M_PI), 0.008);
  EXPECT_NEAR(stats::standard_deviation(t), 0.1 * std::sqrt(1 - 2 / M_PI), 0.006);
}

TEST(MixtureFlow, LearnsWidthsThatChange) {
  // s = t + (0.02 + 0.1 t) z: the posterior at s by quadrature.
  const auto lesson =
      lesson_of(1, 1, [](const double* t, const std::vector<double>& z, double* s) {
        s[0] = t[0] + (0.02 + 0.1 * t[0]) * z[0];
      });
  const auto learnt = flow(20)->learn(lesson);
  for (const double s : {0.15, 0.5, 0.8}) {
    double sum = 0, mean = 0, square = 0;
    for (int i = 0; i < 4000; ++i) {
      const double t = (i + 0.5) / 4000, w = 0.02 + 0.1 * t, z = (s - t) / w;
      const double p = std::exp(-0.5 * z * z) / w;
      sum += p;
      mean += p * t;
      square += p * t * t;
    }
    mean /= sum;
    const double sd = std::sqrt(square / sum - mean * mean);
    const auto t = column(learnt->draw(std::vector<double>{s}, draws, {1, 3}), 0);
    EXPECT_NEAR(stats::mean(t), mean, 0.15 * sd) << s;
    EXPECT_NEAR(stats::standard_deviation(t) / sd, 1, 0.12) << s;
  }
}

TEST(MixtureFlow, IsTheSameAfterSavingAndForAnyThreads) {
  const auto text = [&](const ConditionalDensity& density) {
    const auto known = density.draw(std::vector<double>{93, 0.003}, 50, {1, 4});
    auto out = known.points.data;
    out.insert(out.end(), known.log_q.begin(), known.log_q.end());
    return out;
  };
  const auto learnt = flow(1)->learn(linear());
  EXPECT_EQ(text(*learnt), text(*flow()->restore(learnt->state())));
  set_threads(1);
  const auto one = flow(1)->learn(linear());
  set_threads(0);
  EXPECT_EQ(text(*learnt), text(*one));
}

}  // namespace
}  // namespace femto
