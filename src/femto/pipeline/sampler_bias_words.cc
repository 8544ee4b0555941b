// The meter of sampler bias as JSON and in words.
#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "femto/pipeline/sampler_bias.h"

namespace femto {
namespace {

nlohmann::ordered_json rows_of(const std::vector<BiasRow>& rows) {
  auto out = nlohmann::ordered_json::array();
  for (const auto& row : rows)
    out.push_back({{"name", row.name},
                   {"bias", row.bias},
                   {"in_sd", row.in_sd},
                   {"error_in_sd", row.error}});
  return out;
}

}  // namespace

nlohmann::ordered_json to_json(const SamplerBias& bias) {
  nlohmann::ordered_json out;
  out["verdict"] = bias.green ? "green" : "red";
  out["records"] = bias.records;
  if (std::isfinite(bias.safe_records)) out["safe_records"] = bias.safe_records;
  out["method"] = bias.by_quadrature ? "quadrature" : "simulation";
  if (bias.by_quadrature) out["total_variation"] = bias.total_variation;
  out["fit_bias"] = rows_of(bias.fit);
  out["moments"] = rows_of(bias.moments);
  out["norms"] = rows_of(bias.norms);
  out["gradient_cosine"] = bias.cosine;
  auto& survival = out["gradient_survival"] = nlohmann::ordered_json::array();
  for (const auto& row : bias.survival)
    survival.push_back({{"feature", row.feature},
                        {"parameter", row.parameter},
                        {"true", row.truth},
                        {"sampled", row.sampled},
                        {"error", row.error},
                        {"green", row.green}});
  return out;
}

std::string sentence(const SamplerBias& bias) {
  double worst = 0;
  std::string name = "none";
  for (const auto& row : bias.fit)
    if (std::abs(row.in_sd) > std::abs(worst)) worst = row.in_sd, name = row.name;
  const auto lost = std::count_if(
      bias.survival.begin(), bias.survival.end(), [](const auto& r) { return !r.green; });
  return fmt::format(
      "Sampler bias {}: a fit to {:.3g} of its records is off by at most {:.2g} sd ({}); "
      "{} of {} derivatives are wrong; safe up to {:.2g} records.",
      bias.green ? "green" : "RED",
      bias.records,
      std::abs(worst),
      name,
      lost,
      bias.survival.size(),
      bias.safe_records);
}

}  // namespace femto
