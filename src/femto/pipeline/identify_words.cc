// Sentences and JSON of what the data can and cannot determine.
#include "femto/pipeline/identify_words.h"

#include <algorithm>
#include <cmath>

#include <fmt/core.h>

namespace femto {

using nlohmann::ordered_json;

namespace {

/// True if the direction multiplies all of its parameters by one factor.
bool is_common_factor(const Spectrum& s, std::size_t k, std::span<const double> theta) {
  double ratio = 0;
  for (const std::size_t j : s.free) {
    if (s.null(k, j) == 0) continue;
    if (theta[j] == 0) return false;
    const double r = s.null(k, j) / theta[j];
    if (ratio == 0) ratio = r;
    if (std::fabs(r - ratio) > 1e-4 * std::fabs(ratio)) return false;
  }
  return true;
}

/// True if the norms N_c change along null direction k.
bool norms_see(const Spectrum& s, std::size_t k, const Norms& norms) {
  for (std::size_t c = 0; c < norms.slope.rows; ++c) {
    double change = 0, terms = 0;
    for (const std::size_t j : s.free) {
      change += norms.slope(c, j) * s.null(k, j);
      terms += std::fabs(norms.slope(c, j) * s.null(k, j));
    }
    if (std::fabs(change) > 1e-6 * terms) return true;
  }
  return false;
}

std::string remedy(const std::vector<std::string>& names,
                   bool norms_help,
                   const SideInformation& side) {
  std::string fix = fmt::format(
      "Holding one of them fixed (parameters.{}.fixed) would choose a value by hand.",
      names.front());
  if (!norms_help) return fix;
  if (!side.any()) return "Known norms or counts (data.norms, data.counts) would.";
  return "Known norms, or counts with a known luminosity (data.norms, "
         "data.luminosity_uncertainty) would.";
}

std::string null_sentence(const Identifiability& i,
                          const Spectrum& s,
                          std::size_t k,
                          const Norms& norms,
                          const SideInformation& side) {
  std::vector<std::string> names;
  for (const auto& [name, c] : i.null_directions[k].combination) names.push_back(name);
  const char* source = side.any() ? "The data" : "Event shapes";
  if (names.size() == 1)
    return fmt::format(
        "{} say nothing about {}: no number of events determines it. {}",
        source,
        names.front(),
        norms_see(s, k, norms)
            ? "Known norms or counts (data.norms, data.counts) would."
            : fmt::format("Hold it at a value of your choice (parameters.{}.fixed).",
                          names.front()));
  const std::string head =
      is_common_factor(s, k, i.at)
          ? fmt::format(
                "{} fix only the ratio{} of {}: scaling {} leaves every density "
                "unchanged",
                source,
                names.size() > 2 ? "s" : "",
                listed(names),
                names.size() == 2 ? "both" : "all of them")
          : fmt::format(
                "{} cannot tell {} apart: moving along {} leaves every density "
                "unchanged",
                source,
                listed(names),
                shown_combination(i.null_directions[k].combination));
  return fmt::format("{}, so no number of events determines them. {}",
                     head,
                     remedy(names, norms_see(s, k, norms), side));
}

std::string sloppy_sentence(const Direction& d, double records) {
  return fmt::format(
      "The combination {} is known only to \u00b1{:.3g} from {:.6g} records (information "
      "per record {:.3g}); {:.2g} records would make it \u00b1{:.2g}.",
      shown_combination(d.combination),
      d.sd,
      records,
      d.eigenvalue,
      100 * records,
      d.sd / 10);
}

/// Parameters whose box is hardly wider than what the data know.
std::vector<std::string> box_sentences(const Identifiability& i,
                                       const ParameterSetup& setup) {
  std::vector<std::string> out;
  for (std::size_t j = 0; j < setup.parameters.size(); ++j) {
    const Parameter& p = setup.parameters[j];
    const double half = (p.hi - p.lo) / 2;
    if (setup.fixed[j] || !i.identified[j] || !(i.floors[j] > half / 2)) continue;
    out.push_back(fmt::format(
        "The box of {} (half-width {:.3g}) is only {:.2g} standard deviations wide on each "
        "side at {:.6g} records: the box, not the data, bounds it.",
        p.name,
        half,
        half / i.floors[j],
        i.records));
  }
  return out;
}

ordered_json as_json(const Direction& d) {
  ordered_json combination = ordered_json::object();
  for (const auto& [name, c] : d.combination) combination[name] = c;
  return combination;
}

/// Records for a floor of 10 % and 1 % of the value.
ordered_json records_needed(const Identifiability& i, const Theory& theory) {
  ordered_json out = ordered_json::object();
  const auto add = [&](const std::string& name, std::size_t index, double value) {
    if (value == 0 || !std::isfinite(value)) return;
    const double ten = records_for(i, index, 0.1 * std::fabs(value));
    if (std::isfinite(ten) && ten > 0)
      out[name] = {{"10_percent", ten}, {"1_percent", 100 * ten}};
  };
  const std::size_t size = i.at.size();
  for (std::size_t j = 0; j < size; ++j) add(theory.parameters()[j].name, j, i.at[j]);
  const auto derived = theory.derived();
  for (std::size_t d = 0; d < derived.size(); ++d)
    add(derived[d].name, size + d, derived[d].value(i.at));
  return out;
}

}  // namespace

std::string listed(const std::vector<std::string>& names) {
  std::string text;
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (i > 0) text += i + 1 == names.size() ? " and " : ", ";
    text += names[i];
  }
  return text;
}

std::string shown_combination(
    const std::vector<std::pair<std::string, double>>& combination) {
  double largest = 0;
  for (const auto& [name, c] : combination) largest = std::max(largest, std::fabs(c));
  std::string text;
  for (const auto& [name, c] : combination) {
    if (std::fabs(c) < 0.02 * largest) continue;
    const char* sign = c < 0 ? (text.empty() ? "-" : " - ") : (text.empty() ? "" : " + ");
    text += fmt::format("{}{:.3g} {}", sign, std::fabs(c), name);
  }
  return text;
}

std::vector<std::string> say(const Identifiability& i,
                             const Spectrum& s,
                             const Density& density,
                             const SideInformation& side,
                             const ParameterSetup& setup) {
  std::vector<std::string> out;
  const bool data_alone = i.origin.by_data == i.origin.information.size();
  if (i.rank == i.n_parameters && data_alone)
    out.push_back(
        fmt::format("The data determine all {} free parameters.", i.n_parameters));
  if (!data_alone) out.push_back(words(i.origin));
  const Norms norms = density.norms(i.at);
  for (std::size_t k = 0; k < s.null.rows; ++k)
    out.push_back(null_sentence(i, s, k, norms, side));
  for (const auto& d : i.sloppy_directions) out.push_back(sloppy_sentence(d, i.records));
  for (auto& sentence : box_sentences(i, setup)) out.push_back(std::move(sentence));
  return out;
}

ordered_json to_json(const Identifiability& i, const Theory& theory) {
  ordered_json out;
  out["rank"] = i.rank;
  out["n_parameters"] = i.n_parameters;
  out["records"] = i.records;
  out["coordinates"] = i.coordinates;
  out["eigenvalues"] = i.eigenvalues;
  out["eigenvalues_parameters"] = i.eigenvalues_parameters;
  out["null_directions"] = ordered_json::array();
  for (const auto& d : i.null_directions)
    out["null_directions"].push_back({{"combination", as_json(d)}});
  out["sloppy_directions"] = ordered_json::array();
  for (const auto& d : i.sloppy_directions)
    out["sloppy_directions"].push_back(
        {{"combination", as_json(d)}, {"eigenvalue", d.eigenvalue}, {"sd", d.sd}});
  out["n_lambda_min"] = i.n_lambda_min;
  if (i.origin.any_before)
    out["origin"] = {{"by_data", i.origin.by_data},
                     {"by_prior", i.origin.by_prior},
                     {"null", i.origin.null},
                     {"sentence", words(i.origin)}};
  const auto number = [](double x) {
    return std::isfinite(x) ? ordered_json(x) : nullptr;
  };
  for (std::size_t j = 0; j < i.at.size(); ++j) {
    const auto& name = theory.parameters()[j].name;
    out["at"][name] = i.at[j];
    out["floors"][name] = number(i.floors[j]);
  }
  const auto derived = theory.derived();
  for (std::size_t d = 0; d < derived.size(); ++d)
    out["floors"][derived[d].name] = number(i.derived_floors[d]);
  out["records_for"] = records_needed(i, theory);
  out["sentences"] = i.sentences;
  return out;
}

}  // namespace femto
