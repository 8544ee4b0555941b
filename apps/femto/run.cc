// femto run and femto resume.
#include "femto/pipeline/run.h"

#include "commands.h"
#include "progress_line.h"
#include "result_table.h"
#include "studies.h"
#include <fmt/format.h>

#include "femto/core/interrupt.h"
#include "femto/core/threads.h"
#include "femto/exchange/crew.h"
#include "femto/exchange/launch.h"
#include "femto/exchange/parcel.h"
#include "femto/pipeline/assist.h"
#include "femto/pipeline/ensemble.h"
#include "femto/pipeline/image_run.h"
#include "femto/report/report.h"

namespace femto::app {
namespace {

enum class Output { tables, quiet, json };

Output output_of(bool quiet, bool json) {
  return json ? Output::json : quiet ? Output::quiet : Output::tables;
}

void show(const nlohmann::ordered_json& result, const path& folder, Output output) {
  if (output == Output::json) fmt::print("{}\n", result.dump(2));
  if (output != Output::tables) return;
  fmt::print("{}", result_table(result));
  fmt::print("report: {}\n", (folder / "report.html").string());
}

int work(const Plan& plan, const RunFolder& folder, Output output, Program& program) {
  program.run_folder = folder.path();
  auto& world = *program.world;
  ProgressLine line(output == Output::tables ? Chatter::normal : Chatter::quiet);
  const RunOptions options{line.audience(),
                           [](const path& run) {
                             const std::vector<path> one = {run};
                             write_report(one);
                           },
                           &world};
  const auto result = run_study(plan, folder, options);
  line.clear();
  show(result.json, folder.path(), output);
  return 0;
}

/// One member of a training cannot be shared without an exchange.
void check_work_for_all(const Plan& plan, int ranks) {
  if (ranks > 1 && plan.solver->plays_together() && !plays_together(plan) &&
      plan.study.ensemble.members == 1)
    throw Error(fmt::format("{} ranks were started, but this study has one member and "
                            "no exchange by which they could play it together",
                            ranks),
                "add `exchange: allreduce` (see `femto list exchange`), or "
                "ensemble.members");
}

/// A study of an image is solved in one go, by one rank.
int run_image(const RunCommand& c, Program& program) {
  if (program.world->size() > 1)
    throw Error("a study of an image runs on one rank", "start it without mpirun");
  const auto plan = image_plan_of(c.study, program);
  const auto where = c.out.empty() ? default_run_folder(plan.study.name) : c.out;
  const auto existing = c.force ? ExistingRun::replace : ExistingRun::refuse;
  const auto result = femto::run_image(plan, where, existing, program.argv);
  write_report(std::vector<path>{where});
  show(result, where, output_of(c.quiet, c.json));
  return 0;
}

}  // namespace

int run(const RunCommand& c, Program& program) {
  program.world.emplace(exchange::open_world());
  catch_interrupts();
  if (is_image_study(c.study.file)) return run_image(c, program);
  const auto plan = plan_of_all(program, [&] {
    auto made = plan_of(c.study, program);
    check_work_for_all(made, program.world->size());
    return made;
  });
  if (!program.leads()) return assist(plan, *program.world), 0;
  const auto where = c.out.empty() ? default_run_folder(plan.study.name) : c.out;
  const auto folder = start_run(
      plan, where, c.force ? ExistingRun::replace : ExistingRun::refuse, program.argv);
  return work(plan, folder, output_of(c.quiet, c.json), program);
}

int resume(const ResumeCommand& c, Program& program) {
  auto& world = program.world.emplace(exchange::open_world());
  catch_interrupts();
  std::optional<RunFolder> folder;
  std::string study;  // empty: the run is done
  exchange::together(world, "opening the run", [&] {
    if (!program.leads()) return;
    folder.emplace(RunFolder::open(c.folder));
    const auto earlier = earlier_run(*folder);
    if (earlier.status != "done") study = earlier.request.file.string();
  });
  exchange::share_bytes(world, study, "study");
  if (study.empty()) {
    if (!program.leads()) return 0;
    const auto page = *folder / "report.html";
    if (!std::filesystem::exists(page)) write_report(std::vector<path>{folder->path()});
    if (!c.quiet) fmt::print("this run is done; see {}\n", page.string());
    return 0;
  }
  const auto plan = plan_of_all(program, [&] {
    auto made = make_plan({.file = study}, program.components);
    if (folder) check_same_data(*folder, made);
    set_threads(c.threads.value_or(made.study.threads));
    return made;
  });
  if (!program.leads()) return assist(plan, world), 0;
  return work(plan, *folder, output_of(c.quiet, c.json), program);
}

}  // namespace femto::app
