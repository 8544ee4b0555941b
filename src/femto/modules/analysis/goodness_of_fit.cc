// Whether the fitted densities describe the events: chi-square and Kolmogorov-Smirnov.
#include <algorithm>
#include <cmath>

#include <fmt/core.h>

#include "femto/config/registry.h"
#include "femto/core/threads.h"
#include "femto/pipeline/analysis.h"
#include "femto/pipeline/counts.h"
#include "femto/pipeline/goodness.h"
#include "femto/pipeline/marginal.h"
#include "femto/pipeline/origin.h"
#include "femto/pipeline/problem.h"
#include "femto/pipeline/simulate.h"
#include "femto/pipeline/sorted.h"

namespace femto {
namespace {

using config::field;
using nlohmann::ordered_json;

/// Bins per axis of the chi-square: enough to see shapes, few enough to fill.
std::size_t bins_per_axis(std::size_t axes) {
  return axes == 1 ? 100 : (axes == 2 ? 20 : 8);
}

/// How many parameters the events determined: where something was known before them, each
/// combination counts by the share of its knowledge that is theirs.
/// Source: Rodgers:2000 section 2.4 (degrees of freedom for signal).
double fitted_number(const Task& task,
                     const Dataset& data,
                     std::span<const double> theta) {
  const auto origin = origin_of(
      task.density, task.side, task.setup, theta, static_cast<double>(data.records()));
  double sum = 0;
  for (const double information : origin.information)
    sum += std::isinf(information) ? 1 : information / (1 + information);
  return sum;
}

/// Bins of every channel, over which the chi-square runs.
std::vector<EqualBins> bins_of(const Theory& theory) {
  std::vector<EqualBins> out;
  std::size_t column = 0;
  for (const auto& channel : theory.channels()) {
    const std::size_t axes = channel.axes.size();
    out.emplace_back(channel.axes, column, bins_per_axis(axes), Outside::nearest_bin);
    column += axes;
  }
  return out;
}

FitTest chi_square(const Task& task,
                   const Dataset& data,
                   std::span<const double> theta,
                   std::size_t channel,
                   std::span<const double> counts,
                   double fitted) {
  std::vector<std::vector<double>> edges;
  const auto& axes = task.theory.channels()[channel].axes;
  for (const auto& axis : axes)
    edges.push_back(equal_edges(axis, bins_per_axis(axes.size())));
  auto expected = bin_shares(task.density, channel, theta, edges);
  for (double& e : expected) e *= static_cast<double>(data.rows());
  return baker_cousins(counts, expected, fitted);
}

FitTest uniformity(const Task& task,
                   const Dataset& data,
                   std::span<const double> theta,
                   std::size_t channel,
                   std::size_t column) {
  const Cumulative cumulative(task.density, channel, theta, 0);
  const auto n = static_cast<double>(data.rows());
  KolmogorovDistance distance(n);
  std::vector<double> u;
  for_each_sorted(data, column, [&](std::span<const double> x) {
    u.resize(x.size());
    const Pieces pieces{x.size(), 16384};
    parallel_for(pieces.count(), [&](std::size_t p) {
      for (std::size_t i = pieces.begin(p); i < pieces.end(p); ++i)
        u[i] = cumulative(x[i]);
    });
    distance.add(u);
  });
  return kolmogorov_smirnov(distance.value(), n);
}

/// All tests of one data set, in a fixed order.
std::vector<FitTest> tests_of(const Task& task,
                              const Dataset& data,
                              std::span<const double> theta) {
  std::vector<FitTest> out;
  const auto& channels = task.theory.channels();
  const double fitted =
      fitted_number(task, data, theta) / static_cast<double>(channels.size());
  const auto counts = counted(data, bins_of(task.theory)).bins;
  std::size_t column = 0;
  for (std::size_t c = 0; c < channels.size(); ++c) {
    FitTest chi = chi_square(task, data, theta, c, counts[c], fitted);
    chi.name = "chi-square, " + channels[c].name;
    chi.note =
        "Baker-Cousins ratio; bins that expect fewer than 5 events are merged; the "
        "fitted parameters are shared equally between the channels";
    if (!task.side.constraints.empty())
      chi.note += fmt::format(
          ": {:.1f} in all, as those count by what the events say of them against what "
          "was known before",
          fitted * static_cast<double>(channels.size()));
    out.push_back(std::move(chi));
    if (channels[c].axes.size() == 1 && data.in_memory()) {
      FitTest ks = uniformity(task, data, theta, c, column);
      ks.name = "Kolmogorov-Smirnov, " + channels[c].name;
      ks.note =
          "the parameters were fitted to the same events, so this p-value is too "
          "large; toys calibrate it";
      out.push_back(std::move(ks));
    }
    column += channels[c].axes.size();
  }
  return out;
}

/// Statistics of one toy at `theta`, refitted; empty if the refit failed.
std::vector<double> toy(const Task& task,
                        const SamplerTable& table,
                        std::span<const double> theta,
                        std::uint64_t replica) {
  const std::size_t n = task.data.rows();
  auto events = simulated(task.experiment, table, theta, {task.seed, replica}, n);
  const Dataset data(std::move(events));
  const Task again{task.theory,
                   task.density,
                   task.sampler,
                   task.experiment,
                   task.objective,
                   nullptr,
                   data,
                   task.side,
                   task.setup,
                   {},
                   task.seed,
                   replica};
  const auto problem = problem_of(again, theta);
  const auto best = stats::minimise(problem.f, theta, problem.box);
  if (!std::isfinite(best.at.value)) return {};
  std::vector<double> out;
  for (const auto& t : tests_of(again, data, best.x)) out.push_back(t.statistic);
  return out;
}

class GoodnessOfFit final : public Analysis {
 public:
  struct Config {
    int toys = 0;

    static constexpr auto fields() {
      return std::tuple{
          field<&Config::toys>(
              {.doc = "toy data sets, drawn at the estimate and fitted again, that "
                      "calibrate the p-values; 0: asymptotic p-values",
               .rule = config::at_least_zero}),
      };
    }
  };

  explicit GoodnessOfFit(Config config) : toys_(config.toys) {}

  bool takes_spread_data() const override { return true; }

  Findings examine(const Fitted& fitted, Monitor& monitor) const override {
    Findings out;
    out.key = "goodness_of_fit";
    const Task& task = fitted.task;
    const io::EventTable* table = task.data.table();
    const bool weighted = table && table->weighted();
    if (weighted) {
      out.result = {{"tests", ordered_json::array()}};
      out.notes.push_back(
          "Goodness of fit is left out: the events are weighted, and these tests are for "
          "counts.");
      return out;
    }
    auto tests = tests_of(task, task.data, fitted.theta);
    if (toys_ > 0 && task.objective.is_function()) calibrate(tests, fitted, monitor);
    out.result["tests"] = ordered_json::array();
    for (const auto& t : tests)
      out.result["tests"].push_back(
          {{"name", t.name},
           {"statistic", t.statistic},
           {"ndf", t.ndf > 0 ? ordered_json(t.ndf) : ordered_json(nullptr)},
           {"p_value", t.p_value},
           {"note", t.note}});
    for (const auto& t : tests)
      if (t.p_value < 1e-3)
        out.notes.push_back(
            fmt::format("The fit does not describe the events: {} has p = {:.2g}.",
                        t.name,
                        t.p_value));
    return out;
  }

 private:
  /// p = (1 + toys at least as far) / (1 + toys).
  void calibrate(std::vector<FitTest>& tests,
                 const Fitted& fitted,
                 Monitor& monitor) const {
    const auto& experiment = fitted.task.experiment;
    const auto plan = fitted.task.sampler.plan(experiment.truth());
    const auto table = plan->at(experiment.true_part(fitted.theta));
    const auto count = static_cast<std::size_t>(toys_);
    std::vector<std::vector<double>> statistics(count);
    parallel_for(count, [&](std::size_t k) {
      statistics[k] = toy(fitted.task, *table, fitted.theta, 1'000'000 + k);
      monitor.report({"goodness of fit", k + 1, count, {}});
    });
    std::size_t good = 0;
    for (const auto& s : statistics) good += s.size() == tests.size();
    for (std::size_t t = 0; t < tests.size(); ++t) {
      std::size_t beyond = 0;
      for (const auto& s : statistics)
        beyond += s.size() == tests.size() && s[t] >= tests[t].statistic;
      tests[t].p_value = static_cast<double>(1 + beyond) / static_cast<double>(1 + good);
      tests[t].note = fmt::format("p-value from {} refitted toys", good);
    }
  }

  int toys_;
};

}  // namespace

void register_analysis_goodness_of_fit(Registry& r) {
  r.add<Analysis, GoodnessOfFit>({
      .name = "goodness_of_fit",
      .summary =
          "Chi-square of the saturated likelihood ratio and Kolmogorov-Smirnov test "
          "of every channel.",
      .source = "Baker:1984 Eq. (5); Stephens:1970",
  });
}

}  // namespace femto
