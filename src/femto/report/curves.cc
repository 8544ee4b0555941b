// Series and curves of a run, ready to be drawn.
#include "femto/report/curves.h"

#include <algorithm>
#include <map>
#include <set>

#include <fmt/core.h>

#include "femto/report/numbers.h"
#include "femto/report/spec.h"

namespace femto::report {

using nlohmann::json;

namespace {

constexpr std::size_t points_per_panel = 2000;
constexpr std::size_t most_legend_entries = 6;

std::optional<double> metric(const json& row, const std::string& key) {
  if (const auto direct = number_at(row, key)) return direct;
  const auto dot = key.find('.');
  if (dot == std::string::npos) return std::nullopt;
  return number_at(at(row, key.substr(0, dot)), key.substr(dot + 1));
}

std::string label_of(const json& row) {
  if (const auto member = number_at(row, "member"))
    return fmt::format("member {:.0f}", *member);
  const std::string step = text_at(row, "step");
  return step.empty() ? "run" : step;
}

json colour_of_series(std::size_t count) {
  if (count > most_legend_entries) return {{"value", colour::blue}};
  json channel = {{"field", "series"},
                  {"type", "nominal"},
                  {"title", nullptr},
                  {"scale", {{"range", palette()}}}};
  if (count == 1) channel["legend"] = nullptr;
  return channel;
}

}  // namespace

std::vector<Series> series(const Record& record, const std::string& key) {
  std::vector<Series> all;
  std::map<std::string, std::size_t> index;
  for (const json& row : record.metrics) {
    const auto value = metric(row, key);
    if (!value) continue;
    const std::string label = label_of(row);
    const auto [found, is_new] = index.emplace(label, all.size());
    if (is_new) all.push_back({label, {}, {}});
    Series& s = all[found->second];
    const auto iteration = number_at(row, "iteration");
    s.iteration.push_back(iteration ? *iteration : static_cast<double>(s.value.size()));
    s.value.push_back(*value);
  }
  return all;
}

std::vector<std::string> metric_keys(const Record& record,
                                     bool (*wanted)(const std::string& key)) {
  std::set<std::string> keys;
  for (const json& row : record.metrics) {
    for (const auto& [key, value] : row.items()) {
      if (value.is_number() && wanted(key)) keys.insert(key);
      if (!value.is_object()) continue;
      for (const auto& [inner, number] : value.items()) {
        if (number.is_number() && wanted(key + "." + inner))
          keys.insert(key + "." + inner);
      }
    }
  }
  return {keys.begin(), keys.end()};
}

bool add_series_panel(Panels& panels,
                      const Record& record,
                      const std::string& key,
                      const std::string& title,
                      Scale scale,
                      double offset) {
  if (panels.table.columns.empty())
    panels.table = {"series",
                    {{"panel", "quantity"},
                     {"series", "series"},
                     {"iteration", "iteration"},
                     {"value", "value"}},
                    {}};
  const auto all = series(record, key);
  const std::size_t before = panels.table.rows.size();
  for (const Series& s : all) {
    for (const std::size_t i : thinned(s.value, points_per_panel / all.size())) {
      const double y = s.value[i] - offset;
      if (scale == Scale::linear || y > 0)
        panels.table.add({title, s.label, s.iteration[i], y});
    }
  }
  if (panels.table.rows.size() == before) return false;
  json view = panel("series", 170, json::array());
  view.erase("layer");
  view["transform"] = {only("panel", title)};
  view["mark"] = {{"type", "line"},
                  {"strokeWidth", all.size() > most_legend_entries ? 0.8 : 1.5},
                  {"opacity", all.size() > most_legend_entries ? 0.6 : 1.0}};
  view["encoding"] = {
      {"x", quantity("iteration", "iteration")},
      {"y",
       scale == Scale::linear ? quantity("value", title) : logarithmic("value", title)},
      {"detail", {{"field", "series"}}},
      {"color", colour_of_series(all.size())}};
  panels.specs.push_back(std::move(view));
  return true;
}

std::vector<Parameter> columns_of(const Record& record, const io::Array& draws) {
  if (draws.shape.size() != 2 || draws.shape[0] == 0) return {};
  auto all = parameters(record);
  const auto plain = static_cast<std::size_t>(std::count_if(
      all.begin(), all.end(), [](const Parameter& p) { return !p.derived; }));
  if (draws.shape[1] == plain) all.resize(plain);
  if (draws.shape[1] != all.size()) return {};
  return all;
}

std::vector<double> column(const io::Array& matrix, std::size_t j) {
  std::vector<double> values(matrix.shape[0]);
  for (std::size_t i = 0; i < values.size(); ++i)
    values[i] = matrix.values[i * matrix.shape[1] + j];
  return values;
}

}  // namespace femto::report
