// gan: a generator network proposes parameters, a discriminator network compares their
// events with the data.

#include "femto/neural/gan.h"

#include <fmt/core.h>

#include "femto/config/registry.h"
#include "femto/neural/adversarial.h"

namespace femto {
namespace {

class Gan final : public Solver {
 public:
  using Config = neural::GanSettings;

  explicit Gan(Config settings) : settings_(std::move(settings)) {}

  std::string objection(const Objective& objective,
                        const Generator* generator) const override {
    if (!dynamic_cast<const neural::Adversarial*>(&objective))
      return "needs the objective 'adversarial' (its networks play that game)";
    if (!generator) return "needs a generator (the network that proposes parameters)";
    if (settings_.device == neural::Device::cuda && !neural::gpu().usable)
      return fmt::format(
          "cannot use device: cuda ({}): {}, or choose device: cpu or auto",
          neural::gpu().words,
          neural::gpu().remedy);
    return {};
  }

  bool plays_together() const override { return true; }

  Fit solve(const Task& task, Monitor& monitor) const override {
    return neural::train_gan(settings_, task, monitor);
  }

 private:
  Config settings_;
};

}  // namespace

void register_solver_gan(Registry& r) {
  r.add<Solver, Gan>(
      {.name = "gan",
       .summary =
           "Adversarial training: a generator network proposes parameters, the chain "
           "turns them into events, a discriminator compares them with the data.",
       .source = "Goodfellow:2014 algorithm 1; proxy applications, section 3"});
}

}  // namespace femto
