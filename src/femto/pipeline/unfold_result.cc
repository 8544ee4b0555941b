// What an unfolding found, as numbers for result.json and arrays for arrays.h5.
#include <cmath>

#include <fmt/format.h>

#include "femto/pipeline/unfold_run.h"
#include "femto/pipeline/unfolding_bins.h"
#include "femto/stats/distributions.h"
#include "femto/stats/summary.h"

namespace femto {
namespace {

using nlohmann::ordered_json;

/// Names of Replicas::moments.
std::vector<std::string> quantities(const UnfoldStudy& s) {
  std::vector<std::string> out;
  for (const auto& column : s.true_columns) {
    out.push_back("mean " + column);
    out.push_back("sd " + column);
  }
  if (s.nuisance) out.push_back(s.nuisance->name);
  return out;
}

std::vector<double> values(const Unfolding& result) {
  std::vector<double> out;
  const auto& last = result.iterates.back();
  for (std::size_t c = 0; c < last.mean.size(); ++c) {
    out.push_back(last.mean[c]);
    out.push_back(last.sd[c]);
  }
  if (last.nuisance) out.push_back(*last.nuisance);
  return out;
}

ordered_json interval(double value, double std, double width) {
  return {value - width * std, value + width * std};
}

ordered_json parameters_json(const UnfoldPlan& plan, const Unfolded& found) {
  const auto names = quantities(plan.study);
  const auto at = values(found.result);
  const auto& draws = found.replicas.moments;
  ordered_json out = ordered_json::array();
  for (std::size_t q = 0; q < names.size(); ++q) {
    const bool fixed =
        plan.study.nuisance && plan.study.nuisance->fixed && q + 1 == names.size();
    if (fixed) continue;
    ordered_json row = {{"name", names[q]}, {"value", at[q]}};
    double std = NAN;
    if (!draws.empty()) {
      std::vector<double> column;
      for (const auto& draw : draws) column.push_back(draw[q]);
      std = stats::standard_deviation(column);
    }
    const bool known = std > 0;
    row["std"] = known ? ordered_json(std) : ordered_json();
    row["interval68"] = known ? interval(at[q], std, 1) : ordered_json();
    row["interval95"] = known ? interval(at[q], std, 1.959964) : ordered_json();
    row["interval_method"] = known ? "bootstrap" : "none";
    row["crb"] = nullptr;
    row["identified"] = true;
    if (const auto truth = plan.study.truth.find(names[q]);
        truth != plan.study.truth.end()) {
      row["truth"] = truth->second;
      if (known) row["pull"] = (at[q] - truth->second) / std;
    }
    out.push_back(std::move(row));
  }
  return out;
}

ordered_json history_json(const UnfoldStudy& s, const Unfolding& result) {
  ordered_json out = ordered_json::array();
  for (const auto& it : result.iterates) {
    ordered_json row = {{"iteration", it.number}};
    for (std::size_t c = 0; c < it.mean.size(); ++c) {
      row["mean " + s.true_columns[c]] = it.mean[c];
      row["sd " + s.true_columns[c]] = it.sd[c];
    }
    if (it.nuisance) row[s.nuisance->name] = *it.nuisance;
    // The test of an iterate is made before the next one.
    const auto next = static_cast<std::size_t>(it.number);
    const bool last = next == result.iterates.size();
    row["chi2"] = last ? result.chi2 : result.iterates[next].chi2;
    row["ndf"] = last ? result.ndf : result.iterates[next].ndf;
    row["total"] = it.total;
    row["ess"] = it.ess;
    row["largest_weight"] = it.largest;
    row["change"] = it.change;
    out.push_back(std::move(row));
  }
  return out;
}

std::string stopping_words(const UnfoldStudy& s, const Unfolding& result) {
  return result.stopped
             ? fmt::format(
                   "stopped after {} iterations: the last changed the bins by {:.2g} "
                   "of their Poisson errors, less than stop_below = {:g}",
                   result.iterates.size(),
                   result.iterates.back().change,
                   s.stop_below)
             : fmt::format(
                   "ended by iterations = {}: the last changed the bins by {:.2g} of "
                   "their Poisson errors",
                   result.iterates.size(),
                   result.iterates.back().change);
}

double p_value(const Unfolding& result) {
  return result.ndf > 0 ? stats::chi_square_survival(result.chi2, result.ndf) : 1;
}

std::vector<std::string> notes_of(const UnfoldPlan& plan, const Unfolded& found) {
  auto notes = found.notes;
  notes.push_back(stopping_words(plan.study, found.result));
  const auto& last = found.result.iterates.back();
  const double p = p_value(found.result);
  if (p < 0.001)
    notes.push_back(fmt::format(
        "the folded result does not describe the data: chi2 {:.1f} for {:.0f} degrees of "
        "freedom, p = {:.2g}. The response may be wrong (another nuisance value, another "
        "simulation), or more iterations are needed",
        found.result.chi2,
        found.result.ndf,
        p));
  const double share = last.ess / static_cast<double>(found.simulation.size());
  if (share < 0.1)
    notes.push_back(fmt::format(
        "the weights are worth only {:.2g} of the simulated events: simulate a truth "
        "nearer to the data",
        share));
  return notes;
}

io::Array list(std::string name,
               std::vector<double> values,
               std::string dim,
               std::string about) {
  const std::size_t n = values.size();
  return {
      std::move(name), {n}, std::move(values), "1", {std::move(dim)}, std::move(about)};
}

io::Array table(std::string name,
                const std::vector<std::vector<double>>& rows,
                std::vector<std::string> dims,
                std::string about) {
  io::Array out{std::move(name),
                {rows.size(), rows.at(0).size()},
                {},
                "1",
                std::move(dims),
                std::move(about)};
  for (const auto& row : rows)
    out.values.insert(out.values.end(), row.begin(), row.end());
  return out;
}

/// Histogram of true values with weights scaled to the sum `total`.
std::vector<double> true_bins(const PairedEvents& events,
                              std::size_t column,
                              const Edges& edges,
                              double total) {
  std::vector<double> x, w;
  double sum = 0;
  for (std::size_t i = 0; i < events.size(); ++i) {
    if (!events.generated[i]) continue;
    x.push_back(events.truth[column][i]);
    w.push_back(events.weight[i]);
    sum += w.back();
  }
  auto out = histogram(edges, x, w);
  for (auto& v : out) v *= total / sum;
  return out;
}

void add_truth(const UnfoldPlan& plan,
               const Unfolded& found,
               const Matrix& covariance,
               std::vector<io::Array>& out) {
  const auto& last = found.result.iterates.back();
  std::size_t before = 0;
  for (std::size_t c = 0; c < plan.study.true_columns.size(); ++c) {
    const auto base = "unfolded/" + plan.study.true_columns[c] + "/";
    const auto& edges = found.options.truth_bins[c];
    const auto& bins = found.result.bins[c];
    out.push_back(list(base + "edges", edges, "edge", "Edges; the outer bins are open."));
    out.push_back(list(base + "value", bins, "bin", "Unfolded events."));
    if (covariance.rows > 0) {
      std::vector<double> errors;
      for (std::size_t b = 0; b < bins.size(); ++b)
        errors.push_back(std::sqrt(covariance(before + b, before + b)));
      out.push_back(list(base + "error", errors, "bin", "Bootstrap standard deviation."));
    }
    out.push_back(list(base + "prior",
                       true_bins(found.simulation, c, edges, last.total),
                       "bin",
                       "The simulation before unfolding, scaled to as many events."));
    if (!found.data.truth.empty())
      out.push_back(list(
          base + "truth",
          true_bins(found.data,
                    c,
                    edges,
                    static_cast<double>(std::ranges::count(found.data.generated, 1))),
          "bin",
          "The true values of the data, known since they are generated."));
    before += bins.size();
  }
}

/// Data and folded result: the arrays that the report draws as data and fit.
void add_measured(const UnfoldPlan& plan,
                  const Unfolded& found,
                  std::vector<io::Array>& out) {
  for (std::size_t c = 0; c < plan.study.measured_columns.size(); ++c) {
    const auto base = "histograms/" + plan.study.measured_columns[c] + "/";
    const auto& edges = found.options.measured_bins[c];
    std::vector<double> y, w;
    for (std::size_t i = 0; i < found.data.size(); ++i) {
      if (!found.data.detected[i]) continue;
      y.push_back(found.data.measured[c][i]);
      w.push_back(found.data.weight[i]);
    }
    out.push_back(list(base + "edges", edges, "edge", "Edges; the outer bins are open."));
    out.push_back(list(base + "data", histogram(edges, y, w), "bin", "Measured events."));
    out.push_back(
        list(base + "fit", found.result.folded[c], "bin", "Unfolded events, folded."));
  }
}

}  // namespace

ordered_json unfold_json(const UnfoldPlan& plan, const Unfolded& found) {
  const auto& s = plan.study;
  const auto& result = found.result;
  const auto& last = result.iterates.back();
  std::size_t detected = 0;
  for (std::size_t i = 0; i < found.simulation.size(); ++i)
    detected += found.simulation.detected[i];
  ordered_json unfolding = {
      {"true_columns", s.true_columns},
      {"measured_columns", s.measured_columns},
      {"ratio", s.ratio.type},
      {"truth_ratio", s.truth_ratio ? s.truth_ratio->type : s.ratio.type},
      {"stopping", stopping_words(s, result)},
      {"total", last.total},
      {"ess", last.ess},
      {"largest_weight", last.largest},
      {"bootstrap",
       {{"replicas", found.replicas.bins.size()},
        {"vary", config::encode(s.bootstrap.vary).scalar}}},
      {"iterations", history_json(s, result)}};
  ordered_json test = {
      {"name", "data against folded result"},
      {"statistic", result.chi2},
      {"ndf", result.ndf},
      {"p_value", p_value(result)},
      {"note", "the result was fitted to these data, so p is rather too large"}};
  return {{"schema", 1},
          {"study", s.name},
          {"status", "done"},
          {"parameters", parameters_json(plan, found)},
          {"unfolding", unfolding},
          {"goodness_of_fit", {{"tests", {test}}}},
          {"events",
           {{"data", std::ranges::count(found.data.detected, 1)},
            {"simulation", found.simulation.size()},
            {"detected simulation", detected}}},
          {"notes", notes_of(plan, found)}};
}

std::vector<io::Array> unfold_arrays(const UnfoldPlan& plan, const Unfolded& found) {
  std::vector<io::Array> out;
  out.push_back(list("weights",
                     found.result.weight,
                     "event",
                     "Weight of each simulated event, in the order of the simulation; 0 "
                     "for fakes."));
  Matrix covariance;
  if (found.replicas.bins.size() > 1) {
    covariance = stats::covariance(found.replicas.bins);
    out.push_back({"unfolded_covariance",
                   {covariance.rows, covariance.cols},
                   covariance.data,
                   "1",
                   {"bin", "bin"},
                   "Bootstrap covariance of the bins, those of all columns in turn."});
    out.push_back(table("bootstrap/bins",
                        found.replicas.bins,
                        {"replica", "bin"},
                        "Bins of every replica."));
  }
  if (!found.replicas.weights.empty())
    out.push_back(table("bootstrap/weights",
                        found.replicas.weights,
                        {"replica", "event"},
                        "Event weights of every replica."));
  add_truth(plan, found, covariance, out);
  add_measured(plan, found, out);
  return out;
}

}  // namespace femto
