// Exchanged columns against closed forms, and what cannot be exchanged.
#include <cmath>

#include "tests/support/proxies.h"
#include "tests/support/steps.h"
#include <gtest/gtest.h>

#include "femto/physics/quadrature.h"
#include "femto/pipeline/experiment.h"

namespace femto {
namespace {

using testing::Records;
using testing::step;

/// sigma of the measured pairs at (x, y), with its slopes.
struct Point {
  double sigma = 0;
  std::vector<double> slope;
};

struct Mixed {
  std::unique_ptr<Theory> truth = testing::build<Theory>("proxy1d");
  Experiment experiment;

  explicit Mixed(const std::string& stages)
      : experiment(*truth,
                   *testing::build<Detector>("{type: chain, stages: [" + stages + "]}")) {
  }

  std::vector<double> at(double w) const {
    auto theta = testing::truth1d;
    if (experiment.measured().parameters().size() > theta.size()) theta.push_back(w);
    return theta;
  }

  Point point(const std::vector<double>& theta, double x, double y) const {
    const Theory& measured = experiment.measured();
    std::vector<double> features(measured.feature_count(0)), slope(theta.size());
    const double* in[] = {&x, &y};
    std::vector<double*> out, slopes;
    for (auto& v : features) out.push_back(&v);
    for (auto& v : slope) slopes.push_back(&v);
    measured.features(0, 1, in, out.data());
    const std::vector<const double*> fixed(out.begin(), out.end());
    Point found;
    measured.evaluate(0, theta, 1, fixed.data(), &found.sigma, slopes.data());
    found.sigma = std::exp(found.sigma);
    for (const double s : slope) found.slope.push_back(s * found.sigma);
    return found;
  }

  double one(std::size_t channel, double x) const {
    return std::exp(
        testing::evaluate_at(*truth, channel, testing::truth1d, {x}).log_sigma);
  }
};

const std::string free_mixing =
    "{type: mixing, columns: [x1, x2], probability: {value: 0.2, sd: 0.05, min: 0.01, "
    "max: 0.5}}";

TEST(MixingStage, DensityIsTheWeightedSumOfBothOrders) {
  const Mixed m(free_mixing);
  ASSERT_EQ(m.experiment.measured().channels().size(), 1U);
  for (const double w : {0.05, 0.3})
    for (const double x : {0.12, 0.35, 0.7})
      for (const double y : {0.11, 0.5, 0.93}) {
        const double plain = m.one(0, x) * m.one(1, y),
                     swapped = m.one(0, y) * m.one(1, x);
        const auto found = m.point(m.at(w), x, y);
        const double expected = (1 - w) * plain + w * swapped;
        EXPECT_NEAR(found.sigma, expected, 2e-7 * expected) << x << " " << y;
        EXPECT_NEAR(found.slope.back(), swapped - plain, 2e-7 * (plain + swapped));
      }
}

TEST(MixingStage, SlopesMatchFiniteDifferences) {
  const Mixed m(free_mixing);
  const auto theta = m.at(0.2);
  const auto found = m.point(theta, 0.3, 0.6);
  for (std::size_t k = 0; k < theta.size(); ++k) {
    const double h = 1e-4;
    auto up = theta, down = theta;
    up[k] += h, down[k] -= h;
    const double difference =
        (m.point(up, 0.3, 0.6).sigma - m.point(down, 0.3, 0.6).sigma) / (2 * h);
    EXPECT_NEAR(found.slope[k], difference, 1e-6 * (1 + std::abs(difference))) << k;
  }
}

// One column is smeared before: the two densities live on different ranges and panels.
TEST(MixingStage, ColumnsMayHaveDifferentRanges) {
  const Mixed m(
      "{type: resolution, columns: [x1], relative: [0.08]}, {type: mixing, "
      "columns: [x1, x2], probability: {value: 0.25}}");
  const auto smeared = [&](double y) {
    const auto rule = composite_gauss_legendre(0.1, 1.0, 400, 8);
    double sum = 0;
    for (std::size_t i = 0; i < rule.x.size(); ++i) {
      const double sd = 0.08 * rule.x[i], z = (y - rule.x[i]) / sd;
      sum += rule.weight[i] * m.one(0, rule.x[i]) * std::exp(-z * z / 2) /
             (sd * std::sqrt(2 * M_PI));
    }
    return sum;
  };
  const auto true_second = [&](double x) { return x < 0.1 || x > 1 ? 0 : m.one(1, x); };
  for (const double x : {0.085, 0.2, 0.6, 1.04})
    for (const double y : {0.09, 0.3, 0.8, 1.1}) {
      const double expected =
          0.75 * smeared(x) * true_second(y) + 0.25 * smeared(y) * true_second(x);
      const double found = m.point(m.at(0), x, y).sigma;
      EXPECT_NEAR(found, expected, 1e-6 * expected + 1e-12) << x << " " << y;
    }
}

TEST(MixingStage, ExchangesWholeRecordsAsOftenAsItSays) {
  const auto mixing =
      step("{type: mixing, columns: [x2, x1], probability: {value: 0.3}}");
  constexpr std::size_t n = 40'000;
  Records r(std::vector<double>(n, 0.2));
  r.x2.assign(n, 0.7);
  r.pass(*mixing);
  std::size_t exchanged = 0;
  for (std::size_t i = 0; i < n; ++i) {
    EXPECT_DOUBLE_EQ(r.x1[i] + r.x2[i], 0.9);
    exchanged += r.x1[i] == 0.7 ? 1 : 0;
  }
  EXPECT_NEAR(static_cast<double>(exchanged), 0.3 * n, 4 * std::sqrt(0.21 * n));
  Records tail(std::vector<double>(10, 0.2));
  tail.x2.assign(10, 0.7);
  tail.pass(*mixing, {}, n - 10);
  EXPECT_EQ(tail.x1, std::vector<double>(r.x1.end() - 10, r.x1.end()));
}

TEST(MixingStage, DerivativesFollowTheirRecords) {
  const auto mixing =
      step("{type: mixing, columns: [x1, x2], probability: {value: 0.5}}");
  Records r(std::vector<double>(50, 0.2));
  r.x2.assign(50, 0.7);
  std::vector<double> up1(50, 1.0), up2(50, 2.0);
  double* up[] = {up1.data(), up2.data()};
  mixing->backward({random::Stream{9, 3}, 0}, {}, 50, nullptr, up);
  r.pass(*mixing);
  for (std::size_t i = 0; i < 50; ++i) EXPECT_EQ(up1[i], r.x1[i] == 0.2 ? 1.0 : 2.0);
}

TEST(MixingStage, WhatCannotBeMixedIsNamed) {
  const auto words_of = [](const std::string& settings) -> std::string {
    try {
      step(settings);
    } catch (const Error& error) {
      return error.what();
    }
    return "no error";
  };
  EXPECT_NE(words_of("{type: mixing, columns: [x1, y], probability: {value: 0.1}}")
                .find("no column 'y'"),
            std::string::npos);
  EXPECT_NE(words_of("{type: mixing, columns: [x1, x2], probability: {value: 1.5}}")
                .find("is not in [0, 1]"),
            std::string::npos);
  EXPECT_NE(words_of("{type: mixing, columns: [x1], probability: {value: 0.1}}")
                .find("mixing takes two columns"),
            std::string::npos);
  EXPECT_NE(words_of("{type: mixing, columns: [x1, x1], probability: {value: 0.1}}")
                .find("mixing needs columns of two channels"),
            std::string::npos);
}

}  // namespace
}  // namespace femto
