// Functions of x, by whose exponentials densities differ from a reference.
#pragma once
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "femto/core/matrix.h"

namespace femto::qcd {

/// The coordinate in which the functions are alike everywhere: ln(x/(1 - x)).
double logit(double x);

/// A function g(t) of t = logit(x), with parameters and a normal prior on them.
class LogFactor {
 public:
  virtual ~LogFactor() = default;

  /// Number of parameters.
  virtual std::size_t size() const = 0;

  /// "3", "weight_2"; and what the parameter is, in a phrase.
  virtual std::string name(std::size_t parameter) const = 0;
  virtual std::string about(std::size_t parameter) const = 0;

  /// Prior mean and covariance of the parameters; fits start at the mean.
  virtual std::vector<double> mean() const = 0;
  virtual Matrix covariance() const = 0;

  /// g[n] and, unless null, slopes [parameter, n] at points t[n].
  virtual void evaluate(std::span<const double> parameters,
                        std::span<const double> t,
                        std::span<double> g,
                        Matrix* slopes) const = 0;
};

/// Values of g at `nodes` points equally spaced in t from x_lo to x_hi; between and
/// beyond them the mean of a Gaussian process given these values. Its covariance is
/// size^2 times a Matern function of order 5/2 of the distance in t over `length`.
/// Source: Rasmussen:2006 sections 2.2 and 4.2.
struct GaussianProcessSettings {
  int nodes = 10;
  double x_lo = 0.001, x_hi = 0.95;
  double size = 0.5, length = 2.5;
};

std::unique_ptr<LogFactor> gaussian_process(const GaussianProcessSettings& settings);

/// Largest share of the process's variance between x_lo and x_hi that values at the nodes
/// leave free: what this representation of it loses.
double unresolved(const GaussianProcessSettings& settings);

/// One hidden layer: g = sum_h output_h tanh[slope_h (t - t_h) + shift_h], where t_h are
/// equally spaced from x_lo to x_hi. Normal priors, independent: output ~ (0, size),
/// slope ~ (1/length, 1/(2 length)), shift ~ (0, 1/2). Units have places of their own, or
/// permutations and signs of them would give the same function many times.
struct NetworkSettings {
  int units = 5;
  double x_lo = 0.001, x_hi = 0.95;
  double size = 0.3, length = 2.5;
};

std::unique_ptr<LogFactor> network(const NetworkSettings& settings);

}  // namespace femto::qcd
