// Densities of measured events against published values and against direct quadrature.
#include "femto/pipeline/folded.h"

#include <algorithm>
#include <cmath>

#include "tests/support/build.h"
#include "tests/support/proxies.h"
#include <gtest/gtest.h>

#include "femto/pipeline/density.h"
#include "femto/pipeline/experiment.h"
#include "femto/pipeline/simulate.h"

namespace femto {
namespace {

using testing::truth1d;

/// The 1-D proxy behind a chain of stages.
struct Measured {
  std::unique_ptr<Theory> truth = testing::build<Theory>("proxy1d");
  Experiment experiment;

  explicit Measured(const std::string& stages)
      : experiment(*truth,
                   *testing::build<Detector>("{type: chain, stages: [" + stages + "]}")) {
  }

  const Theory& theory() const { return experiment.measured(); }

  /// Proxy truth, nuisance parameters nominal.
  std::vector<double> at() const {
    std::vector<double> theta = truth1d;
    for (const auto& n : experiment.instrument().nuisances())
      theta.push_back(n.parameter.start);
    return theta;
  }

  /// ln q of one point, normalised over the measured axes.
  double log_density(std::size_t channel,
                     const std::vector<double>& theta,
                     std::vector<double> x) const {
    const Density density(theory());
    std::vector<const double*> in;
    for (const auto& v : x) in.push_back(&v);
    std::vector<double> features(theory().feature_count(channel));
    std::vector<double*> out;
    for (auto& v : features) out.push_back(&v);
    theory().features(channel, 1, in.data(), out.data());
    const std::vector<const double*> fixed(out.begin(), out.end());
    double value = 0;
    density.log_density(
        channel, theta, density.norms(theta), 1, fixed.data(), &value, nullptr);
    return value;
  }
};

const std::string smear = "{type: resolution, columns: [x1, x2], relative: [0.05, 0.12]}";

// Source: proxy applications, golden folded densities at the truth (independent
// quadrature).
TEST(Folded, GoldenDensitiesOfTheLectureSmear) {
  const Measured m(smear);
  const double y[] = {0.1, 0.15, 0.3, 0.5, 0.8, 0.95, 1.05};
  const double f1[] = {3.45314735874,
                       4.69195249857,
                       1.81855725652,
                       0.501556794831,
                       0.0264461123892,
                       0.00113272350452,
                       2.00771833708e-5};
  const double f2[] = {3.79098268083,
                       4.96827740238,
                       1.72908603396,
                       0.411828257863,
                       0.0225799453632,
                       0.00262379714974,
                       4.14410607610e-4};
  for (int i = 0; i < 7; ++i) {
    EXPECT_NEAR(std::exp(m.log_density(0, m.at(), {y[i]})), f1[i], 2e-7 * f1[i]) << y[i];
    EXPECT_NEAR(std::exp(m.log_density(1, m.at(), {y[i]})), f2[i], 2e-7 * f2[i]) << y[i];
  }
}

// Source: the same; acceptance of the window [0.1, 1).
TEST(Folded, WindowKeepsThePublishedShare) {
  const Measured whole(smear);
  const Measured cut(smear +
                     ", {type: window, column: x1, min: 0.1, max: 1}, {type: window, "
                     "column: x2, min: 0.1, max: 1}");
  const auto all = Density(whole.theory()).norms(whole.at());
  const auto some = Density(cut.theory()).norms(cut.at());
  const double expected[] = {0.9857789643, 0.9605160786};
  for (std::size_t c = 0; c < 2; ++c)
    EXPECT_NEAR(std::exp(some.log_norm[c] - all.log_norm[c]), expected[c], 1e-8);
}

// Source: the same; Cramer-Rao bounds at 1e5 pairs after the window, to the digits
// printed.
TEST(Folded, FloorsOfTheLectureSmear) {
  const Measured m(smear +
                   ", {type: window, column: x1, min: 0.1, max: 1}, {type: window, "
                   "column: x2, min: 0.1, max: 1}");
  const auto information = Density(m.theory()).information(m.at());
  // Coordinates (a_u, b_u, ln ratio, a_d, b_d) at fixed common scale.
  const std::size_t index[] = {1, 2, 0, 4, 5};
  double j[6][5] = {};
  for (std::size_t k = 0; k < 5; ++k)
    if (k != 2) j[index[k]][k] = 1;
  j[0][2] = -truth1d[0] / 2;
  j[3][2] = truth1d[3] / 2;
  double a[5][10] = {};
  for (int r = 0; r < 5; ++r) {
    a[r][5 + r] = 1;
    for (int c = 0; c < 5; ++c)
      for (std::size_t p = 0; p < 6; ++p)
        for (std::size_t q = 0; q < 6; ++q)
          a[r][c] += j[p][r] * information(p, q) * j[q][c] * 1e5;
  }
  for (int r = 0; r < 5; ++r) {  // Gauss-Jordan
    const double pivot = a[r][r];
    for (double& v : a[r]) v /= pivot;
    for (int s = 0; s < 5; ++s) {
      const double factor = a[s][r];
      for (int c = 0; s != r && c < 10; ++c) a[s][c] -= factor * a[r][c];
    }
  }
  const double expected[] = {0.01846, 0.05093, 0.64735, 0.06996, 0.53048};
  for (int r = 0; r < 5; ++r)
    EXPECT_NEAR(std::sqrt(a[r][5 + r]), expected[r], 6e-4 * expected[r]) << r;
}

/// f_1 and f_2 of the proxy, unnormalised, straight from their formula.
double sigma(int channel, double x, const std::vector<double>& p) {
  const double u = p[0] * std::pow(x, p[1]) * std::pow(1 - x, p[2]);
  const double d = p[3] * std::pow(x, p[4]) * std::pow(1 - x, p[5]);
  return channel == 0 ? 4 * u + d : u + 4 * d;
}

// The bivariate normal itself, by a double sum, instead of its expansion.
TEST(Folded, CorrelatedPairsMatchTheDoubleIntegral) {
  const double rho = 0.3;
  const Measured m(
      "{type: resolution, columns: [x1, x2], relative: [0.05, 0.12], correlation: 0.3}");
  ASSERT_EQ(m.theory().channels().size(), 1u);
  const auto ratio = [&](double y1, double y2) {
    const int n = 3000;
    double pair = 0, alone1 = 0, alone2 = 0;
    const double lo = 0.1, h = (0.99999 - lo) / n;
    std::vector<double> w1(n), w2(n), z1(n), z2(n);
    for (int i = 0; i < n; ++i) {
      const double x = lo + (i + 0.5) * h;
      z1[i] = (y1 - x) / (0.05 * x);
      z2[i] = (y2 - x) / (0.12 * x);
      w1[i] = sigma(0, x, truth1d) / (0.05 * x) * h;
      w2[i] = sigma(1, x, truth1d) / (0.12 * x) * h;
      alone1 += w1[i] * std::exp(-z1[i] * z1[i] / 2);
      alone2 += w2[i] * std::exp(-z2[i] * z2[i] / 2);
    }
    for (int i = 0; i < n; ++i) {
      if (std::fabs(z1[i]) > 9) continue;
      for (int k = 0; k < n; ++k)
        pair += w1[i] * w2[k] *
                std::exp(-(z1[i] * z1[i] - 2 * rho * z1[i] * z2[k] + z2[k] * z2[k]) /
                         (2 * (1 - rho * rho)));
    }
    return std::log(pair / std::sqrt(1 - rho * rho) / (alone1 * alone2));
  };
  const Measured alone(smear);
  for (const auto& [y1, y2] : {std::pair{0.12, 0.11}, {0.3, 0.25}, {0.2, 0.6}}) {
    const double expected = ratio(y1, y2) + alone.log_density(0, alone.at(), {y1}) +
                            alone.log_density(1, alone.at(), {y2});
    EXPECT_NEAR(m.log_density(0, m.at(), {y1, y2}), expected, 2e-6) << y1 << " " << y2;
  }
}

const std::string everything =
    "{type: efficiency, column: x1, gate: {at: {value: 0.25, sd: 0.01}, width: {value: "
    "0.03, sd: 0.003}}}, "
    "{type: resolution, columns: [x1, x2], relative: [0.05, 0.12], constant: [0.01], "
    "width: {value: 1, sd: 0.05}, scale: {value: 1, sd: 0.01}, offset: {value: 0, sd: "
    "0.002}}, "
    "{type: background, column: x1, fraction: {value: 0.1, sd: .inf, max: 0.9, min: 0}, "
    "slope: 2}, "
    "{type: window, column: x1, min: 0.12, max: 1}";

TEST(Folded, SlopesMatchFiniteDifferences) {
  const Measured m(everything);
  const auto theta = m.at();
  ASSERT_EQ(theta.size(), 6u + 2 + 6 + 1);
  const std::vector<double> y{0.14, 0.2, 0.27, 0.55, 0.9};
  const std::size_t n = y.size();
  // ln q of both channels at theta with one parameter moved: [channel * n + point].
  const auto values = [&](std::size_t k, double step, std::vector<double*>* slopes) {
    auto moved = theta;
    moved[k] += step;
    std::vector<double> feature(n), out(2 * n);
    const double* in = y.data();
    double* to = feature.data();
    const double* features = feature.data();
    for (std::size_t c = 0; c < 2; ++c) {
      m.theory().features(c, n, &in, &to);
      m.theory().evaluate(
          c, moved, n, &features, &out[c * n], slopes ? slopes[c].data() : nullptr);
    }
    return out;
  };
  std::vector<double> found(2 * theta.size() * n);
  std::vector<double*> slopes[2];
  for (std::size_t c = 0; c < 2; ++c)
    for (std::size_t k = 0; k < theta.size(); ++k)
      slopes[c].push_back(&found[(c * theta.size() + k) * n]);
  values(0, 0, slopes);
  for (std::size_t k = 0; k < theta.size(); ++k) {
    const double h = 1e-4 * std::max(0.05, std::fabs(theta[k]));
    const auto a = values(k, h, nullptr), b = values(k, -h, nullptr),
               c = values(k, 2 * h, nullptr), d = values(k, -2 * h, nullptr);
    for (std::size_t i = 0; i < 2 * n; ++i) {
      const double difference = (8 * (a[i] - b[i]) - (c[i] - d[i])) / (12 * h);
      EXPECT_NEAR(slopes[i / n][k][i % n], difference, 1e-6 * (1 + std::fabs(difference)))
          << m.theory().parameters()[k].name << " at " << y[i % n];
    }
  }
}

// Events made one by one against the density: two roads from truth to data.
TEST(Folded, SimulatedEventsFollowTheDensity) {
  const Measured m(everything);
  const auto theta = m.at();
  const auto sampler = testing::build<Sampler>("inverse_cdf");
  const auto plan = sampler->plan(*m.truth);
  const auto table = plan->at(truth1d);
  const std::size_t n = 200'000;
  const auto events = simulated(m.experiment, *table, theta, {5, 0}, n);
  const Density density(m.theory());
  const auto norms = density.norms(theta);
  for (std::size_t c = 0; c < 2; ++c) {
    const auto& grid = density.grid(c);
    std::vector<const double*> features{grid.features[0].data()};
    std::vector<double> log_f(grid.weight.size());
    density.log_density(
        c, theta, norms, log_f.size(), features.data(), log_f.data(), nullptr);
    double mean = 0, square = 0, seen = 0;
    for (std::size_t i = 0; i < log_f.size(); ++i) {
      const double p = grid.weight[i] * std::exp(log_f[i]);
      mean += p * grid.x[0][i];
      square += p * grid.x[0][i] * grid.x[0][i];
    }
    for (const double x : events.column(c)) seen += x;
    const double sd = std::sqrt((square - mean * mean) / static_cast<double>(n));
    EXPECT_NEAR(seen / static_cast<double>(n), mean, 4 * sd) << c;
  }
}

TEST(Folded, EventsDoNotDependOnTheCutIntoCalls) {
  const Measured m(everything);
  const auto sampler = testing::build<Sampler>("inverse_cdf");
  const auto plan = sampler->plan(*m.truth);
  const auto table = plan->at(truth1d);
  const auto theta = m.at();
  const auto whole = simulated(m.experiment, *table, theta, {3, 1}, 30'000);
  const auto nu = m.experiment.nuisance_part(theta);
  Simulation pieces(m.experiment, *table, {nu.begin(), nu.end()}, {3, 1});
  std::vector<double> x(30'000), y(30'000);
  for (std::size_t first = 0; first < x.size(); first += 7'500) {
    double* record[] = {x.data() + first, y.data() + first};
    pieces.next(7'500, record);
  }
  EXPECT_TRUE(std::ranges::equal(x, whole.column(0)));
  EXPECT_TRUE(std::ranges::equal(y, whole.column(1)));
}

}  // namespace
}  // namespace femto
