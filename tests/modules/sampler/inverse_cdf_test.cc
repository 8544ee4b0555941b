// Quantiles, exactness, gradients and reproducibility of the inverse-CDF sampler.
#include <cmath>
#include <numeric>

#include "tests/support/build.h"
#include "tests/support/proxies.h"
#include <gtest/gtest.h>

#include "femto/core/error.h"
#include "femto/core/threads.h"
#include "femto/physics/grid_density.h"
#include "femto/pipeline/formula.h"
#include "femto/pipeline/sampler.h"

namespace femto {
namespace {

using testing::build;
using testing::truth1d;
using testing::truth2d;

using Events = std::vector<std::vector<double>>;  // [axis][event]

Events draw(const SamplerTable& table,
            std::size_t channel,
            const Draw& which,
            std::size_t n,
            std::size_t axes) {
  Events events(axes, std::vector<double>(n));
  std::vector<double*> out;
  for (auto& column : events) out.push_back(column.data());
  table.draw(channel, which, n, out.data());
  return events;
}

/// upstream^T d(events)/d(theta).
std::vector<double> pull_back(const SamplerTable& table,
                              std::size_t channel,
                              const Draw& which,
                              const Events& upstream,
                              std::size_t parameters) {
  std::vector<const double*> rows;
  for (const auto& column : upstream) rows.push_back(column.data());
  std::vector<double> slope(parameters);
  table.backward(channel, which, upstream[0].size(), rows.data(), slope.data());
  return slope;
}

/// Mean over n events of d h/d theta, h given by its gradient in x, and its Monte Carlo
/// error from 50 batches.
struct MeanSlope {
  std::vector<double> mean, error;
};

template <class Gradient>
MeanSlope mean_slope(const SamplerTable& table,
                     std::size_t channel,
                     std::size_t axes,
                     std::size_t parameters,
                     std::size_t n,
                     const Gradient& gradient) {
  constexpr std::size_t batches = 50;
  const auto stream = event_stream(11, channel);
  MeanSlope out{std::vector<double>(parameters), std::vector<double>(parameters)};
  for (std::size_t b = 0; b < batches; ++b) {
    const Draw which{stream, b * n};
    const auto events = draw(table, channel, which, n, axes);
    Events upstream(axes, std::vector<double>(n));
    for (std::size_t i = 0; i < n; ++i) {
      std::vector<double> x;
      for (const auto& column : events) x.push_back(column[i]);
      const std::vector<double> g = gradient(x);
      for (std::size_t a = 0; a < axes; ++a)
        upstream[a][i] = g[a] / static_cast<double>(n);
    }
    const auto slope = pull_back(table, channel, which, upstream, parameters);
    for (std::size_t k = 0; k < parameters; ++k) {
      out.mean[k] += slope[k] / batches;
      out.error[k] += slope[k] * slope[k] / batches;
    }
  }
  for (std::size_t k = 0; k < parameters; ++k)
    out.error[k] = std::sqrt(std::max(0.0, out.error[k] - out.mean[k] * out.mean[k]) /
                             (batches - 1));
  return out;
}

/// Quantiles of the 1-D proxy on a grid of the given size.
std::vector<double> quantiles(std::size_t channel, std::size_t nodes) {
  const auto theory = build<Theory>("proxy1d");
  const auto axis = theory->channels()[channel].axes[0];
  GridNodes grid(1);
  for (std::size_t i = 0; i < nodes; ++i)
    grid[0].push_back(
        graded(axis, static_cast<double>(i) / static_cast<double>(nodes - 1)).x);
  std::vector<double> features[] = {std::vector<double>(nodes),
                                    std::vector<double>(nodes)};
  const double* x_in = grid[0].data();
  double* columns[] = {features[0].data(), features[1].data()};
  theory->features(channel, nodes, &x_in, columns);
  std::vector<double> value(nodes);
  theory->evaluate(channel, truth1d, nodes, columns, value.data(), nullptr);
  for (double& v : value) v = std::exp(v);
  const double u[] = {0.1, 0.25, 0.5, 0.75, 0.9, 0.99, 0.9999};
  std::vector<double> x(7);
  const double* in = u;
  double* out = x.data();
  make_grid_density(grid, value)->draw(7, &in, &out);
  return x;
}

// proxy applications, table 1.3
const double published[2][7] = {{0.115514177495,
                                 0.14295745009,
                                 0.205045700937,
                                 0.308730087975,
                                 0.432923264869,
                                 0.666604875129,
                                 0.890993903517},
                                {0.11410707388,
                                 0.139003546956,
                                 0.195322071636,
                                 0.290101298765,
                                 0.405814482422,
                                 0.633484144221,
                                 0.871924522412}};

TEST(InverseCdfQuantiles, MatchTheTableOnAFineGrid) {
  for (std::size_t c = 0; c < 2; ++c) {
    const auto x = quantiles(c, 2000000);
    for (std::size_t i = 0; i < 7; ++i) EXPECT_NEAR(x[i] / published[c][i], 1, 1e-10);
  }
}

TEST(InverseCdfQuantiles, ConvergeWithTheSquareOfTheStep) {
  for (std::size_t c = 0; c < 2; ++c) {
    const auto coarse = quantiles(c, 1001), fine = quantiles(c, 2001);
    for (std::size_t i = 1; i < 7; ++i) {
      const double ratio = (coarse[i] - published[c][i]) / (fine[i] - published[c][i]);
      // 4 on average; the offset inside a cell wobbles it by a few parts in ten
      EXPECT_GT(ratio, 2.5) << "channel " << c << " quantile " << i;
      EXPECT_LT(ratio, 6.0) << "channel " << c << " quantile " << i;
    }
  }
}

TEST(InverseCdf, GivesTheSameEventsInAnyBatchOnAnyThreads) {
  const auto sampler = build<Sampler>("{type: inverse_cdf, nodes: 200}");
  for (const auto* name : {"proxy1d", "proxy2d"}) {
    const auto theory = build<Theory>(name);
    const auto& theta = theory->parameters().size() == 6 ? truth1d : truth2d;
    const std::size_t axes = theory->channels()[0].axes.size(), n = 150000;
    const auto plan = sampler->plan(*theory);
    const auto table = plan->at(theta);
    const auto stream = event_stream(5, 0);
    set_threads(1);
    const auto all = draw(*table, 0, {stream, 0}, n, axes);
    set_threads(4);
    EXPECT_EQ(all, draw(*table, 0, {stream, 0}, n, axes));
    set_threads(0);
    for (const std::size_t first : {0u, 7u, 1000u, 99999u})
      for (const std::size_t size : {1u, 5u, 513u, 3000u}) {
        const auto some = draw(*table, 0, {stream, first}, size, axes);
        for (std::size_t a = 0; a < axes; ++a)
          for (std::size_t i = 0; i < size; ++i)
            ASSERT_EQ(some[a][i], all[a][first + i]) << name;
      }
  }
}

TEST(InverseCdf, StaysInsideTheSupport) {
  const auto sampler = build<Sampler>("{type: inverse_cdf, nodes: 20}");
  const auto theory = build<Theory>("proxy1d");
  const auto plan = sampler->plan(*theory);
  const auto events = draw(*plan->at(truth1d), 0, {event_stream(5, 0), 0}, 200000, 1);
  for (const double x : events[0]) ASSERT_TRUE(x >= 0.1 && x <= 0.99999);
}

TEST(InverseCdf, MomentsAreThoseOfTheDensity) {
  const auto sampler = build<Sampler>("inverse_cdf");
  const auto theory = build<Theory>("proxy1d");
  const auto plan = sampler->plan(*theory);
  const auto table = plan->at(truth1d);
  const std::size_t n = 1000000;
  const double mean[] = {0.2441631348649, 0.2321451652439};      // published
  const double variance[] = {0.0172293359924, 0.0149179483672};  // published
  for (std::size_t c = 0; c < 2; ++c) {
    const auto x = draw(*table, c, {event_stream(8, c), 0}, n, 1)[0];
    const double sum = std::accumulate(x.begin(), x.end(), 0.0);
    const double sd = std::sqrt(variance[c] / static_cast<double>(n));
    EXPECT_NEAR(sum / static_cast<double>(n), mean[c], 4 * sd);
  }
}

TEST(InverseCdf, BackwardIsTheFiniteDifferenceOfTheEvents) {
  // Common random numbers: the events move smoothly with theta.
  const auto sampler = build<Sampler>("{type: inverse_cdf, nodes: 60}");
  for (const auto* name : {"proxy1d", "proxy2d", "gaussian_experiments"}) {
    const auto theory = build<Theory>(name);
    const std::size_t axes = theory->channels()[0].axes.size(), n = 40;
    std::vector<double> theta;
    for (const auto& p : theory->parameters()) theta.push_back(0.55 * p.lo + 0.45 * p.hi);
    const auto plan = sampler->plan(*theory);
    const Draw which{event_stream(9, 0), 17};
    Events upstream(axes, std::vector<double>(n));
    for (std::size_t a = 0; a < axes; ++a)
      for (std::size_t i = 0; i < n; ++i)
        upstream[a][i] = std::sin(1.0 + static_cast<double>(3 * i + a));
    const auto slope = pull_back(*plan->at(theta), 0, which, upstream, theta.size());
    for (std::size_t k = 0; k < theta.size(); ++k) {
      const double h = 1e-6;
      auto up = theta, down = theta;
      up[k] += h, down[k] -= h;
      const auto above = draw(*plan->at(up), 0, which, n, axes);
      const auto below = draw(*plan->at(down), 0, which, n, axes);
      double numeric = 0;
      for (std::size_t a = 0; a < axes; ++a)
        for (std::size_t i = 0; i < n; ++i)
          numeric += upstream[a][i] * (above[a][i] - below[a][i]) / (2 * h);
      // kinks where an event crosses a node are rare; round-off 1e-16/h per event
      EXPECT_NEAR(slope[k], numeric, 2e-6 * std::max(1.0, std::abs(numeric)))
          << name << " " << theory->parameters()[k].name;
    }
  }
}

TEST(InverseCdf, GradientsOfProxy1dMatchTheTable) {
  const auto theory = build<Theory>("proxy1d");
  const auto sampler = build<Sampler>("inverse_cdf");
  const auto plan = sampler->plan(*theory);
  const auto table = plan->at(truth1d);
  // proxy applications, table 1.3: d E_c[x] / dp
  const double expected[2][6] = {
      {0.00083937, 0.05467693, -0.02620717, -0.00167873, 0.00727440, -0.00118427},
      {0.00255712, 0.01653567, -0.01288574, -0.00511425, 0.03914425, -0.01018542}};
  for (std::size_t c = 0; c < 2; ++c) {
    const auto slope = mean_slope(
        *table, c, 1, 6, 20000, [](const auto&) { return std::vector<double>{1}; });
    for (std::size_t k = 0; k < 6; ++k) {
      EXPECT_NEAR(slope.mean[k], expected[c][k], 3 * slope.error[k] + 5.1e-9);
      EXPECT_LT(slope.error[k], 0.02 * std::abs(expected[c][k]));  // the test can see 6 %
    }
  }
}

TEST(InverseCdf, GradientsOfProxy2dMatchTheTable) {
  const auto theory = build<Theory>("proxy2d");
  const auto sampler = build<Sampler>("inverse_cdf");
  const auto plan = sampler->plan(*theory);
  const auto table = plan->at(truth2d);
  // samplers, section 7; the last row by the density's own quadrature of Cov(x y, score)
  std::vector<std::vector<double>> expected{
      {0.13251405, -0.05075664, 0.00263310, -0.00068949, 0.00580005},
      {0.00204167, -0.00076728, 0.12630798, -0.03382815, 0.00562898}};
  expected.push_back(
      testing::expectation(Density(*theory), 0, truth2d, [](const auto& x) {
        return x[0] * x[1];
      }).second);
  for (std::size_t h = 0; h < 3; ++h) {
    const auto slope =
        mean_slope(*table, 0, 2, 5, 4000, [&](const std::vector<double>& x) {
          if (h == 2) return std::vector<double>{x[1], x[0]};
          return std::vector<double>{h == 0 ? 1.0 : 0.0, h == 1 ? 1.0 : 0.0};
        });
    for (std::size_t k = 0; k < 5; ++k)
      EXPECT_NEAR(slope.mean[k], expected[h][k], 3 * slope.error[k] + 5e-6)
          << "feature " << h << " p" << k;  // 5e-6: the 300-node grid
  }
}

/// Correlated unit Gaussian, rho = 0.8, on the box +-5: the cross derivatives vanish.
struct CorrelatedGaussian {
  static constexpr std::size_t size = 2;

  std::vector<Parameter> parameters() const {
    return {{"mu_x", -1, 1, 0, "", ""}, {"mu_y", -1, 1, 0, "", ""}};
  }

  std::vector<Channel> channels() const {
    return {{"plane", {{"x", "", -5, 5}, {"y", "", -5, 5}}}};
  }

  template <class T>
  T log_density(std::size_t, const T* mu, const double* x) const {
    const T a = x[0] - mu[0], b = x[1] - mu[1];
    return (a * a - 1.6 * a * b + b * b) / (-2 * (1 - 0.64));
  }
};

TEST(InverseCdf, KeepsTheCrossTermOfCorrelatedAxes) {
  const FormulaTheory<CorrelatedGaussian> theory;
  const auto sampler = build<Sampler>("{type: inverse_cdf, nodes: 100}");
  const auto plan = sampler->plan(theory);
  const auto table = plan->at(std::vector<double>{0, 0});
  const double expected[2][2] = {{1, 0}, {0, 1}};  // samplers, section 7
  for (std::size_t h = 0; h < 2; ++h) {
    const auto slope = mean_slope(*table, 0, 2, 2, 4000, [&](const auto&) {
      return std::vector<double>{h == 0 ? 1.0 : 0.0, h == 1 ? 1.0 : 0.0};
    });
    for (std::size_t k = 0; k < 2; ++k)
      EXPECT_NEAR(slope.mean[k], expected[h][k], 3 * slope.error[k] + 1e-4);
  }
}

/// Trivariate density with all pairs coupled, linear in each variable: the multilinear
/// sampler is exact for it on any grid.
struct CoupledCube {
  static constexpr std::size_t size = 3;

  std::vector<Parameter> parameters() const {
    return {{"a", 0, 2, 1, "", ""}, {"b", 0, 2, 1, "", ""}, {"c", 0, 2, 1, "", ""}};
  }

  std::vector<Channel> channels() const {
    return {{"cube", {{"x", "", 0, 1}, {"y", "", 0, 1}, {"z", "", 0, 1}}}};
  }

  template <class T>
  T log_density(std::size_t, const T* p, const double* x) const {
    using std::log;
    return log(1 + p[0] * x[0] * x[1] + p[1] * x[1] * x[2] + p[2] * x[0] * x[2]);
  }
};

TEST(InverseCdf, IsExactInThreeDimensions) {
  const FormulaTheory<CoupledCube> theory;
  const std::vector<double> theta{0.5, 1.5, 1};
  const auto sampler = build<Sampler>("{type: inverse_cdf, nodes: 4}");
  const auto plan = sampler->plan(theory);
  const auto table = plan->at(theta);
  const Density density(theory);
  // Z = 1 + (a + b + c)/4; E[x z] = (1/4 + a/12 + b/12 + c/9) / Z
  const auto xz =
      testing::expectation(density, 0, theta, [](const auto& x) { return x[0] * x[2]; });
  EXPECT_NEAR(xz.first, (0.25 + 0.5 / 12 + 1.5 / 12 + 1.0 / 9) / 1.75, 1e-13);
  const std::size_t n = 200000;
  const auto x = draw(*table, 0, {event_stream(2, 0), 0}, n, 3);
  double sum = 0;
  for (std::size_t i = 0; i < n; ++i) sum += x[0][i] * x[2][i];
  EXPECT_NEAR(sum / static_cast<double>(n),
              xz.first,
              4 * 0.3 / std::sqrt(static_cast<double>(n)));  // sd of x z < 0.3
  const auto slope = mean_slope(*table, 0, 3, 3, 4000, [](const auto& e) {
    return std::vector<double>{e[2], 0, e[0]};
  });
  for (std::size_t k = 0; k < 3; ++k)
    EXPECT_NEAR(slope.mean[k], xz.second[k], 3 * slope.error[k]);
}

TEST(InverseCdf, TwoThetasAtOnceAreTwoOnTheirOwn) {
  const auto theory = build<Theory>("proxy1d");
  const auto sampler = build<Sampler>("{type: inverse_cdf, nodes: 300}");
  const auto plan = sampler->plan(*theory);
  auto other = truth1d;
  other[1] = 0.3;
  const auto a = plan->at(truth1d), b = plan->at(other);
  const auto stream = event_stream(1, 0);
  const auto first = draw(*a, 0, {stream, 0}, 100, 1);
  const auto second = draw(*b, 0, {stream, 0}, 100, 1);
  EXPECT_EQ(first, draw(*plan->at(truth1d), 0, {stream, 0}, 100, 1));
  EXPECT_EQ(
      second,
      draw(*build<Sampler>("{type: inverse_cdf, nodes: 300}")->plan(*theory)->at(other),
           0,
           {stream, 0},
           100,
           1));
  EXPECT_NE(first, second);
}

TEST(InverseCdf, RefusesGridsThatDoNotFitInMemory) {
  const auto theory = build<Theory>("proxy2d");
  const auto sampler = build<Sampler>("{type: inverse_cdf, nodes: 100000}");
  EXPECT_THROW(sampler->plan(*theory), Error);
  EXPECT_THROW(build<Sampler>("{type: inverse_cdf, nodes: 1}"), config::ConfigError);
}

}  // namespace
}  // namespace femto
