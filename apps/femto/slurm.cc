// femto slurm: a batch script for a study, with a comment on every choice.
#include <cstdio>

#include "commands.h"
#include "studies.h"
#include <fmt/format.h>

#include "femto/core/files.h"

namespace femto::app {
namespace {

/// The text between single quotes of a shell.
std::string quoted(const std::string& text) {
  std::string out = "'";
  for (const char c : text) out += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return out + "'";
}

std::string directives(const SlurmCommand& c, const std::string& name) {
  std::string out = fmt::format(
      "#SBATCH --job-name={}\n"
      "#SBATCH --nodes={}\n"
      "#SBATCH --ntasks-per-node={}   # one rank per task\n"
      "#SBATCH --cpus-per-task={}     # threads of a rank\n"
      "#SBATCH --time={}\n"
      "#SBATCH --output=%x-%j.log\n"
      "#SBATCH --open-mode=append     # a requeued job goes on in the same log\n"
      "#SBATCH --requeue\n"
      "# SIGTERM to all ranks two minutes before the end: they write a checkpoint.\n"
      "#SBATCH --signal=TERM@120\n",
      name,
      c.nodes,
      c.ranks_per_node,
      c.cores_per_rank,
      c.time);
  if (!c.partition.empty()) out += fmt::format("#SBATCH --partition={}\n", c.partition);
  if (!c.account.empty()) out += fmt::format("#SBATCH --account={}\n", c.account);
  if (c.gpus_per_rank > 0)
    out += fmt::format("#SBATCH --gpus-per-task={}\n", c.gpus_per_rank);
  return out;
}

std::string script(const SlurmCommand& c, const std::string& name) {
  const auto out = c.run.empty() ? "runs/" + name : c.run.string();
  std::string words = quoted(c.study.file.string());
  for (const auto& change : c.study.overrides) words += " " + quoted(change);
  return fmt::format(
      R"(#!/usr/bin/env bash
# {0} on {1} x {2} ranks. Submit with: sbatch THIS-FILE
{3}
run={4}

# --mpi=pmix lets the ranks find each other; srun must be told the cores again. Where your
# Slurm has no PMIx (see `srun --mpi=list`), put `mpirun "$@"` for the line with srun:
# signals of Slurm do not reach the ranks then, so what counts is the last checkpoint
# (checkpoint.seconds), and a job at its limit is not put back into the queue.
start() {{
  srun --mpi=pmix --cpus-per-task={6} --cpu-bind=cores "$@"
}}

# The first time it starts; later it goes on from the newest checkpoint.
if [ -e "$run/manifest.json" ]; then
  start femto resume "$run"
else
  start femto run {5} --out "$run"
fi
code=$?

# 143: stopped by SIGTERM after a checkpoint. The job goes back to the queue and goes on.
if [ $code = 143 ]; then
  scontrol requeue "$SLURM_JOB_ID"
fi
exit $code
)",
      name,
      c.nodes,
      c.ranks_per_node,
      directives(c, name),
      quoted(out),
      words,
      c.cores_per_rank);
}

}  // namespace

int slurm(const SlurmCommand& c, Program& program) {
  auto study = c.study;
  const auto plan = plan_of(study, program);
  const auto text = script(c, plan.study.name);
  if (c.out.empty()) {
    fmt::print("{}", text);
    return 0;
  }
  if (std::filesystem::exists(c.out) && !c.force)
    throw Error(fmt::format("'{}' exists", c.out.string()),
                "choose another --out, or replace it by --force");
  write_file_atomically(c.out, text);
  return 0;
}

}  // namespace femto::app
