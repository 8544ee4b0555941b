// Dual numbers against finite differences, and a formula against hand-written slopes.
#include "femto/pipeline/formula.h"

#include <cmath>

#include "tests/support/build.h"
#include "tests/support/proxies.h"
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace femto {
namespace {

using testing::evaluate_at;

/// The 1-D proxy as a user would write it.
struct MixtureFormula {
  static constexpr std::size_t size = 6;

  std::vector<Parameter> parameters() const {
    std::vector<Parameter> out;
    for (const auto* name : {"N_u", "a_u", "b_u", "N_d", "a_d", "b_d"})
      out.push_back({name, 0, 5, 1, "", ""});
    return out;
  }

  std::vector<Channel> channels() const {
    const Axis axis{"x", "", 0.1, 0.99999, Grading::log_upper};
    return {{"one", {axis}}, {"two", {axis}}};
  }

  template <class T>
  T log_density(std::size_t channel, const T* p, const double* x) const {
    using std::exp, std::log, std::pow;
    const T u = p[0] * pow(x[0], p[1]) * pow(1 - x[0], p[2]);
    const T d = p[3] * pow(x[0], p[4]) * pow(1 - x[0], p[5]);
    return channel == 0 ? log(4 * u + d) : log(u + 4 * d);
  }
};

/// A density that is zero above an edge.
struct Triangle {
  static constexpr std::size_t size = 1;

  std::vector<Parameter> parameters() const { return {{"edge", 0, 1, 0.5, "", ""}}; }

  std::vector<Channel> channels() const { return {{"only", {{"x", "", 0, 1}}}}; }

  template <class T>
  T log_density(std::size_t, const T* p, const double* x) const {
    using std::log;
    if (!(p[0] > x[0])) return -std::numeric_limits<double>::infinity();
    return log(p[0] - x[0]);
  }
};

template <class F>
void expect_slope(const F& f, double x) {
  const auto dual = f(Dual<2>::variable(x, 1));
  const double h = 1e-5 * std::max(1.0, std::abs(x));
  const double numeric = (f(Dual<2>(x + h)).value - f(Dual<2>(x - h)).value) / (2 * h);
  // central differences: h^2 truncation and 1e-16/h round-off
  EXPECT_NEAR(dual.slope[1], numeric, 1e-8 * std::max(1.0, std::abs(numeric)));
  EXPECT_EQ(dual.slope[0], 0);
}

TEST(Dual, EveryFunctionHasTheSlopeOfFiniteDifferences) {
  using D = Dual<2>;
  for (const double x : {0.3, 0.7, 1.9}) {
    expect_slope([](const D& a) { return exp(a); }, x);
    expect_slope([](const D& a) { return log(a); }, x);
    expect_slope([](const D& a) { return log1p(a); }, x);
    expect_slope([](const D& a) { return sqrt(a); }, x);
    expect_slope([](const D& a) { return sin(a); }, x);
    expect_slope([](const D& a) { return cos(a); }, x);
    expect_slope([](const D& a) { return tanh(a); }, x);
    expect_slope([](const D& a) { return pow(a, 2.5); }, x);
    expect_slope([](const D& a) { return pow(a, a); }, x);
    expect_slope([](const D& a) { return pow(1.7, a); }, x);
    expect_slope([](const D& a) { return (1 - a) / (a * a + 2) - 3 * a; }, x);
    expect_slope(
        [](const D& a) {
          D b = a;
          b += 2, b *= a, b -= 1, b /= a;
          return -b;
        },
        x);
  }
}

TEST(FormulaTheory, AgreesWithTheHandWrittenProxy) {
  const FormulaTheory<MixtureFormula> formula;
  const auto proxy = testing::build<Theory>("proxy1d");
  for (std::size_t channel = 0; channel < 2; ++channel)
    for (const double x : {0.1, 0.3, 0.8, 0.999}) {
      const auto a = evaluate_at(formula, channel, testing::truth1d, {x});
      const auto b = evaluate_at(*proxy, channel, testing::truth1d, {x});
      EXPECT_NEAR(a.log_sigma, b.log_sigma, 1e-13);  // round-off of pow against exp
      for (std::size_t k = 0; k < 6; ++k) EXPECT_NEAR(a.slope[k], b.slope[k], 1e-12);
    }
}

TEST(FormulaTheory, GivesTheSameValueWithAndWithoutSlopes) {
  const FormulaTheory<MixtureFormula> formula;
  const double x = 0.4;
  const double* feature = &x;
  double value = 0;
  formula.evaluate(0, testing::truth1d, 1, &feature, &value, nullptr);
  EXPECT_NEAR(value,
              evaluate_at(formula, 0, testing::truth1d, {x}).log_sigma,
              4e-15);  // one rounding more or less
}

TEST(FormulaTheory, HasNoSlopeWhereTheDensityIsZero) {
  const FormulaTheory<Triangle> triangle;
  const std::vector<double> theta{0.5};
  const auto at = evaluate_at(triangle, 0, theta, {0.6});
  EXPECT_EQ(at.log_sigma, -std::numeric_limits<double>::infinity());
  EXPECT_EQ(at.slope[0], 0);
}

}  // namespace
}  // namespace femto
