// Adam as libtorch has it, fed with gradients and saved bit for bit.
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "femto/io/checkpoint.h"
#include "femto/neural/tensor.h"

namespace femto::neural {

struct AdamSettings {
  double rate = 1e-3;
  double beta1 = 0.9, beta2 = 0.999;
};

/// Source: Kingma:2015 algorithm 1.
class Adam {
 public:
  Adam(std::vector<Tensor> parameters, const AdamSettings& settings);
  ~Adam();
  Adam(const Adam&) = delete;
  Adam& operator=(const Adam&) = delete;

  /// One step along gradients[i], the gradient with respect to parameter i; the settings'
  /// rate times `rate_factor`.
  void step(const std::vector<Tensor>& gradients, double rate_factor = 1);

  /// Moments and step count.
  void save(io::State& state, const std::string& prefix) const;
  void load(const io::State& state, const std::string& prefix);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace femto::neural
