// Where the numbers of one perceptron lie: panels of columns, packed weights, tiles.
#pragma once
#include <array>
#include <cstddef>
#include <span>

#include "femto/mlp/shape.h"

namespace femto::mlp {

/// What the instruction set in use asks for.
struct Machine {
  std::size_t panel = 0;      // columns side by side: two vectors
  std::size_t row_block = 0;  // rows of one block of sums
};

/// Activations are stored as panels: [panel of columns][row][column in panel]; columns
/// beyond the width of a layer are zero. Weights of layer l (0: from the inputs) are
/// packed for the forward pass as [panel of outputs][input][output in panel] and, for
/// layers between hidden layers, for the backward pass as [panel of inputs][output][input
/// in panel]. The last layer has one packing, [panel of inputs][output][input in panel].
/// Gradients are laid out as the forward packing.
struct Layout {
  static constexpr std::size_t most_hidden = 6;
  using PerHidden = std::array<std::size_t, most_hidden>;
  using PerLayer = std::array<std::size_t, most_hidden + 1>;

  /// `bytes` of one number.
  Layout(const Shape& shape, Machine machine, std::size_t bytes);

  std::size_t inputs, outputs, hidden;
  Activation activation;
  double slope, dropout;
  bool biases;
  Machine machine;

  PerHidden width = {}, panels = {};            // of hidden layer l
  PerLayer weight = {}, bias = {};              // offsets in packed weights and gradients
  PerLayer backward = {};                       // offsets of layers 1 .. hidden - 1
  std::size_t packed = 0, packed_backward = 0;  // numbers in all

  /// Rows of one tile: its activations stay in the second-level cache. Depends on the
  /// shape, the precision and the instruction set only.
  std::size_t tile_rows = 0;
  std::size_t x = 0, y = 0, slope_of_y = 0;  // offsets in the scratch of a tile
  PerHidden value = {}, derivative = {};
  std::size_t scratch = 0;  // numbers in all

  /// The sums of at most so many lanes are kept apart; a power of two, at most 16.
  std::size_t lanes = 16;

  std::size_t in(std::size_t layer) const {
    return layer == 0 ? inputs : width[layer - 1];
  }

  std::size_t out(std::size_t layer) const {
    return layer == hidden ? outputs : width[layer];
  }
};

/// Packs the parameters, given in the order of parameter_sizes().
template <class T>
void pack(const Layout& layout,
          std::span<const std::span<const T>> parameters,
          T* forward,
          T* backward);

/// Gradients from their packed form into one array in the order of parameter_sizes().
template <class T>
void unpack(const Layout& layout, const T* packed, std::span<T> flat);

}  // namespace femto::mlp
