// Measured events against the fit, with the residuals below.
#include <algorithm>
#include <cmath>

#include "femto/report/figures.h"
#include "femto/report/spec.h"

namespace femto::report {

using nlohmann::json;

namespace {

/// Where a logarithmic axis of counts ends; fewer expected events than this draw nothing.
constexpr double lowest_count = 0.5;

struct Histogram {
  const io::Array *data, *fit;
  std::string title;  // of the axis
  std::vector<double> edges;
  bool logarithmic = false;
};

/// A column ln_x is drawn as x on a logarithmic axis.
void unfold_logarithm(Histogram& h, const std::string& name) {
  constexpr std::string_view prefix = "ln_";
  if (!name.starts_with(prefix) || h.edges.back() > 700) return;
  h.logarithmic = true;
  h.title = name.substr(prefix.size());
  for (double& e : h.edges) e = std::exp(e);
}

std::optional<Histogram> histogram(const Record& record, const std::string& name) {
  const std::string base = "histograms/" + name + "/";
  const auto* edges = record.array(base + "edges");
  Histogram h{record.array(base + "data"), record.array(base + "fit"), name, {}};
  if (!edges || !h.data || !h.fit) return std::nullopt;
  const std::size_t bins = h.data->values.size();
  if (bins == 0 || edges->values.size() != bins + 1 || h.fit->values.size() != bins)
    return std::nullopt;
  h.edges = edges->values;
  h.title = with_unit(name, edges->unit);
  unfold_logarithm(h, name);
  return h;
}

Table empty_table() {
  return {"histograms",
          {{"column", "column"},
           {"low", "bin start"},
           {"mid", "bin middle"},
           {"data", "events"},
           {"below", "events - sqrt(events)"},
           {"above", "events + sqrt(events)"},
           {"fit", "expected by the fit"},
           {"residual", "(events - expected)/sqrt(expected)"}},
          {}};
}

/// Fills the rows of one column; true if its counts span more than a factor of 100.
bool add_rows(Table& table, const std::string& name, const Histogram& h) {
  const auto& edges = h.edges;
  double low = INFINITY, high = 0;
  for (std::size_t i = 0; i + 1 < edges.size(); ++i) {
    const double n = h.data->values[i], f = h.fit->values[i];
    const json below = n > 0 ? json(std::max(n - std::sqrt(n), lowest_count)) : json();
    const json residual = f >= 1 ? json((n - f) / std::sqrt(f)) : json();
    table.add({name,
               edges[i],
               h.logarithmic ? std::sqrt(edges[i] * edges[i + 1])
                             : (edges[i] + edges[i + 1]) / 2,
               n > 0 ? json(n) : json(),
               below,
               n > 0 ? json(n + std::sqrt(n)) : json(),
               f > 0 ? json(f) : json(),
               residual});
    if (f > 0) low = std::min(low, std::max(f, lowest_count));
    high = std::max(high, f);
  }
  table.add(
      {name, edges.back(), json(), json(), json(), json(), h.fit->values.back(), json()});
  return high > 100 * low;
}

json x_axis(const Histogram& h, bool shown) {
  json x = quantity("low", h.title);
  if (h.logarithmic) x["scale"]["type"] = "log";
  x["scale"]["domain"] = {h.edges.front(), h.edges.back()};
  x["scale"]["nice"] = false;
  if (!shown) x["axis"] = {{"labels", false}, {"title", nullptr}};
  return x;
}

json moved_to_middle(json x) {
  x["field"] = "mid";
  return x;
}

json counts_panel(const Histogram& h, const std::string& name, bool log_scale) {
  const json x = x_axis(h, false);
  json y = quantity("fit", "events per bin");
  if (log_scale)
    y["scale"] = {{"type", "log"}, {"nice", false}, {"domainMin", lowest_count}};
  json data = y, below = y;
  data["field"] = "data";
  below["field"] = "below";
  json view = panel(
      "histograms",
      200,
      {layer({{"type", "line"},
              {"interpolate", "step-after"},
              {"clip", true},
              {"color", colour::red}},
             {{"x", x}, {"y", y}}),
       layer({{"type", "rule"}, {"color", colour::blue}},
             {{"x", moved_to_middle(x)}, {"y", below}, {"y2", {{"field", "above"}}}}),
       layer({{"type", "point"}, {"filled", true}, {"size", 18}, {"color", colour::blue}},
             {{"x", moved_to_middle(x)}, {"y", data}})});
  view["transform"] = {only("column", name)};
  view["title"] = h.logarithmic ? h.title : name;
  return view;
}

json residual_panel(const Histogram& h, const std::string& name) {
  const json x = moved_to_middle(x_axis(h, true));
  json view = panel(
      "histograms",
      70,
      {rule_at("y", 0, colour::red),
       layer({{"type", "point"}, {"filled", true}, {"size", 16}, {"color", colour::blue}},
             {{"x", x}, {"y", quantity("residual", "residual / σ")}})});
  view["transform"] = {only("column", name)};
  return view;
}

}  // namespace

std::optional<Figure> data_and_fit(const Record& record) {
  Table table = empty_table();
  json panels = json::array();
  for (const auto& name : record.groups("histograms")) {
    const auto h = histogram(record, name);
    if (!h) continue;
    const bool log_scale = add_rows(table, name, *h);
    panels.push_back(
        {{"vconcat", {counts_panel(*h, name, log_scale), residual_panel(*h, name)}},
         {"spacing", 6}});
  }
  if (panels.empty()) return std::nullopt;
  return Figure{.id = "data-and-fit",
                .title = "Data against fit",
                .caption =
                    "Points: measured events with their statistical error. Line: "
                    "events expected by the fit. Below: (data − fit)/√fit, which "
                    "scatters around 0 with width 1 when the fit is right; "
                    "bins with fewer than one expected event have none.",
                .spec = grid(panels),
                .tables = {std::move(table)},
                .columns = 2,
                .panel_width = 280};
}

}  // namespace femto::report
