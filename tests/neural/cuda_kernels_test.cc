// The bodies of the CUDA kernels on the CPU against what they replace: the network, its
// dropout masks and its optimiser.
#include <ATen/Functions.h>
#include <gtest/gtest.h>
#include <torch/csrc/autograd/autograd.h>

#include "femto/cuda/adam.h"
#include "femto/cuda/mlp.h"
#include "femto/cuda/random.h"
#include "femto/neural/adam.h"
#include "femto/neural/floats.h"
#include "femto/neural/network.h"

using namespace femto;
using namespace femto::neural;

namespace {

constexpr random::Stream stream{11, 12};

Tensor some(std::initializer_list<std::int64_t> shape, std::uint32_t id) {
  auto x = at::empty(at::IntArrayRef(shape), at::kDouble);
  for (std::int64_t i = 0; i < x.numel(); ++i)
    x.data_ptr<double>()[i] =
        random::normal_pair({13, id}, static_cast<std::uint64_t>(i))[0];
  return x;
}

void expect_close(const double* found, const Tensor& wanted, double tolerance) {
  const auto w = wanted.contiguous();
  for (std::int64_t i = 0; i < w.numel(); ++i)
    ASSERT_NEAR(found[i], w.data_ptr<double>()[i], tolerance) << i;
}

}  // namespace

TEST(CudaKernels, DropoutMasksAreTheNetworksBitForBit) {
  const DropoutKey key{stream, 77};
  for (const std::int64_t width : {1, 8, 45})
    for (const double p : {0.1, 0.5, 0.9}) {
      const auto wanted = dropout_mask(key, 3, 200, width, p);
      std::vector<float> mask(static_cast<std::size_t>(200 * width));
      cuda::launch(
          cuda::DropoutMask<float>{
              {key.stream, key.first, p}, 3, 200, width, mask.data()},
          cuda::OnHost{});
      const auto values = values_of(wanted);
      EXPECT_TRUE(std::equal(values.begin(), values.end(), mask.begin(), mask.end()));
    }
}

TEST(CudaKernels, PerceptronIsTheNetworkWithAllItsDerivatives) {
  constexpr std::int64_t rows = 75;
  const std::pair<Activation, cuda::Activation> activations[] = {
      {Activation::leaky_relu, cuda::Activation::leaky_relu},
      {Activation::relu, cuda::Activation::relu},
      {Activation::tanh, cuda::Activation::tanh},
      {Activation::silu, cuda::Activation::silu},
      {Activation::gelu, cuda::Activation::gelu}};
  for (const auto& [activation, same] : activations) {
    const NetworkSpec spec{3, {40, 17}, 2, activation, 0.2, true, 0.25};
    const Network network(spec, stream, 0.3, Precision::full);
    const DropoutKey key{stream, 5};
    const auto x = some({rows, 3}, 1).set_requires_grad(true);
    const auto upstream = some({rows, 2}, 2);
    const auto y = network.forward(x, &key);
    auto leaves = network.parameters();
    leaves.push_back(x);
    const auto slopes = torch::autograd::grad({y}, leaves, {upstream});

    cuda::Mlp<double> net;
    net.layers = 3;
    net.width = {3, 40, 17, 2};
    net.activation = same;
    net.dropout = {key.stream, key.first, spec.dropout};
    for (std::size_t l = 0; l < 3; ++l) {
      net.weight[l] = network.parameters()[2 * l].data_ptr<double>();
      net.bias[l] = network.parameters()[2 * l + 1].data_ptr<double>();
    }
    std::vector<double> output(rows * 2), input_slope(rows * 3), gradient(network.size());
    std::vector<double> scratch(
        static_cast<std::size_t>(cuda::gradient_scratch_size(net, rows)));
    cuda::MlpPass<double> pass{net, rows, x.data_ptr<double>(), output.data()};
    pass.target = upstream.data_ptr<double>();
    pass.input_slope = input_slope.data();
    pass.gradient = gradient.data();
    cuda::run(pass, scratch.data(), nullptr, cuda::OnHost{});
    // sums of at most 75 terms of order one
    expect_close(output.data(), y, 1e-13);
    expect_close(input_slope.data(), slopes.back(), 1e-13);
    const double* at = gradient.data();
    for (std::size_t l = 0; l + 1 < slopes.size(); at += slopes[l++].numel())
      expect_close(at, slopes[l], 1e-12);
  }
}

TEST(CudaKernels, AdamTakesTheStepsOfLibtorch) {
  constexpr std::int64_t n = 500;
  const auto start = some({n}, 3).to(at::kFloat);
  const auto parameter = start.clone();
  Adam adam({parameter}, {0.01, 0.5, 0.99});
  std::vector<float> p(values_of(start).begin(), values_of(start).end()), m(n), v(n);
  for (std::uint32_t t = 1; t <= 30; ++t) {
    const auto g = some({n}, 100 + t).to(at::kFloat);
    adam.step({g});
    cuda::launch(
        cuda::AdamStep<float>(
            n, p.data(), m.data(), v.data(), g.data_ptr<float>(), t, {0.01, 0.5, 0.99}),
        cuda::OnHost{});
  }
  const auto wanted = values_of(parameter);
  // 30 steps of 0.01, each rounded to single precision in its own order
  for (std::size_t i = 0; i < p.size(); ++i) ASSERT_NEAR(p[i], wanted[i], 2e-6);
}
