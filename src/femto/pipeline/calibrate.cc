// Truths, toys and verdicts of the calibration gate.
#include "femto/pipeline/calibrate.h"

#include <algorithm>
#include <cmath>

#include <fmt/core.h>

#include "femto/core/error.h"
#include "femto/core/random.h"
#include "femto/pipeline/gauge.h"
#include "femto/pipeline/problem.h"
#include "femto/stats/summary.h"

namespace femto {

using nlohmann::ordered_json;

namespace {

/// Probability that intervals that are right fail any test.
constexpr double false_alarm = 0.01;

std::vector<double> starts_of(const ParameterSetup& setup) {
  std::vector<double> out;
  for (const auto& p : setup.parameters) out.push_back(p.start);
  return out;
}

std::string method_of(const Task& task,
                      const CalibrationOptions& options,
                      const ToyQuantities& wanted) {
  switch (options.intervals.method) {
    case IntervalMethod::fisher:
      return "fisher";
    case IntervalMethod::posterior:
      return "posterior";
    case IntervalMethod::amortised:
      return "amortised";
    case IntervalMethod::profile:
      return task.objective.is_likelihood() ? "profile" : "fisher";
    case IntervalMethod::automatic:
      return task.objective.is_likelihood() &&
                     wanted.n_lambda_min < options.intervals.switch_below
                 ? "profile"
                 : "fisher";
    case IntervalMethod::none:
      break;
  }
  throw Error("the study asks for no intervals, so there is nothing to calibrate",
              "set intervals.method to auto, fisher, profile, posterior or amortised");
}

void add_test(CalibrationRow& row, std::string name, double p, double level) {
  row.tests.push_back({std::move(name), p, p >= level});
  row.calibrated = row.calibrated && p >= level;
}

double coverage_p(const CoverageRow& row) {
  return stats::binomial_p(static_cast<std::uint64_t>(row.inside),
                           static_cast<std::uint64_t>(row.toys),
                           row.level);
}

/// Uniform numbers that spread ranks over their gaps, and normals of references.
double spread_of(std::uint64_t seed, std::size_t toy, std::size_t quantity) {
  return random::uniform(random::Stream::named(seed, "calibrate ranks", quantity), toy);
}

std::vector<double> shares_of(const std::vector<Toy>& toys,
                              std::size_t i,
                              std::uint64_t seed) {
  std::vector<double> out;
  for (std::size_t k = 0; k < toys.size(); ++k) {
    if (toys[k].made.empty()) continue;
    const auto& made = toys[k].made[i];
    out.push_back(stats::rank_share(made.truth, made.draws, spread_of(seed, k, i)));
  }
  return out;
}

std::vector<double> pits_of(const std::vector<Toy>& toys, std::size_t i) {
  std::vector<double> out;
  for (const auto& toy : toys)
    if (!toy.made.empty() && toy.made[i].pit) out.push_back(*toy.made[i].pit);
  return out;
}

std::vector<double> distances_of(const std::vector<Toy>& toys, std::uint64_t seed) {
  std::vector<double> out;
  for (std::size_t k = 0; k < toys.size(); ++k) {
    const auto& made = toys[k].made;
    if (made.empty()) continue;
    Matrix draws(made[0].draws.size(), made.size());
    std::vector<double> truth, normals;
    const auto stream = random::Stream::named(seed, "calibrate references", k);
    for (std::size_t i = 0; i < made.size(); ++i) {
      truth.push_back(made[i].truth);
      normals.push_back(random::normal_pair(stream, i)[0]);
      for (std::size_t d = 0; d < draws.rows; ++d) draws(d, i) = made[i].draws[d];
    }
    out.push_back(
        stats::distance_share(truth, draws, normals, spread_of(seed, k, made.size())));
  }
  return out;
}

/// Truths and draws of toys with their estimates as description of the data.
std::vector<stats::LocalCase> local_cases(const std::vector<Toy>& toys) {
  std::vector<stats::LocalCase> out;
  for (const auto& toy : toys) {
    if (toy.made.empty()) continue;
    stats::LocalCase one;
    one.draws = Matrix(toy.made[0].draws.size(), toy.made.size());
    for (std::size_t i = 0; i < toy.made.size(); ++i) {
      one.truth.push_back(toy.made[i].truth);
      one.data.push_back(toy.made[i].value);
      for (std::size_t d = 0; d < one.draws.rows; ++d)
        one.draws(d, i) = toy.made[i].draws[d];
    }
    out.push_back(std::move(one));
  }
  return out;
}

void add_local_tests(const std::vector<Toy>& toys,
                     const std::vector<Quantity>& quantities,
                     const CalibrationOptions& options,
                     Calibration& out) {
  const auto cases = local_cases(toys);
  if (cases.size() < 2) return;
  const auto labels =
      static_cast<std::size_t>(std::max(9999.0, std::ceil(10 / out.level)));
  const stats::LocalTest test(
      cases, random::Stream::named(options.seed, "calibrate labels"), labels);
  out.everywhere = test.everywhere();
  out.local_calibrated = out.everywhere->p >= out.level;
  if (!options.observed) return;
  const auto& seen = *options.observed;
  Matrix draws(seen.draws.rows, quantities.size());
  std::vector<double> data;
  for (std::size_t i = 0; i < quantities.size(); ++i) {
    const auto at = static_cast<std::size_t>(
        std::ranges::find(seen.names, quantities[i].name) - seen.names.begin());
    expect(at < seen.names.size(), "a run has every quantity of its toys");
    data.push_back(seen.values[at]);
    for (std::size_t d = 0; d < draws.rows; ++d) draws(d, i) = seen.draws(d, at);
  }
  out.at_data = test.at(draws, data);
  out.local_calibrated = out.local_calibrated && out.at_data->p >= out.level;
}

const CoverageRow* find(const Coverage& coverage,
                        const std::string& name,
                        const std::string& method,
                        double level) {
  for (const auto& r : coverage.rows)
    if (r.name == name && r.method == method && r.level == level) return &r;
  return nullptr;
}

ordered_json to_json(const stats::Uniformity& u) {
  return {{"toys", u.n},
          {"bins", u.bins},
          {"chi_square", u.chi_square},
          {"chi_square_p", u.chi_square_p},
          {"ecdf_distance", u.distance},
          {"ecdf_p", u.distance_p},
          {"ecdf_band_95", stats::ecdf_band(u.n, 0.95)}};
}

/// Their mean, 1/2 if nothing is shifted, and their width in units of a uniform one's,
/// 1 if no error is too small (above 1) or too large.
ordered_json pit_json(const CalibrationRow& row) {
  auto out = to_json(*row.pit);
  const double n = static_cast<double>(row.pits.size());
  out["mean"] = stats::mean(row.pits);
  out["mean_error"] = 1 / std::sqrt(12 * n);
  out["width"] = stats::standard_deviation(row.pits) * std::sqrt(12.0);
  // The fourth moment of a uniform variable about its mean is 1/80.
  out["width_error"] = std::sqrt((12.0 * 12 / 80 - 1) / (4 * n));
  out["values"] = row.pits;
  return out;
}

ordered_json local_json(const Calibration& c) {
  ordered_json out = {
      {"verdict", c.local_calibrated ? "calibrated" : "not calibrated"},
      {"everywhere", {{"statistic", c.everywhere->statistic}, {"p", c.everywhere->p}}}};
  if (c.at_data)
    out["at_data"] = {{"statistic", c.at_data->statistic}, {"p", c.at_data->p}};
  return out;
}

}  // namespace

bool Calibration::calibrated() const {
  return joint_calibrated && local_calibrated && !rows.empty() &&
         std::ranges::all_of(rows, &CalibrationRow::calibrated);
}

std::vector<std::vector<double>> drawn_truths(const Task& task,
                                              const CalibrationOptions& options) {
  const auto& setup = task.setup;
  const bool prior = options.truths == Truths::prior;
  const auto base = prior ? starts_of(setup) : options.truth;
  expect(base.size() == setup.parameters.size(), "truths need a value per parameter");
  auto held = setup.fixed;
  if (prior)
    for (const std::size_t j : generic_gauge(task, static_cast<double>(options.records)))
      held[j] = true;
  std::vector<std::vector<double>> out;
  for (int k = 0; k < options.toys; ++k) {
    const auto stream = random::Stream::named(
        options.seed, "calibrate truths", static_cast<std::uint64_t>(k));
    auto theta = base;
    for (std::size_t j = 0; j < theta.size(); ++j) {
      const auto& p = setup.parameters[j];
      const double u = random::uniform(stream, j);
      if (held[j]) continue;
      theta[j] =
          prior ? p.lo + (p.hi - p.lo) * u
                : std::clamp(
                      base[j] + options.jitter * (p.hi - p.lo) * (u - 0.5), p.lo, p.hi);
    }
    out.push_back(std::move(theta));
  }
  return out;
}

Calibration calibrate(const Task& task,
                      const Solver& solver,
                      const CalibrationOptions& options) {
  expect(options.toys > 0 && options.records > 0, "calibration needs toys with records");
  ToyOptions how;
  how.truths = drawn_truths(task, options);
  how.records = options.records;
  how.seed = options.seed;
  how.intervals = options.intervals;
  how.amortised = options.amortised;
  how.progress = options.progress;
  how.warn = options.warn;
  how.group = options.group;
  const auto wanted = toy_quantities(task, how.truths[0], options.records);
  Calibration out;
  out.method = method_of(task, options, wanted);
  out.truths = options.truths;
  out.records = options.records;
  if (out.method == "fisher") how.intervals.method = IntervalMethod::fisher;
  const auto toys = run_toys(task, solver, wanted.quantities, how);
  if (options.group && options.group->rank() > 0) return {};
  out.coverage = tabulate(toys, wanted);
  const bool sampled = out.method == "posterior" || out.method == "amortised";
  const bool has_pit = out.method != "profile";
  const std::size_t tests = wanted.quantities.size() * (2 + has_pit + sampled) +
                            (sampled ? 2 + options.observed.has_value() : 0);
  out.level = false_alarm / static_cast<double>(std::max<std::size_t>(1, tests));
  for (std::size_t i = 0; i < wanted.quantities.size(); ++i) {
    CalibrationRow row;
    row.name = wanted.quantities[i].name;
    const std::string quoted = sampled ? "posterior" : out.method;
    const auto* at68 = find(out.coverage, row.name, quoted, level68);
    const auto* at95 = find(out.coverage, row.name, quoted, level95);
    if (!at68 || !at95) continue;
    row.level68 = *at68;
    row.level95 = *at95;
    if (sampled) {
      row.shares = shares_of(toys, i, options.seed);
      row.ranks = stats::uniformity(row.shares);
      add_test(row, "ranks", row.ranks->p(), out.level);
    }
    if (has_pit) row.pits = pits_of(toys, i);
    if (!row.pits.empty()) {
      row.pit = stats::uniformity(row.pits);
      add_test(row, "PIT", row.pit->p(), out.level);
    }
    add_test(row, "coverage 68 %", coverage_p(row.level68), out.level);
    add_test(row, "coverage 95 %", coverage_p(row.level95), out.level);
    out.rows.push_back(std::move(row));
  }
  if (sampled && !out.rows.empty()) {
    out.distances = distances_of(toys, options.seed);
    out.joint = stats::uniformity(out.distances);
    out.joint_calibrated = out.joint->p() >= out.level;
    add_local_tests(toys, wanted.quantities, options, out);
  }
  return out;
}

ordered_json to_json(const Calibration& c) {
  ordered_json out;
  out["verdict"] = c.calibrated() ? "calibrated" : "not calibrated";
  out["method"] = c.method;
  out["truths"] = c.truths == Truths::prior ? "prior" : "truth";
  out["toys"] = c.coverage.toys;
  out["records"] = c.records;
  out["failed"] = c.coverage.failed;
  out["failures"] = c.coverage.failures;
  out["untrusted"] = c.coverage.untrusted;
  out["p_limit"] = c.level;
  out["quantities"] = ordered_json::array();
  for (const auto& r : c.rows) {
    ordered_json tests = ordered_json::array();
    for (const auto& t : r.tests)
      tests.push_back({{"name", t.name}, {"p", t.p}, {"passed", t.passed}});
    ordered_json row = {{"name", r.name},
                        {"verdict", r.calibrated ? "calibrated" : "not calibrated"},
                        {"covered68", r.level68.fraction},
                        {"covered95", r.level95.fraction},
                        {"tests", tests}};
    if (r.ranks) {
      row["ranks"] = to_json(*r.ranks);
      row["shares"] = r.shares;
    }
    if (r.pit) row["pit"] = pit_json(r);
    out["quantities"].push_back(std::move(row));
  }
  if (c.joint) {
    out["joint"] = to_json(*c.joint);
    out["joint"]["verdict"] = c.joint_calibrated ? "calibrated" : "not calibrated";
    out["joint"]["p"] = c.joint->p();
    out["joint"]["shares"] = c.distances;
  }
  if (c.everywhere) out["local"] = local_json(c);
  out["pulls"] = to_json(c.coverage).at("pulls");
  return out;
}

}  // namespace femto
