// What a model of densities at the initial scale is: parameters become densities.
#pragma once
#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "femto/core/matrix.h"

namespace femto::qcd {

/// One parameter: the box it may move in, and its value when it is not free.
struct StartParameter {
  std::string name;
  double lo = 0, hi = 1, value = 0;
  std::string about;
};

/// What is believed before any data: parameters first, first + 1, ... ~ N(mean,
/// covariance).
struct StartPrior {
  std::size_t first = 0;
  std::vector<double> mean;
  Matrix covariance;
};

/// Momentum densities x f(x) at the nodes of a grid, as functions of parameters, with
/// exact derivatives. Const and safe to call from several threads.
class StartModel {
 public:
  virtual ~StartModel() = default;

  virtual const std::vector<StartParameter>& parameters() const = 0;

  /// At the nodes, [flavour, node].
  virtual void densities(std::span<const double> parameters,
                         std::span<double> out) const = 0;

  /// Their derivatives, [parameter, flavour, node].
  virtual void jacobian(std::span<const double> parameters,
                        std::span<double> out) const = 0;

  /// Empty for models whose parameters nothing is believed of.
  virtual std::vector<StartPrior> prior() const { return {}; }
};

}  // namespace femto::qcd
