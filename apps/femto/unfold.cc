// femto unfold: measured events corrected for the detector.
#include "commands.h"
#include "progress_line.h"
#include "terminal.h"
#include <fmt/format.h>

#include "femto/core/log.h"
#include "femto/core/threads.h"
#include "femto/pipeline/unfold_run.h"
#include "femto/report/report.h"

namespace femto::app {
namespace {

using nlohmann::ordered_json;

/// The first iterations and the last ones.
void print_history(const ordered_json& rows) {
  if (rows.empty()) return;
  std::vector<std::string> head;
  for (const auto& [key, value] : rows[0].items()) head.push_back(key);
  Table table(head);
  constexpr std::size_t most = 12;
  for (std::size_t k = 0; k < rows.size(); ++k) {
    if (k >= most / 2 && k + most / 2 < rows.size()) continue;
    std::vector<std::string> cells;
    for (const auto& [key, value] : rows[k].items())
      cells.push_back(key == "iteration" ? fmt::format("{}", value.get<int>())
                                         : fmt::format("{:.6g}", value.get<double>()));
    table.row(cells);
  }
  fmt::print("{}\n", table.text());
}

void print(const ordered_json& result) {
  print_history(result["unfolding"]["iterations"]);
  Table table({"quantity", "value", "std", "truth", "pull"});
  for (const auto& p : result["parameters"]) {
    const double std = p["std"].is_number() ? p["std"].get<double>() : 0;
    table.row(
        {p["name"].get<std::string>(),
         with_digits(p["value"].get<double>(), std),
         std > 0 ? "± " + error_text(std) : "-",
         p.contains("truth") ? fmt::format("{:g}", p["truth"].get<double>()) : "-",
         p.contains("pull") ? fmt::format("{:+.2f}", p["pull"].get<double>()) : "-"});
  }
  fmt::print("{}\n", table.text());
  const auto& test = result["goodness_of_fit"]["tests"][0];
  fmt::print("data against folded result: chi2 {:.1f}, ndf {:.0f}, p = {:.2g}\n",
             test["statistic"].get<double>(),
             test["ndf"].get<double>(),
             test["p_value"].get<double>());
  for (const auto& note : result["notes"])
    fmt::print("note: {}\n", note.get<std::string>());
}

}  // namespace

int unfold(const UnfoldCommand& c, Program& program) {
  PlanRequest request{c.study.file, c.study.overrides, c.study.plugins};
  if (c.study.seed) request.overrides.push_back(fmt::format("seed={}", *c.study.seed));
  if (c.study.threads)
    request.overrides.push_back(fmt::format("threads={}", *c.study.threads));
  const auto plan = make_unfold_plan(request, program.components);
  for (const auto& warning : plan.warnings)
    log::warn("{}", config::render(warning, plan.origin.sources));
  set_threads(plan.study.threads);
  const auto folder = c.out.empty() ? default_run_folder(plan.study.name) : c.out;
  program.run_folder = folder;
  ProgressLine line(c.quiet || c.json ? Chatter::quiet : Chatter::normal);
  const auto result = run_unfolding(plan,
                                    folder,
                                    c.force ? ExistingRun::replace : ExistingRun::refuse,
                                    program.argv,
                                    line.audience());
  line.clear();
  write_report(std::vector<path>{folder});
  if (c.json) fmt::print("{}\n", result.dump(2));
  if (!c.json && !c.quiet) {
    print(result);
    fmt::print("report: {}\n", (folder / "report.html").string());
  }
  return 0;
}

}  // namespace femto::app
