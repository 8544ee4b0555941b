// femto scaling: the same study on several numbers of ranks, as a table.
#include <cmath>
#include <cstdlib>
#include <optional>
#include <sstream>

#include "commands.h"
#include "studies.h"
#include "terminal.h"
#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <sys/wait.h>

#include "femto/core/files.h"
#include "femto/exchange/launch.h"

namespace femto::app {
namespace {

using nlohmann::json;
using nlohmann::ordered_json;

/// What one run showed.
struct Measured {
  int ranks = 1;
  double seconds = 0;  // of training
  double events = 0;   // drawn in all
  double megabytes = 0, waited = 0, staleness = 0, staleness_max = 0;
  std::optional<double> residual;  // rms over identified parameters, in floors
};

std::string quoted(const std::string& text) {
  std::string out = "'";
  for (const char c : text) out += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return out + "'";
}

/// The batch of the study, from its settings as they were resolved.
int parameter_samples(const Plan& plan) {
  constexpr std::string_view key = "parameter_samples: ";
  const auto at = plan.resolved.find(key);
  if (at == plan.resolved.npos)
    throw Error("--weak needs a solver with a batch (parameter_samples)",
                "leave --weak out, or use the solver gan");
  return std::atoi(plan.resolved.c_str() + at + key.size());
}

void run_on(int ranks, const ScalingCommand& c, int batch, const path& folder) {
  std::string words = "mpirun --oversubscribe -n " + std::to_string(ranks);
  words += " " + quoted(std::filesystem::read_symlink("/proc/self/exe").string());
  words += " run " + quoted(c.study.file.string());
  for (const auto& change : c.study.overrides) words += " " + quoted(change);
  if (c.weak) words += fmt::format(" solver.parameter_samples={}", batch * ranks);
  if (c.study.seed) words += fmt::format(" --seed {}", *c.study.seed);
  if (c.study.threads) words += fmt::format(" --threads {}", *c.study.threads);
  for (const auto& file : c.study.plugins) words += " --plugin " + quoted(file.string());
  words += " --quiet --force --out " + quoted(folder.string());
  const int status = std::system(words.c_str());
  const int code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  if (code == 127)
    throw Error("there is no mpirun", "install openmpi-bin, or put it on the PATH");
  if (code != 0)
    throw Error(fmt::format("the run on {} ranks ended with exit code {}", ranks, code),
                fmt::format("try it alone: {}", words));
}

json last_line(const path& file, const std::string& step) {
  json found;
  std::istringstream lines(read_file(file));
  for (std::string line; std::getline(lines, line);) {
    auto row = json::parse(line, nullptr, false);
    if (row.is_object() && row.value("step", "") == step) found = std::move(row);
  }
  if (found.is_null())
    throw Error(fmt::format("{} has no line of the exchange", file.string()),
                "scaling measures studies with an `exchange`");
  return found;
}

Measured measured(int ranks, const path& folder) {
  Measured out;
  out.ranks = ranks;
  const auto result = json::parse(read_file(folder / "result.json"));
  const auto line = last_line(folder / "metrics.jsonl", "exchange");
  out.seconds = line.at("train_s");
  out.megabytes = line.at("bytes").get<double>() / 1e6;
  out.waited = line.at("waited_s").get<double>() / out.seconds;
  out.staleness = line.at("staleness");
  out.staleness_max = line.at("staleness_max");
  out.events = result.at("events").at("simulated");
  double sum = 0;
  int count = 0;
  for (const auto& p : result.at("parameters")) {
    const auto at = p.find("residual_in_floors");
    if (at == p.end() || !at->is_number() || !p.value("identified", false)) continue;
    sum += at->get<double>() * at->get<double>();
    ++count;
  }
  if (count > 0) out.residual = std::sqrt(sum / count);
  return out;
}

/// Time of the first, over time (weak), or over time and ranks (strong).
double efficiency(const Measured& m, const Measured& first, bool weak) {
  const double speed = first.seconds / m.seconds;
  return weak ? speed : speed * first.ranks / m.ranks;
}

ordered_json to_json(const std::vector<Measured>& all, bool weak) {
  ordered_json rows = ordered_json::array();
  for (const auto& m : all)
    rows.push_back({{"ranks", m.ranks},
                    {"train_s", m.seconds},
                    {"events_per_s", m.events / m.seconds},
                    {"efficiency", efficiency(m, all.front(), weak)},
                    {"residual_in_floors", m.residual ? json(*m.residual) : json()},
                    {"staleness", m.staleness},
                    {"staleness_max", m.staleness_max},
                    {"megabytes_per_rank", m.megabytes},
                    {"waited_fraction", m.waited}});
  return {{"scaling", weak ? "weak" : "strong"}, {"runs", rows}};
}

void print_table(const std::vector<Measured>& all, bool weak) {
  Table table({"ranks",
               "train s",
               "events/s",
               "efficiency",
               "rms residual / floor",
               "staleness",
               "MB per rank",
               "waiting"});
  for (const auto& m : all)
    table.row({std::to_string(m.ranks),
               fmt::format("{:.1f}", m.seconds),
               fmt::format("{:.3g}", m.events / m.seconds),
               fmt::format("{:.2f}", efficiency(m, all.front(), weak)),
               m.residual ? fmt::format("{:.2f}", *m.residual) : "-",
               fmt::format("{:.2f} (at most {:.0f})", m.staleness, m.staleness_max),
               fmt::format("{:.1f}", m.megabytes),
               fmt::format("{:.0f} %", 100 * m.waited)});
  fmt::print("{} scaling\n{}", weak ? "weak" : "strong", table.text());
}

}  // namespace

int scaling(const ScalingCommand& c, Program& program) {
  if (!exchange::started_by().empty())
    throw Error("femto scaling starts mpirun itself (it cannot run under it)",
                "start it without mpirun, on one node");
  const auto plan = plan_of(c.study, program);
  if (!plan.exchange)
    throw Error("scaling measures an exchange, but the study has none",
                "add exchange=allreduce (see `femto list exchange`)");
  const int batch = c.weak ? parameter_samples(plan) : 0;
  const auto out = c.out.empty() ? path("scaling") / plan.study.name : c.out;
  std::vector<Measured> all;
  for (const int ranks : c.ranks) {
    const auto folder = out / fmt::format("ranks-{}", ranks);
    run_on(ranks, c, batch, folder);
    all.push_back(measured(ranks, folder));
  }
  const auto found = to_json(all, c.weak);
  write_file_atomically(out / "scaling.json", found.dump(2) + "\n");
  if (c.json)
    fmt::print("{}\n", found.dump(2));
  else
    print_table(all, c.weak);
  return 0;
}

}  // namespace femto::app
