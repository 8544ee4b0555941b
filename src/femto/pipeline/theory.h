// What a theory is: densities of one or more channels, as functions of parameters.
#pragma once
#include <cstddef>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace femto {

/// One parameter of a theory and the box it may move in.
struct Parameter {
  std::string name;
  double lo = 0, hi = 1;
  double start = 0.5;
  std::string unit;
  std::string about;
};

/// How grids are spread over an axis: where the density needs its nodes.
/// `t` runs uniformly over [0, 1]; x(t) maps it onto [lo, hi].
enum class Grading {
  uniform,      // x = lo + (hi - lo) t
  log_upper,    // uniform in -ln(1 - x): resolves powers of (1 - x); needs hi < 1
  smooth_step,  // x = lo + (hi - lo) t^2 (3 - 2 t): resolves powers at both ends
};

/// One measured quantity: the column it is read from and its support.
struct Axis {
  std::string column;
  std::string unit;
  double lo = 0, hi = 1;
  Grading grading = Grading::uniform;
  std::vector<double> panels;  // edges between which densities are smooth; empty: equal
                               // parts in the graded coordinate will do
  std::vector<double> breaks;  // among the panels' edges: where densities may jump
};

/// inside[n] = 1 where events at x[axis][n] are kept, else 0. Const and thread-safe.
using Region = std::function<void(std::size_t n, const double* const* x, double* inside)>;

/// Events of one kind, drawn independently from one density over its axes.
struct Channel {
  std::string name;
  std::vector<Axis> axes;
  Region keeps = {};  // of two axes: the part of their rectangle that events can be in;
                      // empty: all of it. `evaluate` knows nothing of it, norms do.
};

/// A function of the parameters that is reported beside them.
struct Derived {
  std::string name;
  std::string unit;
  std::string about;
  std::function<double(std::span<const double> theta)> value;
  std::function<std::vector<double>(std::span<const double> theta)>
      gradient;  // [parameter]
};

/// A function of x and the parameters worth drawing, such as a parton density u(x).
struct Curve {
  std::string name;
  std::string x_label, y_label;
  double lo = 0, hi = 1;
  std::function<double(double x, std::span<const double> theta)> value;
  std::function<std::vector<double>(double x, std::span<const double> theta)> gradient;
};

/// Densities sigma_c(x; theta) of channels c, not normalised, with exact derivatives.
/// Every function is const and safe to call from several threads.
class Theory {
 public:
  static constexpr std::string_view kind = "theory";
  virtual ~Theory() = default;

  virtual const std::vector<Parameter>& parameters() const = 0;
  virtual const std::vector<Channel>& channels() const = 0;

  /// Functions of the event alone that `evaluate` needs, such as ln x and ln(1 - x):
  /// computed once per event, used at every theta. At least one.
  virtual std::size_t feature_count(std::size_t channel) const = 0;

  /// x[axis][n] -> out[feature][n].
  virtual void features(std::size_t channel,
                        std::size_t n,
                        const double* const* x,
                        double* const* out) const = 0;

  /// log_sigma[n] = ln sigma_c and, unless `slope` is null, slope[parameter][n] =
  /// d ln sigma_c / d theta_p. A density of zero gives -infinity and slopes of zero.
  virtual void evaluate(std::size_t channel,
                        std::span<const double> theta,
                        std::size_t n,
                        const double* const* features,
                        double* log_sigma,
                        double* const* slope) const = 0;

  virtual std::vector<Derived> derived() const { return {}; }

  virtual std::vector<Curve> curves() const { return {}; }
};

/// Index of the parameter called `name`, or -1.
int parameter_index(const Theory& theory, std::string_view name);

/// Columns of all channels in order: what an event record of this theory holds.
std::vector<std::string> columns_of(const Theory& theory);

}  // namespace femto
