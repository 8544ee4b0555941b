// Unfolded events with their errors, the simulation before, and the truth if it is known.
#include "femto/report/figures.h"
#include "femto/report/spec.h"

namespace femto::report {

using nlohmann::json;

namespace {

/// A step line of one column of the table.
json step_line(const char* field, std::string_view colour, bool dashed) {
  json mark = {{"type", "line"}, {"interpolate", "step-after"}, {"color", colour}};
  if (dashed) mark["strokeDash"] = {4, 3};
  return layer(mark,
               {{"x", quantity("low", "")}, {"y", quantity(field, "events per bin")}});
}

const io::Array* bins_of(const Record& record, const std::string& name, std::size_t n) {
  const auto* array = record.array(name);
  return array && array->values.size() == n ? array : nullptr;
}

}  // namespace

std::optional<Figure> unfolded(const Record& record) {
  Table table{"unfolded",
              {{"column", "column"},
               {"low", "bin start"},
               {"mid", "bin middle"},
               {"value", "unfolded events"},
               {"below", "less one standard deviation"},
               {"above", "plus one standard deviation"},
               {"prior", "simulation"},
               {"truth", "truth"}},
              {}};
  json panels = json::array();
  for (const auto& name : record.groups("unfolded")) {
    const std::string base = "unfolded/" + name + "/";
    const auto* value = record.array(base + "value");
    const std::size_t n = value ? value->values.size() : 0;
    const auto* edges = bins_of(record, base + "edges", n + 1);
    if (n == 0 || !edges) continue;
    const auto* error = bins_of(record, base + "error", n);
    const auto* prior = bins_of(record, base + "prior", n);
    const auto* truth = bins_of(record, base + "truth", n);
    const auto cell = [](const io::Array* array, std::size_t b) {
      return array ? json(array->values[b]) : json();
    };
    for (std::size_t b = 0; b < n; ++b) {
      const double v = value->values[b], s = error ? error->values[b] : 0;
      table.add({name,
                 edges->values[b],
                 (edges->values[b] + edges->values[b + 1]) / 2,
                 v,
                 v - s,
                 v + s,
                 cell(prior, b),
                 cell(truth, b)});
    }
    table.add({name,
               edges->values[n],
               json(),
               json(),
               json(),
               json(),
               cell(prior, n - 1),
               cell(truth, n - 1)});
    json middle = quantity("mid", with_unit(name, edges->unit));
    json layers = {
        step_line("prior", colour::sky, true),
        layer({{"type", "rule"}, {"color", colour::blue}},
              {{"x", middle},
               {"y", quantity("below", "events per bin")},
               {"y2", {{"field", "above"}}}}),
        layer(
            {{"type", "point"}, {"filled", true}, {"size", 24}, {"color", colour::blue}},
            {{"x", middle}, {"y", quantity("value", "events per bin")}})};
    if (truth) layers.push_back(step_line("truth", colour::red, false));
    json view = panel("unfolded", 260, std::move(layers));
    view["transform"] = {only("column", name)};
    panels.push_back(std::move(view));
  }
  if (panels.empty()) return std::nullopt;
  return Figure{.id = "unfolded",
                .title = "Unfolded events",
                .caption =
                    "Points: unfolded events with their bootstrap error; the outer "
                    "bins are open. Dashed: the simulation before unfolding, "
                    "scaled to as many events. Red line: the truth of generated "
                    "data. Neighbouring bins are correlated: fit with the whole "
                    "covariance.",
                .spec = grid(panels),
                .tables = {std::move(table)},
                .columns = 2,
                .panel_width = 320};
}

}  // namespace femto::report
