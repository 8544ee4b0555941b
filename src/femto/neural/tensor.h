// The one door to libtorch's tensors; everything beyond them is included where it is
// used.
#pragma once
// First, so that Clang can parse libtorch 1.13 in C++20:
#include <ATen/core/ivalue.h>
// Tensors and their operators:
#include <ATen/TensorOperators.h>
#include <ATen/core/Tensor.h>

namespace femto::neural {

using at::Tensor;

}  // namespace femto::neural
