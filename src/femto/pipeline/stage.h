// What a stage of a detector is: one thing that happens to events between truth and data.
#pragma once
#include <cstddef>
#include <functional>
#include <limits>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "femto/config/field.h"
#include "femto/pipeline/detector.h"
#include "femto/pipeline/intensity.h"

namespace femto {

/// A number of a detector that may not be known exactly.
struct Calibration {
  double value = 0;
  double sd = 0;
  std::optional<double> min, max;

  static constexpr auto fields() {
    using config::field;
    return std::tuple{
        field<&Calibration::value>({.doc = "nominal value"}),
        field<&Calibration::sd>(
            {.doc = "standard deviation; 0: known exactly, inf: free in the fit",
             .rule = {.min = 0, .infinite = true}}),
        field<&Calibration::min>(
            {.doc = "lower end of the box in the fit; default: value - 5 sd"}),
        field<&Calibration::max>(
            {.doc = "upper end of the box in the fit; default: value + 5 sd"}),
    };
  }
};

/// The nuisance parameter of a calibration that is not known exactly. `least` and `most`
/// bound what makes sense. Throws Error for a free one without a box.
Nuisance nuisance_of(const std::string& name,
                     const Calibration& calibration,
                     double least,
                     double most,
                     const std::string& about);

/// Calibrations of one stage by number: values from the nuisance parameters or nominal.
class Calibrations {
 public:
  /// Number of the calibration in `values`.
  std::size_t add(const std::string& name,
                  const Calibration& calibration,
                  double least,
                  double most,
                  const std::string& about);

  const std::vector<Nuisance>& nuisances() const { return nuisances_; }

  /// [calibration] at nuisance parameters `nu` of this stage.
  std::vector<double> values(std::span<const double> nu) const;

  /// The calibration of every nuisance parameter.
  const std::vector<std::size_t>& free() const { return free_; }

 private:
  std::vector<double> nominal_;
  std::vector<std::size_t> free_;
  std::vector<Nuisance> nuisances_;
};

/// What a step is told when it folds densities.
struct Folding {
  std::span<const double> nu;  // nuisance parameters of this step
  std::size_t first_row = 0;   // row of the derivative by the first of them

  /// Panels of [lo, hi] of a column on which all steps' densities are smooth.
  std::function<Panels(const std::string& column, double lo, double hi)> panels;
};

/// A stage that knows its columns. Const and thread-safe.
class Step {
 public:
  virtual ~Step() = default;

  /// Channels of the events that leave it.
  const std::vector<Channel>& channels() const { return channels_; }

  virtual const std::vector<Nuisance>& nuisances() const = 0;

  /// True if it may lose events.
  virtual bool loses() const { return false; }

  /// True if it does nothing else, so that it may follow a cut that ties columns.
  virtual bool only_loses() const { return false; }

  /// The step as other simulated samples of the same size would make it: its own, drawn
  /// anew from themselves. Null if it has none.
  virtual std::unique_ptr<Step> resampled(const random::Stream&) const { return {}; }

  /// Measures n records in place and multiplies survival[n] by the probability that each
  /// is kept.
  virtual void apply(const Draw& which,
                     std::span<const double> nu,
                     std::size_t n,
                     double* const* record,
                     double* survival) const = 0;

  /// Turns dL/d(after) into dL/d(before) in place; `before` are the records before apply.
  virtual void backward(const Draw& which,
                        std::span<const double> nu,
                        std::size_t n,
                        const double* const* before,
                        double* const* upstream) const = 0;

  /// Widest panel around x of `column` on which densities before and after it are smooth.
  virtual double panel(const std::string& column, double x) const;

  /// Points of `column` where they are not smooth.
  virtual std::vector<double> breaks(const std::string& column) const;

  /// The same step for densities. `in` has the channels before, the result those after.
  virtual std::vector<Intensity> fold(std::vector<Intensity> in,
                                      const Folding& folding) const = 0;

 protected:
  std::vector<Channel> channels_;
};

class Stage {
 public:
  static constexpr std::string_view kind = "stage";
  virtual ~Stage() = default;

  /// The stage at work on events of these channels. Throws Error, with the columns there
  /// are, if it names one that is not among them.
  virtual std::unique_ptr<Step> after(const std::vector<Channel>& before) const = 0;
};

/// One column among channels.
struct ColumnPlace {
  std::size_t channel = 0, axis = 0;
  std::size_t column = 0;  // in a record
};

/// Throws Error with the columns there are.
ColumnPlace place_of(const std::vector<Channel>& channels, const std::string& column);

/// Two neighbouring channels of one axis each become one of pairs, in the place of the
/// first. Throws Error, beginning with `who`, if they are not that.
void pair_channels(std::vector<Channel>& channels,
                   const ColumnPlace& first,
                   const ColumnPlace& second,
                   const std::string& who);

}  // namespace femto
