// The game's kernels on the CPU against the classes that they replace: events, their
// derivatives, the discriminator's loss and gradients, whole steps; and what is refused.
#include <algorithm>
#include <cmath>

#include "tests/neural/table.h"
#include <ATen/Functions.h>
#include <gtest/gtest.h>

#include "femto/core/error.h"
#include "femto/neural/device_engine.h"
#include "femto/neural/gpu.h"

using namespace femto;
using namespace femto::neural;
using namespace femto::testing;

namespace {

/// `sets` parameter sets around the middle of the theory's box.
Matrix some_theta(const Theory& theory, std::size_t sets) {
  const auto& parameters = theory.parameters();
  Matrix out(sets, parameters.size());
  for (std::size_t b = 0; b < sets; ++b)
    for (std::size_t p = 0; p < out.cols; ++p) {
      const double u = random::uniform({21, 22}, b * out.cols + p);
      const auto& one = parameters[p];
      out(b, p) = one.lo + (one.hi - one.lo) * (0.3 + 0.4 * u);
    }
  return out;
}

Tensor some_floats(std::int64_t rows, std::int64_t columns, std::uint32_t id) {
  auto out = at::empty({rows, columns}, at::kFloat);
  for (std::int64_t i = 0; i < out.numel(); ++i)
    out.data_ptr<float>()[i] = static_cast<float>(
        random::normal_pair({23, id}, static_cast<std::uint64_t>(i))[0]);
  return out;
}

double largest(std::span<const double> v) {
  double out = 0;
  for (const double x : v) out = std::max(out, std::abs(x));
  return out;
}

void expect_same_simulation(const std::string& theory_name,
                            const std::string& sampler_text,
                            Scaling scaling,
                            std::size_t sets,
                            std::size_t events,
                            std::int64_t most_scratch) {
  const auto theory = build<Theory>(theory_name);
  const auto sampler = build<Sampler>(sampler_text);
  const auto experiment = bare(*theory);
  std::vector<ColumnScale> columns;
  for (const auto& channel : theory->channels())
    for (const auto& axis : channel.axes) columns.push_back({axis.lo, axis.hi, 0.3, 0.7});
  const Standardiser standard(scaling, columns);
  const Simulator wanted(experiment, *sampler, standard, 3, 1);
  DeviceSimulator found(
      HostMachine{}, {experiment, *sampler, standard, 3, 1}, most_scratch);
  const auto theta = some_theta(*theory, sets);
  for (const std::uint64_t draw : {7, 8}) {  // memory of the first draw serves again
    const auto batch = wanted.draw(theta, events, draw);
    found.draw(theta, events, draw);
    const auto features = values_of(batch.features);
    ASSERT_EQ(features.size(), found.rows() * columns.size());
    // equal to 1e-12 before they are rounded to single precision
    for (std::size_t i = 0; i < features.size(); ++i)
      ASSERT_NEAR(found.features()[i],
                  features[i],
                  1e-10 + 1.2e-7 * std::abs(static_cast<double>(features[i])))
          << i;
    const auto upstream = some_floats(batch.features.size(0), batch.features.size(1), 1);
    const auto slope = found.backward(values_of(upstream).data(), 0.25);
    const auto scaled = at::mul(upstream, 0.25).contiguous();
    const auto expected = wanted.backward(batch, scaled);
    for (std::size_t i = 0; i < expected.data.size(); ++i)
      EXPECT_NEAR(slope.data[i], expected.data[i], 1e-10 * largest(expected.data)) << i;
  }
}

struct Judges {
  NetworkSpec spec;
  GameLoss loss;
  Weights weights;
};

void expect_same_judgement(const Judges& c) {
  const Network network(c.spec, random::Stream::named(5, "test"), 0.2);
  LossGradients wanted(network, c.loss, c.weights);
  DeviceLoss found(HostMachine{}, network, c.loss, c.weights);
  constexpr std::int64_t rows = 333;
  const auto x = some_floats(rows, c.spec.inputs, 2),
             y = some_floats(rows, c.spec.inputs, 3);
  std::vector<float> noisy(rows);
  for (std::size_t i = 0; i < noisy.size(); ++i)
    noisy[i] = static_cast<float>(0.9 + 0.1 * random::uniform({24, 1}, i));
  const std::vector<float> zero{0};
  const DropoutKey one{random::Stream::named(6, "one")},
      two{random::Stream::named(6, "two"), 50};
  const LossTerm terms[] = {{values_of(x), noisy, one}, {values_of(y), zero, two}};
  const DeviceTerm same[] = {{values_of(x).data(), rows, noisy, one},
                             {values_of(y).data(), rows, zero, two}};
  // single precision: sums of 333 rows and products of 45, in different orders. The two
  // terms cancel, so what counts is the size of one.
  wanted.of_weights(std::span(terms, 1));
  std::vector<double> size;
  for (const auto& g : wanted.gradients()) size.push_back(g.abs().max().item<double>());
  const double loss = wanted.of_weights(terms);
  EXPECT_NEAR(found.of_weights(same), loss, 2e-6 * loss);
  for (std::size_t i = 0; i < wanted.gradients().size(); ++i) {
    const auto difference = (found.gradients()[i] - wanted.gradients()[i]).abs();
    EXPECT_LE(difference.max().item<double>(), 1e-5 * size[i]) << "parameter " << i;
  }
  auto slope = at::empty_like(y);
  const double of_inputs = wanted.of_inputs(terms[1], values_of(slope));
  EXPECT_NEAR(found.of_inputs(same[1]), of_inputs, 2e-6 * of_inputs);
  const double top = slope.abs().max().item<double>();
  for (std::int64_t i = 0; i < slope.numel(); ++i)
    ASSERT_NEAR(found.input_slope()[i], slope.data_ptr<float>()[i], 1e-5 * top);
}

/// Expects an Error whose message and hint name these.
void expect_refused(Device device,
                    const Gpu& there,
                    const std::string& sampler,
                    const std::vector<int>& hidden,
                    const std::string& what,
                    const std::string& remedy) {
  const World world(500);
  NetworkSpec spec;
  spec.inputs = 2;
  spec.hidden = hidden;
  try {
    choose(device, there, world.experiment, *build<Sampler>(sampler), spec);
    FAIL() << "not refused";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Exit::usage);
    EXPECT_NE(std::string(error.what()).find(what), std::string::npos) << error.what();
    EXPECT_NE(error.hint().find(remedy), std::string::npos) << error.hint();
  }
}

/// One channel, as allocations by counts need it.
std::string objection_to_sampler(const std::string& sampler) {
  const auto theory = build<Theory>("proxy2d");
  NetworkSpec spec;
  spec.inputs = 2;
  spec.hidden = {16};
  return objection_to_device(bare(*theory), *build<Sampler>(sampler), spec);
}

const Gpu some_gpu{true, "a GPU", ""};
const Gpu no_gpu{false, "none here", "buy one"};

}  // namespace

TEST(DeviceSimulator, MakesTheEventsAndDerivativesOfTheSimulator) {
  const auto whole = std::int64_t{1} << 26;
  for (const auto scaling : {Scaling::none, Scaling::mean_sd, Scaling::log_odds}) {
    expect_same_simulation(
        "proxy1d", "{type: inverse_cdf, nodes: 301}", scaling, 5, 600, whole);
    expect_same_simulation(
        "proxy2d", "{type: inverse_cdf, nodes: 41}", scaling, 4, 300, whole);
  }
}

TEST(DeviceSimulator, FollowsLoitsInBothVariants) {
  for (const std::string variant : {"lite", "corner"})
    for (const std::string theory : {"proxy1d", "proxy2d"})
      expect_same_simulation(
          theory,
          "{type: loits, variant: " + variant + ", nodes: 21, points: 6}",
          Scaling::mean_sd,
          4,
          300,
          std::int64_t{1} << 26);
}

TEST(DeviceSimulator, TakesSetsInGroupsWhenMemoryIsShort) {
  // 12 sums for each of 1600 cells and some more: one set at a time, then two
  for (const std::int64_t most : {1, 40'000})
    expect_same_simulation(
        "proxy2d", "{type: inverse_cdf, nodes: 41}", Scaling::mean_sd, 5, 50, most);
}

TEST(DeviceLoss, GivesLossAndGradientsOfLossGradients) {
  const std::vector<int> hidden{45, 16};
  for (const auto loss : {GameLoss::bce, GameLoss::least_squares})
    for (const bool biases : {true, false})
      for (const double dropout : {0.0, 0.25})
        expect_same_judgement(
            {{3, hidden, 1, Activation::leaky_relu, 0.2, biases, dropout},
             loss,
             Weights::raw});
  expect_same_judgement(
      {{2, hidden, 1, Activation::gelu, 0.2, true, 0}, GameLoss::bce, Weights::spectral});
}

TEST(DeviceEngine, PlaysTheGameOfTheCpu) {
  const auto kernels = [](const Chain& chain) { return on_device(HostMachine{}, chain); };
  expect_same_game({}, kernels);
}

TEST(Device, WhatIsWantedAndCannotBeHadIsRefusedWithARemedy) {
  expect_refused(Device::cuda, no_gpu, "inverse_cdf", {16}, "none here", "buy one");
  EXPECT_EQ(objection_to_sampler("{type: loits, allocation: floor}").find("the sampler"),
            0u);
  EXPECT_EQ(objection_to_sampler("loits"), "");
  expect_refused(
      Device::cuda, some_gpu, "inverse_cdf", {1000}, "discriminators", "device: cpu");
}

TEST(Device, AutomaticTakesTheGpuWhereEveryPartHasKernels) {
  const World world(500);
  NetworkSpec spec;
  spec.inputs = 2;
  spec.hidden = {16};
  const auto chosen = [&](Device wanted, const Gpu& there, const std::string& sampler) {
    return choose(wanted, there, world.experiment, *build<Sampler>(sampler), spec);
  };
  EXPECT_TRUE(chosen(Device::cuda, some_gpu, "inverse_cdf").gpu);
  EXPECT_TRUE(chosen(Device::automatic, some_gpu, "inverse_cdf").gpu);
  EXPECT_FALSE(chosen(Device::cpu, some_gpu, "inverse_cdf").gpu);
  const auto without = chosen(Device::automatic, no_gpu, "inverse_cdf");
  EXPECT_FALSE(without.gpu);
  EXPECT_EQ(without.note, "");
  EXPECT_TRUE(chosen(Device::automatic, some_gpu, "loits").gpu);
  spec.hidden = {1000};
  const auto unfit = chosen(Device::automatic, some_gpu, "inverse_cdf");
  EXPECT_FALSE(unfit.gpu);
  EXPECT_NE(unfit.note.find("discriminators"), std::string::npos) << unfit.note;
}
