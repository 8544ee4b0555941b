// Calibration tests accept a right posterior and reject an over-confident one.
#include "femto/stats/calibration.h"

#include <cmath>

#include <gtest/gtest.h>

#include "femto/core/random.h"
#include "femto/stats/distributions.h"

namespace femto::stats {
namespace {

/// Simulations of y = theta + noise with a normal prior: the posterior is known. Scales
/// of the coordinates differ by powers of ten.
struct Simulations {
  std::vector<std::vector<double>> ranks;  // [coordinate][simulation]
  std::vector<double> distances;           // [simulation]
};

/// `width` 1: the exact posterior; 0.5: one with half its standard deviation.
Simulations simulate(std::size_t d, int number, double width, std::uint64_t seed) {
  constexpr std::size_t draws = 60;
  constexpr double noise = 0.7;
  const double gain = 1 / (1 + noise * noise), sd = noise * std::sqrt(gain) * width;
  Simulations out{std::vector<std::vector<double>>(d), {}};
  for (int s = 0; s < number; ++s) {
    const random::Stream stream{seed, static_cast<std::uint32_t>(s)};
    std::vector<double> truth(d), normals(d);
    Matrix posterior(draws, d);
    for (std::size_t j = 0; j < d; ++j) {
      const double scale = std::pow(10.0, static_cast<double>(j % 5) - 2);
      const auto z = random::normal_pair(stream, 1000 * j);
      const double y = z[0] + noise * z[1];
      truth[j] = scale * z[0];
      normals[j] = random::normal_pair(stream, 1000 * j + 1)[0];
      for (std::size_t i = 0; i < draws; ++i)
        posterior(i, j) =
            scale * (gain * y + sd * random::normal_pair(stream, 1000 * j + 2 + i)[0]);
      std::vector<double> column(draws);
      for (std::size_t i = 0; i < draws; ++i) column[i] = posterior(i, j);
      out.ranks[j].push_back(
          rank_share(truth[j], column, random::uniform(stream, 1000 * j + 900)));
    }
    out.distances.push_back(
        distance_share(truth, posterior, normals, random::uniform(stream, 999)));
  }
  return out;
}

struct Rejections {
  int by_ranks = 0, by_distances = 0;  // of 100
};

Rejections rejections(std::size_t d, double width) {
  Rejections out;
  for (std::uint64_t repetition = 0; repetition < 100; ++repetition) {
    const auto s = simulate(d, 150, width, 1000 * d + repetition);
    double least = 1;
    for (const auto& r : s.ranks) least = std::min(least, uniformity(r).p());
    out.by_ranks += least < 0.01 / static_cast<double>(d);
    out.by_distances += uniformity(s.distances).p() < 0.01;
  }
  return out;
}

TEST(Calibration, AcceptsTheExactPosteriorAndRejectsHalfItsWidth) {
  for (const std::size_t d : {1u, 2u, 10u}) {
    const auto exact = rejections(d, 1), narrow = rejections(d, 0.5);
    EXPECT_LT(exact.by_ranks, 5) << d;
    EXPECT_LT(exact.by_distances, 5) << d;
    EXPECT_GT(narrow.by_ranks, 95) << d;
    EXPECT_GT(narrow.by_distances, 95) << d;
  }
}

TEST(Calibration, DistancesSeeACorrelationThatRanksDoNot) {
  // Truth and draws have the same marginals; in the draws the sign of the correlation is
  // wrong.
  std::vector<double> first, second, distances;
  for (int s = 0; s < 400; ++s) {
    const random::Stream stream{4, static_cast<std::uint32_t>(s)};
    const auto pair = [&](std::uint64_t i, double r) {
      const auto z = random::normal_pair(stream, i);
      return std::array{z[0], r * z[0] + std::sqrt(1 - r * r) * z[1]};
    };
    const auto truth = pair(0, 0.9);
    Matrix draws(60, 2);
    std::vector<double> a, b;
    for (std::size_t i = 0; i < draws.rows; ++i) {
      const auto x = pair(i + 1, -0.9);
      a.push_back(draws(i, 0) = x[0]);
      b.push_back(draws(i, 1) = x[1]);
    }
    first.push_back(rank_share(truth[0], a, random::uniform(stream, 100)));
    second.push_back(rank_share(truth[1], b, random::uniform(stream, 101)));
    distances.push_back(distance_share(
        truth, draws, random::normal_pair(stream, 102), random::uniform(stream, 103)));
  }
  EXPECT_GT(uniformity(first).p(), 0.01);
  EXPECT_GT(uniformity(second).p(), 0.01);
  EXPECT_LT(uniformity(distances).p(), 1e-6);
}

/// p-value of PIT values of 600 standard normal truths under N(shift, width^2).
double p_of_pits(double width, double shift) {
  std::vector<double> u;
  for (std::uint64_t i = 0; i < 600; ++i)
    u.push_back(normal_cdf((random::normal_pair({17, 1}, i)[0] - shift) / width));
  return uniformity(u).p();
}

TEST(Calibration, PitRejectsWrongWidthAndShift) {
  // The chi-square of 600 values and 20 bins is expected to rise by 600 (a^2 /
  // sqrt(2 a^2 - 1) - 1) = 43 with a = 1/0.8, and sup |F - u| by Phi(0.15) - Phi(-0.15) =
  // 0.119 with the shift: 43 on 19 degrees and 2.9 / sqrt(600) are far out.
  EXPECT_GT(p_of_pits(1, 0), 0.05);
  EXPECT_LT(p_of_pits(0.8, 0), 1e-3);
  EXPECT_LT(p_of_pits(1, 0.3), 1e-3);
}

TEST(Calibration, UniformityByHand) {
  // Twenty values in two bins, 15 and 5: chi-square (25 + 25) / 10 = 5 with one degree.
  std::vector<double> u(15, 0.25);
  u.insert(u.end(), 5, 0.75);
  const auto test = uniformity(u);
  EXPECT_EQ(test.bins, 2);
  EXPECT_DOUBLE_EQ(test.chi_square, 5);
  EXPECT_NEAR(test.chi_square_p, 0.0253473, 1e-6);  // erfc(sqrt(5/2))
  EXPECT_DOUBLE_EQ(test.distance, 0.5);             // 15/20 - 1/4 just after 0.25
}

TEST(Calibration, PValuesOfUniformValuesAreUniform) {
  int below = 0;
  for (std::uint32_t k = 0; k < 400; ++k) {
    std::vector<double> u(120);
    for (std::size_t i = 0; i < u.size(); ++i) u[i] = random::uniform({8, k}, i);
    below += uniformity(u).p() < 0.1;
  }
  // The two tests are dependent, so the level is at most 10 %: 40 -+ 6 toys.
  EXPECT_LT(below, 40 + 3 * 6);
  EXPECT_GT(below, 15);
}

TEST(Calibration, BandsHaveTheirPublishedWidths) {
  // Stephens:1970: D (sqrt n + 0.12 + 0.11 / sqrt n) = 1.358 at 5 %, 1.628 at 1 %.
  EXPECT_NEAR(ecdf_band(100, 0.95) * (10 + 0.12 + 0.011), 1.358, 2e-3);
  EXPECT_NEAR(ecdf_band(400, 0.99) * (20 + 0.12 + 0.0055), 1.628, 2e-3);
}

TEST(Calibration, RankSharesByHand) {
  const std::vector<double> draws{1, 2, 3};
  EXPECT_DOUBLE_EQ(rank_share(0, draws, 0.5), 0.125);
  EXPECT_DOUBLE_EQ(rank_share(2.5, draws, 0.5), 0.625);
  EXPECT_DOUBLE_EQ(rank_share(2, draws, 0.5), 0.5);  // tied: spread over both gaps
}

TEST(Calibration, BinomialPValuesByHand) {
  EXPECT_NEAR(binomial_p(0, 4, 0.5), 2.0 / 16, 1e-12);
  EXPECT_NEAR(binomial_p(1, 4, 0.5), 10.0 / 16, 1e-12);
  EXPECT_DOUBLE_EQ(binomial_p(2, 4, 0.5), 1);
  EXPECT_NEAR(binomial_p(4, 4, 0.95), 1, 1e-12);
}

}  // namespace
}  // namespace femto::stats
