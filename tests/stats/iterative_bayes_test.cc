// Binned unfolding against closed forms.
#include "femto/stats/iterative_bayes.h"

#include <cmath>

#include <gtest/gtest.h>

#include "femto/core/error.h"

namespace femto::stats {
namespace {

BinnedResponse two_bins() {
  BinnedResponse r;
  r.probability = Matrix(2, 2);
  r.probability(0, 0) = 0.6;
  r.probability(1, 0) = 0.1;
  r.probability(0, 1) = 0.2;
  r.probability(1, 1) = 0.3;
  return r;
}

TEST(IterativeBayes, OneStepByHand) {
  const std::vector<double> data = {30, 20}, prior = {40, 40};
  // expected 32 and 16: ratios 15/16 and 5/4
  const auto next = unfolding_step(two_bins(), data, prior);
  EXPECT_NEAR(next[0], 40 * (0.6 * 0.9375 + 0.1 * 1.25) / 0.7, 1e-12);
  EXPECT_NEAR(next[1], 40 * (0.2 * 0.9375 + 0.3 * 1.25) / 0.5, 1e-12);
}

TEST(IterativeBayes, FixedPointSolvesTheEquations) {
  // The response is square and the solution positive: it is the inverse times the data.
  auto r = two_bins();
  r.fakes = {3, 5};
  const std::vector<double> truth = {100, 250};
  const auto found = unfold(r, r.fold(truth), std::vector<double>{10, 10}, 2000);
  EXPECT_NEAR(found[0], 100, 1e-6);
  EXPECT_NEAR(found[1], 250, 1e-6);
}

TEST(IterativeBayes, LikelihoodRisesAndDetectedEventsAreKept) {
  const auto r = two_bins();
  const std::vector<double> data = {45, 12};
  std::vector<double> truth = {50, 50};
  double before = -INFINITY;
  for (int k = 0; k < 20; ++k) {
    truth = unfolding_step(r, data, truth);
    const auto expected = r.fold(truth);
    double lnl = 0;
    for (std::size_t b = 0; b < 2; ++b)
      lnl += data[b] * std::log(expected[b]) - expected[b];
    EXPECT_GE(lnl, before);
    before = lnl;
    const auto e = r.efficiency();
    EXPECT_NEAR(truth[0] * e[0] + truth[1] * e[1], 57, 1e-10);
  }
}

TEST(IterativeBayes, WhatCannotBeUnfoldedIsNamed) {
  auto r = two_bins();
  r.probability(1, 0) = r.probability(1, 1) = 0;
  EXPECT_THROW(unfolding_step(r, std::vector<double>{1, 1}, std::vector<double>{1, 1}),
               DataError);
  auto blind = two_bins();
  blind.probability(0, 1) = blind.probability(1, 1) = 0;
  EXPECT_THROW(
      unfolding_step(blind, std::vector<double>{1, 1}, std::vector<double>{1, 1}),
      DataError);
}

}  // namespace
}  // namespace femto::stats
