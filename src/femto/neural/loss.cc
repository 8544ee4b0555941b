#include "femto/neural/loss.h"

#include <numbers>

#include <ATen/Functions.h>

#include "femto/core/error.h"

namespace femto::neural {

Tensor targets(Label label,
               double eta,
               random::Stream stream,
               std::uint64_t first,
               std::int64_t rows) {
  expect(eta >= 0 && eta <= 0.5, "label noise lies in [0, 1/2]");
  auto out = at::full({rows, 1}, label == Label::real ? 1.0 : 0.0, at::kFloat);
  if (eta == 0) return out;
  float* t = out.data_ptr<float>();
  for (std::int64_t i = 0; i < rows; ++i) {
    const double r = random::uniform(stream, first + static_cast<std::uint64_t>(i));
    t[i] = static_cast<float>(label == Label::real ? 1 - eta * r : eta * r);
  }
  return out;
}

Tensor summed_loss(GameLoss loss, const Tensor& outputs, const Tensor& targets) {
  if (loss == GameLoss::least_squares) return at::square(outputs - targets).sum();
  if (loss == GameLoss::wasserstein) return ((1 - 2 * targets) * outputs).sum();
  return (at::softplus(outputs) - targets * outputs).sum();
}

double equilibrium(GameLoss loss) {
  if (loss == GameLoss::wasserstein) return 0.5;
  return loss == GameLoss::bce ? std::numbers::ln2 : 0.25;
}

std::string_view equilibrium_text(GameLoss loss) {
  switch (loss) {
    case GameLoss::bce:
      return "Losses are divided by their value when nothing can be told apart (ln 2): 1 "
             "is equilibrium.";
    case GameLoss::least_squares:
      return "Losses are divided by their value when nothing can be told apart (1/4): 1 "
             "is equilibrium.";
    case GameLoss::wasserstein:
      return "The discriminator's loss is minus the distance of data and generated events "
             "that it sees, and the gradient penalty: 0 when nothing can be told apart. "
             "The generator's has no scale.";
  }
  throw Bug("a loss without words");
}

}  // namespace femto::neural
