// The fused perceptron of the kernels against a plain one, the CPU's fused one and finite
// differences.
#include "femto/mlp/mlp.h"

#include "tests/cuda/mlp_case.h"
#include "tests/mlp/plain.h"
#include <gtest/gtest.h>

namespace femto {
namespace {

using cuda::Activation;
using cuda::Loss;
using testing::backwards;
using testing::Host;
using testing::MlpCase;
using testing::run_mlp;
using testing::Wanted;

// Widths that are no multiple of anything, one output and several, thin and wide layers,
// tiles of 32, 16 and 8 rows, and rows that do not fill the last tile.
const MlpCase cases[] = {
    {{2, 128, 128, 1}, 70, Activation::leaky_relu, Loss::bce_with_logits},
    {{5, 33, 130, 40}, 97, Activation::tanh, Loss::least_squares, 0.25},
    {{16, 300, 300, 300, 16}, 21, Activation::silu, Loss::given, 0.1},
    {{1, 512, 512, 512, 2}, 9, Activation::gelu, Loss::least_squares},
    {{3, 20, 4}, 300, Activation::relu, Loss::bce_with_logits, 0.5, false},
    {{4, 1}, 50, Activation::relu, Loss::bce_with_logits},
};

mlp::Shape shape_of(const MlpCase& c) {
  return {c.width.front(),
          {c.width.begin() + 1, c.width.end() - 1},
          c.width.back(),
          static_cast<mlp::Activation>(c.activation),  // the same order of names
          0.2,
          c.biases,
          c.dropout};
}

/// The pass of the CPU's layer; loss and derivatives are not divided by the rows.
template <class Real>
mlp::Pass<Real> pass_of(const MlpCase& c,
                        const std::vector<Real>& x,
                        const std::vector<Real>& target) {
  mlp::Pass<Real> pass{static_cast<std::size_t>(c.rows), x};
  pass.loss = c.loss == Loss::given           ? mlp::Loss::none
              : c.loss == Loss::least_squares ? mlp::Loss::least_squares
                                              : mlp::Loss::bce;
  pass.upstream = target;
  pass.dropout = {c.drop().stream, c.drop().first};
  return pass;
}

std::vector<std::vector<double>> by_layer(const MlpCase& c) {
  std::vector<std::vector<double>> out;
  for (std::size_t l = 0; l < c.layers(); ++l) {
    out.push_back(c.weight(l));
    if (c.biases) out.push_back(c.bias(l));
  }
  return out;
}

template <class A, class B>
void expect_close(const std::vector<A>& found,
                  const std::vector<B>& wanted,
                  double factor,
                  double relative,
                  const char* what) {
  ASSERT_EQ(found.size(), wanted.size()) << what;
  double top = 0;
  for (const B v : wanted) top = std::max(top, std::abs(factor * v));
  for (std::size_t i = 0; i < found.size(); ++i)
    ASSERT_NEAR(found[i], factor * wanted[i], relative * top) << what << " " << i;
}

TEST(CudaMlp, IsThePlainNetworkInDoublePrecision) {
  for (const auto& c : cases) {
    const auto x = c.input(), target = c.target();
    const auto wanted = oracle::plain(shape_of(c), by_layer(c), pass_of(c, x, target));
    const auto found = run_mlp<double>(Host{}, c);
    // sums of at most 512 terms per layer, several layers
    expect_close(found.output, wanted.outputs, 1, 1e-13, "output");
    expect_close(found.gradient, wanted.weight_gradient, c.scale(), 1e-13, "gradient");
    expect_close(found.input_slope, wanted.input_gradient, c.scale(), 1e-13, "inputs");
    if (c.loss == Loss::given) continue;
    EXPECT_NEAR(found.loss, c.scale() * wanted.loss, 1e-13 * std::abs(found.loss));
  }
}

TEST(CudaMlp, IsTheFusedNetworkOfTheCpuInSinglePrecision) {
  for (const auto& c : cases) {
    if (!mlp::supported(shape_of(c))) continue;
    mlp::Mlp<float> cpu(shape_of(c));
    std::vector<std::vector<float>> parameters;
    for (const auto& p : by_layer(c)) parameters.push_back(testing::as<float>(p));
    cpu.set_parameters(
        {std::vector<std::span<const float>>(parameters.begin(), parameters.end())});
    const auto x = testing::as<float>(c.input());
    const auto target = testing::as<float>(c.target());
    std::vector<float> output(c.count(c.layers())), gradient(cpu.size());
    std::vector<float> input_slope(c.count(0));
    auto pass = pass_of(c, x, target);
    pass.outputs = output;
    pass.weight_gradient = gradient;
    pass.input_gradient = input_slope;
    cpu.run(pass);
    const auto found = run_mlp<float>(Host{}, c);
    // single precision, sums of up to 512 terms in another order
    expect_close(found.output, output, 1, 2e-6, "output");
    expect_close(found.gradient, gradient, c.scale(), 1e-5, "gradient");
    expect_close(found.input_slope, input_slope, c.scale(), 1e-5, "inputs");
  }
}

TEST(CudaMlp, SlopesAreFiniteDifferences) {
  const auto parameters_of = testing::parameters_of;
  for (auto c : cases) {
    if (c.loss == Loss::given) continue;  // has no loss to differentiate
    c.rows = 5;
    const auto input = c.input(), parameters = parameters_of(c);
    const auto found = run_mlp<double>(Host{}, c);
    const auto loss = [&](const std::vector<double>& x, const std::vector<double>& p) {
      return run_mlp<double>(Host{}, c, x, p, Wanted::inputs).loss;
    };
    const double h = 1e-6;
    // truncation h^2 and round-off 1e-16 / h, times losses and derivatives of order 10
    const auto check = [&](std::vector<double> v, auto&& at, const auto& slopes) {
      for (std::size_t i = 0; i < v.size(); i += 1 + v.size() / 23) {
        const double kept = v[i];
        v[i] = kept + h;
        const double up = at(v);
        v[i] = kept - h;
        const double down = at(v);
        v[i] = kept;
        EXPECT_NEAR(slopes[i], (up - down) / (2 * h), 1e-7) << "entry " << i;
      }
    };
    check(input, [&](const auto& x) { return loss(x, parameters); }, found.input_slope);
    check(parameters, [&](const auto& p) { return loss(input, p); }, found.gradient);
  }
}

TEST(CudaMlp, WhatIsLeftOutChangesNothingElse) {
  const auto& c = cases[1];
  const auto all = run_mlp<float>(Host{}, c);
  EXPECT_EQ(run_mlp<float>(Host{}, c, Wanted::output).output, all.output);
  EXPECT_EQ(run_mlp<float>(Host{}, c, Wanted::weights).gradient, all.gradient);
  const auto inputs = run_mlp<float>(Host{}, c, Wanted::inputs);
  EXPECT_EQ(inputs.input_slope, all.input_slope);
  EXPECT_EQ(inputs.loss, all.loss);
}

TEST(CudaMlp, ThreadsOfABlockDoNotDependOnTheirOrder) {
  for (const auto& c : cases) {
    const auto a = run_mlp<float>(Host{}, c), b = run_mlp<float>(backwards, c);
    EXPECT_EQ(a.output, b.output);
    EXPECT_EQ(a.gradient, b.gradient);
    EXPECT_EQ(a.input_slope, b.input_slope);
    EXPECT_EQ(a.loss, b.loss);
  }
}

TEST(CudaMlp, LossesDoNotOverflow) {
  for (const float s : {-200.0f, 200.0f}) {
    const auto at = cuda::loss_at(Loss::bce_with_logits, s, 0.5f);
    EXPECT_FLOAT_EQ(at.value, 100);  // |s| - s t, up to e^-200
    EXPECT_FLOAT_EQ(at.slope, s > 0 ? 0.5f : -0.5f);
  }
}

TEST(CudaMlp, PlansDependOnTheShapeAlone) {
  cuda::Mlp<float> net;
  net.layers = 7;
  net.width = {16, 512, 512, 512, 512, 512, 512, 16};
  // the widest network of the range fits a block of compute capability 8.0 and 9.0
  const auto cut = cuda::plan(net, 1000000);
  EXPECT_EQ(cut.rows_of_tile, 8);
  EXPECT_LE((cuda::MlpTiles<float, 8>{{net}}.shared_bytes()), 163u * 1024);
  EXPECT_LE(cut.parts * net.size() * 4, 256 << 20);
}

TEST(CudaMlp, RefusesNetworksOutOfRange) {
  EXPECT_THROW(run_mlp<float>(Host{}, {{2, 513, 1}, 4}), Error);
  EXPECT_THROW(run_mlp<float>(Host{}, {{2}, 4}), Error);
}

}  // namespace
}  // namespace femto
