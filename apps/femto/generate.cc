// femto generate: events of a study's theory, as many as wanted, in bounded memory.
#include "commands.h"
#include "progress_line.h"
#include "studies.h"
#include "terminal.h"
#include <fmt/format.h>

#include "femto/core/interrupt.h"
#include "femto/pipeline/simulate.h"

namespace femto::app {
namespace {

constexpr std::uint64_t rows_per_chunk = 1 << 17;

std::vector<io::Column> columns_to_write(const Plan& plan) {
  std::vector<io::Column> out;
  for (const auto& channel : plan.fitted().channels())
    for (const auto& axis : channel.axes)
      out.push_back({axis.column, axis.unit.empty() ? "1" : axis.unit});
  return out;
}

}  // namespace

int generate(const GenerateCommand& c, Program& program) {
  catch_interrupts();
  const auto plan = plan_of(c.study, program, DataUse::optional);
  std::string where;
  const auto theta = point_of(plan, c.at, where);
  const auto& experiment = *plan.experiment;
  const auto sampler = plan.sampler->plan(experiment.truth());
  const auto table = sampler->at(experiment.true_part(theta));
  const auto nu = experiment.nuisance_part(theta);
  Simulation simulation(experiment, *table, {nu.begin(), nu.end()}, {plan.study.seed, 0});
  const auto columns = columns_to_write(plan);
  const auto writer = io::create_events(
      c.out,
      columns,
      io::Weighted::no,
      {.existing = c.force ? io::Existing::overwrite : io::Existing::refuse});
  ProgressLine line(c.quiet ? Chatter::quiet : Chatter::normal);
  const auto began = std::chrono::steady_clock::now();
  for (std::uint64_t first = 0; first < c.events; first += rows_per_chunk) {
    if (const int signal = interrupt_signal()) throw Interrupted(signal);
    const auto rows =
        static_cast<std::size_t>(std::min(rows_per_chunk, c.events - first));
    io::EventTable chunk(columns, rows);
    std::vector<double*> record;
    for (std::size_t i = 0; i < columns.size(); ++i)
      record.push_back(chunk.column(i).data());
    simulation.next(rows, record);
    writer->append(chunk);
    const std::chrono::duration<double> elapsed =
        std::chrono::steady_clock::now() - began;
    line.show("events",
              static_cast<double>(first + rows) / static_cast<double>(c.events),
              elapsed.count());
  }
  writer->close();
  line.clear();
  if (!c.quiet)
    fmt::print("{} events at {}, seed {}: {}\n",
               grouped(static_cast<double>(c.events)),
               where,
               plan.study.seed,
               c.out.string());
  return 0;
}

}  // namespace femto::app
