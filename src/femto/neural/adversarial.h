// The game between discriminator and generator: its losses and label noise.
#pragma once
#include <array>
#include <string_view>
#include <tuple>
#include <utility>

#include "femto/config/field.h"
#include "femto/config/issues.h"
#include "femto/pipeline/objective.h"

namespace femto::neural {

enum class GameLoss { bce, least_squares, wasserstein };

constexpr std::array<std::pair<std::string_view, GameLoss>, 3> names(GameLoss) {
  return {{{"bce", GameLoss::bce},
           {"least_squares", GameLoss::least_squares},
           {"wasserstein", GameLoss::wasserstein}}};
}

struct AdversarialSettings {
  GameLoss loss = GameLoss::bce;
  double label_noise = 0;
  double side_weight = 1;

  static constexpr auto fields() {
    using config::field;
    return std::tuple{
        field<&AdversarialSettings::loss>(
            {.doc = "bce: binary cross-entropy, non-saturating for the generator; "
                    "least_squares: squared distance of the discriminator's output from "
                    "its target; wasserstein: difference of its mean outputs, with a "
                    "gradient penalty of weight 10"}),
        field<&AdversarialSettings::label_noise>(
            {.doc = "eta: targets are 1 - eta r for real events and eta r for generated "
                    "ones, r uniform in (0, 1); never above 1 or below 0",
             .rule = config::between(0, 0.5)}),
        field<&AdversarialSettings::side_weight>(
            {.doc =
                 "factor of the side information (norms, counts) in the generator's "
                 "loss, which gets side_weight * (-ln L_side) / records; 1 gives it the "
                 "weight per event that it has in a likelihood",
             .rule = config::at_least_zero}),
    };
  }

  void check(config::Issues& issues) const {
    if (loss == GameLoss::wasserstein && label_noise > 0)
      issues.add("label_noise",
                 "has no meaning for loss: wasserstein, which has no targets");
  }
};

/// Data and generated events are compared by a network that learns to tell them apart.
/// Not a function of the parameters: needs the solver that plays the game.
class Adversarial final : public Objective {
 public:
  using Config = AdversarialSettings;

  explicit Adversarial(Config settings) : settings_(settings) {}

  const Config& settings() const { return settings_; }

  std::unique_ptr<Criterion> bind(const Material&) const override { return nullptr; }

  bool is_function() const override { return false; }

  bool is_likelihood() const override { return false; }

 private:
  Config settings_;
};

}  // namespace femto::neural
