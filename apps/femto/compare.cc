// femto compare: several objectives on one study, side by side.
#include "femto/pipeline/compare.h"

#include <algorithm>
#include <cmath>

#include "commands.h"
#include "progress_line.h"
#include "studies.h"
#include "terminal.h"
#include <fmt/format.h>

#include "femto/core/files.h"
#include "femto/core/interrupt.h"
#include "femto/core/log.h"
#include "femto/exchange/crew.h"
#include "femto/exchange/launch.h"

namespace femto::app {
namespace {

std::string ratio(const std::optional<double>& a, const std::optional<double>& b) {
  return a && b && *b > 0 ? fmt::format("{:.3f}", *a / *b) : "-";
}

void print_quantities(const Comparison& found, bool toys) {
  std::vector<std::string> header = {
      "parameter", "objective", "value", "predicted error", "/ floor"};
  if (found.truth_known) header.emplace_back("off truth");
  if (toys) header.insert(header.end(), {"sd of toys", "/ predicted"});
  Table table(header);
  std::vector<std::string> names;
  for (const auto& o : found.objectives)
    for (const auto& q : o.quantities)
      if (std::ranges::find(names, q.name) == names.end()) names.push_back(q.name);
  for (const auto& name : names)
    for (const auto& o : found.objectives)
      for (const auto& q : o.quantities) {
        if (q.name != name) continue;
        const double error = q.std.value_or(NAN);
        std::vector<std::string> row = {name,
                                        o.label,
                                        with_digits(q.value, error),
                                        q.std ? "± " + error_text(error) : "no error",
                                        ratio(q.std, q.floor)};
        if (found.truth_known)
          row.push_back(q.residual_in_floors
                            ? fmt::format("{:+.2f} floors", *q.residual_in_floors)
                            : "-");
        if (toys) {
          row.push_back(q.toy_sd ? error_text(*q.toy_sd) : "-");
          const bool both = q.toy_sd && q.toy_predicted && *q.toy_predicted > 0;
          const double r = both ? *q.toy_sd / *q.toy_predicted : 0;
          row.push_back(both ? fmt::format("{:.3f} ± {:.3f}", r, ratio_error(r, o.toys))
                             : "-");
        }
        table.row(std::move(row));
      }
  fmt::print("{}", table.text());
}

void print_costs(const Comparison& found, bool toys) {
  std::vector<std::string> header = {"objective", "outcome", "wall", "CPU"};
  if (toys) header.insert(header.end(), {"toys fitted", "failed", "CPU of toys"});
  Table table(header);
  for (const auto& o : found.objectives) {
    std::vector<std::string> row = {
        o.label, o.outcome, duration(o.wall_s), duration(o.cpu_s)};
    if (toys) {
      row.push_back(std::to_string(o.toys));
      row.push_back(std::to_string(o.failed));
      row.push_back(duration(o.toys_cpu_s));
    }
    table.row(std::move(row));
  }
  fmt::print("\n{}", table.text());
}

/// What every objective says is said once.
void print_notes(const Comparison& found) {
  std::vector<std::string> lines;
  const auto said_by_all = [&](const std::string& note) {
    return std::ranges::all_of(found.objectives, [&](const Compared& o) {
      return std::ranges::find(o.notes, note) != o.notes.end();
    });
  };
  const auto add = [&](const std::string& line) {
    if (std::ranges::find(lines, line) == lines.end()) lines.push_back(line);
  };
  for (const auto& o : found.objectives) {
    if (o.outcome != "converged") add(o.label + ": " + o.message);
    for (const auto& note : o.notes)
      add(said_by_all(note) ? note : o.label + ": " + note);
  }
  if (!lines.empty()) fmt::print("\n{}\n", fmt::join(lines, "\n"));
}

std::vector<Contender> contenders_of(const CompareCommand& c,
                                     const Plan& plan,
                                     Program& program) {
  const auto labels = split_objectives(c.objectives);
  if (labels.empty())
    throw Error("there is no objective to compare",
                "name them, such as --objectives likelihood,moments,energy_distance");
  const auto known = [&](const std::string& label) {
    return program.components.registry()
        .shelf("objective")
        .contains(label.substr(0, label.find(':')));
  };
  if (!std::ranges::all_of(labels, known)) program.components.load_all();
  std::vector<Contender> out;
  for (const auto& label : labels)
    out.push_back(contender(label, plan, program.components.registry()));
  return out;
}

}  // namespace

int compare(const CompareCommand& c, Program& program) {
  auto& world = program.world.emplace(exchange::open_world());
  catch_interrupts();
  std::vector<Contender> contenders;
  const auto plan = plan_of_all(program, [&] {
    auto made = plan_of(c.study, program);
    contenders = contenders_of(c, made, program);
    return made;
  });
  const Density density(plan.fitted());
  std::optional<Dataset> data;
  if (program.leads())
    exchange::work_alone(world, [&] {
      data.emplace(*plan.source, *plan.experiment, plan.source->memory_limit());
    });
  else
    data.emplace(io::EventTable{});  // toys are all that the others fit
  const bool silent = c.quiet || c.json || !program.leads();
  ProgressLine line(silent ? Chatter::quiet : Chatter::normal);
  const auto began = std::chrono::steady_clock::now();
  CompareOptions options;
  options.toys = c.toys;
  options.progress = [&](const std::string& what, double fraction) {
    const std::chrono::duration<double> elapsed =
        std::chrono::steady_clock::now() - began;
    line.show(what, fraction, elapsed.count());
  };
  options.warn = [](const std::string& words) { log::warn("{}", words); };
  options.group = &world;
  const auto found = femto::compare(plan, density, *data, contenders, options);
  line.clear();
  if (!program.leads()) return 0;
  const auto json = to_json(found);
  if (!c.out.empty()) write_file_atomically(c.out, json.dump(2) + "\n");
  if (c.json) {
    fmt::print("{}\n", json.dump(2));
  } else if (!c.quiet) {
    print_quantities(found, c.toys > 0);
    print_costs(found, c.toys > 0);
    print_notes(found);
  }
  return 0;
}

}  // namespace femto::app
