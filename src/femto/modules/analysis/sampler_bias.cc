// Whether the sampler's events and derivatives are good enough for this many records.
#include "femto/pipeline/sampler_bias.h"

#include <cmath>

#include "femto/config/registry.h"
#include "femto/pipeline/analysis.h"

namespace femto {
namespace {

class SamplerBiasAnalysis final : public Analysis {
 public:
  struct Config {
    double records = 0;
    int simulated = 1 << 18;
    double tolerance = 0.1;

    static constexpr auto fields() {
      using config::field;
      return std::tuple{
          field<&Config::records>(
              {.doc = "sample size that biases are compared with; 0: that of the data",
               .rule = config::at_least_zero}),
          field<&Config::simulated>(
              {.doc = "events drawn per channel for the derivatives",
               .rule = config::at_least(1000)}),
          field<&Config::tolerance>({.doc = "largest bias that is called green",
                                     .unit = "sd",
                                     .rule = config::positive}),
      };
    }
  };

  explicit SamplerBiasAnalysis(Config config) : config_(config) {}

  bool takes_spread_data() const override { return true; }

  Findings examine(const Fitted& fitted, Monitor&) const override {
    const auto& task = fitted.task;
    const BiasOptions options{.records = config_.records > 0
                                             ? config_.records
                                             : static_cast<double>(task.data.rows()),
                              .seed = task.seed,
                              .simulated = static_cast<std::size_t>(config_.simulated),
                              .tolerance = config_.tolerance};
    // The sampler draws true events, whatever is measured.
    const auto& truth = task.experiment.truth();
    const auto theta = task.experiment.true_part(fitted.theta);
    const auto bias = measure_sampler_bias(Density(truth), task.sampler, theta, options);
    Findings findings;
    findings.key = "sampler_bias";
    findings.result = to_json(bias);
    findings.notes.push_back(sentence(bias));
    if (const auto why = task.sampler.bias(); !why.empty()) findings.notes.push_back(why);
    return findings;
  }

 private:
  Config config_;
};

}  // namespace

void register_analysis_sampler_bias(Registry& r) {
  r.add<Analysis, SamplerBiasAnalysis>({
      .name = "sampler_bias",
      .summary = "Bias of the sampler's events, norms and derivatives in units of the "
                 "statistical error, with the largest safe sample size.",
      .source = "White:1982; this project",
  });
}

}  // namespace femto
