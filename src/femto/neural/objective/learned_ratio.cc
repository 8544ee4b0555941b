// learned_ratio: networks learn how the density of measured events changes with theta.
#include "femto/config/registry.h"
#include "femto/neural/learner.h"

namespace femto {
namespace {

using config::field;

enum class RatioForm { binary, contrastive };

constexpr std::array<std::pair<std::string_view, RatioForm>, 2> names(RatioForm) {
  return {{{"binary", RatioForm::binary}, {"contrastive", RatioForm::contrastive}}};
}

class LearnedRatio final : public Objective {
 public:
  struct Config : neural::LearnerSettings {
    RatioForm form = RatioForm::binary;
    int contrast = 4;
    double gamma = 1;

    static constexpr auto fields() {
      return std::tuple_cat(
          std::tuple{
              field<&Config::form>(
                  {.doc = "binary: one point against the reference at a time; "
                          "contrastive: which of several points, or none"}),
              field<&Config::contrast>(
                  {.doc = "points that each record is compared with (K)",
                   .rule = config::between(1, 64)}),
              field<&Config::gamma>({.doc = "odds that a record was drawn at one of the "
                                            "points (contrastive)",
                                     .rule = config::positive}),
          },
          LearnerSettings::fields());
    }
  };

  explicit LearnedRatio(const Config& c)
      : learner_(static_cast<const neural::LearnerSettings&>(c), loss_of(c), c.contrast) {
  }

  std::unique_ptr<Criterion> bind(const Material& material) const override {
    return learner_.bind(material);
  }

  bool is_likelihood() const override { return true; }

 private:
  static neural::RatioLoss loss_of(const Config& c) {
    if (c.form == RatioForm::binary) return neural::binary_loss;
    return [gamma = c.gamma](const neural::RatioEvent& event, std::span<double> slope) {
      return neural::contrastive_loss(event, gamma, slope);
    };
  }

  neural::Learner learner_;
};

}  // namespace

void register_objective_learned_ratio(Registry& r) {
  r.add<Objective, LearnedRatio>({
      .name = "learned_ratio",
      .summary = "Networks learn the ratio of measured densities at different parameters "
                 "from simulated events; simulation normalises it.",
      .source = "Cranmer:2015; Miller:2022 (contrastive); Brehmer:2020 (ratios of truth)",
  });
}

}  // namespace femto
