// The mean of a normal distribution: a theory whose intervals are exact.
#pragma once
#include <algorithm>
#include <span>
#include <vector>

#include "femto/pipeline/theory.h"

namespace femto::testing {

/// exp(-(x - mean)^2 / 2) on [-12, 12]: the floor of the mean is 1/sqrt(n).
class NormalMean final : public Theory {
 public:
  const std::vector<Parameter>& parameters() const override { return parameters_; }

  const std::vector<Channel>& channels() const override { return channels_; }

  std::size_t feature_count(std::size_t) const override { return 1; }

  void features(std::size_t,
                std::size_t n,
                const double* const* x,
                double* const* out) const override {
    std::copy_n(x[0], n, out[0]);
  }

  void evaluate(std::size_t,
                std::span<const double> theta,
                std::size_t n,
                const double* const* features,
                double* log_sigma,
                double* const* slope) const override {
    for (std::size_t i = 0; i < n; ++i) {
      const double d = features[0][i] - theta[0];
      log_sigma[i] = -d * d / 2;
      if (slope) slope[0][i] = d;
    }
  }

 private:
  std::vector<Parameter> parameters_{{"mean", -2, 2, 0.1, "1", "mean of x"}};
  std::vector<Channel> channels_{{"all", {{"x", "1", -12, 12, Grading::uniform}}}};
};

}  // namespace femto::testing
