// One pass of rows through a perceptron: what goes in, and what is wanted.
#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "femto/core/random.h"

namespace femto::mlp {

/// What the last layer's outputs s are judged by; sums over rows and outputs, t: target.
enum class Loss {
  none,           // gradients are those of sum(upstream * s), its value is not computed
  bce,            // ln(1 + e^s) - t s
  least_squares,  // (s - t)^2
};

/// Which masks a pass with dropout uses. Entry (row, unit) of hidden layer l is dropped
/// if its 16 bits of block 65536 l + unit / 8 at index first + row of the stream are
/// below 65536 p; the other entries are divided by 1 - p. So a batch may be cut into
/// pieces.
struct DropoutKey {
  random::Stream stream;
  std::uint64_t first = 0;
};

/// Spans that stay empty are not wanted; nothing is computed for them.
template <class T>
struct Pass {
  std::size_t rows = 0;
  std::span<const T> x;  // [row, inputs]
  Loss loss = Loss::none;
  /// Loss none: derivatives with respect to the outputs, [row, outputs]. Else: targets,
  /// [row, outputs] or one number for all.
  std::span<const T> upstream = {};
  std::optional<DropoutKey> dropout = {};  // none: no entry is dropped
  std::span<T> outputs = {};               // [row, outputs]
  std::span<T> weight_gradient = {};       // in the order of parameter_sizes()
  std::span<T> input_gradient = {};        // [row, inputs]
};

}  // namespace femto::mlp
