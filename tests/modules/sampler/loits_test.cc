// LOITS keeps its published properties, the bad ones included.
#include <cmath>

#include "tests/support/build.h"
#include "tests/support/proxies.h"
#include <gtest/gtest.h>

#include "femto/core/error.h"
#include "femto/physics/quadrature.h"
#include "femto/pipeline/sampler.h"

namespace femto {
namespace {

using testing::build;
using testing::truth2d;

struct Case {
  const char* variant;
  int nodes;
  double share_x, share_y;          // of dE[x]/dp0 and dE[y]/dp2 that survive
  double rounding;                  // half the last digit of the table
  double distance, distance_digit;  // total variation to f
};

// samplers, table 3.1 (K = 10)
const Case published[] = {
    {"lite", 10, 0.0507, 0.079, 0.0005, 0.024, 0.0005},
    {"lite", 30, 0.0056, 0.0091, 0.00005, 0.0058, 0.00005},
    {"corner", 10, 0.044, 0.092, 0.0005, 0.094, 0.0005},
    {"corner", 30, 0.0053, 0.0096, 0.00005, 0.018, 0.0005},
};

std::unique_ptr<Sampler> sampler_of(const Case& c) {
  return build<Sampler>(
      fmt::format("{{type: loits, variant: {}, nodes: {}}}", c.variant, c.nodes));
}

TEST(Loits, LosesThePublishedShareOfTheGradient) {
  const auto theory = build<Theory>("proxy2d");
  for (const auto& c : published) {
    const auto plan = sampler_of(c)->plan(*theory);
    const auto table = plan->at(truth2d);
    const double truth[] = {0.13251405, 0.12630798};  // dE[x]/dp0, dE[y]/dp2
    const double share[] = {c.share_x, c.share_y};
    for (std::size_t axis = 0; axis < 2; ++axis) {
      constexpr std::size_t batches = 50, n = 4000;
      double mean = 0, square = 0;
      for (std::size_t b = 0; b < batches; ++b) {
        const std::vector<double> one(n, 1.0 / n), none(n, 0.0);
        const double* upstream[] = {axis == 0 ? one.data() : none.data(),
                                    axis == 1 ? one.data() : none.data()};
        double slope[5] = {};
        table->backward(0, {event_stream(4, 0), b * n}, n, upstream, slope);
        const double kept = slope[2 * axis] / truth[axis];
        mean += kept / batches, square += kept * kept / batches;
      }
      const double error = std::sqrt((square - mean * mean) / (batches - 1));
      EXPECT_NEAR(mean, share[axis], 3 * error + c.rounding)
          << c.variant << " " << c.nodes << " axis " << axis;
      EXPECT_LT(error, 0.05 * share[axis]);
    }
  }
}

TEST(Loits, SamplesAtThePublishedDistanceFromTheDensity) {
  const auto theory = build<Theory>("proxy2d");
  const double norm = 0.01128786331987285;  // proxy applications, table 2.1
  for (const auto& c : published) {
    const auto plan = sampler_of(c)->plan(*theory);
    const auto table = plan->at(truth2d);
    const auto sampled = table->sampled(0).value();
    const auto& border = sampled.borders[0];
    const std::size_t cells = border.size() - 1, n = cells;
    const double width = border[1] - border[0], area = width * width;
    double distance = 0, total = 0;
    for (std::size_t i = 0; i < cells; ++i) {
      std::vector<double> x(n, 0.5 * (border[i] + border[i + 1])), y(n), q(n);
      for (std::size_t j = 0; j < n; ++j) y[j] = 0.5 * (border[j] + border[j + 1]);
      const double* at[] = {x.data(), y.data()};
      sampled.density(n, at, q.data());
      for (std::size_t j = 0; j < n; ++j) {
        const double f = std::pow(x[j], 0.5) * std::pow(1 - x[j], 3) *
                         std::pow(y[j], 0.3) * std::pow(1 - y[j], 4) *
                         (1 + 0.75 * x[j] * y[j]) / norm;
        distance += 0.5 * std::abs(q[j] - f) * area;
        total += q[j] * area;
      }
    }
    EXPECT_NEAR(total, 1, 1e-12);
    // the midpoint rule and the table's last digit
    EXPECT_NEAR(distance, c.distance, c.distance_digit + 0.02 * c.distance)
        << c.variant << " " << c.nodes;
  }
}

TEST(Loits, BackwardIsTheFiniteDifferenceAtFixedCells) {
  for (const auto* variant : {"lite", "corner"})
    for (const auto* name : {"proxy1d", "proxy2d"}) {
      const auto theory = build<Theory>(name);
      const auto sampler = build<Sampler>(
          fmt::format("{{type: loits, variant: {}, nodes: 8, points: 5}}", variant));
      const auto plan = sampler->plan(*theory);
      std::vector<double> theta;
      for (const auto& p : theory->parameters()) theta.push_back(0.5 * (p.lo + p.hi));
      const std::size_t axes = theory->channels()[0].axes.size();
      const auto draw = [&](const std::vector<double>& t, std::uint64_t i) {
        std::vector<double> x(axes);
        double* out[2] = {&x[0], axes > 1 ? &x[1] : nullptr};
        plan->at(t)->draw(0, {event_stream(6, 0), i}, 1, out);
        return x;
      };
      for (std::uint64_t i = 0; i < 6; ++i)
        for (std::size_t k = 0; k < theta.size(); ++k) {
          // small enough that no event changes its cell
          const double h = 1e-7;
          auto up = theta, down = theta;
          up[k] += h, down[k] -= h;
          const auto above = draw(up, i), below = draw(down, i);
          double numeric = 0;
          std::vector<double> slope(theta.size());
          const double weight[] = {1.0, -2.0};
          const double* upstream[] = {&weight[0], &weight[1]};
          for (std::size_t a = 0; a < axes; ++a)
            numeric += weight[a] * (above[a] - below[a]) / (2 * h);
          plan->at(theta)->backward(
              0, {event_stream(6, 0), i}, 1, upstream, slope.data());
          EXPECT_NEAR(slope[k], numeric, 1e-6) << variant << " " << name << " " << k;
        }
    }
}

TEST(Loits, SaysThatItIsBiased) {
  EXPECT_NE(build<Sampler>("loits")->bias().find("biased"), std::string::npos);
  EXPECT_TRUE(build<Sampler>("inverse_cdf")->bias().empty());
}

TEST(Loits, DeliversWhatIsAskedInAnyBatch) {
  const auto theory = build<Theory>("proxy2d");
  const auto sampler = build<Sampler>("{type: loits, nodes: 20}");
  const auto plan = sampler->plan(*theory);
  const auto table = plan->at(truth2d);
  constexpr std::size_t n = 3001;
  std::vector<double> x(n, -1.0), y(n, -1.0);
  double* out[] = {x.data(), y.data()};
  const auto stream = event_stream(3, 0);
  table->draw(0, {stream, 0}, n, out);
  for (std::size_t i = 0; i < n; ++i) {
    EXPECT_TRUE(x[i] >= 0.001 && x[i] <= 0.999 && y[i] >= 0.001 && y[i] <= 0.999);
    double a = 0, b = 0;
    double* one[] = {&a, &b};
    table->draw(0, {stream, i}, 1, one);
    EXPECT_EQ(a, x[i]);
    EXPECT_EQ(b, y[i]);
  }
}

/// Events per cell of the 2-D proxy, cells counted from the events themselves.
std::vector<double> counts_of(const std::string& allocation, std::size_t n) {
  const auto theory = build<Theory>("proxy2d");
  const auto sampler = build<Sampler>(
      fmt::format("{{type: loits, nodes: 11, allocation: {}}}", allocation));
  const auto plan = sampler->plan(*theory);
  std::vector<double> x(n), y(n), counts(100);
  double* out[] = {x.data(), y.data()};
  plan->at(truth2d)->draw(0, {event_stream(3, 0), 0}, n, out);
  const auto along = [](double at) { return std::floor((at - 0.001) / 0.0998); };
  for (std::size_t i = 0; i < n; ++i)
    ++counts[static_cast<std::size_t>(10 * along(x[i]) + along(y[i]))];
  return counts;
}

/// The weights of the cells: the density in their middles.
std::vector<double> weights() {
  std::vector<double> w;
  double sum = 0;
  for (int i = 0; i < 10; ++i)
    for (int j = 0; j < 10; ++j) {
      const double x = 0.001 + 0.0998 * (i + 0.5), y = 0.001 + 0.0998 * (j + 0.5);
      w.push_back(std::pow(x, 0.5) * std::pow(1 - x, 3) * std::pow(y, 0.3) *
                  std::pow(1 - y, 4) * (1 + 0.75 * x * y));
      sum += w.back();
    }
  for (double& v : w) v /= sum;
  return w;
}

TEST(Loits, AllocatesEventsByTheRuleThatIsNamed) {
  constexpr std::size_t n = 10000;
  const auto w = weights();
  const auto random = counts_of("multinomial", n),
             systematic = counts_of("systematic", n), floors = counts_of("floor", n);
  double chi2 = 0, kept = 0;
  for (const double v : w) kept += std::floor(v * n);
  for (std::size_t k = 0; k < w.size(); ++k) {
    const double expected = w[k] * n;
    if (expected > 5) chi2 += (random[k] - expected) * (random[k] - expected) / expected;
    EXPECT_LT(std::abs(systematic[k] - expected), 1) << k;
    // what rounding loses is drawn again in proportion: at most n - kept more
    EXPECT_GE(floors[k], std::floor(expected)) << k;
    if (expected < 1) {
      EXPECT_EQ(floors[k], 0) << k;
    }
  }
  EXPECT_LT(chi2, 100 + 5 * std::sqrt(200.0));  // at most 100 cells
  EXPECT_GT(chi2, 20);                          // and not systematic ones
  EXPECT_LT(kept, n);
}

TEST(Loits, OrderedRulesServeOneChannelOnly) {
  const auto theory = build<Theory>("proxy1d");
  for (const auto* rule : {"systematic", "floor"}) {
    const auto sampler =
        build<Sampler>(fmt::format("{{type: loits, allocation: {}}}", rule));
    EXPECT_THROW(sampler->plan(*theory), Error);
    EXPECT_NE(sampler->bias().find("counts"), std::string::npos);
  }
  // fewer events than cells, each of which expects less than one
  const auto plane = build<Theory>("proxy2d");
  const auto sampler = build<Sampler>("{type: loits, allocation: floor}");
  double x = 0, y = 0;
  double* out[] = {&x, &y};
  EXPECT_THROW(
      sampler->plan(*plane)->at(truth2d)->draw(0, {event_stream(3, 0), 0}, 1, out),
      Error);
}

TEST(Loits, SlopesOfABigDrawAreThoseOfItsEvents) {
  // Big draws prepare all curves and add up per curve, single events do neither.
  const auto theory = build<Theory>("proxy2d");
  for (const auto* settings : {"{type: loits, nodes: 6, points: 7}",
                               "{type: loits, nodes: 7, points: 2}",
                               "{type: loits, nodes: 9, points: 23, variant: corner}"}) {
    const auto sampler = build<Sampler>(settings);
    const auto plan = sampler->plan(*theory);
    const auto table = plan->at(truth2d);
    constexpr std::size_t n = 700;
    std::vector<double> up[2] = {std::vector<double>(n), std::vector<double>(n)};
    for (std::size_t i = 0; i < n; ++i)
      up[0][i] = std::cos(static_cast<double>(i)), up[1][i] = std::sin(2.0 * i);
    const double* all[] = {up[0].data(), up[1].data()};
    double whole[5] = {}, single[5] = {};
    table->backward(0, {event_stream(5, 0), 0}, n, all, whole);
    for (std::size_t i = 0; i < n; ++i) {
      const double* one[] = {&up[0][i], &up[1][i]};
      table->backward(0, {event_stream(5, 0), i}, 1, one, single);
    }
    for (int k = 0; k < 5; ++k)
      EXPECT_NEAR(whole[k], single[k], 1e-12 * (1 + std::abs(single[k]))) << settings;
  }
}

}  // namespace
}  // namespace femto
