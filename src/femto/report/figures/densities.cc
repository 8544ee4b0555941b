// Curves with their 68 % and 95 % bands.
#include "femto/report/figures.h"
#include "femto/report/spec.h"

namespace femto::report {

using nlohmann::json;

namespace {

const std::vector<std::string> edges{"lo95", "lo68", "hi68", "hi95", "truth"};

bool add_rows(Table& table, const Record& record, const std::string& name) {
  const std::string base = "bands/" + name + "/";
  const io::Array* x = record.array(base + "x");
  const io::Array* value = record.array(base + "value");
  if (!x || !value || x->values.empty() || x->values.size() != value->values.size())
    return false;
  for (std::size_t i = 0; i < x->values.size(); ++i) {
    std::vector<json> cells;
    for (const auto& edge : edges) {
      const io::Array* a = record.array(base + edge);
      cells.push_back(a && i < a->values.size() ? json(a->values[i]) : json());
    }
    table.add({name,
               x->values[i],
               value->values[i],
               cells[0],
               cells[1],
               cells[2],
               cells[3],
               cells[4]});
  }
  return true;
}

json band(const json& x,
          const std::string& low,
          const std::string& high,
          double opacity) {
  json y = quantity(low, "");
  return layer({{"type", "area"}, {"color", colour::blue}, {"opacity", opacity}},
               {{"x", x}, {"y", y}, {"y2", {{"field", high}}}});
}

json curve_panel(const Record& record, const std::string& name) {
  const std::string base = "bands/" + name + "/";
  json x = quantity("x", with_unit("x", record.array(base + "x")->unit));
  x["scale"]["nice"] = false;
  const std::string title = with_unit(name, record.array(base + "value")->unit);
  json layers = json::array();
  if (record.array(base + "lo95")) layers.push_back(band(x, "lo95", "hi95", 0.2));
  if (record.array(base + "lo68")) layers.push_back(band(x, "lo68", "hi68", 0.35));
  layers.push_back(
      layer({{"type", "line"}, {"color", colour::blue}, {"strokeWidth", 1.5}},
            {{"x", x}, {"y", quantity("value", "")}}));
  if (record.array(base + "truth"))
    layers.push_back(
        layer({{"type", "line"}, {"color", colour::red}, {"strokeDash", {5, 3}}},
              {{"x", x}, {"y", quantity("truth", "")}}));
  for (json& one : layers) one["encoding"]["y"]["title"] = title;
  json view = panel("bands", 200, std::move(layers));
  view["transform"] = {only("curve", name)};
  view["title"] = name;
  return view;
}

}  // namespace

std::optional<Figure> densities(const Record& record) {
  Table table{"bands",
              {{"curve", "curve"},
               {"x", "x"},
               {"value", "estimate"},
               {"lo95", "95 % low"},
               {"lo68", "68 % low"},
               {"hi68", "68 % high"},
               {"hi95", "95 % high"},
               {"truth", "truth"}},
              {}};
  json panels = json::array();
  std::string about;
  for (const auto& name : record.groups("bands")) {
    if (!add_rows(table, record, name)) continue;
    panels.push_back(curve_panel(record, name));
    if (about.empty()) about = record.array("bands/" + name + "/value")->about;
  }
  if (panels.empty()) return std::nullopt;
  return Figure{.id = "densities",
                .title = "Densities",
                .caption =
                    "The estimate with its 68 % (dark) and 95 % (light) bands; dashed: "
                    "the truth the data were made with, where the study gives it. " +
                    about,
                .spec = grid(panels),
                .tables = {std::move(table)},
                .columns = 2,
                .panel_width = 280};
}

}  // namespace femto::report
