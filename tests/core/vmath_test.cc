// Vector exp and log against long double, at every position of a vector.
#include "femto/core/vmath.h"

#include <cmath>
#include <limits>
#include <vector>

#include <gtest/gtest.h>

#include "femto/core/random.h"

namespace femto::vmath {
namespace {

constexpr double accuracy = 2e-15;  // relative; what the header promises and a little

std::vector<double> spread(double lo, double hi, std::size_t n) {
  std::vector<double> x(n);
  for (std::size_t i = 0; i < n; ++i) x[i] = lo + (hi - lo) * random::uniform({1, 2}, i);
  return x;
}

TEST(Exp, IsAccurate) {
  const auto x = spread(-700, 700, 20001);
  std::vector<double> y(x.size());
  exp(x.size(), x.data(), y.data());
  for (std::size_t i = 0; i < x.size(); ++i) {
    const long double expected = std::exp(static_cast<long double>(x[i]));
    ASSERT_LE(std::abs(static_cast<double>(y[i] / expected - 1)), accuracy) << x[i];
  }
}

TEST(Exp, VanishesAtMinusInfinity) {
  double x = -std::numeric_limits<double>::infinity();
  exp(1, &x, &x);
  EXPECT_EQ(x, 0);
}

TEST(Log, IsAccurateOverAllMagnitudes) {
  auto x = spread(-300, 300, 20001);
  for (double& value : x) value = std::pow(10.0, value);
  std::vector<double> y(x.size());
  log(x.size(), x.data(), y.data());
  for (std::size_t i = 0; i < x.size(); ++i) {
    const long double expected = std::log(static_cast<long double>(x[i]));
    ASSERT_LE(std::abs(static_cast<double>(y[i] / expected - 1)), accuracy) << x[i];
  }
}

TEST(Log, IsAccurateBetweenTheEndsOfTheProxies) {
  const auto x = spread(0.001, 0.99999, 20001);
  std::vector<double> y(x.size());
  log(x.size(), x.data(), y.data());
  for (std::size_t i = 0; i < x.size(); ++i) {
    const long double expected = std::log(static_cast<long double>(x[i]));
    ASSERT_LE(std::abs(static_cast<double>(y[i] / expected - 1)), accuracy) << x[i];
  }
}

TEST(Log, OfZeroIsMinusInfinity) {
  double x = 0;
  log(1, &x, &x);
  EXPECT_EQ(x, -std::numeric_limits<double>::infinity());
}

TEST(Log1p, IsAccurateAlsoForTinyArguments) {
  auto x = spread(-0.99999, 4, 10001);
  for (const double tiny : {1e-3, 1e-8, 1e-16, 1e-300, -1e-3, -1e-8, -1e-16})
    x.push_back(tiny);
  std::vector<double> y(x.size());
  log1p(x.size(), x.data(), y.data());
  for (std::size_t i = 0; i < x.size(); ++i) {
    const long double expected = std::log1p(static_cast<long double>(x[i]));
    ASSERT_LE(std::abs(static_cast<double>(y[i] / expected - 1)), accuracy) << x[i];
  }
}

TEST(Vmath, DoesNotDependOnThePlaceInTheArray) {
  const auto x = spread(0.01, 5, 67);
  std::vector<double> all(x.size()), one(1);
  for (auto* f : {&exp, &log, &log1p}) {
    f(x.size(), x.data(), all.data());
    for (std::size_t i = 0; i < x.size(); ++i) {
      f(1, &x[i], one.data());
      ASSERT_EQ(all[i], one[0]);
    }
  }
}

TEST(Vmath, NamesItsInstructionSet) {
  EXPECT_STRNE(simd_level(), "");
}

}  // namespace
}  // namespace femto::vmath
