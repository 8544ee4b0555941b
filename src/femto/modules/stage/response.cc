// Response of one column known only by its migrations: from pairs of true and measured
// values, or a table.
#include <algorithm>
#include <array>
#include <cmath>
#include <optional>
#include <vector>

#include <fmt/format.h>

#include "femto/config/registry.h"
#include "femto/core/error.h"
#include "femto/physics/migration.h"
#include "femto/pipeline/response_pairs.h"
#include "femto/pipeline/response_step.h"

namespace femto {
namespace {

using config::field;

enum class Spacing { uniform, log };

constexpr std::array<std::pair<std::string_view, Spacing>, 2> names(Spacing) {
  return {{{"uniform", Spacing::uniform}, {"log", Spacing::log}}};
}

struct Settings {
  std::string column;
  Spacing spacing = Spacing::uniform;
  config::Path pairs;
  std::string dataset, truth, measured, detected;
  int true_bins = 30, measured_bins = 60;
  std::vector<double> true_edges, measured_edges;
  std::vector<std::vector<double>> probability;

  static constexpr auto fields() {
    return std::tuple{
        field<&Settings::column>({.doc = "column that is measured",
                                  .rule = config::not_empty,
                                  .required = true}),
        field<&Settings::pairs>(
            {.doc = "event file (.npy, .npz, .h5, .csv) of true and measured values"}),
        field<&Settings::dataset>(
            {.doc = "array (npz), dataset or group (HDF5); empty: the only one"}),
        field<&Settings::truth>({.doc =
                                     "column of true values there; empty: the column's "
                                     "name followed by _true"}),
        field<&Settings::measured>(
            {.doc = "column of measured values there; empty: the column's name"}),
        field<&Settings::detected>({.doc = "column that is 0 for events that were lost; "
                                           "empty: all were detected"}),
        field<&Settings::spacing>(
            {.doc = "widths of bins; log: equal in the logarithm, for relative errors"}),
        field<&Settings::true_bins>(
            {.doc = "bins of the true values", .rule = config::between(2, 10'000)}),
        field<&Settings::measured_bins>(
            {.doc = "bins of the measured values", .rule = config::between(2, 10'000)}),
        field<&Settings::true_edges>(
            {.doc = "edges of the true bins of a table, in place of pairs"}),
        field<&Settings::measured_edges>(
            {.doc = "edges of the measured bins of a table; with pairs: of their bins"}),
        field<&Settings::probability>(
            {.doc = "for each true bin the probabilities of the measured bins; what they "
                    "lack of 1 is lost"}),
    };
  }

  void check(config::Issues& issues) const {
    for (const auto& [name, edges] :
         {std::pair{"true_edges", &true_edges}, {"measured_edges", &measured_edges}}) {
      if (!std::ranges::is_sorted(*edges, std::less_equal{}))
        issues.add(name, "does not ascend");
      if (edges->size() == 1 || (edges->empty() && !probability.empty()))
        issues.add(name, "a bin has two edges");
    }
    if (!pairs.empty() && !true_edges.empty())
      issues.add("true_edges", "belongs to a table; with pairs use true_bins");
    if (!probability.empty()) check_table(issues);
  }

  void check_table(config::Issues& issues) const {
    if (probability.size() + 1 != true_edges.size())
      issues.add("probability",
                 fmt::format("has {} rows for {} edges of true bins",
                             probability.size(),
                             true_edges.size()));
    for (std::size_t i = 0; i < probability.size(); ++i) {
      double sum = 0;
      for (const double p : probability[i]) sum += p;
      if (probability[i].size() + 1 != measured_edges.size())
        issues.add("probability",
                   fmt::format("row {} has {} numbers for {} edges of measured bins",
                               i + 1,
                               probability[i].size(),
                               measured_edges.size()));
      else if (std::ranges::any_of(probability[i], [](double p) { return !(p >= 0); }) ||
               sum > 1 + 1e-9)
        issues.add("probability",
                   fmt::format("row {} holds no probabilities: each is at least 0, all "
                               "together at most 1",
                               i + 1));
    }
  }
};

std::vector<double> edges_of(const Settings& s, double lo, double hi, int bins) {
  const auto n = static_cast<std::size_t>(bins);
  if (s.spacing == Spacing::uniform) return equal_edges(lo, hi, n);
  if (!(lo > 0))
    throw Error(
        fmt::format(
            "bins of {} cannot be equal in the logarithm from {} on", s.column, lo),
        "use spacing: uniform, or measured_edges above zero");
  auto out = equal_edges(std::log(lo), std::log(hi), n);
  for (double& x : out) x = std::exp(x);
  out.front() = lo;
  out.back() = hi;
  return out;
}

PairCounts counted_pairs(const Settings& s, const Axis& axis) {
  const auto pairs =
      read_pairs({s.pairs, s.dataset, s.truth, s.measured, s.detected}, s.column);
  const auto file = s.pairs.file.string();
  auto to = s.measured_edges;
  if (to.empty()) {
    double lo = std::numeric_limits<double>::infinity(), hi = -lo;
    for (const double y : pairs.measured)
      if (std::isfinite(y)) lo = std::min(lo, y), hi = std::max(hi, y);
    if (!(lo < hi))
      throw Error(fmt::format("{} holds no two different measured values", file),
                  "check its columns");
    to = edges_of(s, lo, hi, s.measured_bins);
  }
  const auto from = edges_of(s, axis.lo, axis.hi, s.true_bins);
  return counted(
      pairs, from, to, {file, s.column, "simulate there too, or choose fewer true_bins"});
}

Migration from_table(const Settings& s, const Axis& axis) {
  const auto& edges = s.true_edges;
  if (edges.front() > axis.lo || edges.back() < axis.hi)
    throw Error(fmt::format("the true bins of the response cover [{}, {}], column {} "
                            "has events in [{}, {}]",
                            edges.front(),
                            edges.back(),
                            s.column,
                            axis.lo,
                            axis.hi),
                "add bins: nothing is known of what happens beyond them");
  return {edges,
          s.measured_edges,
          s.probability,
          std::vector<double>(s.probability.size(), 1.0),
          MeasuredShape::steps};
}

/// Nothing for a table.
std::optional<PairCounts> sample_of(const Settings& s, const Axis& axis) {
  if (s.pairs.empty() == s.probability.empty())
    throw Error(fmt::format("the response of {} needs either pairs or a table of "
                            "probability, not both",
                            s.column),
                "give pairs: FILE, or true_edges, measured_edges and probability");
  if (s.pairs.empty()) return {};
  return counted_pairs(s, axis);
}

std::unique_ptr<Step> step_of(const std::vector<Channel>& before,
                              const std::string& column,
                              const std::optional<PairCounts>& sample,
                              Migration migration) {
  const auto edges = migration.measured_edges();
  // Kernels are straight between the middles of true bins, and measured densities
  // straight or constant inside bins.
  ResponseWords words;
  words.breaks = migration.middles();
  words.breaks.insert(words.breaks.end(), edges.begin(), edges.end());
  std::ranges::sort(words.breaks);
  if (sample)
    words.resampled = [before, column, sample](const random::Stream& stream) {
      const auto drawn = sample->resampled(stream);
      return step_of(before, column, drawn, drawn.migration());
    };
  return std::make_unique<ResponseStep<Migration>>(before,
                                                   column,
                                                   std::move(migration),
                                                   edges.front(),
                                                   edges.back(),
                                                   std::move(words));
}

class Response final : public Stage {
 public:
  using Config = Settings;

  explicit Response(Settings settings) : settings_(std::move(settings)) {}

  std::unique_ptr<Step> after(const std::vector<Channel>& before) const override {
    const auto place = place_of(before, settings_.column);
    const auto& axis = before[place.channel].axes[place.axis];
    const auto sample = sample_of(settings_, axis);
    return step_of(before,
                   settings_.column,
                   sample,
                   sample ? sample->migration() : from_table(settings_, axis));
  }

 private:
  Settings settings_;
};

}  // namespace

void register_stage_response(Registry& r) {
  r.add<Stage, Response>({
      .name = "response",
      .summary = "Migrations of one column, from pairs of true and measured values or a "
                 "table of probabilities.",
      .source = "this project",
  });
}

}  // namespace femto
