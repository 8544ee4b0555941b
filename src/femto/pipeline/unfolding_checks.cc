// What makes an unfolding impossible or doubtful, found before it starts.
#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "femto/core/error.h"
#include "femto/pipeline/unfolding.h"

namespace femto {
namespace {

void require_events(const PairedEvents& events, const char* what) {
  std::size_t detected = 0;
  double sum = 0;
  for (std::size_t i = 0; i < events.size(); ++i) {
    if (!events.detected[i]) continue;
    ++detected;
    sum += events.weight[i];
  }
  if (detected == 0)
    throw DataError(
        fmt::format(
            "nothing survives: none of the {} events of the {} is detected (there is "
            "nothing to unfold)",
            events.size(),
            what),
        "look at the selection, and at the column that says which events are detected");
  if (!(sum > 0))
    throw DataError(fmt::format("the weights of the {} sum to {:.6g} over {} detected "
                                "events (a negative or zero total has no density)",
                                what,
                                sum,
                                detected),
                    "look at the weight column; single weights may be negative, their "
                    "sum may not");
}

/// Range of a column over detected events.
std::pair<double, double> range_of(const PairedEvents& e, std::size_t column) {
  double lo = INFINITY, hi = -INFINITY;
  for (std::size_t i = 0; i < e.size(); ++i) {
    if (!e.detected[i] || e.weight[i] == 0) continue;
    lo = std::min(lo, e.measured[column][i]);
    hi = std::max(hi, e.measured[column][i]);
  }
  return {lo, hi};
}

void require_cover(const PairedEvents& simulation,
                   const PairedEvents& data,
                   const std::vector<std::string>& names,
                   const std::optional<ResponseNuisance>& nuisance,
                   double allowed,
                   std::vector<std::string>& warnings) {
  for (std::size_t c = 0; c < names.size(); ++c) {
    const bool moves = nuisance && nuisance->measured == c;  // its range will change
    const auto [lo, hi] = range_of(simulation, c);
    double outside = 0, all = 0;
    for (std::size_t i = 0; i < data.size(); ++i) {
      if (!data.detected[i]) continue;
      all += 1;
      const double y = data.measured[c][i];
      outside += y < lo || y > hi ? 1 : 0;
    }
    if (outside == 0) continue;
    const auto words = fmt::format(
        "{:.0f} of {:.0f} events of the data have {} outside [{:.6g}, {:.6g}], the range "
        "of the detected simulation",
        outside,
        all,
        names[c],
        lo,
        hi);
    if (outside > allowed * all && !moves)
      throw DataError("the response does not cover the data: " + words,
                      "simulate a wider truth, or cut the data to the simulated range");
    warnings.push_back(words + ": what is learnt there is extrapolated");
  }
}

/// Bins of the truth where events are generated and none is detected.
void require_efficiency(const PairedEvents& simulation,
                        const std::vector<Edges>& bins,
                        const std::vector<std::string>& names,
                        double allowed) {
  for (std::size_t c = 0; c < names.size(); ++c) {
    const auto& edges = bins.at(c);
    std::vector<double> generated(edges.size() - 1, 0.0), detected(edges.size() - 1, 0.0);
    double all = 0;
    for (std::size_t i = 0; i < simulation.size(); ++i) {
      if (!simulation.generated[i]) continue;
      const auto b = bin_of(edges, simulation.truth[c][i]);
      generated[b] += 1;
      all += 1;
      if (simulation.detected[i]) detected[b] += 1;
    }
    for (std::size_t b = 0; b < generated.size(); ++b)
      if (detected[b] == 0 && generated[b] > std::max(10.0, allowed * all))
        throw DataError(
            fmt::format("the efficiency is zero for true {} between {:.6g} and {:.6g}: "
                        "{:.0f} events are generated there and none is detected (data "
                        "say nothing of them)",
                        names[c],
                        edges[b],
                        edges[b + 1],
                        generated[b]),
            "cut the generated truth to where the detector sees something");
  }
}

}  // namespace

std::vector<std::string> check_unfolding(const PairedEvents& simulation,
                                         const PairedEvents& data,
                                         const std::vector<std::string>& truth_names,
                                         const std::vector<std::string>& measured_names,
                                         const UnfoldingOptions& options,
                                         double outside) {
  std::vector<std::string> warnings;
  require_events(data, "data");
  require_events(simulation, "simulation");
  require_cover(simulation, data, measured_names, options.nuisance, outside, warnings);
  require_efficiency(simulation, options.truth_bins, truth_names, outside);
  const auto negative =
      std::ranges::count_if(simulation.weight, [](double w) { return w < 0; });
  if (negative > 0)
    warnings.push_back(fmt::format(
        "{} of {} simulated events have negative weights; they stay as they are",
        negative,
        simulation.size()));
  return warnings;
}

}  // namespace femto
