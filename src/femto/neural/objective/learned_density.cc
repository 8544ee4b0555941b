// learned_density: the density of measured events is learned by maximum likelihood.
#include "femto/config/registry.h"
#include "femto/neural/learner.h"

namespace femto {
namespace {

class LearnedDensity final : public Objective {
 public:
  using Config = neural::LearnerSettings;

  explicit LearnedDensity(const Config& settings)
      : learner_(settings, neural::density_loss, 4) {}

  std::unique_ptr<Criterion> bind(const Material& material) const override {
    return learner_.bind(material);
  }

  bool is_likelihood() const override { return true; }

 private:
  neural::Learner learner_;
};

}  // namespace

void register_objective_learned_density(Registry& r) {
  r.add<Objective, LearnedDensity>({
      .name = "learned_density",
      .summary = "Networks learn the density of measured events by maximum likelihood on "
                 "simulated ones, as a factor on a simulated reference.",
      .source = "Nguyen:2010; Papamakarios:2019; Brehmer:2020 (ratios of truth)",
  });
}

}  // namespace femto
