// Building blocks of Vega-Lite specifications.
#include "femto/report/spec.h"

#include <cmath>

#include "femto/report/figure.h"
#include "femto/report/numbers.h"

namespace femto::report {

using nlohmann::json;

void Table::add(std::initializer_list<json> cells) {
  json row = json::array();
  for (const json& cell : cells)
    row.push_back(cell.is_number_float() ? short_number(cell.get<double>()) : cell);
  rows.push_back(std::move(row));
}

json to_json(const Figure& figure) {
  json tables = json::array();
  for (const Table& t : figure.tables) {
    json keys = json::array(), titles = json::array();
    for (const Column& c : t.columns) {
      keys.push_back(c.key);
      titles.push_back(c.title);
    }
    tables.push_back(
        {{"name", t.name}, {"keys", keys}, {"titles", titles}, {"rows", t.rows}});
  }
  return {{"id", figure.id},
          {"title", figure.title},
          {"spec", figure.spec},
          {"tables", tables},
          {"columns", figure.columns},
          {"panel_width", figure.panel_width},
          {"fixed_columns", figure.fixed_columns}};
}

std::vector<std::string> palette() {
  return {std::string(colour::blue),
          std::string(colour::red),
          std::string(colour::green),
          std::string(colour::orange),
          std::string(colour::purple),
          std::string(colour::sky)};
}

std::string with_unit(const std::string& title, const std::string& unit) {
  return unit.empty() || unit == "1" ? title : title + " [" + unit + "]";
}

json quantity(const std::string& field, const std::string& title) {
  return {{"field", field},
          {"type", "quantitative"},
          {"title", title},
          {"scale", {{"zero", false}, {"nice", true}}}};
}

json logarithmic(const std::string& field, const std::string& title) {
  json channel = quantity(field, title);
  channel["scale"] = {{"type", "log"}, {"nice", false}};
  channel["axis"] = {{"format", ".0e"}, {"tickCount", 6}};
  return channel;
}

json panel(const std::string& table, int height, json layers) {
  return {{"data", {{"name", table}}},
          {"width", "panel"},
          {"height", height},
          {"layer", std::move(layers)}};
}

json layer(json mark, json encoding) {
  return {{"mark", std::move(mark)}, {"encoding", std::move(encoding)}};
}

json grid(json panels) {
  return {{"concat", std::move(panels)}};
}

json only(const std::string& field, const json& value) {
  return {{"filter", {{"field", field}, {"equal", value}}}};
}

json rule_at(std::string_view axis, double value, std::string_view colour) {
  return {
      {"data", {{"values", json::array({json::object()})}}},
      {"mark", {{"type", "rule"}, {"color", colour}, {"strokeDash", {4, 3}}}},
      {"encoding", {{std::string(axis), {{"datum", value}, {"type", "quantitative"}}}}}};
}

}  // namespace femto::report
