// Unfolding against exact iterates, truths behind an efficiency, floors and bins by hand.
#include "femto/pipeline/unfolding.h"

#include <cmath>

#include "tests/support/gaussian_events.h"
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "femto/core/error.h"
#include "femto/core/threads.h"
#include "femto/modules/builtins.h"
#include "femto/stats/iterative_bayes.h"
#include "femto/stats/summary.h"

namespace femto {
namespace {

using testing::gaussian_events;

std::unique_ptr<RatioEstimator> quadratic() {
  return builtin_registry().build<RatioEstimator>("quadratic");
}

UnfoldingOptions options(const RatioEstimator& ratio,
                         const PairedEvents& simulation,
                         const PairedEvents& data,
                         int iterations) {
  UnfoldingOptions o;
  o.measured_ratio = o.truth_ratio = &ratio;
  o.iterations = iterations;
  o.truth_bins = {edges_of(simulation.truth[0], 20)};
  for (const auto& column : data.measured)
    o.measured_bins.push_back(edges_of(column, 20));
  return o;
}

/// Generator N(0.2, 0.8), smear 0.5, truth N(0, 1), 1e5 events: mean and sd after each
/// iteration. Closed form K = s^2/(s^2 + eps^2), m' = m + K (mu - m), s'^2 = (1 - K) s^2
/// + K^2 sigma^2, computed independently.
TEST(Unfolding, FollowsTheExactGaussianIterates) {
  const auto simulation = gaussian_events(100000, 0.2, 0.8, {0.5});
  const auto data = gaussian_events(100000, 0, 1, {0.5}, 1, 1234567);
  const auto ratio = quadratic();
  const auto found = unfold(simulation, data, options(*ratio, simulation, data, 10));
  const std::vector<std::pair<double, double>> exact = {{0.05618, 0.90893},
                                                        {0.01305, 0.96365},
                                                        {0.00277, 0.98637},
                                                        {0.00057, 0.99502},
                                                        {0.00011, 0.99820}};
  ASSERT_EQ(found.iterates.size(), 10u);
  for (std::size_t k = 0; k < exact.size(); ++k) {
    EXPECT_NEAR(found.iterates[k].mean[0], exact[k].first, 0.003) << k;
    EXPECT_NEAR(found.iterates[k].sd[0], exact[k].second, 0.003) << k;
  }
  EXPECT_NEAR(found.iterates[9].mean[0], 0, 0.003);
  EXPECT_NEAR(found.iterates[9].sd[0], 1, 0.003);
  EXPECT_NEAR(found.iterates[9].total, 100000, 100);
}

/// Missed events get the weight of detected ones: the fixed point is the truth. (With
/// weight 1 for missed events it would be a mixture with the generator.)
TEST(Unfolding, ConvergesToTheTruthBehindAnEfficiency) {
  const auto simulation = gaussian_events(60000, 0, 1, {0.5}, 0.6);
  const auto data = gaussian_events(60000, 0.2, 0.8, {0.5}, 0.6, 7654321);
  const auto ratio = quadratic();
  const auto found = unfold(simulation, data, options(*ratio, simulation, data, 12));
  EXPECT_NEAR(found.iterates.back().mean[0], 0.2, 0.003);
  EXPECT_NEAR(found.iterates.back().sd[0], 0.8, 0.003);
  EXPECT_NEAR(found.iterates.back().total, 60000, 300);
}

TEST(Unfolding, IsTheSameForAnyNumberOfThreads) {
  const auto simulation = gaussian_events(5000, 0.2, 0.8, {0.5});
  const auto data = gaussian_events(5000, 0, 1, {0.5}, 1, 99);
  const auto ratio = quadratic();
  const auto o = options(*ratio, simulation, data, 2);
  set_threads(1);
  const auto one = unfold(simulation, data, o);
  set_threads(2);
  EXPECT_EQ(one.weight, unfold(simulation, data, o).weight);
  set_threads(0);
}

/// X ~ N(0.8, 1), Y1 = X + N(0, 1), Y2 = X + N(0, 1.5); simulated with X ~ N(0, 1) and
/// noise 1 in both.
struct ProfileToy {
  PairedEvents simulation, data;
  std::unique_ptr<RatioEstimator> ratio = quadratic();
  UnfoldingOptions o;

  ProfileToy(std::size_t simulated, std::size_t measured, int iterations)
      : simulation(gaussian_events(simulated, 0, 1, {1, 1})),
        data(gaussian_events(measured, 0.8, 1, {1, 1.5}, 1, 314159)),
        o(options(*ratio, simulation, data, iterations)) {
    o.nuisance = ResponseNuisance{.name = "theta", .measured = 1};
  }
};

/// EM mean with the right response after iterations 1, 2, 3, 5, 10; computed in closed
/// form: G = s^2 1^T S^-1, m' = m + G (mu - m 1).
TEST(Unfolding, TwoMeasurementsFollowTheirExactIterates) {
  ProfileToy toy(100000, 100000, 10);
  toy.o.nuisance->fixed = 1.5;
  const auto found = unfold(toy.simulation, toy.data, toy.o);
  const std::vector<std::pair<std::size_t, double>> exact = {
      {1, 0.4727}, {2, 0.6661}, {3, 0.7452}, {5, 0.7908}, {10, 0.7999}};
  for (const auto& [k, mean] : exact) {
    EXPECT_NEAR(found.iterates[k - 1].mean[0], mean, 0.003) << k;
    EXPECT_NEAR(found.iterates[k - 1].sd[0], 1, 0.003) << k;
  }
  EXPECT_LT(found.chi2, found.ndf + 4 * std::sqrt(2 * found.ndf));
}

TEST(Unfolding, ResponseNuisanceIsRecovered) {
  const ProfileToy toy(100000, 100000, 20);
  const auto found = unfold(toy.simulation, toy.data, toy.o);
  EXPECT_NEAR(*found.nuisance, 1.5, 0.004);  // one floor at N = 1e5
  EXPECT_NEAR(found.iterates.back().mean[0], 0.8, 0.004);
  EXPECT_NEAR(found.iterates.back().sd[0], 1, 0.004);
  EXPECT_LT(found.chi2, found.ndf + 4 * std::sqrt(2 * found.ndf));
}

TEST(Unfolding, WrongFixedResponseFailsTheTestOfFit) {
  ProfileToy toy(100000, 100000, 10);
  toy.o.nuisance->fixed = 1;
  const auto found = unfold(toy.simulation, toy.data, toy.o);
  EXPECT_NEAR(found.iterates.back().mean[0], 0.8, 0.01);
  EXPECT_GT(std::fabs(found.iterates.back().sd[0] - 1), 0.03);
  EXPECT_GT(found.chi2, found.ndf + 20 * std::sqrt(2 * found.ndf));
}

/// Floor of theta: 0.00415 sqrt(1e5 / N) (Cramer-Rao, computed independently; the same
/// with a free density of X). Toys share one simulation, so their spread is that of data.
TEST(Unfolding, NuisanceReachesItsFloor) {
  constexpr std::size_t events = 2000, toys = 100;
  const ProfileToy toy(6000, events, 12);
  const auto source = builtin_registry().build<SampleSource>(
      "gaussian", fmt::format("events: {}\nmean: 0.8\nnoise: [1, 1.5]", events));
  double sum = 0, squares = 0;
  std::vector<double> theta(toys);
  parallel_for(toys, [&](std::size_t t) {
    const auto data = source->read({{"x"}, {"y1", "y2"}, 100 + t, Role::data});
    auto o = toy.o;
    o.replica = 1;  // without the test of fit
    theta[t] = *unfold(toy.simulation, data, o).nuisance;
  });
  for (const double v : theta) {
    sum += v;
    squares += v * v;
  }
  const double mean = sum / toys, sd = std::sqrt(squares / toys - mean * mean);
  const double floor = 0.00415 * std::sqrt(1e5 / events);
  EXPECT_NEAR(mean, 1.5, 4 * floor / std::sqrt(toys));
  EXPECT_NEAR(sd / floor, 1, 0.1);
}

TEST(Unfolding, OffsetIsRecoveredAndSideInformationHolds) {
  ProfileToy toy(10000, 10000, 20);
  toy.data = gaussian_events(10000, 0.5, 1, {1, 1}, 1, 314159);
  for (auto& y : toy.data.measured[1]) y += 0.4;
  toy.o.nuisance->change = Change::offset;
  // sd of a difference of means of 10,000 events with noise 1 each: 0.014
  EXPECT_NEAR(*unfold(toy.simulation, toy.data, toy.o).nuisance, 0.4, 0.014);
  toy.o.nuisance->value = 0.1;
  toy.o.nuisance->sd = 1e-5;
  EXPECT_NEAR(*unfold(toy.simulation, toy.data, toy.o).nuisance, 0.1, 1e-4);
  toy.o.nuisance->change = Change::width;
  toy.o.nuisance->value = 1.2;
  EXPECT_NEAR(*unfold(toy.simulation, toy.data, toy.o).nuisance, 1.2, 1e-4);
}

TEST(Unfolding, StopsWhenTheBinsRest) {
  const auto simulation = gaussian_events(5000, 0.2, 0.8, {0.5});
  const auto data = gaussian_events(5000, 0, 1, {0.5}, 1, 99);
  const auto ratio = quadratic();
  auto o = options(*ratio, simulation, data, 30);
  o.stop_below = 0.1;
  const auto found = unfold(simulation, data, o);
  ASSERT_TRUE(found.stopped);
  EXPECT_LT(found.iterates.back().change, 0.1);
  EXPECT_GE(found.iterates[found.iterates.size() - 2].change, 0.1);
}

/// An event of weight 2 is two of weight 1, and a pair of weights 1 and -1 is nothing.
TEST(Unfolding, WeightsCountAsEvents) {
  auto whole = gaussian_events(3000, 0.2, 0.8, {0.5}, 0.9);
  const auto data = gaussian_events(3000, 0, 1, {0.5}, 1, 99);
  auto split = whole;
  whole.weight[11] = 2;
  const auto repeat = [&](std::size_t event, double weight) {
    split.truth[0].push_back(split.truth[0][event]);
    split.measured[0].push_back(split.measured[0][event]);
    split.detected.push_back(split.detected[event]);
    split.generated.push_back(1);
    split.weight.push_back(weight);
  };
  repeat(11, 1);
  repeat(20, 1);
  repeat(20, -1);
  const auto ratio = builtin_registry().build<RatioEstimator>(
      "histogram", "edges: [-2, -1, -0.5, 0, 0.5, 1, 2]");
  const auto o = options(*ratio, whole, data, 3);
  const auto a = unfold(whole, data, o), b = unfold(split, data, o);
  for (std::size_t t = 0; t < a.bins[0].size(); ++t)
    EXPECT_NEAR(a.bins[0][t], b.bins[0][t], 1e-9 * a.bins[0][t]) << t;
}

/// Histograms in both steps are binned iterative unfolding: the same numbers as from the
/// response matrix, missed events and fakes included.
TEST(Unfolding, WithHistogramsIsIterativeBayes) {
  auto simulation = gaussian_events(20000, 0, 1, {0.5}, 0.7);
  for (std::size_t i = 0; i < 500; ++i) {  // fakes
    simulation.generated[i] = 0;
    simulation.detected[i] = 1;
    simulation.measured[0][i] = simulation.truth[0][i];
  }
  const auto data = gaussian_events(15000, 0.2, 0.8, {0.5}, 0.7, 4242);
  const Edges edges = {-3, -1.5, -1, -0.5, 0, 0.5, 1, 1.5, 3};
  const auto ratio = builtin_registry().build<RatioEstimator>(
      "histogram", "edges: [-3, -1.5, -1, -0.5, 0, 0.5, 1, 1.5, 3]");
  auto o = options(*ratio, simulation, data, 4);
  o.truth_bins = {edges};
  o.exposure = 0.5;
  const auto found = unfold(simulation, data, o);

  const std::size_t bins = edges.size() - 1;
  stats::BinnedResponse response{Matrix(bins, bins), std::vector<double>(bins, 0.0)};
  std::vector<double> prior(bins, 0.0), counts(bins, 0.0);
  for (std::size_t i = 0; i < simulation.size(); ++i) {
    const auto t = bin_of(edges, simulation.truth[0][i]);
    const auto b = bin_of(edges, simulation.measured[0][i]);
    if (!simulation.generated[i]) {
      response.fakes[b] += 0.5;
      continue;
    }
    prior[t] += 0.5;
    if (simulation.detected[i]) response.probability(b, t) += 0.5;
  }
  for (std::size_t t = 0; t < bins; ++t)
    for (std::size_t b = 0; b < bins; ++b) response.probability(b, t) /= prior[t];
  for (std::size_t i = 0; i < data.size(); ++i)
    if (data.detected[i]) counts[bin_of(edges, data.measured[0][i])] += 1;
  const auto exact = stats::unfold(response, counts, prior, 4);
  for (std::size_t t = 0; t < bins; ++t)
    EXPECT_NEAR(found.bins[0][t] / exact[t], 1, 1e-10) << t;
}

std::string refusal(const PairedEvents& simulation, const PairedEvents& data) {
  UnfoldingOptions o;
  o.truth_bins = {edges_of(simulation.truth[0], 20)};
  try {
    check_unfolding(simulation, data, {"x"}, {"y"}, o);
  } catch (const DataError& error) {
    return error.what();
  }
  return "";
}

TEST(Unfolding, ImpossibleOnesAreRefusedByName) {
  const auto simulation = gaussian_events(5000, 0, 1, {0.5});
  const auto data = gaussian_events(5000, 0, 1, {0.5}, 1, 77);
  EXPECT_EQ(refusal(simulation, data), "");
  EXPECT_NE(
      refusal(simulation, gaussian_events(5000, 6, 1, {0.5})).find("cover the data"),
      std::string::npos);
  auto none = data;
  none.detected.assign(none.size(), 0);
  EXPECT_NE(refusal(simulation, none).find("nothing survives"), std::string::npos);
  auto negative = simulation;
  for (std::size_t i = 0; i < 3000; ++i) negative.weight[i] = -1;
  EXPECT_NE(refusal(negative, data).find("sum to -1000"), std::string::npos);
  auto blind = simulation;
  for (std::size_t i = 0; i < blind.size(); ++i)
    if (blind.truth[0][i] > 0 && blind.truth[0][i] < 1) blind.detected[i] = 0;
  EXPECT_NE(refusal(blind, data).find("efficiency is zero for true x"),
            std::string::npos);
}

/// The mean of unfolded events has the error of sum rules: with a converged Gaussian
/// iteration it is mean(y), with sd^2 = (1 + 0.25)/n; the bootstrap of data must say so.
TEST(Unfolding, BootstrapErrorOfTheMean) {
  const auto simulation = gaussian_events(6000, 0.2, 0.8, {0.5});
  const auto data = gaussian_events(3000, 0, 1, {0.5}, 1, 99);
  const auto ratio = quadratic();
  const auto o = options(*ratio, simulation, data, 5);
  const auto found = bootstrap(simulation, data, o, 200, Vary::data, KeepWeights::yes);
  std::vector<double> means;
  for (const auto& m : found.moments) means.push_back(m[0]);
  // sd of an sd from 200 replicas: 5 %
  EXPECT_NEAR(stats::standard_deviation(means) / std::sqrt(1.25 / 3000), 1, 0.15);
  const auto again = bootstrap(simulation, data, o, 2, Vary::data);
  EXPECT_EQ(again.bins[1], found.bins[1]);
  EXPECT_EQ(found.weights[1].size(), simulation.size());
}

}  // namespace
}  // namespace femto
