// femto coverage: toys, and how often their intervals contain the truth.
#include "femto/pipeline/coverage.h"

#include "commands.h"
#include "progress_line.h"
#include "studies.h"
#include "terminal.h"
#include <fmt/format.h>

#include "femto/core/files.h"
#include "femto/core/interrupt.h"
#include "femto/core/log.h"
#include "femto/exchange/launch.h"
#include "femto/pipeline/ensemble.h"

namespace femto::app {
namespace {

void print_tables(const Coverage& found) {
  Table rows({"quantity", "method", "level", "covered", "of", "fraction"});
  for (const auto& r : found.rows)
    rows.row(
        {r.name,
         r.method,
         fmt::format("{:.1f} %", 100 * r.level),
         std::to_string(r.inside),
         std::to_string(r.toys),
         fmt::format("{:.1f} ± {:.1f} %", 100 * r.fraction, 100 * r.binomial_error)});
  Table pulls({"quantity", "pull mean", "pull width", "sd / floor"});
  for (const auto& p : found.pulls)
    pulls.row({p.name,
               fmt::format("{:.2f} ± {:.2f}", p.mean, p.mean_error),
               fmt::format("{:.2f} ± {:.2f}", p.width, p.width_error),
               fmt::format("{:.2f}", p.sd_over_floor)});
  fmt::print("{}\n{}", rows.text(), pulls.text());
  if (found.failed)
    fmt::print("\n{} toys did not converge and are left out\n", found.failed);
}

}  // namespace

int coverage(const CoverageCommand& c, Program& program) {
  auto& world = program.world.emplace(exchange::open_world());
  catch_interrupts();
  const auto plan = plan_of_all(program, [&] {
    auto made =
        plan_of(c.study, program, c.events ? DataUse::optional : DataUse::required);
    if (made.truth.empty())
      throw Error("coverage needs the truth that toys are made from",
                  "give `truth:` with every parameter in the study");
    return made;
  });
  const Density density(plan.fitted());
  const Dataset none{io::EventTable{}};
  const auto task = whole_task(plan, density, none);
  const bool silent = c.quiet || c.json || !program.leads();
  ProgressLine line(silent ? Chatter::quiet : Chatter::normal);
  const auto began = std::chrono::steady_clock::now();
  CoverageOptions options;
  options.toys = c.toys;
  options.records = c.events.value_or(plan.info.rows);
  options.truth = plan.truth;
  options.seed = plan.study.seed;
  options.inference = {plan.study.intervals, plan.truth};
  options.progress = [&](int done) {
    const std::chrono::duration<double> elapsed =
        std::chrono::steady_clock::now() - began;
    line.show(fmt::format("toy {}/{}", done, c.toys),
              static_cast<double>(done) / c.toys,
              elapsed.count());
  };
  options.warn = [](const std::string& words) { log::warn("{}", words); };
  options.group = &world;
  const auto found = cover(task, *plan.solver, options);
  line.clear();
  if (!program.leads()) return 0;
  const auto json = to_json(found);
  if (!c.out.empty()) write_file_atomically(c.out, json.dump(2) + "\n");
  if (c.json)
    fmt::print("{}\n", json.dump(2));
  else if (!c.quiet)
    print_tables(found);
  return 0;
}

}  // namespace femto::app
