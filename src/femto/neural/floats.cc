#include "femto/neural/floats.h"

#include <algorithm>

#include <ATen/Functions.h>

#include "femto/core/error.h"

namespace femto::neural {

std::span<float> values_of(const Tensor& t) {
  expect(t.is_contiguous() && t.scalar_type() == at::kFloat,
         "a contiguous tensor of single precision");
  return {t.data_ptr<float>(), static_cast<std::size_t>(t.numel())};
}

void put_floats(io::State& state,
                const std::string& prefix,
                const std::vector<Tensor>& tensors) {
  for (std::size_t i = 0; i < tensors.size(); ++i) {
    const std::span<const float> values = values_of(tensors[i]);
    state.put(fmt::format("{}.{}", prefix, i), values);
  }
}

void get_floats(const io::State& state,
                const std::string& prefix,
                const std::vector<Tensor>& tensors) {
  for (std::size_t i = 0; i < tensors.size(); ++i) {
    const auto name = fmt::format("{}.{}", prefix, i);
    const auto values = state.floats(name);
    const auto to = values_of(tensors[i]);
    if (values.size() != to.size())
      throw DataError(
          fmt::format("the checkpoint has {} numbers in '{}', the network needs {}",
                      values.size(),
                      name,
                      to.size()),
          "resume with the study that the checkpoint belongs to");
    std::copy(values.begin(), values.end(), to.begin());
  }
}

Tensor to_tensor(std::span<const float> values, std::int64_t rows, std::int64_t columns) {
  expect(static_cast<std::int64_t>(values.size()) == rows * columns,
         "as many values as the tensor holds");
  auto t = at::empty({rows, columns}, at::kFloat);
  std::copy(values.begin(), values.end(), t.data_ptr<float>());
  return t;
}

}  // namespace femto::neural
