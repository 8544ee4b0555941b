// The one door to libtorch's tensors; everything beyond them is included where it is
// used.
#pragma once
#include <ATen/core/ivalue.h>  // first: lets Clang parse libtorch 1.13 in C++20
// then
#include <ATen/TensorOperators.h>
#include <ATen/core/Tensor.h>

namespace femto::neural {

using at::Tensor;

}  // namespace femto::neural
