// Losses of the adversarial game on the discriminator's raw outputs.
#pragma once
#include <string_view>

#include "femto/core/random.h"
#include "femto/neural/adversarial.h"
#include "femto/neural/tensor.h"

namespace femto::neural {

enum class Label { real, fake };

/// Targets [row, 1] of rows first, first + 1, ... of a batch: 1 - eta r for real events
/// and eta r for fake ones, r uniform in (0, 1) from index first + row of the stream.
/// Real targets never exceed 1 and fake ones are never below 0.
Tensor targets(Label label,
               double eta,
               random::Stream stream,
               std::uint64_t first,
               std::int64_t rows);

/// Sum over rows of the loss of outputs [row, 1] against targets [row, 1], a scalar:
///
///     bce            ln(1 + e^s) - t s        (s: output before the sigmoid)
///     least_squares  (s - t)^2
///     wasserstein    (1 - 2 t) s
Tensor summed_loss(GameLoss loss, const Tensor& outputs, const Tensor& targets);

/// What reported losses per event of one term are divided by: their value when nothing
/// can be told apart, ln 2 or 1/4. The Wasserstein loss has none; 1/2 makes the
/// discriminator's the difference of mean outputs, and the penalty.
double equilibrium(GameLoss loss);

/// How to read them.
std::string_view equilibrium_text(GameLoss loss);

}  // namespace femto::neural
