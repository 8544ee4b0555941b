// The logistic map of a box: its inverse, its Jacobian, and what is flat in the box.
#include "femto/stats/box_map.h"

#include <cmath>

#include <gtest/gtest.h>

#include "femto/stats/convergence.h"
#include "femto/stats/hmc.h"
#include "femto/stats/summary.h"

namespace femto::stats {
namespace {

const std::vector<Bound> box{{-1, 3}, {0, 1, true}, {2, 2.5}};
const std::vector<double> base{0.5, 0.25, 2.1};

/// (a - 1)^2 / 2 + 3 c^2 / 2 + a c / 2.
Evaluation bowl(std::span<const double> t) {
  Evaluation e{0.5 * (t[0] - 1) * (t[0] - 1) + 1.5 * t[2] * t[2] + 0.5 * t[0] * t[2],
               {t[0] - 1 + 0.5 * t[2], 0, 3 * t[2] + 0.5 * t[0]},
               Matrix(3, 3)};
  e.curvature.data = {1, 0, 0.5, 0, 0, 0, 0.5, 0, 3};
  return e;
}

TEST(BoxMap, GoesThereAndBack) {
  const BoxMap map(box, base);
  ASSERT_EQ(map.size(), 2u);
  const auto theta = map.theta(map.z(base));
  for (std::size_t j = 0; j < 3; ++j) EXPECT_NEAR(theta[j], base[j], 1e-12);
  EXPECT_NEAR(map.theta(std::vector<double>{0, 0})[0], 1, 1e-15);
  // Edges are moved inside by a thousandth.
  EXPECT_NEAR(map.theta(map.z(std::vector<double>{3, 0.25, 2}))[0], 3 - 0.004, 1e-12);
}

TEST(BoxMap, GradientAndCurvatureAreThoseOfTheDensity) {
  const BoxMap map(box, base);
  const auto density = map.density(bowl);
  const std::vector<double> z{0.3, -1.2};
  std::vector<double> g(2), up(2), down(2);
  density(z, g);
  const double h = 1e-5;
  for (std::size_t k = 0; k < 2; ++k) {
    auto a = z, b = z;
    a[k] += h;
    b[k] -= h;
    EXPECT_NEAR((density(a, up) - density(b, down)) / (2 * h), g[k], 1e-8);
  }
  // ln J = sum ln (hi - lo) s (1 - s), up to the constant of the widths.
  const auto theta = map.theta(z);
  double jacobian = 0;
  for (const std::size_t j : {0u, 2u})
    jacobian += std::log((theta[j] - box[j].lo) * (box[j].hi - theta[j]) /
                         std::pow(box[j].hi - box[j].lo, 2));
  EXPECT_NEAR(density(z, g), -bowl(theta).value + jacobian, 1e-12);
  // The part of the prior alone, by differences of its gradient.
  const auto flat = map.density([](std::span<const double> t) {
    return Evaluation{0, std::vector<double>(t.size(), 0.0), Matrix(3, 3)};
  });
  flat(std::vector<double>{0.3 + h, -1.2}, up);
  flat(std::vector<double>{0.3 - h, -1.2}, down);
  EXPECT_NEAR(map.curvature(z, Matrix(3, 3))(0, 0), -(up[0] - down[0]) / (2 * h), 1e-8);
}

TEST(BoxMap, ADensityThatIsFlatInTheBoxIsSampledFlat) {
  const BoxMap map(box, base);
  const auto density = map.density([](std::span<const double> t) {
    return Evaluation{0, std::vector<double>(t.size(), 0.0), Matrix(3, 3)};
  });
  HmcOptions options;
  options.draws = 2000;
  const auto chains = sample(density, {{0, 0}, {1, 1}, {-1, 1}, {1, -1}}, options);
  Chains a;
  std::vector<double> all;
  for (const auto& c : chains) {
    a.emplace_back();
    for (const auto& z : c.draws) a.back().push_back(map.theta(z)[0]);
    all.insert(all.end(), a.back().begin(), a.back().end());
  }
  const double error = std::sqrt(16.0 / 12 / ess_mean(a));
  EXPECT_NEAR(mean(all), 1, 4 * error);
  for (const double p : {0.05, 0.5, 0.95})
    EXPECT_NEAR(quantile(all, p),
                -1 + 4 * p,
                4 * 4 * std::sqrt(p * (1 - p) / std::min(ess_tail(a), ess_bulk(a))));
}

TEST(BoxMap, HasNoDensityAtInfinity) {
  const BoxMap map(box, base);
  std::vector<double> g(2);
  EXPECT_EQ(map.density(bowl)(std::vector<double>{INFINITY, 0}, g), -INFINITY);
  EXPECT_EQ(map.density(bowl)(std::vector<double>{1e4, 0}, g), -INFINITY);
}

}  // namespace
}  // namespace femto::stats
