#include "femto/mlp/layout.h"

#include <algorithm>

#include "femto/core/error.h"

namespace femto::mlp {
namespace {

// Half of a second-level cache of 1 MB; the rest is for weights and their gradients.
constexpr std::size_t tile_bytes = 256 << 10;

// All lanes together, so that a pass needs less than 64 MB whatever its batch.
constexpr std::size_t lane_bytes = 44 << 20;

/// Hands out offsets that begin at cache lines.
class Offsets {
 public:
  explicit Offsets(std::size_t bytes) : unit_(64 / bytes) {}

  std::size_t next(std::size_t count) {
    const std::size_t at = end_;
    end_ += (count + unit_ - 1) / unit_ * unit_;
    return at;
  }

  std::size_t end() const { return end_; }

 private:
  std::size_t unit_, end_ = 0;
};

/// Calls body(input, output, place in the packing) for the weights of one layer.
template <class Body>
void each_weight(const Layout& l, std::size_t layer, const Body& body) {
  const std::size_t in = l.in(layer), out = l.out(layer), panel = l.machine.panel;
  const bool last = layer == l.hidden;
  for (std::size_t o = 0; o < out; ++o)
    for (std::size_t i = 0; i < in; ++i) {
      const std::size_t column = last ? i : o, deep = last ? o : i;
      const std::size_t depth = last ? out : in;
      body(i, o, (column / panel * depth + deep) * panel + column % panel);
    }
}

}  // namespace

Layout::Layout(const Shape& shape, Machine m, std::size_t bytes)
    : inputs(static_cast<std::size_t>(shape.inputs)),
      outputs(static_cast<std::size_t>(shape.outputs)),
      hidden(shape.hidden.size()),
      activation(shape.activation),
      slope(shape.activation == Activation::leaky_relu ? shape.slope : 0),
      dropout(shape.dropout),
      biases(shape.biases),
      machine(m) {
  expect(supported(shape), "a shape that the fused perceptron supports");
  std::size_t columns = 0;
  for (std::size_t l = 0; l < hidden; ++l) {
    width[l] = static_cast<std::size_t>(shape.hidden[l]);
    panels[l] = (width[l] + m.panel - 1) / m.panel;
    columns += panels[l] * m.panel;
  }
  Offsets forward(bytes), reverse(bytes), tile(bytes);
  for (std::size_t l = 0; l <= hidden; ++l) {
    const bool last = l == hidden;
    const std::size_t wide = panels[last ? l - 1 : l] * m.panel;
    weight[l] = forward.next(wide * (last ? outputs : in(l)));
    bias[l] = forward.next(last ? outputs : wide);
    if (l > 0 && !last) backward[l] = reverse.next(panels[l - 1] * m.panel * width[l]);
  }
  packed = forward.end();
  packed_backward = reverse.end();

  // Derivatives are kept where they do not follow from the activation.
  const bool keeps_derivatives =
      dropout > 0 || activation == Activation::silu || activation == Activation::gelu;
  const std::size_t row_bytes = columns * bytes * (keeps_derivatives ? 2 : 1);
  tile_rows = std::clamp<std::size_t>(tile_bytes / row_bytes, 48, 240);
  tile_rows -= tile_rows % 24;  // whole blocks of any instruction set
  x = tile.next(tile_rows * inputs);
  y = tile.next(tile_rows * outputs);
  slope_of_y = tile.next(tile_rows * outputs);
  for (std::size_t l = 0; l < hidden; ++l)
    value[l] = tile.next(tile_rows * panels[l] * m.panel);
  for (std::size_t l = 0; keeps_derivatives && l < hidden; ++l)
    derivative[l] = tile.next(tile_rows * panels[l] * m.panel);
  scratch = tile.end();
  while (lanes > 1 && lanes * (packed + scratch) * bytes > lane_bytes) lanes /= 2;
}

template <class T>
void pack(const Layout& layout,
          std::span<const std::span<const T>> parameters,
          T* forward,
          T* backward) {
  std::size_t next = 0;
  for (std::size_t l = 0; l <= layout.hidden; ++l) {
    const std::size_t in = layout.in(l), out = layout.out(l),
                      panel = layout.machine.panel;
    const auto weight = parameters[next++];
    expect(weight.size() == in * out, "as many weights as the layer has");
    T* to = forward + layout.weight[l];
    each_weight(layout, l, [&](std::size_t i, std::size_t o, std::size_t at) {
      to[at] = weight[o * in + i];
    });
    T* back = backward + layout.backward[l];
    for (std::size_t i = 0; l > 0 && l < layout.hidden && i < in; i += panel)
      for (std::size_t o = 0; o < out; ++o)
        std::copy_n(&weight[o * in + i],
                    std::min(panel, in - i),
                    back + (i / panel * out + o) * panel);
    if (!layout.biases) continue;
    const auto bias = parameters[next++];
    expect(bias.size() == out, "as many biases as the layer has units");
    std::ranges::copy(bias, forward + layout.bias[l]);
  }
}

template <class T>
void unpack(const Layout& layout, const T* packed, std::span<T> flat) {
  T* to = flat.data();
  for (std::size_t l = 0; l <= layout.hidden; ++l) {
    const std::size_t in = layout.in(l), out = layout.out(l);
    const T* weight = packed + layout.weight[l];
    each_weight(layout, l, [&](std::size_t i, std::size_t o, std::size_t at) {
      to[o * in + i] = weight[at];
    });
    to += in * out;
    if (layout.biases) to = std::copy_n(packed + layout.bias[l], out, to);
  }
}

template void pack(const Layout&,
                   std::span<const std::span<const float>>,
                   float*,
                   float*);
template void pack(const Layout&,
                   std::span<const std::span<const double>>,
                   double*,
                   double*);
template void unpack(const Layout&, const float*, std::span<float>);
template void unpack(const Layout&, const double*, std::span<double>);

}  // namespace femto::mlp
