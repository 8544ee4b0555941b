// Contours of pairs of quantities over the profile likelihood of their plane.
#include "femto/report/figures.h"
#include "femto/report/numbers.h"
#include "femto/report/spec.h"

namespace femto::report {

using nlohmann::json;

namespace {

const Parameter* find(const std::vector<Parameter>& all, const std::string& name) {
  for (const auto& p : all)
    if (p.name == name) return &p;
  return nullptr;
}

json pieces(const json& x, const json& y, const char* level, std::string_view colour) {
  json piece =
      layer({{"type", "rule"}, {"strokeWidth", 2}, {"color", colour}},
            {{"x", x}, {"y", y}, {"x2", {{"field", "x2"}}}, {"y2", {{"field", "y2"}}}});
  piece["transform"] = {only("level", level)};
  return piece;
}

json mark(const Parameter* x,
          const Parameter* y,
          std::optional<double> Parameter::* member,
          const char* shape,
          std::string_view colour) {
  if (!x || !y || !(x->*member) || !(y->*member)) return {};
  json point =
      layer({{"type", "point"},
             {"shape", shape},
             {"filled", true},
             {"size", 60},
             {"color", colour}},
            {{"x", {{"datum", *(x->*member)}}}, {"y", {{"datum", *(y->*member)}}}});
  point["data"] = {{"values", {json::object()}}};
  return point;
}

json contour_panel(const std::string& pair,
                   const std::string& x_name,
                   const std::string& y_name,
                   const std::vector<Parameter>& all) {
  const auto* px = find(all, x_name);
  const auto* py = find(all, y_name);
  const json x = quantity("x", with_unit(x_name, px ? px->unit : ""));
  const json y = quantity("y", with_unit(y_name, py ? py->unit : ""));
  json layers = {pieces(x, y, "95 %", colour::orange),
                 pieces(x, y, "68 %", colour::green)};
  for (auto& point : {mark(px, py, &Parameter::value, "circle", colour::blue),
                      mark(px, py, &Parameter::truth, "cross", colour::red)})
    if (!point.is_null()) layers.push_back(point);
  json view = panel("contours", 240, std::move(layers));
  view["transform"] = {only("pair", pair)};
  return view;
}

}  // namespace

std::optional<Figure> contours(const Record& record) {
  Table table{"contours",
              {{"pair", "pair"},
               {"level", "level"},
               {"x", "x"},
               {"y", "y"},
               {"x2", "x of the other end"},
               {"y2", "y of the other end"}},
              {}};
  json panels = json::array();
  const auto all = parameters(record);
  for (const json& found : at(record.result, "contours")) {
    const auto at_array = text_at(found, "arrays");
    for (const auto& [key, level] :
         {std::pair{"/contour68", "68 %"}, {"/contour95", "95 %"}}) {
      const io::Array* lines = record.array(at_array + key);
      if (!lines) continue;
      for (std::size_t i = 0; i + 3 < lines->values.size(); i += 4) {
        const double* s = &lines->values[i];
        table.add({at_array, level, s[0], s[1], s[2], s[3]});
      }
    }
    panels.push_back(
        contour_panel(at_array, text_at(found, "x"), text_at(found, "y"), all));
  }
  if (panels.empty() || table.rows.empty()) return std::nullopt;
  return Figure{.id = "contours",
                .title = "Contours",
                .caption =
                    "Where both quantities together lie with 68 % (inner, green) and "
                    "95 % (outer, orange) confidence: the profile likelihood has "
                    "risen by 2.30 and 5.99. Circle: the estimate; cross: the truth "
                    "where it is known.",
                .spec = grid(panels),
                .tables = {std::move(table)},
                .columns = 2,
                .panel_width = 300};
}

}  // namespace femto::report
