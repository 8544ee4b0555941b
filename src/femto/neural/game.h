// The adversarial game: one step of the discriminator, one step of the generator.
#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "femto/core/matrix.h"
#include "femto/neural/adam.h"
#include "femto/neural/box.h"
#include "femto/neural/engine.h"
#include "femto/neural/loss.h"
#include "femto/neural/mate.h"
#include "femto/neural/network.h"
#include "femto/neural/real_events.h"

namespace femto::neural {

struct GameSettings {
  AdversarialSettings objective;
  NoiseSpec noise;
  NetworkSpec generator, discriminator;
  Weights discriminator_weights = Weights::raw;
  double bias_sd = 0;
  AdamSettings generator_adam, discriminator_adam;
  std::size_t parameter_samples = 64, events_per_sample = 64;
  int discriminator_steps = 1;
  double average = 0.999;  // decay of the averaged generator; 0 = no average
};

/// Losses per event and term, divided by their value at equilibrium: 1 = nothing can be
/// told apart.
struct StepReport {
  double generator_loss = 0, discriminator_loss = 0;
  double gradient_norm = 0;   // of the generator's weights
  std::vector<double> theta;  // [parameter] mean over the batch
};

/// Side information for the generator: adds value and slope per parameter set.
using SideTerm = std::function<stats::Evaluation(std::span<const double> theta)>;

/// Two networks, their optimisers and the averaged generator. Everything random is keyed
/// by (seed, member, draw number), so that the state is weights, moments and counters.
class Game {
 public:
  /// `side` may be empty. `real` must outlive the game. With a team, parameter_samples
  /// are those of all ranks together.
  Game(const GameSettings& settings,
       const MakeEngine& engine,
       const RealEvents& real,
       const ParameterSetup& setup,
       SideTerm side,
       std::uint64_t seed,
       std::uint64_t member,
       const Team* team = nullptr);

  /// Every discriminator step on fresh fake events, then one generator step on those of
  /// the last. Learning rates are the settings' times `rate_factor`.
  StepReport step(double rate_factor = 1);

  /// The discriminator learns; returns its loss relative to equilibrium.
  double discriminator_step(double rate_factor = 1);

  /// The generator learns, from the events of the last discriminator step if there was
  /// one since it changed.
  StepReport generator_step(double rate_factor = 1);

  /// Parameters that a generator proposes for n fixed noise vectors: [n, parameter].
  Matrix proposals(const Network& generator, std::size_t n) const;

  const Network& generator() const { return generator_; }

  const Network& discriminator() const { return discriminator_; }

  const Network& averaged() const { return averaged_; }

  /// Batches that were simulated so far; also the number of the last draw.
  std::uint64_t draws() const { return draws_; }

  const Box& box() const { return box_; }

  /// What the exchange of the generator has done; only with a team.
  exchange::Report exchanged() const { return generator_mate_->report(); }

  /// With a team: whether a rank of the whole program has given a sign of life.
  bool heard(int world_rank);

  /// With a team: whether the optimiser's state on this rank is whole.
  bool owns_all() const { return generator_mate_->owns_all(); }

  /// Weights, average, moments and counters, bit for bit.
  void save(io::State& state) const;
  void load(const io::State& state);

 private:
  /// What led to the events of one share, which an engine of its own holds.
  struct Batch {
    std::uint64_t number = 0;  // of the draw
    Tensor raw;                // [set, parameter] the generator's output, with its graph
    Matrix theta;              // [set, parameter]

    std::size_t sets() const { return theta.rows; }
  };

  void draw();
  Batch draw_share(std::size_t own) const;
  double learn(std::size_t own, double scale);
  std::vector<float> labels(Label label,
                            std::string_view purpose,
                            std::uint64_t number,
                            std::size_t rows) const;
  Tensor noise(std::string_view purpose, std::uint64_t step, std::size_t n) const;
  random::Stream stream(std::string_view purpose, std::uint64_t number) const;
  void add_side(const Matrix& theta, Matrix& slope) const;

  bool judged_together() const { return discriminator_mate_ != nullptr; }

  std::size_t own_sets() const;

  std::size_t rows(std::size_t sets) const { return sets * settings_.events_per_sample; }

  GameSettings settings_;
  const RealEvents& real_;
  Box box_;
  SideTerm side_;
  std::uint64_t seed_, member_;
  Shares shares_;
  Network generator_, discriminator_, averaged_;
  std::vector<std::unique_ptr<Engine>> engines_;  // one per own share
  GradientSum generator_sum_, discriminator_sum_;
  Adam generator_adam_, discriminator_adam_;
  std::unique_ptr<Mate> generator_mate_, discriminator_mate_;  // null: plays alone
  std::vector<Batch> fake_;  // of the last discriminator step, until they are used
  std::uint64_t draws_ = 0, steps_ = 0;
};

}  // namespace femto::neural
