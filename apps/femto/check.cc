// femto check: everything that can be wrong with a study, without running it.
#include "commands.h"
#include "studies.h"
#include "terminal.h"
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "femto/pipeline/wires.h"

namespace femto::app {

namespace {

/// What is wrong with data shows only where the image is made.
int check_image(const CheckCommand& c, Program& program) {
  const auto plan = image_plan_of(c.study, program);
  const auto problem = plan.image->problem();
  const auto unknowns = problem.model.mean.size(), data = problem.data.size();
  if (c.json)
    fmt::print("{}\n",
               nlohmann::ordered_json{{"study", plan.study.name},
                                      {"rows", data},
                                      {"unknowns", unknowns},
                                      {"pixels", problem.raster.size()}}
                   .dump(2));
  else
    fmt::print("image '{}': {} unknowns, {} pixels, {} data ({})\n{}: everything fits\n",
               plan.study.image.type,
               unknowns,
               problem.raster.size(),
               data,
               problem.data_label,
               c.study.file.string());
  return 0;
}

}  // namespace

int check(const CheckCommand& c, Program& program) {
  if (is_image_study(c.study.file)) return check_image(c, program);
  const auto plan = plan_of(c.study, program);
  if (c.json) {
    nlohmann::ordered_json wires = nlohmann::ordered_json::array();
    for (const auto& w : plan.wires)
      wires.push_back(
          {{"kind", w.kind}, {"name", w.name}, {"takes", w.takes}, {"gives", w.gives}});
    fmt::print("{}\n",
               nlohmann::ordered_json{
                   {"study", plan.study.name}, {"rows", plan.info.rows}, {"wires", wires}}
                   .dump(2));
    return 0;
  }
  fmt::print("{}\n", wire_table(plan.wires));
  Table table({"parameter", "min", "start", "max", ""});
  for (std::size_t i = 0; i < plan.setup.parameters.size(); ++i) {
    const auto& p = plan.setup.parameters[i];
    table.row({p.name,
               fmt::format("{:.6g}", p.lo),
               fmt::format("{:.6g}", p.start),
               fmt::format("{:.6g}", p.hi),
               plan.setup.fixed[i] ? "fixed" : "free"});
  }
  fmt::print("{}\n{}: everything fits\n", table.text(), c.study.file.string());
  return 0;
}

}  // namespace femto::app
