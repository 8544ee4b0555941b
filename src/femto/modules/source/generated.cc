// Events drawn from the theory itself at known parameters: a closure test.
#include <optional>

#include <fmt/ranges.h>

#include "femto/config/registry.h"
#include "femto/pipeline/dataset.h"
#include "femto/pipeline/simulate.h"

namespace femto {
namespace {

using config::field;

constexpr std::size_t rows_per_chunk = 1 << 16;

class Generated final : public Source {
 public:
  struct Config {
    std::uint64_t events = 100000;
    std::uint64_t seed = 1;
    std::map<std::string, double> at;
    std::optional<Slot<Theory>> theory;
    Slot<Sampler> sampler{"inverse_cdf"};
    std::optional<Slot<Detector>> detector;
    std::uint64_t memory_limit = std::uint64_t{1} << 30;

    static constexpr auto fields() {
      return std::tuple{
          field<&Config::events>({.doc = "records to draw", .rule = config::positive}),
          field<&Config::seed>({.doc = "key of the events; not the study's seed"}),
          field<&Config::at>({.doc = "every parameter of the theory, by name",
                              .rule = config::not_empty,
                              .required = true}),
          field<&Config::theory>(
              {.doc = "drawn from this theory, to which `at` then belongs; default: the "
                      "one that is fitted. Another one shows what a fit does with "
                      "densities that are not among its own; needs detector"}),
          field<&Config::sampler>({.doc = "how the events are drawn"}),
          field<&Config::detector>(
              {.doc = "how they are measured; default: the study's detector. Another one "
                      "makes a closure test against a different simulation"}),
          field<&Config::memory_limit>(
              {.doc = "events that need more are drawn anew in every pass",
               .unit = "byte",
               .rule = config::positive}),
      };
    }

    void check(config::Issues& issues) const {
      if (theory && !detector)
        issues.add("theory",
                   "needs data.detector, which measures its events",
                   "detector: identity measures them as they are");
    }
  };

  explicit Generated(Config config)
      : config_(std::move(config)),
        theory_(config_.theory ? config_.theory->build() : nullptr),
        sampler_(config_.sampler.build()),
        detector_(config_.detector ? config_.detector->build() : nullptr) {}

  SourceInfo inspect(const Experiment& study) const override {
    const auto own = own_experiment(study);
    const auto& experiment = own ? *own : study;
    parameters(experiment);
    const auto measured = columns_of(study.measured());
    if (columns_of(experiment.measured()) != measured)
      throw Error(
          fmt::format("data.{} gives other columns ({}) than the study measures ({})",
                      theory_ ? "theory" : "detector",
                      fmt::join(columns_of(experiment.measured()), ", "),
                      fmt::join(measured, ", ")));
    return {
        fmt::format("{} events drawn from {}",
                    config_.events,
                    theory_ ? "another theory than the one that is fitted"
                            : "the theory that is fitted (an inverse crime: tests the "
                              "method, not the theory)"),
        measured,
        config_.events,
        ""};
  }

  SideInformation side(const Experiment&) const override { return {}; }

  io::Dropped read(const Experiment& study, const ChunkVisitor& visit) const override {
    return read_rows(study, {0, config_.events}, visit);
  }

  io::Dropped read_rows(const Experiment& study,
                        RowRange range,
                        const ChunkVisitor& visit) const override {
    const auto own = own_experiment(study);
    const auto& experiment = own ? *own : study;
    const auto theta = parameters(experiment);
    const auto plan = sampler_->plan(experiment.truth());
    const auto table = plan->at(experiment.true_part(theta));
    const auto nu = experiment.nuisance_part(theta);
    Simulation simulation(experiment, *table, {nu.begin(), nu.end()}, {config_.seed, 0});
    // Which attempts survive a detector that loses events is known only by making them.
    const bool skips = !experiment.instrument().loses();
    if (skips) simulation.skip(range.begin);
    std::vector<io::Column> columns;
    for (const auto& channel : study.measured().channels())
      for (const auto& axis : channel.axes)
        columns.push_back({axis.column, axis.unit.empty() ? "1" : axis.unit});
    for (std::uint64_t first = skips ? range.begin : 0; first < range.end;) {
      const auto until = first < range.begin ? range.begin : range.end;
      const auto rows = static_cast<std::size_t>(
          std::min<std::uint64_t>(rows_per_chunk, until - first));
      io::EventTable chunk(columns, rows);
      std::vector<double*> record;
      for (std::size_t i = 0; i < columns.size(); ++i)
        record.push_back(chunk.column(i).data());
      simulation.next(rows, record);
      if (first >= range.begin) visit(first, chunk);
      first += rows;
    }
    io::Dropped none;
    none.rows_read = range.size();
    return none;
  }

  bool can_be_spread() const override { return true; }

  std::uint64_t memory_limit() const override { return config_.memory_limit; }

 private:
  /// The experiment with the source's own theory or detector; null if it has neither.
  std::unique_ptr<Experiment> own_experiment(const Experiment& study) const {
    const Theory& truth = theory_ ? *theory_ : study.truth();
    return detector_ ? std::make_unique<Experiment>(truth, *detector_) : nullptr;
  }

  /// `at`, with nuisance parameters nominal where it does not name them.
  std::vector<double> parameters(const Experiment& experiment) const {
    const Theory& theory = experiment.measured();
    const std::size_t needed = experiment.truth().parameters().size();
    for (const auto& [name, value] : config_.at)
      if (parameter_index(theory, name) < 0)
        throw Error(fmt::format("data.at: the theory has no parameter '{}'", name));
    std::vector<double> theta;
    for (const auto& p : theory.parameters()) {
      const auto found = config_.at.find(p.name);
      if (found == config_.at.end() && theta.size() < needed)
        throw Error(fmt::format("data.at misses parameter '{}'", p.name));
      theta.push_back(found == config_.at.end() ? p.start : found->second);
    }
    return theta;
  }

  Config config_;
  std::unique_ptr<Theory> theory_;
  std::unique_ptr<Sampler> sampler_;
  std::unique_ptr<Detector> detector_;
};

}  // namespace

void register_source_generated(Registry& r) {
  r.add<Source, Generated>(
      {.name = "generated",
       .summary = "Events drawn from the theory at known parameters (closure test).",
       .source = "this project"});
}

}  // namespace femto
