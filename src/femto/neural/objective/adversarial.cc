// adversarial: a discriminator learns to tell data from generated events, a generator to
// deceive it.

#include "femto/neural/adversarial.h"

#include "femto/config/registry.h"

namespace femto {

void register_objective_adversarial(Registry& r) {
  r.add<Objective, neural::Adversarial>(
      {.name = "adversarial",
       .summary =
           "A discriminator network learns to tell data from generated events, and "
           "the parameters move until it cannot.",
       .source = "Goodfellow:2014 Eq. (1), Mao:2017 Eq. (2), Gulrajani:2017 Eq. (3)"});
}

}  // namespace femto
