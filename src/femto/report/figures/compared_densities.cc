// The curves of several runs over each other, with their 68 % bands.
#include <map>

#include "femto/report/figures.h"
#include "femto/report/spec.h"

namespace femto::report {

using nlohmann::json;

namespace {

struct Curve {
  const io::Array *x, *value, *low, *high;
};

std::optional<Curve> curve(const Record& record, const std::string& name) {
  const std::string base = "bands/" + name + "/";
  const Curve c{record.array(base + "x"),
                record.array(base + "value"),
                record.array(base + "lo68"),
                record.array(base + "hi68")};
  if (!c.x || !c.value || c.x->values.size() != c.value->values.size())
    return std::nullopt;
  return c;
}

json cell(const io::Array* a, std::size_t i) {
  return a && i < a->values.size() ? json(a->values[i]) : json();
}

json curve_panel(const std::string& name,
                 const Curve& c,
                 std::span<const std::string> labels) {
  json x = quantity("x", with_unit("x", c.x->unit));
  x["scale"]["nice"] = false;
  json y = quantity("value", with_unit(name, c.value->unit));
  json low = y;
  low["field"] = "low";
  const json run = {{"field", "run"},
                    {"type", "nominal"},
                    {"title", nullptr},
                    {"sort", labels},
                    {"scale", {{"domain", labels}, {"range", palette()}}}};
  json view =
      panel("curves",
            200,
            {layer({{"type", "area"}, {"opacity", 0.2}},
                   {{"x", x}, {"y", low}, {"y2", {{"field", "high"}}}, {"color", run}}),
             layer({{"type", "line"}, {"strokeWidth", 1.5}},
                   {{"x", x}, {"y", y}, {"color", run}})});
  view["transform"] = {only("curve", name)};
  view["title"] = name;
  return view;
}

}  // namespace

std::optional<Figure> compared_densities(std::span<const Record> records,
                                         std::span<const std::string> labels) {
  Table table{"curves",
              {{"curve", "curve"},
               {"run", "run"},
               {"x", "x"},
               {"value", "estimate"},
               {"low", "68 % low"},
               {"high", "68 % high"}},
              {}};
  std::map<std::string, Curve> drawn;
  for (std::size_t k = 0; k < records.size(); ++k) {
    for (const auto& name : records[k].groups("bands")) {
      const auto c = curve(records[k], name);
      if (!c) continue;
      drawn.emplace(name, *c);
      for (std::size_t i = 0; i < c->x->values.size(); ++i)
        table.add({name,
                   labels[k],
                   c->x->values[i],
                   c->value->values[i],
                   cell(c->low, i),
                   cell(c->high, i)});
    }
  }
  json panels = json::array();
  for (const auto& [name, c] : drawn) panels.push_back(curve_panel(name, c, labels));
  if (panels.empty()) return std::nullopt;
  return Figure{.id = "compared-densities",
                .title = "Densities over each other",
                .caption = "Estimates of all runs with their 68 % bands.",
                .spec = grid(panels),
                .tables = {std::move(table)},
                .columns = 2,
                .panel_width = 280};
}

}  // namespace femto::report
