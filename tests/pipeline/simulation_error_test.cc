// Errors from finite simulated samples: simulating anew shows how large they are.
#include "femto/pipeline/simulation_error.h"

#include <cmath>
#include <filesystem>
#include <fstream>

#include "tests/support/tasks.h"
#include <gtest/gtest.h>

#include "femto/core/threads.h"
#include "femto/pipeline/simulate.h"
#include "femto/pipeline/spectrum.h"
#include "femto/stats/summary.h"

namespace femto {
namespace {

using testing::build;

const std::vector<double> truth{2.1875, -0.5, 3, 1.09375, -0.5, 4};
constexpr std::size_t pairs = 4'000, background = 300;

/// Pairs of true and measured x1 (a smear of 0.05), and background events, of one
/// simulation.
std::string stages(std::uint64_t simulation) {
  const auto folder = std::filesystem::temp_directory_path();
  const random::Stream stream{11, static_cast<std::uint32_t>(simulation)};
  const auto pair_file = folder / "femto_simulation_pairs.csv";
  std::ofstream file(pair_file);
  file << "x1_true,x1\n";
  for (std::size_t i = 0; i < pairs; ++i) {
    const double x = 0.1 + 0.9 * random::uniform(stream, i, 4);
    file << x << ',' << x + 0.05 * random::normal_pair(stream, i)[0] << '\n';
  }
  const auto background_file = folder / "femto_simulation_background.csv";
  std::ofstream other(background_file);
  other << "x2\n";
  for (std::size_t i = 0; i < background; ++i)
    other << 0.1 + 0.8 * std::pow(random::uniform(stream, i, 5), 2) << '\n';
  return "{type: chain, stages: [{type: response, column: x1, true_bins: 15, "
         "measured_edges: [0, 0.2, 0.3, 0.4, 0.6, 1.2], pairs: " +
         pair_file.string() +
         "}, {type: background, column: x2, fraction: {value: 0.1}, bins: 5, events: " +
         background_file.string() + "}]}";
}

/// The proxy behind such a detector, and a task on its data.
struct Bench {
  std::unique_ptr<Theory> theory = build<Theory>("proxy1d");
  std::unique_ptr<Sampler> sampler = build<Sampler>("{type: inverse_cdf}");
  std::unique_ptr<Objective> objective =
      build<Objective>("{type: likelihood, form: binned, bins: 20}");
  Experiment experiment;
  Density density;
  SideInformation side;
  ParameterSetup setup;

  explicit Bench(const std::string& detector)
      : experiment(*theory, *build<Detector>(detector)), density(experiment.measured()) {
    setup.parameters = theory->parameters();
    setup.fixed.assign(setup.parameters.size(), false);
  }

  io::EventTable drawn(std::size_t n) const {
    const auto plan = sampler->plan(*theory);
    const auto table = plan->at(truth);
    return simulated(experiment, *table, truth, {5, 0}, n);
  }

  Task task(const Dataset& data) const {
    return {experiment.measured(),
            density,
            *sampler,
            experiment,
            *objective,
            nullptr,
            data,
            side,
            setup,
            {},
            3,
            0};
  }
};

TEST(SimulationError, IsTheSpreadOverSimulationsMadeAnew) {
  const Bench first(stages(0));
  const Dataset data(first.drawn(3'000));  // too few to be compressed
  const Task task = first.task(data);
  constexpr int replicas = 100, simulations = 60;
  std::vector<std::string> notes;
  const auto predicted = simulation_covariance(task, truth, replicas, notes);
  EXPECT_TRUE(notes.empty());
  ASSERT_TRUE(predicted);
  const auto here = first.objective->bind({first.density, data})->evaluate(truth);
  const Matrix inverse = spectrum(here.curvature, first.setup.fixed).inverse;
  std::vector<std::vector<double>> shifts;
  for (int s = 1; s <= simulations; ++s) {
    const Bench other(stages(static_cast<std::uint64_t>(s)));
    const auto g = other.objective->bind({other.density, data})->evaluate(truth).gradient;
    std::vector<double> shift(truth.size());
    for (std::size_t i = 0; i < truth.size(); ++i)
      for (std::size_t j = 0; j < truth.size(); ++j) shift[i] -= inverse(i, j) * g[j];
    shifts.push_back(std::move(shift));
  }
  const Matrix seen = stats::covariance(shifts);
  // A standard deviation of n values is known to 1 / sqrt(2 n); the bootstrap knows its
  // simulation's probabilities instead of the true ones, which adds some per cent.
  const double band = 4 * std::sqrt(1.0 / (2 * simulations) + 1.0 / (2 * replicas)) + 0.1;
  for (const std::size_t k : {1u, 2u, 4u, 5u}) {
    const double ratio = std::sqrt((*predicted)(k, k) / seen(k, k));
    EXPECT_NEAR(ratio, 1, band) << task.setup.parameters[k].name;
  }
}

TEST(SimulationError, IsNothingWithoutSimulatedSamples) {
  const Bench bench(
      "{type: chain, stages: [{type: background, column: x2, fraction: {value: 0.1}}]}");
  const Dataset data(bench.drawn(500));
  std::vector<std::string> notes;
  EXPECT_FALSE(simulation_covariance(bench.task(data), truth, 50, notes));
  EXPECT_TRUE(notes.empty());
}

// Events that are drawn anew in every pass.
TEST(SimulationError, IsMissedInWordsWhereEventsAreFarAway) {
  const Bench bench(stages(0));
  const auto source = build<Source>(
      "{type: generated, events: 30000, memory_limit: 1000, at: {N_u: 2.1875, a_u: -0.5, "
      "b_u: 3, N_d: 1.09375, a_d: -0.5, b_d: 4}}");
  const Dataset data(*source, bench.experiment, 1000);
  ASSERT_FALSE(data.in_memory());
  std::vector<std::string> notes;
  EXPECT_FALSE(simulation_covariance(bench.task(data), truth, 50, notes));
  ASSERT_EQ(notes.size(), 1u);
  EXPECT_NE(notes[0].find("is in no error"), std::string::npos);
}

TEST(SimulationError, DoesNotDependOnThreads) {
  const Bench bench(stages(0));
  const Dataset data(bench.drawn(500));
  std::vector<std::string> notes;
  const auto many = simulation_covariance(bench.task(data), truth, 6, notes);
  set_threads(1);
  const auto one = simulation_covariance(bench.task(data), truth, 6, notes);
  set_threads(0);
  EXPECT_EQ(many->data, one->data);
}

TEST(SimulationError, AddsInQuadratureAndWidensIntervals) {
  Quoted q;
  q.method = "fisher";
  q.value = 1;
  q.sd = 0.3;
  q.level68 = Interval{0.7, 1.3, false, false};
  q.level95 = Interval{0, 1.6, true, false};
  add_simulation(0.4, q);
  EXPECT_DOUBLE_EQ(*q.sd, 0.5);
  EXPECT_DOUBLE_EQ(q.level68->lo, 0.5);
  EXPECT_DOUBLE_EQ(q.level68->hi, 1.5);
  EXPECT_EQ(q.level95->lo, 0);  // the box ends there
  EXPECT_DOUBLE_EQ(q.level95->hi, 2);
  EXPECT_EQ(q.simulation, 0.4);
}

}  // namespace
}  // namespace femto
