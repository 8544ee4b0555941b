// A game on an engine of choice, for comparing engines.
#pragma once
#include <algorithm>
#include <functional>

#include "tests/neural/world.h"
#include <ATen/Functions.h>
#include <gtest/gtest.h>

#include "femto/neural/chain.h"
#include "femto/neural/game.h"
#include "femto/neural/training.h"

namespace femto::testing {

/// The small world's game with everything it refers to.
struct EngineTable {
  using Make = std::function<neural::MakeEngine(const neural::Chain&)>;

  World world;
  Task task = world.task();
  neural::Standardiser standard =
      neural::Standardiser::fit(neural::Scaling::mean_sd, *world.theory, world.data);
  neural::Simulator simulator{world.experiment, *world.sampler, standard, 5, 0};
  neural::RealEvents real{*world.theory, world.data, {}, standard, 5, {}};
  neural::Game game;

  /// An empty `make` is the CPU.
  EngineTable(const neural::GanSettings& s, const Make& make)
      : game(neural::game_settings(s, task),
             make ? make({world.experiment, *world.sampler, standard, 5, 0})
                  : neural::on_cpu(simulator),
             real,
             world.setup,
             {},
             5,
             0) {}
};

inline double distance(const neural::Network& a, const neural::Network& b) {
  double out = 0;
  for (std::size_t i = 0; i < a.parameters().size(); ++i)
    out =
        std::max(out, (a.parameters()[i] - b.parameters()[i]).abs().max().item<double>());
  return out;
}

/// Plays five steps here and there and expects the same to the rounding of single
/// precision, with dropout and with or without spectral normalisation.
inline void expect_same_game(const EngineTable::Make& here,
                             const EngineTable::Make& there) {
  for (const bool spectral : {false, true}) {
    auto s = small_gan();
    s.discriminator_steps = 2;
    s.discriminator.dropout = 0.1;
    s.discriminator.spectral_norm = spectral;
    EngineTable one(s, here), other(s, there);
    for (int i = 0; i < 5; ++i) {
      const auto a = one.game.step(), b = other.game.step();
      EXPECT_NEAR(a.discriminator_loss, b.discriminator_loss, 1e-5);
      EXPECT_NEAR(a.generator_loss, b.generator_loss, 1e-5);
      EXPECT_NEAR(a.gradient_norm, b.gradient_norm, 1e-3 * a.gradient_norm);
    }
    // Adam divides by the size of a gradient: where it is nearly zero, rounding counts.
    EXPECT_LT(distance(one.game.discriminator(), other.game.discriminator()), 1e-4);
    EXPECT_LT(distance(one.game.generator(), other.game.generator()), 1e-4);
  }
}

}  // namespace femto::testing
