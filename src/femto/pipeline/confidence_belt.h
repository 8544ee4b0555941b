// Intervals whose coverage toys guarantee: likelihood ratios against their own
// distribution.
#pragma once
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "femto/pipeline/intervals.h"

namespace femto {

/// Minus the log-likelihood of toy k of one truth.
using ToyFunction = std::function<stats::Function(std::uint64_t k)>;

/// Prepares toys of any truth [parameter].
using ToyFactory = std::function<ToyFunction(std::span<const double> truth)>;

struct BeltOptions {
  int toys = 300;  // at each point
  std::function<void(std::size_t done, std::size_t all)> progress;
};

/// One value of the quantity with the fit of everything else there.
struct BeltPoint {
  double value = 0;
  double rise = 0;                        // 2 Delta f of the data
  double critical68 = 0, critical95 = 0;  // what it may be there, by toys
  bool at_bound = false;                  // the box ends here
};

struct Belt {
  std::vector<BeltPoint> points;  // ascending in value
  Interval level68, level95;
  int toys = 0, failed = 0;  // of all points
};

/// The values of the quantity at which the data's rise is not above the quantile of the
/// rises of toys drawn there, with everything else as fitted there ("profiled"): where
/// the quantity is all there is, the interval of Feldman and Cousins, which covers by
/// construction, at bounds and between several minima too. `problem` holds the data, its
/// modes found. Ends lie between points by linear interpolation.
/// Source: Feldman:1998, sections III and IV.
Belt confidence_belt(const IntervalProblem& problem,
                     const Quantity& quantity,
                     const ToyFactory& toys,
                     const BeltOptions& options);

/// 2 [min f on quantity = value - min f], with minima searched from `starts`; negative if
/// a minimum was not found.
double likelihood_ratio(const stats::Function& f,
                        const Quantity& quantity,
                        double value,
                        std::span<const std::vector<double>> starts,
                        std::span<const stats::Bound> box);

}  // namespace femto
