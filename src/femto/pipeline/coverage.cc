// Counts toys.
#include "femto/pipeline/coverage.h"

#include <algorithm>
#include <cmath>

#include "femto/core/error.h"
#include "femto/stats/distributions.h"
#include "femto/stats/summary.h"

namespace femto {

namespace {

/// Reasons of failed toys that are kept.
constexpr std::size_t most_failures = 5;

bool contains(const std::optional<Interval>& interval, double truth) {
  return interval && (interval->lo_open || interval->lo <= truth) &&
         (interval->hi_open || truth <= interval->hi);
}

CoverageRow row_of(const std::string& name,
                   const std::string& method,
                   double level,
                   const std::vector<bool>& inside) {
  CoverageRow row{name, method, level, 0, static_cast<int>(inside.size()), 0, 0};
  row.inside = static_cast<int>(std::ranges::count(inside, true));
  row.fraction = static_cast<double>(row.inside) / static_cast<double>(row.toys);
  row.binomial_error = stats::binomial_error(level, row.toys);
  return row;
}

void add_rows(const std::vector<Toy>& toys,
              std::size_t i,
              const std::string& name,
              Coverage& out) {
  using Member = Quoted ToyQuantity::*;
  for (const Member method :
       {&ToyQuantity::fisher, &ToyQuantity::profile, &ToyQuantity::posterior}) {
    std::string called;
    for (const auto& toy : toys)
      if (!toy.made.empty() && (toy.made[i].*method).sd)
        called = (toy.made[i].*method).method;
    if (called.empty()) continue;
    std::vector<bool> in68, in95;
    for (const auto& toy : toys) {
      const bool fitted = !toy.made.empty();
      in68.push_back(fitted &&
                     contains((toy.made[i].*method).level68, toy.made[i].truth));
      in95.push_back(fitted &&
                     contains((toy.made[i].*method).level95, toy.made[i].truth));
    }
    out.rows.push_back(row_of(name, called, level68, in68));
    out.rows.push_back(row_of(name, called, level95, in95));
  }
}

void add_pulls(const std::vector<Toy>& toys,
               std::size_t i,
               const std::string& name,
               double floor,
               Coverage& out) {
  std::vector<double> pulls, values;
  for (const auto& toy : toys) {
    if (toy.made.empty()) continue;
    values.push_back(toy.made[i].value - toy.made[i].truth);
    const auto& sd = toy.made[i].fisher.sd;
    if (sd && *sd > 0) pulls.push_back(values.back() / *sd);
  }
  if (pulls.size() < 2) return;
  PullRow row;
  const double n = static_cast<double>(pulls.size());
  row.name = name;
  row.mean = stats::mean(pulls);
  row.width = stats::standard_deviation(pulls);
  row.mean_error = row.width / std::sqrt(n);
  row.width_error = row.width / std::sqrt(2 * (n - 1));
  row.sd_over_floor = floor > 0 ? stats::standard_deviation(values) / floor : 0;
  out.pulls.push_back(row);
}

}  // namespace

Coverage tabulate(const std::vector<Toy>& toys, const ToyQuantities& wanted) {
  Coverage out;
  out.toys = static_cast<int>(toys.size());
  for (const auto& t : toys) {
    if (!t.trusted) ++out.untrusted;
    if (!t.made.empty() || wanted.quantities.empty()) continue;
    ++out.failed;
    if (out.failures.size() < most_failures) out.failures.push_back(t.failure);
  }
  for (std::size_t i = 0; i < wanted.quantities.size(); ++i) {
    const auto& name = wanted.quantities[i].name;
    add_rows(toys, i, name, out);
    add_pulls(toys, i, name, wanted.floors[i], out);
  }
  return out;
}

Coverage cover(const Task& task, const Solver& solver, const CoverageOptions& options) {
  expect(options.toys > 0 && options.records > 0, "coverage needs toys with records");
  expect(options.truth.size() == task.setup.parameters.size(), "coverage needs a truth");
  const auto wanted = toy_quantities(task, options.truth, options.records);
  ToyOptions how;
  how.truths.assign(static_cast<std::size_t>(options.toys), options.truth);
  how.records = options.records;
  how.seed = options.seed;
  how.intervals = options.inference.intervals;
  how.progress = options.progress;
  how.warn = options.warn;
  how.group = options.group;
  const auto toys = run_toys(task, solver, wanted.quantities, how);
  if (options.group && options.group->rank() > 0) return {};
  return tabulate(toys, wanted);
}

nlohmann::ordered_json to_json(const Coverage& c) {
  nlohmann::ordered_json out;
  out["toys"] = c.toys;
  out["failed"] = c.failed;
  out["failures"] = c.failures;
  if (c.untrusted > 0) out["untrusted"] = c.untrusted;
  out["coverage"] = nlohmann::ordered_json::array();
  for (const auto& r : c.rows)
    out["coverage"].push_back({{"name", r.name},
                               {"method", r.method},
                               {"level", r.level},
                               {"inside", r.inside},
                               {"toys", r.toys},
                               {"fraction", r.fraction},
                               {"binomial_error", r.binomial_error}});
  out["pulls"] = nlohmann::ordered_json::array();
  for (const auto& p : c.pulls)
    out["pulls"].push_back({{"name", p.name},
                            {"mean", p.mean},
                            {"mean_error", p.mean_error},
                            {"width", p.width},
                            {"width_error", p.width_error},
                            {"sd_over_floor", p.sd_over_floor}});
  return out;
}

}  // namespace femto
