// femto run and femto resume.
#include "femto/pipeline/run.h"

#include "commands.h"
#include "progress_line.h"
#include "result_table.h"
#include "studies.h"
#include <fmt/format.h>

#include "femto/core/interrupt.h"
#include "femto/core/threads.h"
#include "femto/report/report.h"

namespace femto::app {
namespace {

enum class Output { tables, quiet, json };

Output output_of(bool quiet, bool json) {
  return json ? Output::json : quiet ? Output::quiet : Output::tables;
}

int work(const Plan& plan, const RunFolder& folder, Output output, Program& program) {
  program.run_folder = folder.path();
  ProgressLine line(output == Output::tables ? Chatter::normal : Chatter::quiet);
  const RunOptions options{line.audience(), [](const path& run) {
                             const std::vector<path> one = {run};
                             write_report(one);
                           }};
  const auto result = run_study(plan, folder, options);
  line.clear();
  if (output == Output::json) fmt::print("{}\n", result.json.dump(2));
  if (output == Output::tables) {
    fmt::print("{}", result_table(result.json));
    fmt::print("report: {}\n", (folder.path() / "report.html").string());
  }
  return 0;
}

}  // namespace

int run(const RunCommand& c, Program& program) {
  catch_interrupts();
  const auto plan = plan_of(c.study, program);
  const auto where = c.out.empty() ? default_run_folder(plan.study.name) : c.out;
  const auto folder = start_run(
      plan, where, c.force ? ExistingRun::replace : ExistingRun::refuse, program.argv);
  return work(plan, folder, output_of(c.quiet, c.json), program);
}

int resume(const ResumeCommand& c, Program& program) {
  catch_interrupts();
  const auto folder = RunFolder::open(c.folder);
  auto earlier = earlier_run(folder);
  if (earlier.status == "done") {
    const auto page = folder / "report.html";
    if (!std::filesystem::exists(page)) write_report(std::vector<path>{folder.path()});
    if (!c.quiet) fmt::print("this run is done; see {}\n", page.string());
    return 0;
  }
  auto plan = make_plan(earlier.request, program.components);
  check_same_data(folder, plan);
  set_threads(c.threads.value_or(plan.study.threads));
  return work(plan, folder, output_of(c.quiet, c.json), program);
}

}  // namespace femto::app
