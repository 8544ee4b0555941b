// The chain: gradients against finite differences, keyed events, scaling, real batches.
#include "femto/neural/simulator.h"

#include <cmath>

#include "tests/neural/world.h"
#include <ATen/Functions.h>
#include <gtest/gtest.h>

#include "femto/core/error.h"
#include "femto/neural/box.h"
#include "femto/neural/real_events.h"

using namespace femto;
using namespace femto::neural;
using namespace femto::testing;

namespace {

/// Sum of weights times features, weights +-1, +-2 in turn.
Tensor weights(std::size_t rows) {
  auto w = at::empty({static_cast<std::int64_t>(rows), 2}, at::kFloat);
  for (std::size_t i = 0; i < 2 * rows; ++i)
    w.data_ptr<float>()[i] = static_cast<float>(i % 3) - 1;
  return w;
}

double weighted(const Simulated& s, const Standardiser& standard) {
  const auto features = s.standardised(standard);
  double sum = 0;
  for (std::size_t i = 0; i < features.cols; ++i)
    for (std::size_t c = 0; c < 2; ++c)
      sum += (static_cast<double>((2 * i + c) % 3) - 1) * features(c, i);
  return sum;
}

void expect_gradient(const std::string& detector, Scaling scaling) {
  const World world(500);
  const Experiment experiment(*world.theory, *build<Detector>(detector));
  const auto standard = Standardiser::fit(scaling, *world.theory, world.data);
  const Simulator simulator(experiment, *world.sampler, standard, 3, 1);
  const std::size_t events = 40;
  Matrix theta(2, 6);
  for (std::size_t p = 0; p < 6; ++p) {
    theta(0, p) = truth1d[p];
    theta(1, p) = truth1d[p] * 0.9 + 0.05;
  }
  const auto batch = simulator.draw(theta, events, 7);
  const auto slope = simulator.backward(batch, weights(2 * events));
  const double h = 1e-5;
  for (std::size_t b = 0; b < 2; ++b)
    for (std::size_t p = 0; p < 6; ++p) {
      const auto at = [&](double shift) {
        Matrix moved = theta;
        moved(b, p) += shift;
        return weighted(simulator.draw(moved, events, 7), standard);
      };
      const double expected = (at(h) - at(-h)) / (2 * h);
      // truncation h^2 and round-off 1e-16 * 80 events / h
      EXPECT_NEAR(slope(b, p), expected, 1e-5 * (1 + std::abs(expected)))
          << "set " << b << " parameter " << p;
    }
}

}  // namespace

TEST(Simulator, GradientMatchesFiniteDifferences) {
  expect_gradient("identity", Scaling::mean_sd);
  expect_gradient("identity", Scaling::log_odds);
}

TEST(Simulator, GradientGoesThroughTheDetector) {
  expect_gradient(
      "{type: chain, stages: [{type: resolution, columns: [x1, x2], relative: [0.05], "
      "scale: {value: 1.1}}, {type: background, column: x2}]}",
      Scaling::mean_sd);
}

TEST(Simulator, EventsBelongToTheirKeys) {
  const World world(500);
  const auto standard = Standardiser::fit(Scaling::none, *world.theory, world.data);
  const Simulator a(world.experiment, *world.sampler, standard, 3, 1);
  const Simulator b(world.experiment, *world.sampler, standard, 3, 2);
  Matrix theta(3, 6);
  for (std::size_t i = 0; i < 18; ++i) theta.data[i] = truth1d[i % 6];
  const auto one = a.draw(theta, 10, 1);
  EXPECT_TRUE(at::equal(one.features, a.draw(theta, 10, 1).features));
  EXPECT_FALSE(at::equal(one.features, a.draw(theta, 10, 2).features));
  EXPECT_FALSE(at::equal(one.features, b.draw(theta, 10, 1).features));
  // equal parameters: the three sets are one draw of 30 events
  Matrix single(1, 6);
  for (std::size_t p = 0; p < 6; ++p) single(0, p) = truth1d[p];
  EXPECT_TRUE(at::equal(one.features, a.draw(single, 30, 1).features));
}

TEST(Standardiser, GivesMeanZeroAndSpreadOne) {
  const World world(5000);
  for (const auto scaling : {Scaling::mean_sd, Scaling::log_odds}) {
    const auto s = Standardiser::fit(scaling, *world.theory, world.data);
    for (std::size_t c = 0; c < 2; ++c) {
      double sum = 0, square = 0;
      for (const double x : world.data.table()->column(c)) {
        sum += s.apply(c, x) / 5000;
        square += s.apply(c, x) * s.apply(c, x) / 5000;
      }
      EXPECT_NEAR(sum, 0, 1e-10);
      EXPECT_NEAR(square, 1, 1e-10);
    }
  }
}

TEST(Standardiser, SlopeMatchesFiniteDifferences) {
  const Standardiser s(Scaling::log_odds, {{.lo = 0.1, .hi = 0.9, .mean = 1, .sd = 2}});
  for (const double x : {0.11, 0.4, 0.85}) {
    const double h = 1e-6;
    EXPECT_NEAR(s.slope(0, x), (s.apply(0, x + h) - s.apply(0, x - h)) / (2 * h), 1e-6);
  }
  EXPECT_EQ(s.slope(0, 0.1), 0);
  EXPECT_TRUE(std::isfinite(s.apply(0, 0.1)));
  EXPECT_TRUE(std::isfinite(s.apply(0, 0.9)));
}

TEST(Standardiser, RefusesAConstantColumn) {
  const World world(10);
  io::EventTable events(world.data.table()->columns(), 10);
  const Dataset constant(std::move(events));
  EXPECT_THROW(Standardiser::fit(Scaling::mean_sd, *world.theory, constant), DataError);
}

TEST(RealEvents, HeldOutEventsAreNeverInABatch) {
  const World world(2000);
  const Standardiser none = Standardiser::fit(Scaling::none, *world.theory, world.data);
  const RealEvents real(*world.theory, world.data, {}, none, 4, {.held_out = 0.2});
  EXPECT_EQ(real.rows() + real.held_out().cols, 2000u);
  // binomial, five standard deviations
  EXPECT_NEAR(static_cast<double>(real.held_out().cols), 400, 5 * std::sqrt(2000 * 0.16));
  const auto batch = real.batch(random::Stream::named(1, "batch"), 3000);
  std::set<float> held;
  for (std::size_t i = 0; i < real.held_out().cols; ++i)
    held.insert(static_cast<float>(real.held_out()(0, i)));
  for (std::int64_t i = 0; i < 3000; ++i)
    EXPECT_FALSE(held.contains(batch.data_ptr<float>()[2 * i]));
}

TEST(RealEvents, BootstrapWeightsAreProbabilities) {
  const World world(200);
  const Standardiser none = Standardiser::fit(Scaling::none, *world.theory, world.data);
  const Weighting weighting{11, 3};
  const RealEvents real(*world.theory, world.data, weighting, none, 4, {.held_out = 0});
  const std::size_t n = 200'000;
  const auto batch = real.batch(random::Stream::named(1, "batch"), n);
  std::map<float, int> counts;
  for (std::size_t i = 0; i < n; ++i) ++counts[batch.data_ptr<float>()[2 * i]];
  double total = 0;
  for (std::uint64_t i = 0; i < 200; ++i) total += weighting.weight(i);
  for (std::uint64_t i = 0; i < 200; ++i) {
    const auto x = static_cast<float>(world.data.table()->column(0)[i]);
    const double mean = static_cast<double>(n) * weighting.weight(i) / total;
    EXPECT_NEAR(counts[x], mean, 5 * std::sqrt(mean) + 1e-9) << i;
  }
}

TEST(RealEvents, RefusesTooFewAndNegativeWeights) {
  const World world(200);
  const Standardiser none = Standardiser::fit(Scaling::none, *world.theory, world.data);
  EXPECT_THROW(RealEvents(*world.theory, world.data, {}, none, 4, {}), DataError);
  io::EventTable events(world.data.table()->columns(), 3, io::Weighted::yes);
  events.weights()[1] = -1;
  EXPECT_THROW(largest_weight(Dataset(std::move(events))), DataError);
}

TEST(Box, BackwardMatchesFiniteDifferences) {
  const World world(10);
  const Box box(world.setup);
  auto raw = at::empty({1, 6}, at::kDouble);
  for (int p = 0; p < 6; ++p) raw.data_ptr<double>()[p] = 0.3 * p - 1;
  Matrix slope(1, 6);
  for (std::size_t p = 0; p < 6; ++p) slope(0, p) = 1 + static_cast<double>(p);
  const auto back = box.backward(raw, slope);
  for (int p = 0; p < 6; ++p) {
    const double h = 1e-6;
    auto up = raw.clone(), down = raw.clone();
    up.data_ptr<double>()[p] += h;
    down.data_ptr<double>()[p] -= h;
    const auto q = static_cast<std::size_t>(p);
    const double expected =
        slope(0, q) * (box.theta(up)(0, q) - box.theta(down)(0, q)) / (2 * h);
    EXPECT_NEAR(back.data_ptr<double>()[p], expected, 1e-8);
  }
}
