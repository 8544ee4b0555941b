// Events from a file, with the norms and counts that were measured beside them.
#include <algorithm>
#include <cmath>
#include <mutex>
#include <optional>

#include <fmt/format.h>

#include "femto/config/registry.h"
#include "femto/core/hash.h"
#include "femto/io/row_selection.h"
#include "femto/pipeline/dataset.h"

namespace femto {

namespace io {

constexpr std::array<std::pair<std::string_view, Invalid>, 2> names(Invalid) {
  return {{{"error", Invalid::error}, {"drop", Invalid::drop}}};
}

}  // namespace io

namespace {

using config::field;

class File final : public Source {
 public:
  struct Config {
    config::Path path;
    std::vector<std::string> columns;
    std::string weight;
    std::string where;
    std::string dataset;
    io::Invalid invalid = io::Invalid::error;
    std::vector<double> norms;
    std::vector<double> norm_uncertainties;
    std::vector<double> counts;
    double luminosity = 1;
    double luminosity_uncertainty = 0;
    std::uint64_t memory_limit = std::uint64_t{1} << 30;

    static constexpr auto fields() {
      return std::tuple{
          field<&Config::path>({.doc = "event file: .npy, .npz, .h5 or .csv",
                                .rule = config::not_empty,
                                .required = true}),
          field<&Config::columns>(
              {.doc =
                   "names in the file of the theory's columns, in the theory's order; "
                   "empty: they are called as in the theory, or the file has no names"}),
          field<&Config::weight>(
              {.doc =
                   "column of event weights, which may be negative; empty: all are 1"}),
          field<&Config::where>(
              {.doc = "rows to keep, as an expression over the columns of the file: `x > "
                      "0.1 && quality == 1`; empty: all. Cut the theory alike, by stages "
                      "of a detector"}),
          field<&Config::dataset>(
              {.doc = "array (npz), dataset or group (HDF5); empty: the only one"}),
          field<&Config::invalid>(
              {.doc = "what to do with rows that are not finite or outside the support; "
                      "dropped rows are counted and reported"}),
          field<&Config::norms>({.doc = "measured norm of each channel; empty: unknown",
                                 .rule = config::positive}),
          field<&Config::norm_uncertainties>(
              {.doc = "relative standard deviation of each norm",
               .rule = config::positive}),
          field<&Config::counts>(
              {.doc = "events counted in each channel (Poisson); empty: fixed beforehand",
               .rule = config::at_least_zero}),
          field<&Config::luminosity>(
              {.doc = "expected count = luminosity * norm", .rule = config::positive}),
          field<&Config::luminosity_uncertainty>(
              {.doc =
                   "relative standard deviation of the luminosity; 0: exact, inf: free",
               .rule = {.min = 0, .infinite = true}}),
          field<&Config::memory_limit>(
              {.doc = "events that need more are read anew in every pass",
               .unit = "byte",
               .rule = config::positive}),
      };
    }

    void check(config::Issues& issues) const {
      if (norm_uncertainties.size() != norms.size())
        issues.add(norm_uncertainties.empty() ? "norms" : "norm_uncertainties",
                   fmt::format("{} norms have {} uncertainties (each norm needs one)",
                               norms.size(),
                               norm_uncertainties.size()));
    }
  };

  explicit File(Config config) : config_(std::move(config)) {}

  SourceInfo inspect(const Experiment& experiment) const override {
    const Theory& theory = experiment.measured();
    const std::lock_guard lock(mutex_);
    if (info_ && inspected_ == &theory) return *info_;
    check_selection(theory);
    const auto found = io::inspect_events(config_.path.file, options(theory));
    info_ = SourceInfo{config_.path.file.string(),
                       columns_of(theory),
                       found.rows,
                       found.checksum,
                       keeps_all_rows()};
    inspected_ = &theory;
    return *info_;
  }

  SideInformation side(const Experiment& experiment) const override {
    const Theory& theory = experiment.measured();
    check_size("norms", config_.norms, theory);
    check_size("counts", config_.counts, theory);
    const double uncertainty = config_.luminosity_uncertainty;
    SideInformation side;
    side.norms = config_.norms;
    side.norm_uncertainties = config_.norm_uncertainties;
    side.counts = config_.counts;
    side.luminosity = config_.luminosity;
    side.luminosity_uncertainty = std::isinf(uncertainty) ? -1 : uncertainty;
    return side;
  }

  io::Dropped read(const Experiment& experiment,
                   const ChunkVisitor& visit) const override {
    return read(experiment, options(experiment.measured()), visit);
  }

  io::Dropped read_rows(const Experiment& experiment,
                        RowRange range,
                        const ChunkVisitor& visit) const override {
    if (!keeps_all_rows()) return Source::read_rows(experiment, range, visit);
    if (range.size() == 0) return {};
    auto rows = options(experiment.measured());
    rows.begin = range.begin;
    rows.end = range.end;
    return read(experiment, rows, [&](std::uint64_t first, const io::EventTable& chunk) {
      visit(range.begin + first, chunk);
    });
  }

  bool can_be_spread() const override { return config_.weight.empty(); }

  std::uint64_t memory_limit() const override { return config_.memory_limit; }

 private:
  /// Then rows of the file are rows of the data.
  bool keeps_all_rows() const {
    return config_.where.empty() && config_.invalid == io::Invalid::error;
  }

  io::Dropped read(const Experiment& experiment,
                   const io::ReadOptions& rows,
                   const ChunkVisitor& visit) const {
    const Theory& theory = experiment.measured();
    std::vector<io::Support> supports;
    std::vector<io::Column> wanted;
    for (const auto& channel : theory.channels())
      for (const auto& axis : channel.axes) {
        supports.push_back({axis.lo, axis.hi});
        wanted.push_back({axis.column, axis.unit.empty() ? "1" : axis.unit});
      }
    io::Dropped dropped;
    io::for_each_chunk(config_.path.file,
                       rows,
                       supports,
                       config_.invalid,
                       &dropped,
                       [&](const io::EventTable& chunk, std::uint64_t before) {
                         check_kept(theory, chunk, before);
                         visit(before, named(chunk, wanted));
                       });
    return dropped;
  }

  /// Refuses rows that a cut of two columns would not have let through.
  void check_kept(const Theory& theory,
                  const io::EventTable& chunk,
                  std::uint64_t before) const {
    std::size_t column = 0;
    for (const auto& channel : theory.channels()) {
      const std::size_t first = column;
      column += channel.axes.size();
      if (!channel.keeps) continue;
      const double* const x[] = {chunk.column(first).data(),
                                 chunk.column(first + 1).data()};
      std::vector<double> inside(chunk.rows());
      channel.keeps(inside.size(), x, inside.data());
      const auto bad = std::ranges::find(inside, 0.0) - inside.begin();
      if (static_cast<std::size_t>(bad) == inside.size()) continue;
      const auto i = static_cast<std::size_t>(bad);
      throw DataError(
          fmt::format("{}: event {}, counting from 0{}, with {} = {:.6g} and {} = {:.6g} "
                      "does not fulfil the detector's selection",
                      config_.path.file.string(),
                      before + i,
                      config_.where.empty() ? "" : " those that data.where keeps",
                      channel.axes[0].column,
                      x[0][i],
                      channel.axes[1].column,
                      x[1][i]),
          "cut the data with the same words: data.where");
    }
  }

  /// Finds mistakes in `where` before anything is read.
  void check_selection(const Theory& theory) const {
    if (config_.where.empty()) return;
    try {
      io::RowSelection(config_.path.file, options(theory));
    } catch (const DataError&) {
      throw;
    } catch (const Error& e) {
      throw Error(fmt::format("data.where: {}", e.what()), e.hint());
    }
  }

  io::ReadOptions options(const Theory& theory) const {
    const auto wanted = columns_of(theory);
    io::ReadOptions out;
    out.dataset = config_.dataset;
    out.where = config_.where;
    out.weight = config_.weight;
    if (config_.columns.empty()) {
      out.columns = out.expected_columns = wanted;
      return out;
    }
    if (config_.columns.size() != wanted.size())
      throw Error(fmt::format("data.columns names {} columns, the theory has {} ({})",
                              config_.columns.size(),
                              wanted.size(),
                              fmt::join(wanted, ", ")),
                  "name one column of the file for each of the theory's");
    out.columns = config_.columns;
    return out;
  }

  /// The chunk with the theory's names and units.
  static io::EventTable named(const io::EventTable& chunk,
                              const std::vector<io::Column>& wanted) {
    if (chunk.columns() == wanted) return chunk;
    io::EventTable out(
        wanted, chunk.rows(), chunk.weighted() ? io::Weighted::yes : io::Weighted::no);
    if (chunk.weighted()) std::ranges::copy(chunk.weights(), out.weights().begin());
    for (std::size_t i = 0; i < wanted.size(); ++i) {
      const auto from = chunk.column(i);
      std::copy(from.begin(), from.end(), out.column(i).begin());
    }
    return out;
  }

  static void check_size(const char* what,
                         const std::vector<double>& values,
                         const Theory& theory) {
    const auto channels = theory.channels().size();
    if (!values.empty() && values.size() != channels)
      throw Error(fmt::format("data.{} has {} numbers, the theory has {} channels",
                              what,
                              values.size(),
                              channels));
  }

  Config config_;
  mutable std::mutex mutex_;
  mutable std::optional<SourceInfo> info_;
  mutable const Theory* inspected_ = nullptr;
};

}  // namespace

void register_source_file(Registry& r) {
  r.add<Source, File>({.name = "file",
                       .summary = "Events from a .npy, .npz, HDF5 or CSV file.",
                       .source = "this project"});
}

}  // namespace femto
