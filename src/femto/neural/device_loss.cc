#include "femto/neural/device_loss.h"

namespace femto::neural {
namespace {

cuda::Activation kernel_activation(Activation activation) {
  switch (activation) {
    case Activation::leaky_relu:
      return cuda::Activation::leaky_relu;
    case Activation::relu:
      return cuda::Activation::relu;
    case Activation::tanh:
      return cuda::Activation::tanh;
    case Activation::silu:
      return cuda::Activation::silu;
    case Activation::gelu:
      return cuda::Activation::gelu;
  }
  throw Bug("an activation without a kernel");
}

}  // namespace

cuda::Mlp<float> kernel_shape(const NetworkSpec& spec) {
  cuda::Mlp<float> out;
  out.layers = static_cast<int>(spec.hidden.size()) + 1;
  expect(out.layers <= cuda::Mlp<float>::max_layers, "a network that the kernels take");
  std::size_t at = 0;
  out.width[at++] = spec.inputs;
  for (const int width : spec.hidden) out.width[at++] = width;
  out.width[at] = spec.outputs;
  out.activation = kernel_activation(spec.activation);
  out.leak = static_cast<float>(spec.slope);
  return out;
}

}  // namespace femto::neural
