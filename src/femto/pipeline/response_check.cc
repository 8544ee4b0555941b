// Densities, PIT values and detections of held-out pairs.
#include "femto/pipeline/response_check.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include <fmt/format.h>

#include "femto/core/error.h"
#include "femto/stats/calibration.h"
#include "femto/stats/distributions.h"

namespace femto {
namespace {

/// Held-out pairs that are as unlikely as this make a response doubtful.
constexpr double doubtful = 1e-3;
/// Densities below are those of outliers and count as this.
constexpr double lowest = 1e-300;

/// Rows by ascending true value.
std::vector<std::size_t> by_truth(const ResponsePairs& pairs, bool only_measured) {
  std::vector<std::size_t> out;
  for (std::size_t i = 0; i < pairs.truth.size(); ++i)
    if (!only_measured || std::isfinite(pairs.measured[i])) out.push_back(i);
  std::ranges::sort(out, {}, [&](std::size_t i) { return pairs.truth[i]; });
  return out;
}

void compare(const MixtureResponse& response,
             const Migration& binned,
             const ResponsePairs& pairs,
             const std::vector<std::size_t>& rows,
             ResponseCheck& out) {
  double sum = 0, gain = 0, square = 0;
  for (const auto i : rows) {
    const double x = pairs.truth[i], y = pairs.measured[i];
    const double mine =
        std::log(std::max(response.density(y, x) / response.efficiency(x), lowest));
    const double density = binned.density(y, x);
    sum += mine;
    if (!(density > 0)) {
      ++out.impossible;
      continue;
    }
    const double more = mine - std::log(density / binned.efficiency(x));
    gain += more;
    square += more * more;
  }
  out.pairs = rows.size();
  out.log_density = sum / static_cast<double>(rows.size());
  const auto both = static_cast<double>(rows.size() - out.impossible);
  out.gain = gain / both;
  out.error = std::sqrt(std::max(square / both - out.gain * out.gain, 0.0) / both);
}

void test_uniformity(const MixtureResponse& response,
                     const ResponsePairs& pairs,
                     const std::vector<std::size_t>& rows,
                     ResponseCheck& out) {
  std::vector<double> pit;
  for (const auto i : rows)
    pit.push_back(response.cumulative(pairs.measured[i], pairs.truth[i]));
  const auto all = stats::uniformity(pit);
  out.pit_distance = all.distance;
  double least = all.p();
  constexpr std::size_t quarters = 4;
  for (std::size_t q = 0; q < quarters; ++q) {
    const std::size_t first = q * pit.size() / quarters,
                      end = (q + 1) * pit.size() / quarters;
    least = std::min(least,
                     stats::uniformity(std::span(pit).subspan(first, end - first)).p());
  }
  out.pit_p = std::min(1.0, (1 + quarters) * least);
}

void test_detection(const MixtureResponse& response,
                    const ResponsePairs& pairs,
                    ResponseCheck& out) {
  const auto rows = by_truth(pairs, false);
  constexpr std::size_t groups = 20;
  double chi_square = 0, degrees = 0;
  for (std::size_t g = 0; g < groups; ++g) {
    double excess = 0, variance = 0;
    for (std::size_t k = g * rows.size() / groups; k < (g + 1) * rows.size() / groups;
         ++k) {
      const double e = response.efficiency(pairs.truth[rows[k]]);
      excess += (std::isfinite(pairs.measured[rows[k]]) ? 1 : 0) - e;
      variance += e * (1 - e);
    }
    if (variance < 1) continue;
    chi_square += excess * excess / variance;
    degrees += 1;
  }
  if (degrees > 0) out.detection_p = stats::chi_square_survival(chi_square, degrees);
}

}  // namespace

ResponseCheck check_response(const MixtureResponse& response,
                             const Migration& binned,
                             const ResponsePairs& held_out) {
  ResponseCheck out;
  const auto rows = by_truth(held_out, true);
  if (rows.empty()) return out;
  compare(response, binned, held_out, rows, out);
  test_uniformity(response, held_out, rows, out);
  if (response.loses()) test_detection(response, held_out, out);
  return out;
}

std::vector<std::string> words(const ResponseCheck& c, const std::string& column) {
  std::string told = fmt::format(
      "{} held-out pairs of {}: mean ln density {:.4f}, {:.4f} +- {:.4f} more than bins "
      "give (30 of the true, 60 of the measured value){}; PIT uniform with p = {:.2g}, "
      "its distribution function off by {:.2g}",
      c.pairs,
      column,
      c.log_density,
      c.gain,
      c.error,
      c.impossible > 0 ? fmt::format(", which have no place for {} of them", c.impossible)
                       : "",
      c.pit_p,
      c.pit_distance);
  if (c.detection_p < 1)
    told +=
        fmt::format("; numbers that are measured agree with p = {:.2g}", c.detection_p);
  std::vector<std::string> out{told + "."};
  if (c.pit_p < doubtful)
    out.push_back(fmt::format(
        "Warning: the learnt response of {} does not describe pairs it was not learnt from "
        "(p = {:.2g}); fits through it are biased. Give it more components, epochs or "
        "pairs, or another space.",
        column,
        c.pit_p));
  if (c.detection_p < doubtful)
    out.push_back(fmt::format(
        "Warning: the learnt probability that {} is measured does not describe pairs it "
        "was not learnt from (p = {:.2g}). Give it more epochs, pairs or hidden units.",
        column,
        c.detection_p));
  return out;
}

}  // namespace femto
