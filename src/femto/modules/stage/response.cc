// Response of one column known only by its migrations: from pairs of true and measured
// values, or a table.
#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

#include <fmt/format.h>

#include "femto/config/registry.h"
#include "femto/core/error.h"
#include "femto/core/recent.h"
#include "femto/io/events.h"
#include "femto/physics/migration.h"
#include "femto/pipeline/stage.h"

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

struct Pairs {
  std::vector<double> truth, measured;  // of lost ones NaN
};

Pairs read_pairs(const Settings& s) {
  io::ReadOptions options;
  options.dataset = s.dataset;
  options.columns = {s.truth.empty() ? s.column + "_true" : s.truth,
                     s.measured.empty() ? s.column : s.measured};
  if (!s.detected.empty()) options.columns.push_back(s.detected);
  Pairs out;
  const auto reader = io::open_events(s.pairs.file, options);
  io::EventTable chunk;
  while (reader->next(chunk))
    for (std::size_t i = 0; i < chunk.rows(); ++i) {
      const bool kept = s.detected.empty() || chunk.column(2)[i] != 0;
      out.truth.push_back(chunk.column(0)[i]);
      out.measured.push_back(kept ? chunk.column(1)[i] : std::nan(""));
      if (!std::isfinite(out.truth.back()) ||
          (kept && !std::isfinite(out.measured.back())))
        throw Error(fmt::format("{}: row {}, counting from 0, has values that are not "
                                "finite",
                                s.pairs.file.string(),
                                out.truth.size() - 1),
                    "mark lost events with a column named in `detected`");
    }
  return out;
}

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

/// Simulated pairs, counted.
struct PairCounts {
  std::vector<double> from, to;             // edges
  std::vector<std::vector<double>> counts;  // [true bin][measured bin]
  std::vector<double> all;                  // [true bin], lost ones too

  Migration migration() const { return {from, to, counts, all, MeasuredShape::smooth}; }

  /// As many pairs, drawn anew from these: each counts Poisson(1) times. A true bin that
  /// would lose all its pairs keeps them.
  PairCounts resampled(const random::Stream& stream) const {
    PairCounts out = *this;
    std::uint64_t index = 0;
    const auto drawn = [&](double n) {
      return static_cast<double>(random::poisson(random::uniform(stream, index++), n));
    };
    for (std::size_t i = 0; i < all.size(); ++i) {
      double rest = all[i], sum = 0;
      for (double& n : out.counts[i]) {
        rest -= n;
        sum += n = drawn(n);
      }
      out.all[i] = sum + drawn(rest);
      if (out.all[i] > 0) continue;
      out.counts[i] = counts[i];
      out.all[i] = all[i];
    }
    return out;
  }
};

PairCounts counted_pairs(const Settings& s, const Axis& axis) {
  const auto pairs = read_pairs(s);
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
  std::vector<double> all(from.size() - 1);
  std::vector<std::vector<double>> counts(all.size(), std::vector<double>(to.size() - 1));
  for (std::size_t i = 0; i < pairs.truth.size(); ++i) {
    const auto row = bin_in(from, pairs.truth[i]);
    if (row < 0) continue;
    ++all[static_cast<std::size_t>(row)];
    const auto column = bin_in(to, pairs.measured[i]);
    if (column >= 0)
      ++counts[static_cast<std::size_t>(row)][static_cast<std::size_t>(column)];
  }
  for (std::size_t i = 0; i < all.size(); ++i)
    if (all[i] == 0)
      throw Error(fmt::format("{} holds no event with true {} in [{:.4g}, {:.4g}], where "
                              "the theory has events",
                              file,
                              s.column,
                              from[i],
                              from[i + 1]),
                  "simulate there too, or choose fewer true_bins");
  return {from, to, counts, all};
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

class ResponseStep final : public Step {
 public:
  ResponseStep(const std::vector<Channel>& before, const Settings& s)
      : ResponseStep(before, s.column, sample_of(s, axis_of(before, s.column)), [&] {
          return from_table(s, axis_of(before, s.column));
        }) {}

  /// From a sample, or else from a table.
  ResponseStep(const std::vector<Channel>& before,
               const std::string& column,
               std::optional<PairCounts> sample,
               const std::function<Migration()>& table)
      : place_(place_of(before, column)),
        column_(column),
        sample_(std::move(sample)),
        migration_(sample_ ? sample_->migration() : table()) {
    channels_ = before;
    auto& axis = channels_[place_.channel].axes[place_.axis];
    axis.lo = migration_.measured_edges().front();
    axis.hi = migration_.measured_edges().back();
    axis.grading = Grading::uniform;
  }

  const std::vector<Nuisance>& nuisances() const override {
    static const std::vector<Nuisance> none;
    return none;
  }

  bool loses() const override { return migration_.loses(); }

  std::unique_ptr<Step> resampled(const random::Stream& stream) const override {
    if (!sample_) return {};
    return std::make_unique<ResponseStep>(
        channels_, column_, sample_->resampled(stream), [this] { return migration_; });
  }

  void apply(const Draw& which,
             std::span<const double>,
             std::size_t n,
             double* const* record,
             double* survival) const override {
    for (std::size_t i = 0; i < n; ++i) {
      double& x = record[place_.column][i];
      if (survival) survival[i] *= migration_.efficiency(x);
      x = migration_.measure(x, random::uniform(which.stream, which.first + i)).y;
    }
  }

  void backward(const Draw& which,
                std::span<const double>,
                std::size_t n,
                const double* const* before,
                double* const* upstream) const override {
    for (std::size_t i = 0; i < n; ++i)
      upstream[place_.column][i] *=
          migration_
              .measure(before[place_.column][i],
                       random::uniform(which.stream, which.first + i))
              .slope;
  }

  /// Kernels are straight between the middles of true bins, and measured densities
  /// constant inside bins.
  std::vector<double> breaks(const std::string& column) const override {
    if (column != column_) return {};
    auto out = migration_.middles();
    for (const double edge : migration_.measured_edges()) out.push_back(edge);
    std::ranges::sort(out);
    return out;
  }

  std::vector<Intensity> fold(std::vector<Intensity> in,
                              const Folding& folding) const override {
    auto& channel = in[place_.channel];
    const auto matrix = recent_.get({}, [&] {
      const auto& axis = channels_[place_.channel].axes[place_.axis];
      return KernelMatrix(channel.axes[place_.axis],
                          folding.panels(column_, axis.lo, axis.hi),
                          Kernel{1, [this](double y, double x, double* k) {
                                   k[0] = migration_.density(y, x);
                                   return migration_.reaches(y, x);
                                 }});
    });
    channel = folded(channel, place_.axis, *matrix);
    return in;
  }

 private:
  static const Axis& axis_of(const std::vector<Channel>& channels,
                             const std::string& column) {
    const auto place = place_of(channels, column);
    return channels[place.channel].axes[place.axis];
  }

  ColumnPlace place_;
  std::string column_;
  std::optional<PairCounts> sample_;
  Migration migration_;
  mutable Recent<KernelMatrix> recent_;
};

class Response final : public Stage {
 public:
  using Config = Settings;

  explicit Response(Settings settings) : settings_(std::move(settings)) {}

  std::unique_ptr<Step> after(const std::vector<Channel>& before) const override {
    return std::make_unique<ResponseStep>(before, settings_);
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
