// One tile of rows through the network and back, for the instruction set in use.
#pragma once
#include <cstddef>

#include "femto/mlp/layout.h"
#include "femto/mlp/pass.h"

namespace femto::mlp {

/// Rows [first, first + rows) of a pass, at most Layout::tile_rows of them.
template <class T>
struct Tile {
  const Layout& layout;
  const Pass<T>& pass;
  std::size_t first, rows;
  const T *forward, *backward;  // packed weights
  T* scratch;                   // Layout::scratch numbers, on a cache line
  T* gradient;                  // packed; added to if the pass asks for weight gradients
};

/// Panel and block of the instruction set for numbers of type T.
template <class T>
Machine machine();

/// Writes what the pass asks for of these rows; returns their summed loss.
template <class T>
double run(const Tile<T>& tile);

}  // namespace femto::mlp
