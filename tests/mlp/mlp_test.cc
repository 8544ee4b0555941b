// Fused perceptrons against the plain one, for every activation, loss, mode and shape.
#include "femto/mlp/mlp.h"

#include <cmath>
#include <memory>

#include "tests/mlp/plain.h"
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "femto/core/error.h"
#include "femto/core/threads.h"

using namespace femto;
using namespace femto::mlp;
using oracle::Numbers;
using oracle::PlainResult;

namespace {

/// What a pass is about, in double precision.
struct Case {
  Shape shape;
  std::size_t rows = 1;
  Loss loss = Loss::bce;
  bool masked = false;
  bool one_target = false;
  std::vector<Numbers> parameters;
  Numbers x, upstream;

  Case(Shape s, std::size_t n, Loss l, bool with_dropout = false, bool single = false)
      : shape(std::move(s)), rows(n), loss(l), masked(with_dropout), one_target(single) {
    parameters = oracle::some_parameters(shape);
    x = oracle::normal_numbers(rows * static_cast<std::size_t>(shape.inputs), 1, 91);
    const auto outputs = rows * static_cast<std::size_t>(shape.outputs);
    upstream = oracle::normal_numbers(one_target ? 1 : outputs, 1, 92);
  }

  Pass<double> pass() const {
    Pass<double> p{.rows = rows, .x = x, .loss = loss, .upstream = upstream};
    if (masked) p.dropout = DropoutKey{random::Stream::named(5, "masks"), 77};
    return p;
  }
};

template <class T>
std::vector<T> as(const Numbers& values) {
  return {values.begin(), values.end()};
}

template <class T>
void set_parameters(Mlp<T>& network, const std::vector<Numbers>& parameters) {
  std::vector<std::vector<T>> values;
  for (const auto& p : parameters) values.push_back(as<T>(p));
  const std::vector<std::span<const T>> spans(values.begin(), values.end());
  network.set_parameters(spans);
}

enum class Wanted { weights, inputs, both };

template <class T>
PlainResult fused(const Case& c, Wanted wanted = Wanted::both) {
  Mlp<T> network(c.shape);
  set_parameters(network, c.parameters);
  const auto x = as<T>(c.x), upstream = as<T>(c.upstream);
  std::vector<T> y(c.rows * static_cast<std::size_t>(c.shape.outputs));
  std::vector<T> weights(wanted == Wanted::inputs ? 0 : network.size(), T(7));
  std::vector<T> inputs(wanted == Wanted::weights ? 0 : x.size(), T(7));
  PlainResult out;
  out.loss = network.run({.rows = c.rows,
                          .x = x,
                          .loss = c.loss,
                          .upstream = upstream,
                          .dropout = c.pass().dropout,
                          .outputs = y,
                          .weight_gradient = weights,
                          .input_gradient = inputs});
  out.outputs.assign(y.begin(), y.end());
  out.weight_gradient.assign(weights.begin(), weights.end());
  out.input_gradient.assign(inputs.begin(), inputs.end());
  return out;
}

double largest(const Numbers& a) {
  double m = 0;
  for (const double v : a) m = std::max(m, std::abs(v));
  return m;
}

/// Largest difference over largest value: the scale on which sums of many terms round.
double distance(const Numbers& a, const Numbers& b) {
  double m = a.size() == b.size() ? 0 : INFINITY;
  for (std::size_t i = 0; i < a.size() && m < INFINITY; ++i)
    m = std::max(m, std::abs(a[i] - b[i]));
  return m / std::max(largest(b), 1e-300);
}

void expect_same(const PlainResult& a, const PlainResult& b, double tolerance) {
  EXPECT_NEAR(a.loss, b.loss, tolerance * std::max(1.0, std::abs(b.loss)));
  EXPECT_LT(distance(a.outputs, b.outputs), tolerance);
  EXPECT_LT(distance(a.weight_gradient, b.weight_gradient), tolerance);
  EXPECT_LT(distance(a.input_gradient, b.input_gradient), tolerance);
}

const Activation every_activation[] = {Activation::leaky_relu,
                                       Activation::relu,
                                       Activation::tanh,
                                       Activation::silu,
                                       Activation::gelu};

Case mixed(Activation activation, Loss loss, double dropout = 0) {
  return {{3, {37, 128, 50}, 2, activation, 0.2, true, dropout}, 501, loss, dropout > 0};
}

}  // namespace

class Fused : public ::testing::TestWithParam<Activation> {};

TEST_P(Fused, EveryLossAgreesWithThePlainNetworkInDouble) {
  for (const auto loss : {Loss::none, Loss::bce, Loss::least_squares}) {
    const auto c = mixed(GetParam(), loss);
    expect_same(fused<double>(c), oracle::plain(c.shape, c.parameters, c.pass()), 1e-13);
  }
}

TEST_P(Fused, DropoutUsesTheMasksOfItsKey) {
  const auto c = mixed(GetParam(), Loss::bce, 0.3);
  expect_same(fused<double>(c), oracle::plain(c.shape, c.parameters, c.pass()), 1e-13);
}

TEST_P(Fused, SinglePrecisionAgreesWithDouble) {
  const auto c = mixed(GetParam(), Loss::bce);
  const auto exact = oracle::plain(c.shape, c.parameters, c.pass());
  const auto result = fused<float>(c);
  EXPECT_LT(distance(result.outputs, exact.outputs), 1e-6);
  EXPECT_NEAR(result.loss, exact.loss, 1e-6 * exact.loss);
  EXPECT_LT(distance(result.weight_gradient, exact.weight_gradient), 1e-5);
}

TEST_P(Fused, ModesGiveTheSameBits) {
  const auto c = mixed(GetParam(), Loss::least_squares, 0.1);
  const auto both = fused<float>(c), weights = fused<float>(c, Wanted::weights),
             inputs = fused<float>(c, Wanted::inputs);
  EXPECT_EQ(both.weight_gradient, weights.weight_gradient);
  EXPECT_EQ(both.input_gradient, inputs.input_gradient);
  EXPECT_EQ(both.loss, weights.loss);
  EXPECT_EQ(both.outputs, inputs.outputs);
}

TEST_P(Fused, NoDropoutWithoutAKey) {
  auto c = mixed(GetParam(), Loss::bce, 0.3);
  c.masked = false;
  const auto without = mixed(GetParam(), Loss::bce);
  EXPECT_EQ(fused<float>(c).outputs, fused<float>(without).outputs);
}

INSTANTIATE_TEST_SUITE_P(All, Fused, ::testing::ValuesIn(every_activation));

TEST(FusedMlp, TwoUnitsByHand) {
  // 16 units, of which two see the input: relu(2 x - 1) and relu(-x); y = 3 a - 5 b + 1.
  const Shape shape{1, {16}, 1, Activation::relu, 0, true, 0};
  Numbers w0(16), b0(16), w1(16);
  w0[0] = 2, b0[0] = -1, w1[0] = 3;
  w0[9] = -1, w1[9] = -5;
  Mlp<double> network(shape);
  set_parameters<double>(network, {w0, b0, w1, {1}});
  const Numbers x{2, -3}, t{9, -15};
  Numbers y(2), dw(network.size()), dx(2);
  const double loss = network.run({.rows = 2,
                                   .x = x,
                                   .loss = Loss::least_squares,
                                   .upstream = t,
                                   .outputs = y,
                                   .weight_gradient = dw,
                                   .input_gradient = dx});
  EXPECT_EQ(y, (Numbers{10, -14}));
  EXPECT_EQ(loss, 2);
  EXPECT_EQ(dx, (Numbers{2 * 3 * 2, 2 * 5}));
  Numbers expected(network.size());
  expected[0] = 2 * 3 * 2, expected[9] = 2 * -5 * -3;  // first weights
  expected[16] = 2 * 3, expected[16 + 9] = 2 * -5;     // and biases
  expected[32] = 2 * 3, expected[32 + 9] = 2 * 3;      // last weights
  expected[48] = 2 + 2;                                // and bias
  EXPECT_EQ(dw, expected);
}

TEST(FusedMlp, GradientsMatchFiniteDifferences) {
  for (const auto activation : every_activation) {
    Case c({2, {17, 16}, 2, activation, 0.2, true, 0.2}, 9, Loss::bce, true);
    const auto slopes = fused<double>(c);
    const double h = 1e-6;
    const auto check = [&](double& v, double slope) {
      const double kept = v;
      v = kept + h;
      const double up = fused<double>(c).loss;
      v = kept - h;
      const double down = fused<double>(c).loss;
      v = kept;
      // round-off of a central difference of a sum of 18 terms of order one
      EXPECT_NEAR(slope, (up - down) / (2 * h), 2e-8 * std::max(1.0, std::abs(slope)));
    };
    std::size_t first = 0;
    for (auto& p : c.parameters) {
      for (std::size_t i = 0; i < p.size(); i += 5)
        check(p[i], slopes.weight_gradient[first + i]);
      first += p.size();
    }
    for (std::size_t i = 0; i < c.x.size(); ++i) check(c.x[i], slopes.input_gradient[i]);
  }
}

TEST(FusedMlp, SameBitsForAnyNumberOfThreads) {
  const auto c = mixed(Activation::leaky_relu, Loss::bce, 0.1);
  Case many(c.shape, 5003, c.loss, true);
  set_threads(1);
  const auto one = fused<float>(many);
  for (const int threads : {2, 3}) {
    set_threads(threads);
    const auto other = fused<float>(many);
    EXPECT_EQ(one.loss, other.loss);
    EXPECT_EQ(one.outputs, other.outputs);
    EXPECT_EQ(one.weight_gradient, other.weight_gradient);
    EXPECT_EQ(one.input_gradient, other.input_gradient);
  }
  set_threads(0);
}

TEST(FusedMlp, NoRowsGiveNoGradient) {
  const Case c({2, {16}, 1, Activation::relu, 0, true, 0}, 0, Loss::bce, false, true);
  const auto result = fused<float>(c);
  EXPECT_EQ(result.loss, 0);
  EXPECT_EQ(largest(result.weight_gradient), 0);
}

TEST(FusedMlp, LargeOutputsKeepTheLossFinite) {
  Case c({1, {16}, 1, Activation::relu, 0, true, 0}, 4, Loss::bce, false, true);
  c.x = {1e4, -1e4, 1e6, -1e6};
  for (const double target : {0.0, 1.0}) {
    c.upstream = {target};
    expect_same(fused<double>(c), oracle::plain(c.shape, c.parameters, c.pass()), 1e-13);
    EXPECT_TRUE(std::isfinite(fused<float>(c).loss));
  }
}

TEST(FusedMlp, SizesThatDoNotFitAreRefused) {
  EXPECT_THROW(Mlp<float>({17, {16}, 1}), Bug);
  EXPECT_THROW(Mlp<float>({2, {8}, 1}), Bug);
  EXPECT_THROW(Mlp<float>({2, {}, 1}), Bug);
  EXPECT_THROW(Mlp<float>({2, {16}, 1, Activation::leaky_relu, -0.1}), Bug);
  Mlp<float> network({2, {16}, 1});
  EXPECT_THROW(network.set_parameters({}), Bug);
  const std::vector<float> x(5);
  EXPECT_THROW(network.run({.rows = 2, .x = x}), Bug);
}

RC_GTEST_PROP(FusedMlp, AnyShapeAgreesWithThePlainNetwork, ()) {
  Shape shape;
  const auto end = [] { return *rc::gen::element(1, 2, 3, 7, 8, 15, 16); };
  shape.inputs = end();
  shape.outputs = end();
  shape.hidden = *rc::gen::container<std::vector<int>>(
      *rc::gen::inRange(1, 4), rc::gen::element(16, 17, 31, 32, 33, 47, 64, 65, 100));
  shape.activation = *rc::gen::elementOf(
      std::vector(std::begin(every_activation), std::end(every_activation)));
  shape.slope = *rc::gen::element(0.0, 0.01, 0.2, 1.5);
  shape.biases = *rc::gen::arbitrary<bool>();
  shape.dropout = *rc::gen::element(0.0, 0.1, 0.5);
  const auto rows = *rc::gen::element<std::size_t>(1, 2, 5, 8, 13, 48, 49, 241, 333);
  const auto loss = *rc::gen::element(Loss::none, Loss::bce, Loss::least_squares);
  const bool single = loss != Loss::none && *rc::gen::arbitrary<bool>();
  const Case c(shape, rows, loss, *rc::gen::arbitrary<bool>(), single);
  const auto exact = oracle::plain(c.shape, c.parameters, c.pass());
  const auto result = fused<double>(c);
  RC_ASSERT(distance(result.outputs, exact.outputs) < 1e-12);
  RC_ASSERT(distance(result.weight_gradient, exact.weight_gradient) < 1e-12);
  RC_ASSERT(distance(result.input_gradient, exact.input_gradient) < 1e-12);
  RC_ASSERT(std::abs(result.loss - exact.loss) <= 1e-12 * std::max(1.0, exact.loss));
}
