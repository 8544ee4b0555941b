// Values of single-precision tensors as spans, and their way into checkpoints.
#pragma once
#include <span>
#include <string>
#include <vector>

#include "femto/io/checkpoint.h"
#include "femto/neural/tensor.h"

namespace femto::neural {

/// The numbers of a contiguous float tensor, in place.
std::span<float> values_of(const Tensor& t);

/// Bit for bit under "prefix.0", "prefix.1", ...
void put_floats(io::State& state,
                const std::string& prefix,
                const std::vector<Tensor>& tensors);

/// Into existing tensors; throws DataError if the checkpoint holds other sizes.
void get_floats(const io::State& state,
                const std::string& prefix,
                const std::vector<Tensor>& tensors);

/// A new float tensor [rows, columns] with these values, row by row.
Tensor to_tensor(std::span<const float> values, std::int64_t rows, std::int64_t columns);

}  // namespace femto::neural
