// Sums over rows of a batch that do not depend on the number of threads.
#pragma once
#include <cstdint>
#include <functional>
#include <vector>

#include "femto/neural/tensor.h"

namespace femto::neural {

/// A value and its gradients with respect to some leaves.
struct Slope {
  double value = 0;
  std::vector<Tensor> gradients;
};

/// A range of rows that is worked on by one thread: its activations fit the second-level
/// cache.
struct Tile {
  std::int64_t first = 0, rows = 0;
};

inline constexpr std::int64_t tile_rows = 1024;

/// Cuts [0, rows) into tiles.
std::vector<Tile> tiles_of(std::int64_t rows);

/// Sum of body(0) ... body(count - 1). The bodies run in up to 16 fixed lanes, each of
/// which adds in order; lanes are then added in order. Bodies set the gradient mode they
/// need: it belongs to the thread.
Slope sum_in_lanes(std::size_t count, const std::function<Slope(std::size_t)>& body);

}  // namespace femto::neural
