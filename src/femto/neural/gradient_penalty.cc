#include "femto/neural/gradient_penalty.h"

#include <vector>

#include <ATen/Functions.h>
#include <c10/core/GradMode.h>
#include <torch/csrc/autograd/autograd.h>

#include "femto/core/error.h"
#include "femto/neural/floats.h"

namespace femto::neural {
namespace {

constexpr double weight = 10;       // as published
constexpr double rounding = 1e-12;  // the root has no slope at zero

Tensor points(const Between& between, Tile tile, std::int64_t inputs) {
  auto out = at::empty({tile.rows, inputs}, at::kFloat);
  auto to = values_of(out);
  const auto width = static_cast<std::size_t>(inputs);
  for (std::size_t i = 0; i < static_cast<std::size_t>(tile.rows); ++i) {
    const auto row = static_cast<std::size_t>(tile.first) + i;
    const auto part = static_cast<float>(random::uniform(between.stream, row));
    for (std::size_t k = 0; k < width; ++k) {
      const std::size_t at = row * width + k;
      to[i * width + k] = part * between.real[at] + (1 - part) * between.fake[at];
    }
  }
  return out.set_requires_grad(true);
}

}  // namespace

Slope gradient_penalty(const Network& network, const Between& between) {
  expect(between.real.size() == between.fake.size(),
         "real and generated events in pairs");
  const auto inputs = static_cast<std::int64_t>(network.spec().inputs);
  const auto tiles = tiles_of(static_cast<std::int64_t>(between.real.size()) / inputs);
  return sum_in_lanes(tiles.size(), [&](std::size_t t) -> Slope {
    const c10::AutoGradMode graph(true);
    const auto x = points(between, tiles[t], inputs);
    const auto outputs = network.forward_plain(x).sum();
    const auto slope =
        torch::autograd::grad({outputs}, {x}, {}, true, /*create_graph=*/true).front();
    const auto length = at::sqrt(at::square(slope).sum(1) + rounding);
    const auto loss = weight * at::square(length - 1).sum();
    Slope out{loss.item<double>(),
              torch::autograd::grad(
                  {loss}, network.parameters(), {}, {}, false, /*allow_unused=*/true)};
    // Biases hardly matter to a slope; libtorch does not name those that do not at all.
    for (std::size_t p = 0; p < out.gradients.size(); ++p)
      if (!out.gradients[p].defined())
        out.gradients[p] = at::zeros_like(network.parameters()[p]);
    return out;
  });
}

}  // namespace femto::neural
