// What a density-ratio estimator is: two samples of weighted events become a function.
#pragma once
#include <cstddef>
#include <functional>
#include <span>
#include <string_view>
#include <vector>

#include "femto/core/random.h"

namespace femto {

/// Columns of events: [column][event].
using EventColumns = std::vector<std::span<const double>>;

/// Events with weights, which may be negative.
struct WeightedEvents {
  EventColumns columns;
  std::span<const double> weights;  // [event]

  std::size_t size() const { return weights.size(); }
};

/// Fills [event] with the ratio at the points of the columns.
using Ratio = std::function<void(const EventColumns& at, std::span<double> ratio)>;

/// Learns the ratio of two intensities (densities times their sums of weights) from
/// samples of both.
class RatioEstimator {
 public:
  static constexpr std::string_view kind = "ratio";
  virtual ~RatioEstimator() = default;

  /// intensity(above) / intensity(below). The same stream gives the same function, for
  /// any number of threads. Throws DataError where `above` has events that `below` cannot
  /// explain, NumericalError if nothing can be learnt.
  virtual Ratio learn(const WeightedEvents& above,
                      const WeightedEvents& below,
                      const random::Stream& stream) const = 0;
};

}  // namespace femto
