// Rows of result.json.
#include "femto/pipeline/result_rows.h"

#include <cmath>

namespace femto {

using nlohmann::ordered_json;

namespace {

ordered_json number(double x) {
  return std::isfinite(x) ? ordered_json(x) : ordered_json(nullptr);
}

ordered_json pair(const std::optional<Interval>& interval) {
  if (!interval) return nullptr;
  return ordered_json::array({number(interval->lo), number(interval->hi)});
}

void add_open_ends(const Quoted& q, ordered_json& open) {
  const auto add = [&](const std::optional<Interval>& i, const char* name) {
    if (i && i->lo_open) open.push_back(std::string(name) + ".lo");
    if (i && i->hi_open) open.push_back(std::string(name) + ".hi");
  };
  add(q.level68, "interval68");
  add(q.level95, "interval95");
}

void add_truth(const ResultRow& row, ordered_json& out) {
  if (!row.truth) return;
  const double residual = row.quoted.value - *row.truth;
  out["truth"] = number(*row.truth);
  if (!row.identified || row.fixed) return;
  out["crb_at_truth"] = number(row.floor_at_truth);
  if (row.floor_at_truth > 0)
    out["residual_in_floors"] = number(residual / row.floor_at_truth);
  if (row.quoted.sd && *row.quoted.sd > 0)
    out["pull"] = number(residual / *row.quoted.sd);
}

}  // namespace

ordered_json to_json(const ResultRow& row) {
  const Quoted& q = row.quoted;
  ordered_json out;
  out["name"] = row.name;
  out["value"] = number(q.value);
  out["std"] = q.sd ? number(*q.sd) : ordered_json(nullptr);
  if (q.simulation > 0) out["std_simulation"] = number(q.simulation);
  out["interval68"] = pair(q.level68);
  out["interval95"] = pair(q.level95);
  out["interval_method"] = row.fixed ? "fixed" : q.method;
  out["crb"] = row.fixed ? ordered_json(nullptr) : number(row.floor);
  if (!row.fixed && q.sd && row.floor > 0)
    out["std_over_crb"] = number(*q.sd / row.floor);
  out["identified"] = row.identified;
  if (row.fixed) out["fixed"] = true;
  if (row.spread) out["spread"] = number(*row.spread);
  add_truth(row, out);
  if (row.at_bound) out["at_bound"] = true;
  ordered_json open = ordered_json::array();
  add_open_ends(q, open);
  if (!open.empty()) out["open_ends"] = open;
  out["unit"] = row.unit;
  out["about"] = row.about;
  return out;
}

}  // namespace femto
