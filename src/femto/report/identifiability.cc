// What the data can and cannot determine, in words.
#include <algorithm>
#include <cmath>

#include <fmt/core.h>

#include "femto/report/html.h"
#include "femto/report/numbers.h"
#include "femto/report/sections.h"

namespace femto::report {

using nlohmann::json;

namespace {

/// Below this n·lambda_min the quadratic approximation of the likelihood fails and
/// intervals come from profiles.
constexpr double sloppy_below = 25;

double largest_coefficient(const json& combination) {
  double largest = 0;
  for (const auto& [_, c] : combination.items()) {
    if (c.is_number()) largest = std::max(largest, std::fabs(c.get<double>()));
  }
  return largest;
}

std::string null_sentence(const json& direction) {
  const json& combination = at(direction, "combination");
  const auto names = names_in(combination);
  if (names.empty()) return {};
  const std::string along = shown_combination(combination);
  if (names.size() == 1)
    return fmt::format(
        "{} leaves the prediction unchanged: these data say nothing about it.",
        names.front());
  return fmt::format(
      "{} cannot be told apart with these data: moving along {} leaves the prediction "
      "unchanged. Only combinations across that direction are determined.",
      enumerated(names),
      along);
}

std::string sloppy_sentence(const json& direction) {
  std::string text = shown_combination(at(direction, "combination"));
  if (text.empty()) return {};
  if (const auto sd = number_at(direction, "sd"))
    text += fmt::format(" is known only to ±{:.2g}", *sd);
  else
    text += " is poorly known";
  if (const auto eigenvalue = number_at(direction, "eigenvalue"))
    text += fmt::format(" (information per record {:.2e})", *eigenvalue);
  return text + ".";
}

std::vector<std::string> sentences_of(const json& list, std::string (*say)(const json&)) {
  std::vector<std::string> sentences;
  if (!list.is_array()) return sentences;
  for (const json& direction : list) {
    if (std::string s = say(direction); !s.empty()) sentences.push_back(std::move(s));
  }
  return sentences;
}

std::string rank_sentence(const json& i) {
  const auto rank = number_at(i, "rank"), n = number_at(i, "n_parameters");
  if (!rank || !n) return {};
  if (*rank >= *n)
    return fmt::format("The data determine all {:.0f} free parameters.", *n);
  return fmt::format(
      "The data determine {:.0f} combinations of the {:.0f} free parameters; "
      "{:.0f} {} invisible to them.",
      *rank,
      *n,
      *n - *rank,
      *n - *rank == 1 ? "direction is" : "directions are");
}

std::string strength_sentence(const Record& record, const json& i) {
  const auto strength = number_at(i, "n_lambda_min");
  if (!strength || *strength <= 0) return {};
  if (*strength >= sloppy_below)
    return fmt::format(
        "n·λ_min = {:.3g}: even the least known combination is measured well "
        "enough for errors from the curvature of the likelihood.",
        *strength);
  std::string text = fmt::format(
      "n·λ_min = {:.3g} is below {:.0f}: along the least known combination the likelihood is "
      "not a parabola, so errors from its curvature alone would mislead.",
      *strength,
      sloppy_below);
  if (const auto n = number_at(at(record.result, "events"), "data"))
    text += fmt::format(
        " About {} records would be needed to leave that regime; there "
        "are {}.",
        shown_count(short_number(*n * sloppy_below / *strength, 2)),
        shown_count(*n));
  return text;
}

std::vector<std::string> given_sentences(const json& i) {
  std::vector<std::string> given;
  for (const json& s :
       at(i, "sentences").is_array() ? at(i, "sentences") : json::array()) {
    if (s.is_string()) given.push_back(s.get<std::string>());
  }
  return given;
}

}  // namespace

std::vector<std::string> names_in(const json& combination) {
  std::vector<std::string> names;
  if (!combination.is_object()) return names;
  const double largest = largest_coefficient(combination);
  for (const auto& [name, c] : combination.items()) {
    if (c.is_number() && std::fabs(c.get<double>()) > 0.02 * largest)
      names.push_back(name);
  }
  std::ranges::stable_sort(names, [&](const auto& a, const auto& b) {
    return std::fabs(combination[a].template get<double>()) >
           std::fabs(combination[b].template get<double>());
  });
  return names;
}

std::string shown_combination(const json& combination) {
  std::string text;
  for (const auto& name : names_in(combination)) {
    const double c = combination[name].get<double>();
    if (text.empty()) {
      text = fmt::format("{}{:.3g} {}", c < 0 ? "−" : "", std::fabs(c), name);
    } else {
      text += fmt::format(" {} {:.3g} {}", c < 0 ? "−" : "+", std::fabs(c), name);
    }
  }
  return text;
}

std::string identifiability_text(const Record& record) {
  const json& i = at(record.result, "identifiability");
  if (!i.is_object()) return {};
  std::string html;
  const json& origin = at(i, "origin");
  const bool held =
      number_at(origin, "by_prior").value_or(0) + number_at(origin, "null").value_or(0) >
      0;
  if (held) return paragraph(text_at(origin, "sentence"));
  if (const auto s = rank_sentence(i); !s.empty()) html += paragraph(s);
  const auto given = given_sentences(i);
  html += given.empty() ? bullets(sentences_of(at(i, "null_directions"), null_sentence))
                        : bullets(given);
  const auto sloppy = sentences_of(at(i, "sloppy_directions"), sloppy_sentence);
  if (!sloppy.empty())
    html += paragraph("Combinations that need many events, the least known first:") +
            bullets(sloppy);
  if (const auto s = strength_sentence(record, i); !s.empty()) html += paragraph(s);
  return html;
}

}  // namespace femto::report
