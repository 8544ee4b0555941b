// Logistic regression on quadratic features: exact wherever both densities are Gaussian.
#include "femto/config/registry.h"
#include "femto/core/sum.h"
#include "femto/core/vmath.h"
#include "femto/pipeline/ratio.h"
#include "femto/stats/logistic.h"

namespace femto {
namespace {

using config::field;

class QuadraticRatio final : public RatioEstimator {
 public:
  struct Config {
    double tolerance = 1e-8;

    static constexpr auto fields() {
      return std::tuple{field<&Config::tolerance>(
          {.doc = "expected decrease of the loss per event at which a step is the last",
           .rule = config::positive})};
    }
  };

  explicit QuadraticRatio(Config config) : config_(config) {}

  Ratio learn(const WeightedEvents& above,
              const WeightedEvents& below,
              const random::Stream&) const override {
    const double over = pairwise_sum(above.weights), under = pairwise_sum(below.weights);
    const stats::QuadraticLogRatio learnt({above.columns, above.weights},
                                          {below.columns, below.weights},
                                          config_.tolerance);
    return [=](const EventColumns& at, std::span<double> out) {
      learnt.at(at, out);
      vmath::exp(out.size(), out.data(), out.data());
      for (auto& r : out) r *= over / under;
    };
  }

 private:
  Config config_;
};

}  // namespace

void register_ratio_quadratic(Registry& r) {
  r.add<RatioEstimator, QuadraticRatio>({
      .name = "quadratic",
      .summary =
          "Logistic regression on quadratic features: exact for Gaussian densities.",
      .source = "Hastie:2009 section 4.4",
  });
}

}  // namespace femto
