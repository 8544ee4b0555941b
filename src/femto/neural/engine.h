// Where the events of a game are made and judged: on the CPU or on a GPU.
#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "femto/core/matrix.h"
#include "femto/neural/loss_gradients.h"
#include "femto/neural/simulator.h"

namespace femto::neural {

/// How generated events are judged: targets [row, outputs] or one for all.
struct Judgement {
  std::span<const float> targets;
  std::optional<DropoutKey> dropout = {};  // none: no dropout
  /// Keys of the points between real and simulated events at which the discriminator's
  /// gradient is held near one; none: no penalty.
  std::optional<random::Stream> between = {};
};

/// Theory, sampler, detector and discriminator of one game. Between the calls it keeps
/// the generated events, wherever its memory is.
class Engine {
 public:
  virtual ~Engine() = default;

  /// Draws the events of theta [set, parameter]; `number`: of the draw, from 1.
  virtual void simulate(const Matrix& theta,
                        std::size_t events,
                        std::uint64_t number) = 0;

  /// Summed loss of real and simulated events; gradients() are then those of the sum.
  virtual double learn(const LossTerm& real, const Judgement& fake) = 0;

  /// One tensor per parameter of the discriminator; overwritten by learn().
  virtual const std::vector<Tensor>& gradients() const = 0;

  /// Summed loss of the simulated events; slope [set, parameter] = scale
  /// d(loss)/d(theta).
  virtual double pull_back(const Judgement& fake, double scale, Matrix& slope) = 0;
};

/// Makes the engine that judges with this discriminator, which must outlive it.
using MakeEngine = std::function<std::unique_ptr<Engine>(
    const Network& discriminator, GameLoss loss, Weights weights)>;

/// On the CPU. The simulator must outlive the engine.
MakeEngine on_cpu(const Simulator& simulator);

}  // namespace femto::neural
