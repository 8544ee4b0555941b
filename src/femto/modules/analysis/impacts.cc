// Impacts and pulls: what nuisance parameters do to the others, and what the data say of
// them.
#include <algorithm>
#include <cmath>
#include <optional>

#include "femto/config/registry.h"
#include "femto/pipeline/analysis.h"
#include "femto/pipeline/problem.h"
#include "femto/pipeline/spectrum.h"
#include "femto/stats/linear.h"

namespace femto {
namespace {

using nlohmann::ordered_json;

/// What is known of one parameter from elsewhere.
struct Known {
  double value = 0, variance = 0;
};

Known known_of(const Constraint& c, std::size_t k) {
  const double v = c.values[k];
  switch (c.form) {
    case ConstraintForm::gaussian:
      return {v, c.covariance(k, k)};
    case ConstraintForm::log_normal:
      return {v, v * v * c.covariance(k, k)};
    case ConstraintForm::poisson:
      return {v / c.exposure, v / (c.exposure * c.exposure)};
  }
  return {};
}

/// All constraints on one parameter as one.
std::optional<Known> known_of(const SideInformation& side, std::size_t parameter) {
  double weight = 0, sum = 0;
  for (const auto& c : side.constraints)
    for (std::size_t k = 0; k < c.parameters.size(); ++k) {
      const Known one = known_of(c, k);
      if (c.parameters[k] != parameter || !(one.variance > 0)) continue;
      weight += 1 / one.variance;
      sum += one.value / one.variance;
    }
  if (weight == 0) return {};
  return Known{sum / weight, 1 / weight};
}

/// Free parameters of the detector and others of which something is known.
std::vector<std::size_t> nuisances_of(const Fitted& f) {
  std::vector<std::size_t> out;
  const std::size_t own = f.task.experiment.truth().parameters().size();
  for (std::size_t k = 0; k < f.theta.size(); ++k) {
    const bool fixed = k < f.task.setup.fixed.size() && f.task.setup.fixed[k];
    if (!fixed && f.covariance(k, k) > 0 && (k >= own || known_of(f.task.side, k)))
      out.push_back(k);
  }
  return out;
}

ordered_json row_of(const Fitted& f, std::size_t k) {
  const double sd = std::sqrt(f.covariance(k, k));
  ordered_json row = {
      {"name", f.task.theory.parameters()[k].name}, {"value", f.theta[k]}, {"std", sd}};
  if (const auto known = known_of(f.task.side, k)) {
    const double known_sd = std::sqrt(known->variance);
    row["known"] = known->value;
    row["known_std"] = known_sd;
    row["pull"] = (f.theta[k] - known->value) / known_sd;
    row["constraint"] = sd / known_sd;
  }
  return row;
}

/// Shifts of one quantity when each nuisance parameter moves by one standard deviation,
/// and its error with all of them fixed.
ordered_json effects(const Fitted& f,
                     const std::vector<std::size_t>& nuisances,
                     const std::string& name,
                     const std::vector<double>& gradient) {
  const auto towards = stats::multiply(f.covariance, gradient);
  const double variance = stats::dot(gradient, towards);
  const std::size_t n = nuisances.size();
  Matrix own(n, n);
  std::vector<double> shared(n);
  ordered_json impacts = ordered_json::object();
  for (std::size_t i = 0; i < n; ++i) {
    const std::size_t k = nuisances[i];
    shared[i] = towards[k];
    for (std::size_t j = 0; j < n; ++j) own(i, j) = f.covariance(k, nuisances[j]);
    impacts[f.task.theory.parameters()[k].name] =
        towards[k] / std::sqrt(f.covariance(k, k));
  }
  const auto inverse = stats::cholesky_inverse(own);
  const double from_nuisances = inverse ? stats::bilinear(shared, *inverse, shared) : 0;
  return {{"name", name},
          {"std", std::sqrt(variance)},
          {"statistical", std::sqrt(std::max(0.0, variance - from_nuisances))},
          {"systematic", std::sqrt(std::clamp(from_nuisances, 0.0, variance))},
          {"impacts", std::move(impacts)}};
}

class Impacts final : public Analysis {
 public:
  struct Config {
    static constexpr auto fields() { return std::tuple{}; }
  };

  explicit Impacts(Config) {}

  bool takes_spread_data() const override { return true; }

  Findings examine(const Fitted& f, Monitor&) const override {
    const auto nuisances = nuisances_of(f);
    if (nuisances.empty()) return {};
    Findings out;
    out.key = "impacts";
    out.result = {{"nuisances", ordered_json::array()},
                  {"quantities", ordered_json::array()}};
    for (const auto k : nuisances) out.result["nuisances"].push_back(row_of(f, k));
    const auto information = expected_information(
        f.task.density, f.task.side, static_cast<double>(f.task.data.records()), f.theta);
    const Spectrum determined = spectrum(information, f.task.setup.fixed);
    const auto quantities = quantities_of(f.task.theory);
    for (std::size_t q = 0; q < quantities.size(); ++q) {
      const bool nuisance = std::ranges::count(nuisances, q) > 0;
      const bool fixed = q < f.task.setup.fixed.size() && f.task.setup.fixed[q];
      const auto gradient = quantities[q].gradient(f.theta);
      if (nuisance || fixed || !estimable(determined, gradient)) continue;
      out.result["quantities"].push_back(
          effects(f, nuisances, quantities[q].name, gradient));
    }
    return out;
  }
};

}  // namespace

void register_analysis_impacts(Registry& r) {
  r.add<Analysis, Impacts>({
      .name = "impacts",
      .summary = "Shifts of every parameter with each nuisance parameter, pulls, and the "
                 "statistical and systematic part of every error.",
      .source = "Conway:2011",
  });
}

}  // namespace femto
