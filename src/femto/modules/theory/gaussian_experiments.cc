// Up to six Gaussian experiments that share two parameters: solvable in closed form.
#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

#include "femto/config/registry.h"
#include "femto/pipeline/theory.h"

namespace femto {
namespace {

/// x ~ N(c . theta, variance).
struct Experiment {
  std::array<double, 2> c;
  double variance;
};

constexpr std::array<Experiment, 6> all_experiments{{
    {{1, 1}, 2},
    {{-2, 2}, 2.25},
    {{-9.46, 1.67}, 1.25},
    {{4.20, 0.74}, 1.5},
    {{0.921, 1.98}, 1.75},
    {{-1.10, 1.90}, 2.5},
}};

class GaussianExperiments final : public Theory {
 public:
  struct Config {
    std::vector<int> experiments;

    static constexpr auto fields() {
      return std::tuple{config::field<&Config::experiments>(
          {.doc = "which of the six experiments take part; empty: all",
           .rule = config::between(1, 6)})};
    }

    void check(config::Issues& issues) const {
      auto sorted = experiments;
      std::sort(sorted.begin(), sorted.end());
      if (const auto twice = std::adjacent_find(sorted.begin(), sorted.end());
          twice != sorted.end())
        issues.add("experiments", fmt::format("experiment {} is given twice", *twice));
    }
  };

  explicit GaussianExperiments(const Config& config) {
    parameters_ = {{"theta1", 0, 4, 1, "", "first mean"},
                   {"theta2", -1, 3, 0, "", "second mean"}};
    auto chosen = config.experiments;
    if (chosen.empty()) chosen = {1, 2, 3, 4, 5, 6};
    for (const int number : chosen) {
      experiments_.push_back(all_experiments.at(static_cast<std::size_t>(number - 1)));
      channels_.push_back(channel(number, experiments_.back()));
    }
  }

  const std::vector<Parameter>& parameters() const override { return parameters_; }

  const std::vector<Channel>& channels() const override { return channels_; }

  std::size_t feature_count(std::size_t) const override { return 1; }

  void features(std::size_t,
                std::size_t n,
                const double* const* x,
                double* const* out) const override {
    std::copy(x[0], x[0] + n, out[0]);
  }

  void evaluate(std::size_t channel,
                std::span<const double> theta,
                std::size_t n,
                const double* const* features,
                double* log_sigma,
                double* const* slope) const override {
    const auto& e = experiments_[channel];
    const double mean = e.c[0] * theta[0] + e.c[1] * theta[1];
    const double log_norm = 0.5 * std::log(2 * std::numbers::pi * e.variance);
    const double precision = 1 / e.variance;
    for (std::size_t i = 0; i < n; ++i) {
      const double z = features[0][i] - mean;
      log_sigma[i] = -0.5 * z * z * precision - log_norm;
    }
    if (!slope) return;
    for (std::size_t k = 0; k < 2; ++k)
      for (std::size_t i = 0; i < n; ++i)
        slope[k][i] = (features[0][i] - mean) * precision * e.c[k];
  }

 private:
  /// The support holds eight standard deviations around every mean the box allows.
  Channel channel(int number, const Experiment& e) const {
    double lo = 0, hi = 0;
    for (std::size_t k = 0; k < 2; ++k) {
      const double ends[] = {e.c[k] * parameters_[k].lo, e.c[k] * parameters_[k].hi};
      lo += std::min(ends[0], ends[1]);
      hi += std::max(ends[0], ends[1]);
    }
    const double margin = 8 * std::sqrt(e.variance);
    return {"experiment_" + std::to_string(number),
            {{"x" + std::to_string(number), "", lo - margin, hi + margin}}};
  }

  std::vector<Parameter> parameters_;
  std::vector<Experiment> experiments_;
  std::vector<Channel> channels_;
};

}  // namespace

void register_theory_gaussian_experiments(Registry& r) {
  r.add<Theory, GaussianExperiments>({
      .name = "gaussian_experiments",
      .summary = "Six Gaussian experiments that share two parameters; the posterior is "
                 "known exactly.",
      .source = "Lersch:2025 (multi-Gaussian closure study)",
  });
}

}  // namespace femto
