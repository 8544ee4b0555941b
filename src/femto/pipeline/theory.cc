// Look-ups in the parameters and channels of a theory.
#include "femto/pipeline/theory.h"

namespace femto {

int parameter_index(const Theory& theory, std::string_view name) {
  const auto& parameters = theory.parameters();
  for (std::size_t i = 0; i < parameters.size(); ++i)
    if (parameters[i].name == name) return static_cast<int>(i);
  return -1;
}

std::vector<std::string> columns_of(const Theory& theory) {
  std::vector<std::string> columns;
  for (const auto& channel : theory.channels())
    for (const auto& axis : channel.axes) columns.push_back(axis.column);
  return columns;
}

}  // namespace femto
