// How far a sampler's events and derivatives are from the theory's own density, in units
// of the statistical error.
#pragma once
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "femto/pipeline/density.h"
#include "femto/pipeline/sampler.h"

namespace femto {

struct BiasOptions {
  double records = 1e5;              // sample size that errors are compared with
  std::uint64_t seed = 1;            // of the simulated parts
  std::size_t simulated = 1u << 18;  // events of the simulated parts, per channel
  double tolerance = 0.1;            // green below this many standard deviations
};

/// One quantity and its bias.
struct BiasRow {
  std::string name;
  double bias = 0;   // absolute; for norms relative
  double in_sd = 0;  // over the standard deviation at `records`
  double error = 0;  // Monte Carlo error of in_sd; 0 by quadrature
};

/// Derivative of a mean: what the sampler gives against what is true.
struct SurvivalRow {
  std::string feature, parameter;
  double truth = 0, sampled = 0, error = 0;  // error: Monte Carlo, one sd
  bool green = false;                        // within 1 % or 3 errors
};

struct SamplerBias {
  double records = 0;
  bool by_quadrature = false;  // false: the sampler's density is not known, simulated
  double total_variation = 0;  // largest of the channels; NaN when simulated
  std::vector<BiasRow> moments, fit, norms;  // fit: identifiable parameters and derived
  std::vector<SurvivalRow> survival;
  double cosine = 1;  // between sampled and true derivatives, all together
  bool green = false;
  double safe_records = 0;  // up to here every bias stays below the tolerance
};

/// Fit bias to first order: I^-1 E_q[score of f]. Source: White:1982 section 2.
SamplerBias measure_sampler_bias(const Density& density,
                                 const Sampler& sampler,
                                 std::span<const double> theta,
                                 const BiasOptions& options);

nlohmann::ordered_json to_json(const SamplerBias& bias);

/// The verdict in one sentence.
std::string sentence(const SamplerBias& bias);

}  // namespace femto
