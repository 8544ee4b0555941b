#include "femto/neural/tiles.h"

#include <algorithm>

#include <ATen/Functions.h>
#include <c10/core/GradMode.h>

#include "femto/core/threads.h"

namespace femto::neural {
namespace {

constexpr std::size_t most_lanes = 16;

void add(Slope& sum, Slope&& more) {
  const c10::AutoGradMode no_graph(false);
  sum.value += more.value;
  if (sum.gradients.empty()) {
    sum.gradients = std::move(more.gradients);
    return;
  }
  for (std::size_t i = 0; i < more.gradients.size(); ++i)
    sum.gradients[i].add_(more.gradients[i]);
}

}  // namespace

std::vector<Tile> tiles_of(std::int64_t rows) {
  std::vector<Tile> out;
  for (std::int64_t at = 0; at < rows; at += tile_rows)
    out.push_back({at, std::min(tile_rows, rows - at)});
  return out;
}

Slope sum_in_lanes(std::size_t count, const std::function<Slope(std::size_t)>& body) {
  const std::size_t lanes = std::min(count, most_lanes);
  std::vector<Slope> partial(lanes);
  parallel_for(lanes, [&](std::size_t lane) {
    for (std::size_t i = lane; i < count; i += lanes) add(partial[lane], body(i));
  });
  Slope sum;
  for (auto& p : partial) add(sum, std::move(p));
  return sum;
}

}  // namespace femto::neural
