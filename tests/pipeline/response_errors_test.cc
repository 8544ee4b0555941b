// Draws of a response against the information of normal errors in closed form.
#include "femto/pipeline/response_errors.h"

#include <cmath>
#include <numbers>

#include <gtest/gtest.h>

#include "femto/stats/linear.h"

namespace femto {
namespace {

constexpr std::size_t knots = 71;  // ten between two of the eight places
constexpr double sd = 0.1, detected = 0.8, n = 20'000;

/// Two components that are one normal density of width `sd` around x.
ResponseKnots normal() {
  ResponseKnots k{ResponseSpace::linear, 0, 1, -1, 2, {}, {}, {}, {}};
  k.logit = k.mean = k.log_sd = Matrix(2, knots);
  for (std::size_t j = 0; j < knots; ++j) {
    for (std::size_t i = 0; i < 2; ++i) {
      k.mean(i, j) = static_cast<double>(j) / (knots - 1);
      k.log_sd(i, j) = std::log(sd);
    }
    k.detection.push_back(std::log(detected / (1 - detected)));
  }
  return k;
}

ResponsePairs pairs() {
  ResponsePairs out;
  for (std::uint64_t i = 0; i < static_cast<std::uint64_t>(n); ++i) {
    const double x = random::uniform({4, 1}, i);
    const bool seen = random::uniform({4, 2}, i) < detected;
    out.truth.push_back(x);
    out.measured.push_back(seen ? x + sd * random::normal_pair({4, 3}, i)[0]
                                : std::nan(""));
  }
  return out;
}

/// Standard deviations at the eight places of a function that is straight between them,
/// known with this information per pair: the inverse of int hat_i hat_j.
std::vector<double> exact(double per_pair) {
  constexpr double h = 1.0 / 7;
  Matrix m(8, 8);
  for (std::size_t i = 0; i < 8; ++i) {
    m(i, i) = n * per_pair * h * (i == 0 || i == 7 ? 1 : 2) / 3;
    if (i > 0) m(i, i - 1) = m(i - 1, i) = n * per_pair * h / 6;
  }
  std::vector<double> out;
  const auto inverse = stats::cholesky_inverse(m);
  for (std::size_t i = 0; i < 8; ++i) out.push_back(std::sqrt((*inverse)(i, i)));
  return out;
}

TEST(ResponseErrors, AreThoseOfTheInformation) {
  const ResponseErrors errors(normal(), pairs());
  const auto centre = normal();
  constexpr int draws = 2000;
  std::vector<double> shift(8), width(8), detection(8);
  for (int d = 0; d < draws; ++d) {
    const auto k = errors.drawn(random::Stream::named(7, "draws", d));
    for (std::size_t i = 0; i < 8; ++i) {
      const auto squared = [](double v) { return v * v / draws; };
      shift[i] += squared((k.mean(0, 10 * i) - centre.mean(0, 10 * i)) / sd);
      width[i] += squared(k.log_sd(1, 10 * i) - centre.log_sd(1, 10 * i));
      detection[i] += squared(k.detection[10 * i] - centre.detection[10 * i]);
    }
  }
  // Five errors of a standard deviation from so many draws, and the fluctuation of the
  // pairs near a place.
  const double band = 5 / std::sqrt(2.0 * draws) + 5 / std::sqrt(n / 8);
  for (std::size_t i = 0; i < 8; ++i) {
    EXPECT_NEAR(std::sqrt(shift[i]) / exact(detected)[i], 1, band) << i;
    EXPECT_NEAR(std::sqrt(width[i]) / exact(2 * detected)[i], 1, band) << i;
    EXPECT_NEAR(std::sqrt(detection[i]) / exact(detected * (1 - detected))[i], 1, band)
        << i;
  }
}

}  // namespace
}  // namespace femto
