// The perceptron and Adam on the device against the CPU's body.
#include "tests/cuda/mlp_case.h"
#include "tests/gpu/device.h"
#include <gtest/gtest.h>

namespace femto {
namespace {

using cuda::Activation;
using cuda::Loss;
using testing::Device;
using testing::Host;
using testing::MlpCase;
using testing::run_mlp;

const MlpCase cases[] = {
    {{2, 128, 128, 128, 128, 1}, 5000, Activation::leaky_relu, Loss::bce_with_logits},
    {{5, 33, 130, 40}, 97, Activation::tanh, Loss::least_squares, 0.25},
    {{16, 300, 300, 300, 16}, 21, Activation::silu, Loss::given, 0.1},
    {{1, 512, 512, 512, 2}, 9, Activation::gelu, Loss::least_squares},
    {{3, 20, 4}, 300, Activation::relu, Loss::bce_with_logits, 0.5, false},
};

template <class Real>
void expect_close(const std::vector<Real>& found,
                  const std::vector<Real>& wanted,
                  double relative) {
  double top = 0;
  for (const Real v : wanted) top = std::max(top, std::abs(static_cast<double>(v)));
  for (std::size_t i = 0; i < found.size(); ++i)
    ASSERT_NEAR(found[i], wanted[i], relative * top) << "entry " << i;
}

template <class Real>
void expect_same(double relative) {
  for (const auto& c : cases) {
    const auto device = run_mlp<Real>(Device{}, c), host = run_mlp<Real>(Host{}, c);
    expect_close(device.output, host.output, relative);
    expect_close(device.gradient, host.gradient, 5 * relative);
    expect_close(device.input_slope, host.input_slope, 5 * relative);
    EXPECT_NEAR(device.loss, host.loss, relative * std::abs(host.loss));
  }
}

TEST(GpuMlp, DoublePrecisionAgreesWithTheCpu) {
  expect_same<double>(1e-13);  // contraction and other elementary functions
}

TEST(GpuMlp, SinglePrecisionAgreesWithTheCpu) {
  expect_same<float>(2e-6);
}

TEST(GpuMlp, TwoRunsGiveTheSameBits) {
  for (const auto& c : cases) {
    const auto a = run_mlp<float>(Device{}, c), b = run_mlp<float>(Device{}, c);
    EXPECT_EQ(a.gradient, b.gradient);
    EXPECT_EQ(a.input_slope, b.input_slope);
    EXPECT_EQ(a.loss, b.loss);
  }
}

TEST(GpuMlp, SaysWhichKernelTheDeviceRefuses) {
  // 3,000 units in double precision need more shared memory than any device has
  const MlpCase c{{1, 512, 512, 512, 512, 512, 512, 1}, 8};
  try {
    run_mlp<double>(Device{}, c);
    FAIL() << "accepted";
  } catch (const cuda::CudaError& e) {
    EXPECT_NE(std::string(e.what()).find("mlp_tiles"), std::string::npos) << e.what();
    EXPECT_NE(e.hint().find("narrower"), std::string::npos) << e.hint();
  }
}

template <class Machine>
std::vector<float> after_steps(const Machine& machine) {
  constexpr std::size_t n = 1000;
  using Array = typename Machine::template Array<float>;
  const std::vector<float> zero(n);
  Array p(testing::as<float>(testing::some(1, n, -1, 1))), m(zero), v(zero);
  for (std::uint64_t t = 1; t <= 20; ++t) {
    Array g(testing::as<float>(testing::some(t + 1, n, -1, 1)));
    cuda::launch(
        cuda::AdamStep<float>(
            n, p.data(), m.data(), v.data(), g.data(), static_cast<std::int64_t>(t), {}),
        machine.where);
    p.values();  // waits before g is freed
  }
  return p.values();
}

TEST(GpuAdam, AgreesWithTheCpu) {
  expect_close(after_steps(Device{}), after_steps(Host{}), 1e-6);
}

}  // namespace
}  // namespace femto
