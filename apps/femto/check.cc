// femto check: everything that can be wrong with a study, without running it.
#include "commands.h"
#include "studies.h"
#include "terminal.h"
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "femto/pipeline/wires.h"

namespace femto::app {

int check(const CheckCommand& c, Program& program) {
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
