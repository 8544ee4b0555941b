// Nuisance parameters: how far each pulls the others, and how the data moved it.
#include <algorithm>
#include <cmath>

#include "femto/report/figures.h"
#include "femto/report/spec.h"

namespace femto::report {

using nlohmann::json;

namespace {

json rows_by(const std::string& field) {
  return {{"field", field}, {"type", "nominal"}, {"sort", nullptr}, {"title", nullptr}};
}

}  // namespace

std::optional<Figure> impacts(const Record& record) {
  Table table{"impacts",
              {{"nuisance", "nuisance parameter"},
               {"parameter", "parameter"},
               {"share", "shift / std of the parameter"}},
              {}};
  for (const json& q : at(at(record.result, "impacts"), "quantities")) {
    const auto std = number_at(q, "std");
    if (!std || !(*std > 0)) continue;
    for (const auto& [nuisance, shift] : at(q, "impacts").items())
      if (shift.is_number())
        table.add({nuisance, text_at(q, "name"), shift.get<double>() / *std});
  }
  if (table.rows.empty()) return std::nullopt;
  json x = quantity("share", "shift / std");
  x["scale"] = {{"domain", {-1, 1}}};
  json colours = {{"field", "parameter"},
                  {"type", "nominal"},
                  {"sort", nullptr},
                  {"title", "shift of"},
                  {"scale", {{"range", palette()}}}};
  json offset = {{"field", "parameter"}, {"type", "nominal"}, {"sort", nullptr}};
  const auto height = 40 + 12 * static_cast<int>(table.rows.size());
  const json spec = panel("impacts",
                          height,
                          {layer({{"type", "bar"}},
                                 {{"x", x},
                                  {"y", rows_by("nuisance")},
                                  {"yOffset", offset},
                                  {"color", colours}}),
                           rule_at("x", 0, colour::ink)});
  return Figure{.id = "impacts",
                .title = "Impacts",
                .caption =
                    "How far each parameter moves when a nuisance parameter moves "
                    "up by one standard deviation of its own after the fit, in "
                    "units of the parameter's error.",
                .spec = spec,
                .tables = {std::move(table)},
                .panel_width = 420};
}

std::optional<Figure> nuisance_pulls(const Record& record) {
  Table table{"nuisances",
              {{"nuisance", "nuisance parameter"},
               {"pull", "(fitted - known) / known std"},
               {"low", "pull - fitted std / known std"},
               {"high", "pull + fitted std / known std"}},
              {}};
  for (const json& n : at(at(record.result, "impacts"), "nuisances")) {
    const auto pull = number_at(n, "pull"), width = number_at(n, "constraint");
    if (pull && width)
      table.add({text_at(n, "name"), *pull, *pull - *width, *pull + *width});
  }
  if (table.rows.empty()) return std::nullopt;
  json x = quantity("low", "(fitted − known) / known std"), point = x;
  point["field"] = "pull";
  const json y = rows_by("nuisance");
  const auto height = 30 + 24 * static_cast<int>(table.rows.size());
  const json spec = panel(
      "nuisances",
      height,
      {rule_at("x", 0, colour::ink),
       rule_at("x", -1, colour::orange),
       rule_at("x", 1, colour::orange),
       layer({{"type", "rule"}, {"strokeWidth", 2}, {"color", colour::blue}},
             {{"x", x}, {"x2", {{"field", "high"}}}, {"y", y}}),
       layer({{"type", "point"}, {"filled", true}, {"size", 70}, {"color", colour::blue}},
             {{"x", point}, {"y", y}})});
  return Figure{.id = "nuisance-pulls",
                .title = "Pulls of nuisance parameters",
                .caption =
                    "Where the fit puts each nuisance parameter, in units of what "
                    "was known of it. A bar shorter than the distance between the "
                    "orange lines: the data know more than the calibration did.",
                .spec = spec,
                .tables = {std::move(table)},
                .panel_width = 420};
}

}  // namespace femto::report
