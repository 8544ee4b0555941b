// What an objective is: data and a theory become a function of the parameters to
// minimise.
#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "femto/core/matrix.h"
#include "femto/pipeline/dataset.h"
#include "femto/pipeline/density.h"
#include "femto/pipeline/experiment.h"
#include "femto/pipeline/parameter_setup.h"
#include "femto/stats/minimise.h"

namespace femto {

/// A function of theta bound to its data. Const and thread-safe.
class Criterion {
 public:
  virtual ~Criterion() = default;

  /// Value, gradient [parameter] and expected curvature [parameter, parameter]. The value
  /// is scaled like a negative log-likelihood: a rise of 1/2 is one standard deviation,
  /// or of that order where gradient_variance says more. +infinity where the density of
  /// some event is zero; the rest is then meaningless.
  virtual stats::Evaluation evaluate(std::span<const double> theta) const = 0;

  /// Sum of event weights.
  virtual double events() const = 0;

  /// Variance V of the gradient over data sets drawn from theta: [parameter, parameter].
  /// With the expected curvature H the estimate has covariance H^-1 V H^-1 (the sandwich;
  /// source: Huber:1967). Nothing where V is H, as for the likelihood of events of weight
  /// one, or not known.
  virtual std::optional<Matrix> gradient_variance(std::span<const double> theta) const;

  /// Why the value at theta is not finite, in a sentence; empty if there is nothing to
  /// say.
  virtual std::string explain(std::span<const double> theta) const;
};

/// Value, gradient and expected curvature of the side-information terms; zero if there
/// are none. The luminosity factor lambda is profiled out in closed form.
stats::Evaluation side_terms(const SideInformation& side,
                             const Density& density,
                             std::span<const double> theta);

/// n * information per record plus that of the side information: [parameter, parameter].
Matrix expected_information(const Density& density,
                            const SideInformation& side,
                            double records,
                            std::span<const double> theta);

/// What makes events at any parameters, for objectives that learn from simulation.
struct SimulationSetup {
  const Experiment& experiment;
  const Sampler& sampler;  // of true events
  const ParameterSetup& setup;
  std::uint64_t seed = 0;  // of the study
};

/// What an objective compares. What the references name outlives the criterion; the
/// structs may not: copy them.
struct Material {
  const Density& density;  // of measured events
  const Dataset& data;
  Weighting weighting = {};
  const SimulationSetup* simulation = nullptr;  // null: nothing may be simulated
};

class Objective {
 public:
  static constexpr std::string_view kind = "objective";
  virtual ~Objective() = default;

  /// The function to minimise, without side terms. Null when the objective is a game
  /// between networks; such an objective needs the solver that plays it (`is_function`
  /// tells before).
  virtual std::unique_ptr<Criterion> bind(const Material& material) const = 0;

  virtual bool is_function() const { return true; }

  /// Whether it binds to a data set whose events are spread over ranks.
  virtual bool takes_spread_data() const { return false; }

  /// True when the value is a log-likelihood, so that profile intervals have their
  /// meaning.
  virtual bool is_likelihood() const = 0;
};

}  // namespace femto
