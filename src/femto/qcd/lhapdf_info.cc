// The settings of an LHAPDF6 set.
#include <algorithm>
#include <cmath>

#include "femto/core/error.h"
#include "femto/qcd/lhapdf.h"
#include "femto/qcd/text_number.h"

namespace femto::qcd {
namespace {

double to_number(std::string_view word, std::string_view key, const std::string& origin) {
  const auto first = word.find_first_not_of(" \t");
  const auto last = word.find_last_not_of(" \t");
  if (first != std::string_view::npos)
    if (const auto value = text_number(word.substr(first, last - first + 1)))
      return *value;
  throw DataError(fmt::format("{}: {}: '{}' is no number", origin, key, word));
}

std::string list(std::span<const double> values) {
  std::string text = "[";
  for (std::size_t i = 0; i < values.size(); ++i)
    text += fmt::format("{}{:.10g}", i ? ", " : "", values[i]);
  return text + "]";
}

}  // namespace

void LhapdfInfo::set(const std::string& key, std::string value) {
  for (auto& [k, v] : entries_)
    if (k == key) {
      v = std::move(value);
      return;
    }
  entries_.emplace_back(key, std::move(value));
}

void LhapdfInfo::set(const std::string& key, std::span<const double> values) {
  set(key, list(values));
}

bool LhapdfInfo::has(std::string_view key) const {
  return std::any_of(
      entries_.begin(), entries_.end(), [&](const auto& e) { return e.first == key; });
}

const std::string& LhapdfInfo::text(std::string_view key) const {
  for (const auto& [k, v] : entries_)
    if (k == key) return v;
  throw DataError(fmt::format("{}: {} is missing", origin, key),
                  "every set has this key in its .info file");
}

double LhapdfInfo::number(std::string_view key) const {
  return to_number(text(key), key, origin);
}

std::vector<double> LhapdfInfo::numbers(std::string_view key) const {
  std::string_view rest = text(key);
  if (!rest.starts_with('[') || !rest.ends_with(']'))
    throw DataError(fmt::format("{}: {}: '{}' is no list", origin, key, rest));
  rest = rest.substr(1, rest.size() - 2);
  std::vector<double> values;
  while (!rest.empty()) {
    const auto comma = std::min(rest.find(','), rest.size());
    values.push_back(to_number(rest.substr(0, comma), key, origin));
    rest = rest.substr(std::min(comma + 1, rest.size()));
  }
  return values;
}

const std::vector<std::string_view>& lhapdf_required_keys() {
  static const std::vector<std::string_view> keys = {"SetDesc",      "SetIndex",
                                                     "Authors",      "Reference",
                                                     "DataVersion",  "Format",
                                                     "NumMembers",   "Particle",
                                                     "Flavors",      "OrderQCD",
                                                     "FlavorScheme", "NumFlavors",
                                                     "ErrorType",    "XMin",
                                                     "XMax",         "QMin",
                                                     "QMax",         "MZ",
                                                     "MUp",          "MDown",
                                                     "MStrange",     "MCharm",
                                                     "MBottom",      "MTop",
                                                     "AlphaS_MZ",    "AlphaS_OrderQCD",
                                                     "AlphaS_Type",  "AlphaS_Qs",
                                                     "AlphaS_Vals"};
  return keys;
}

LhapdfInfo lhapdf_info(const Evolution& evolution) {
  const auto& s = evolution.settings();
  const auto& scheme = s.coupling.flavours;
  const StrongCoupling coupling(s.coupling);
  constexpr double m_z = 91.1876;
  LhapdfInfo info;
  const auto number = [&](const char* key, double v) {
    info.set(key, fmt::format("{:.10g}", v));
  };
  const int flavours = scheme.at(s.mu2_gev2.back());
  const bool fixed = scheme.at(s.mu2_gev2.front()) == flavours;
  number("Particle", 2212);
  number("OrderQCD", s.order == Order::lo ? 0 : 1);
  info.set("FlavorScheme", fixed ? "fixed" : "variable");
  number("NumFlavors", flavours);
  number("MZ", m_z);
  for (const char* light : {"MUp", "MDown", "MStrange"}) number(light, 0);
  for (int h = 4; h <= 6; ++h) {
    // A flavour that never joins has a mass above everything.
    const double threshold = scheme.threshold(h);
    number(h == 4 ? "MCharm" : (h == 5 ? "MBottom" : "MTop"),
           std::isinf(threshold) ? 1e10 : std::sqrt(threshold));
  }
  number("AlphaS_MZ", coupling.at(m_z * m_z));
  number("AlphaS_OrderQCD", s.coupling.loops - 1);
  info.set("AlphaS_Type", "ipol");
  std::vector<double> q, alpha;
  for (const double mu2 : s.mu2_gev2) {
    const int above = scheme.at(mu2);
    if (!q.empty() && above > 3 && mu2 == scheme.threshold(above)) {  // given twice
      q.push_back(std::sqrt(mu2));
      alpha.push_back(coupling.at(mu2, above - 1));
    }
    q.push_back(std::sqrt(mu2));
    alpha.push_back(coupling.at(mu2));
  }
  info.set("AlphaS_Qs", q);
  info.set("AlphaS_Vals", alpha);
  return info;
}

}  // namespace femto::qcd
