#include "femto/mlp/shape.h"

#include <algorithm>

namespace femto::mlp {

bool supported(const Shape& shape) {
  const auto between = [](int value, int low, int high) {
    return low <= value && value <= high;
  };
  return between(shape.inputs, 1, 16) && between(shape.outputs, 1, 16) &&
         between(static_cast<int>(shape.hidden.size()), 1, 6) &&
         std::ranges::all_of(shape.hidden, [&](int w) { return between(w, 16, 512); }) &&
         shape.slope >= 0 && shape.dropout >= 0 && shape.dropout < 1;
}

std::vector<std::size_t> parameter_sizes(const Shape& shape) {
  std::vector<std::size_t> out;
  auto in = static_cast<std::size_t>(shape.inputs);
  const auto layer = [&](int units) {
    const auto n = static_cast<std::size_t>(units);
    out.push_back(n * in);
    if (shape.biases) out.push_back(n);
    in = n;
  };
  for (const int units : shape.hidden) layer(units);
  layer(shape.outputs);
  return out;
}

}  // namespace femto::mlp
