// Cuts by expression: the same for events and for densities.
#include <cmath>

#include "tests/support/steps.h"
#include <gtest/gtest.h>

#include "femto/physics/beta.h"
#include "femto/pipeline/compress.h"
#include "femto/pipeline/folded.h"
#include "femto/pipeline/objective.h"

namespace femto {
namespace {

using testing::Records;
using testing::step;

std::string refusal(const std::string& where) {
  try {
    step("{type: selection, where: \"" + where + "\"}");
  } catch (const Error& error) {
    return error.what();
  }
  return "none";
}

TEST(SelectionStage, KeepsWhatFulfilsEveryCondition) {
  const auto cut =
      step("{type: selection, where: x1 > 0.2 && (x1 < 0.4 || x1^2 >= 0.25)}");
  const auto& axis = cut->channels()[0].axes[0];
  EXPECT_NEAR(axis.lo, 0.2, 1e-15);
  EXPECT_EQ(axis.hi, 1);
  EXPECT_EQ(cut->channels()[1].axes[0].lo, 0.1);
  const auto breaks = cut->breaks("x1");
  ASSERT_EQ(breaks.size(), 4u);
  EXPECT_NEAR(breaks[1], 0.4, 1e-15);
  EXPECT_NEAR(breaks[2], 0.5, 1e-15);
  Records r({0.15, 0.3, 0.45, 0.5, 0.9});
  r.pass(*cut);
  EXPECT_EQ(r.survival, (std::vector<double>{0, 1, 0, 1, 1}));
}

TEST(SelectionStage, DensitiesVanishBetweenTheIntervals) {
  const auto cut = step("{type: selection, where: abs(x2 - 0.4) > 0.1}");
  std::vector<Intensity> in;
  for (int c = 0; c < 2; ++c) {
    Intensity channel({Panels({0.1, 0.3, 0.5, 1})}, 1);
    for (std::size_t i = 0; i < channel.values.cols; ++i)
      channel.values(0, i) = channel.axes[0].x[i];
    in.push_back(std::move(channel));
  }
  const auto out = cut->fold(in, {});
  // int x dx without [0.3, 0.5]
  EXPECT_NEAR(integrated(out[1], 0)(0, 0), (1 - 0.01 - (0.25 - 0.09)) / 2, 1e-14);
  EXPECT_EQ(out[0].values, in[0].values);
}

// The norm leaves the gap out, and no mean of neighbouring events lies in it.
TEST(SelectionStage, NormsAndSummariesKnowGaps) {
  const auto theory = testing::build<Theory>("proxy1d");
  const auto detector = testing::build<Detector>(
      "{type: chain, stages: [{type: selection, where: x1 < 0.3 || x1 >= 0.45}]}");
  const Experiment experiment(*theory, *detector);
  const Density density(experiment.measured());
  const std::vector<double> theta{2.1875, -0.5, 3, 1.09375, -0.5, 4};
  const double kept =
      8.75 * (beta_integral(0.1, 0.3, -0.5, 3) + beta_integral(0.45, 0.99999, -0.5, 3)) +
      1.09375 *
          (beta_integral(0.1, 0.3, -0.5, 4) + beta_integral(0.45, 0.99999, -0.5, 4));
  EXPECT_NEAR(std::exp(density.norms(theta).log_norm[0]) / kept, 1, 1e-7);
  io::EventTable events({{"x1", "1"}, {"x2", "1"}}, 30000);
  for (std::size_t i = 0; i < events.rows(); ++i) {
    const double t = 0.4 * static_cast<double>(i) / 30000;
    events.column(0)[i] = t < 0.2 ? 0.1 + t : 0.25 + t;
    events.column(1)[i] = 0.1 + 2 * t;
  }
  events.column(0)[0] = 0.45;
  const auto quick = compressed(experiment.measured(), Dataset(events));
  ASSERT_TRUE(quick);
  for (const double x : quick->column(0)) EXPECT_TRUE(x < 0.3 || x >= 0.45) << x;
  const Dataset data(std::move(events));
  const auto likelihood = testing::build<Objective>("likelihood")->bind({density, data});
  const double value = likelihood->evaluate(theta).value;
  EXPECT_TRUE(std::isfinite(value));
}

// Both columns must survive: the product of incomplete beta functions.
TEST(SelectionStage, SurvivalIsAnIntegralOfTheDensities) {
  const auto theory = testing::build<Theory>("proxy1d");
  const auto detector = testing::build<Detector>(
      "{type: chain, stages: [{type: selection, where: x1 > 0.2 && x2 < 0.5}]}");
  const auto instrument = detector->on(*theory);
  const std::vector<double> theta{2.1875, -0.5, 3, 1.09375, -0.5, 4};
  const auto norm = [](double up, double down, double lo, double hi) {
    return up * 2.1875 * beta_integral(lo, hi, -0.5, 3) +
           down * 1.09375 * beta_integral(lo, hi, -0.5, 4);
  };
  const double kept = norm(4, 1, 0.2, 0.99999) / norm(4, 1, 0.1, 0.99999) *
                      norm(1, 4, 0.1, 0.5) / norm(1, 4, 0.1, 0.99999);
  const auto survival = instrument->survival(theta);
  ASSERT_EQ(survival.size(), 1u);
  EXPECT_EQ(survival[0].stage, "stages[0] selection");
  EXPECT_NEAR(survival[0].kept, kept, 1e-9);
}

TEST(SelectionStage, WhatCannotBeKeptIsNamed) {
  EXPECT_NE(refusal("x1 > 0.5 && x1 < 0.4").find("nothing survives"), std::string::npos);
  EXPECT_NE(refusal("x1 > x2").find("ties x1 and x2 together"), std::string::npos);
  EXPECT_NE(refusal("x3 > 0.1").find("there is no column 'x3'"), std::string::npos);
  EXPECT_NE(refusal("1 < 2").find("names no column"), std::string::npos);
}

}  // namespace
}  // namespace femto
