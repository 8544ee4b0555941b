// The parameters of several runs with their errors, run beside run.
#include "femto/report/figures.h"
#include "femto/report/spec.h"

namespace femto::report {

using nlohmann::json;

namespace {

json parameter_panel(const Parameter& p, std::span<const std::string> labels) {
  const json x = quantity("value", with_unit(p.name, p.unit));
  json low = x;
  low["field"] = "low";
  const json y = {
      {"field", "run"}, {"type", "nominal"}, {"sort", labels}, {"title", nullptr}};
  json layers = {
      layer({{"type", "rule"}, {"strokeWidth", 2}, {"color", colour::blue}},
            {{"x", low}, {"x2", {{"field", "high"}}}, {"y", y}}),
      layer({{"type", "point"}, {"filled", true}, {"size", 60}, {"color", colour::blue}},
            {{"x", x}, {"y", y}})};
  if (p.truth) layers.push_back(rule_at("x", *p.truth, colour::red));
  json view = panel("parameters", 24 + 22 * static_cast<int>(labels.size()), layers);
  view["transform"] = {only("parameter", p.name)};
  return view;
}

}  // namespace

std::optional<Figure> compared_parameters(std::span<const Record> records,
                                          std::span<const std::string> labels) {
  Table table{"parameters",
              {{"parameter", "parameter"},
               {"run", "run"},
               {"value", "value"},
               {"low", "68 % low"},
               {"high", "68 % high"}},
              {}};
  json panels = json::array();
  std::vector<Parameter> drawn;
  for (std::size_t k = 0; k < records.size(); ++k) {
    for (const Parameter& p : parameters(records[k])) {
      if (!p.identified || !p.value) continue;
      const double std = p.std.value_or(0);
      table.add({p.name,
                 labels[k],
                 *p.value,
                 p.low68.value_or(*p.value - std),
                 p.high68.value_or(*p.value + std)});
      const auto same = [&](const Parameter& other) { return other.name == p.name; };
      if (std::ranges::none_of(drawn, same)) drawn.push_back(p);
    }
  }
  for (const Parameter& p : drawn) panels.push_back(parameter_panel(p, labels));
  if (panels.empty()) return std::nullopt;
  return Figure{.id = "compared-parameters",
                .title = "Parameters run by run",
                .caption =
                    "Estimates with their 68 % intervals; dashed: the truth, where a "
                    "study gives it.",
                .spec = grid(panels),
                .tables = {std::move(table)},
                .columns = 3,
                .panel_width = 240};
}

}  // namespace femto::report
