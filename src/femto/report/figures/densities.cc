// Curves with their 68 % and 95 % bands.
#include <fmt/core.h>

#include "femto/report/figures.h"
#include "femto/report/spec.h"

namespace femto::report {

using nlohmann::json;

namespace {

const std::vector<std::string> edges{
    "lo95", "lo68", "hi68", "hi95", "truth", "prior_lo", "prior_hi"};

bool add_rows(Table& table,
              const Record& record,
              const std::string& group,
              const std::string& name) {
  const std::string base = group + "/" + name + "/";
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
    std::vector<json> row{name, x->values[i], value->values[i]};
    row.insert(row.end(), cells.begin(), cells.end());
    table.rows.push_back(std::move(row));
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

/// Points that are a constant factor apart, many of them below a tenth of the largest.
bool is_logarithmic(const std::vector<double>& x) {
  if (x.size() < 3 || !(x.front() > 0)) return false;
  const double middle = x[x.size() / 2];
  return middle < 0.75 * 0.5 * (x.front() + x.back());
}

json curve_panel(const Record& record,
                 const std::string& group,
                 const std::string& name) {
  const std::string base = group + "/" + name + "/";
  const io::Array& points = *record.array(base + "x");
  const std::string x_title = with_unit("x", points.unit);
  json x =
      is_logarithmic(points.values) ? logarithmic("x", x_title) : quantity("x", x_title);
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
  if (record.array(base + "prior_lo"))
    for (const char* end : {"prior_lo", "prior_hi"})
      layers.push_back(
          layer({{"type", "line"}, {"color", colour::green}, {"strokeDash", {1, 3}}},
                {{"x", x}, {"y", quantity(end, "")}}));
  for (json& one : layers) one["encoding"]["y"]["title"] = title;
  if (group == "ratios")
    for (json& one : layers) {
      one["encoding"]["y"]["scale"] = {{"domain", {0, 2}}, {"nice", false}};
      one["mark"]["clip"] = true;
    }
  json view = panel("bands", 200, std::move(layers));
  view["transform"] = {only("curve", name)};
  view["title"] = name;
  return view;
}

/// All curves of a group, and what is said of them in the arrays.
struct Panels {
  Table table;
  json panels = json::array();
  std::string about;
};

Panels panels_of(const Record& record, const std::string& group) {
  Table table{"bands",
              {{"curve", "curve"},
               {"x", "x"},
               {"value", "estimate"},
               {"lo95", "95 % low"},
               {"lo68", "68 % low"},
               {"hi68", "68 % high"},
               {"hi95", "95 % high"},
               {"truth", "truth"},
               {"prior_lo", "prior low"},
               {"prior_hi", "prior high"}},
              {}};
  Panels out{std::move(table), json::array(), {}};
  for (const auto& name : record.groups(group)) {
    if (!add_rows(out.table, record, group, name)) continue;
    out.panels.push_back(curve_panel(record, group, name));
    if (out.about.empty())
      out.about = record.array(fmt::format("{}/{}/value", group, name))->about;
  }
  return out;
}

}  // namespace

std::optional<Figure> densities(const Record& record) {
  auto all = panels_of(record, "bands");
  if (all.panels.empty()) return std::nullopt;
  return Figure{
      .id = "densities",
      .title = "Densities",
      .caption =
          "The estimate with its 68 % (dark) and 95 % (light) bands; dashed: "
          "the truth the data were made with, where the study gives it; dotted: one "
          "standard deviation of the prior around the estimate, where there is "
          "one. Where the bands fill it they are the prior. " +
          all.about,
      .spec = grid(all.panels),
      .tables = {std::move(all.table)},
      .columns = 2,
      .panel_width = 280};
}

std::optional<Figure> density_ratios(const Record& record) {
  auto all = panels_of(record, "ratios");
  if (all.panels.empty()) return std::nullopt;
  return Figure{
      .id = "density-ratios",
      .title = "Densities over the truth",
      .caption = "The same divided by the truth, which no fit has seen; cut at 0 and 2.",
      .spec = grid(all.panels),
      .tables = {std::move(all.table)},
      .columns = 2,
      .panel_width = 280};
}

}  // namespace femto::report
