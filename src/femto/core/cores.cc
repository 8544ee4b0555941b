#include "femto/core/cores.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <fstream>
#include <string>
#include <thread>

#include <sched.h>

namespace femto {
namespace {

namespace fs = std::filesystem;

int number_in(const char* variable) {
  const char* text = std::getenv(variable);
  return text ? std::atoi(text) : 0;
}

int cores_of_machine() {
  return std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
}

/// The standard library's count leaves out what the process is bound to.
int bound_cores() {
  cpu_set_t sets[8];  // 8192 cores
  if (sched_getaffinity(0, sizeof sets, sets) != 0) return cores_of_machine();
  return CPU_COUNT_S(sizeof sets, sets);
}

/// "200000 100000" (microseconds of computing per microseconds), or "max 100000".
double cores_of(const fs::path& file) {
  std::ifstream in(file);
  double time = 0, period = 0;
  return in >> time >> period && period > 0 ? time / period : 0;
}

}  // namespace

int granted_cores(const fs::path& root, std::string_view group) {
  const auto at = group.find("0::/");  // the line of version 2
  if (at == group.npos) return 0;
  const auto line = group.substr(at + 4);
  double least = 0;
  for (fs::path part(line.substr(0, line.find('\n')));; part = part.parent_path()) {
    const double cores = cores_of(root / part / "cpu.max");
    if (cores > 0) least = least > 0 ? std::min(least, cores) : cores;
    if (part.empty()) break;
  }
  return static_cast<int>(std::ceil(least));
}

int share_of_node() {
  const int job = number_in("SLURM_CPUS_ON_NODE");
  const int cores = job > 0 ? job : cores_of_machine();
  // "4(x2),3": tasks of each node; the first number serves for all.
  const int ranks = std::max({1,
                              number_in("OMPI_COMM_WORLD_LOCAL_SIZE"),
                              number_in("MPI_LOCALNRANKS"),
                              number_in("SLURM_STEP_TASKS_PER_NODE")});
  return std::max(1, cores / ranks);
}

int usable_cores() {
  std::ifstream file("/proc/self/cgroup");
  const std::string group(std::istreambuf_iterator<char>(file), {});
  const int granted = granted_cores("/sys/fs/cgroup", group);
  const int cores = std::min(bound_cores(), share_of_node());
  return std::max(1, granted > 0 ? std::min(cores, granted) : cores);
}

}  // namespace femto
