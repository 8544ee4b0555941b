#include "femto/neural/loss_gradients.h"

#include <algorithm>

#include <ATen/Functions.h>
#include <c10/core/GradMode.h>
#include <torch/csrc/autograd/autograd.h>

#include "femto/core/error.h"
#include "femto/neural/floats.h"
#include "femto/neural/tiles.h"

namespace femto::neural {
namespace {

/// A tile of rows of a term, by libtorch.
struct PlainTile {
  Tensor x, loss;

  PlainTile(const Network& network,
            GameLoss loss_of,
            const LossTerm& term,
            Tile tile,
            bool input_gradient) {
    const auto in = static_cast<std::int64_t>(network.spec().inputs);
    const auto out = static_cast<std::int64_t>(network.spec().outputs);
    const auto part = [&](std::span<const float> all, std::int64_t columns) {
      return to_tensor(all.subspan(static_cast<std::size_t>(tile.first * columns),
                                   static_cast<std::size_t>(tile.rows * columns)),
                       tile.rows,
                       columns);
    };
    x = part(term.x, in).set_requires_grad(input_gradient);
    const auto targets =
        term.targets.size() == 1
            ? at::full({tile.rows, out}, term.targets.front(), at::kFloat)
            : part(term.targets, out);
    auto key = term.dropout.value_or(DropoutKey{});
    key.first += static_cast<std::uint64_t>(tile.first);
    const auto outputs = network.forward_plain(x, term.dropout ? &key : nullptr);
    loss = summed_loss(loss_of, outputs, targets);
  }
};

std::vector<Tile> tiles_of_term(const Network& network, const LossTerm& term) {
  return tiles_of(static_cast<std::int64_t>(term.x.size()) / network.spec().inputs);
}

}  // namespace

LossGradients::LossGradients(const Network& network, GameLoss loss, Weights weights)
    : spectral_(weights == Weights::spectral ? std::optional<SpectralNorm>(network)
                                             : std::nullopt),
      network_(spectral_ ? spectral_->network() : network),
      loss_(loss),
      parameters_(spans_of<float>(network_.parameters())),
      flat_(at::zeros({static_cast<std::int64_t>(network.size())}, at::kFloat)) {
  const auto shape = shape_of(network.spec());
  if (mlp::supported(shape) && loss != GameLoss::wasserstein)
    fused_ = std::make_unique<mlp::Mlp<float>>(shape);
  std::int64_t first = 0;
  for (const auto& p : network.parameters()) {
    gradients_.push_back(flat_.narrow(0, first, p.numel()).view(p.sizes()));
    first += p.numel();
  }
  more_.resize(network.size());
}

mlp::Pass<float> LossGradients::pass(const LossTerm& term) const {
  const auto inputs = static_cast<std::size_t>(network_.spec().inputs);
  return {.rows = term.x.size() / inputs,
          .x = term.x,
          .loss = loss_ == GameLoss::bce ? mlp::Loss::bce : mlp::Loss::least_squares,
          .upstream = term.targets,
          .dropout = term.dropout};
}

void LossGradients::read_weights() {
  if (spectral_) spectral_->refresh();
  if (fused_) fused_->set_parameters(parameters_);
}

double LossGradients::of_weights(std::span<const LossTerm> terms,
                                 const Between* between) {
  const auto sum = values_of(flat_);
  std::ranges::fill(sum, 0.0f);
  read_weights();
  double loss = 0;
  const auto add = [&] {
    for (std::size_t i = 0; i < sum.size(); ++i) sum[i] += more_[i];
  };
  for (const auto& term : terms) {
    if (fused_) {
      auto wanted = pass(term);
      wanted.weight_gradient = more_;
      loss += fused_->run(wanted);
    } else {
      loss += plain_weights(term);
    }
    add();
  }
  if (between) {
    loss += keep(gradient_penalty(network_, *between));
    add();
  }
  if (spectral_) spectral_->pull_back(gradients_);
  return loss;
}

double LossGradients::of_inputs(const LossTerm& term, std::span<float> gradient) {
  expect(gradient.size() == term.x.size(), "room for the gradient of every input");
  read_weights();
  if (!fused_) return plain_inputs(term, gradient);
  auto wanted = pass(term);
  wanted.input_gradient = gradient;
  return fused_->run(wanted);
}

double LossGradients::plain_weights(const LossTerm& term) {
  const auto tiles = tiles_of_term(network_, term);
  const auto sum = sum_in_lanes(tiles.size(), [&](std::size_t i) -> Slope {
    const c10::AutoGradMode graph(true);
    const PlainTile tile(network_, loss_, term, tiles[i], false);
    return {tile.loss.item<double>(),
            torch::autograd::grad({tile.loss}, network_.parameters())};
  });
  return keep(sum);
}

/// Its gradients go to `more_`; its value.
double LossGradients::keep(const Slope& slope) {
  auto to = more_.begin();
  for (const auto& g : slope.gradients)
    to = std::ranges::copy(values_of(g.contiguous()), to).out;
  if (slope.gradients.empty()) std::ranges::fill(more_, 0.0f);
  return slope.value;
}

double LossGradients::plain_inputs(const LossTerm& term, std::span<float> gradient) {
  const auto tiles = tiles_of_term(network_, term);
  const auto sum = sum_in_lanes(tiles.size(), [&](std::size_t i) -> Slope {
    const c10::AutoGradMode graph(true);
    const PlainTile tile(network_, loss_, term, tiles[i], true);
    const auto slope = torch::autograd::grad({tile.loss}, {tile.x}).front().contiguous();
    const auto first = tiles[i].first * network_.spec().inputs;
    std::ranges::copy(values_of(slope), gradient.begin() + first);
    return {tile.loss.item<double>(), {}};
  });
  return sum.value;
}

}  // namespace femto::neural
