#include "femto/exchange/launch.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>

#include <dlfcn.h>
#include <fmt/format.h>

#include "femto/exchange/alone.h"

namespace femto::exchange {
namespace {

namespace fs = std::filesystem;

/// Shorter than the waits of a run: who dies before the ranks have found each other is
/// missed by some in MPI and by others, who got further, in the wait after it.
constexpr double start_limit = 20;

int number_in(const char* variable) {
  const char* text = std::getenv(variable);
  return text ? std::atoi(text) : 0;
}

/// Slurm starts ranks by srun even if it gives them no way to find each other.
void check_srun() {
  for (const char* sign : {"PMIX_RANK", "PMI_RANK", "PMI_FD"})
    if (std::getenv(sign)) return;
  throw Error(
      fmt::format("srun started this program on {} ranks that have no means (PMIx) "
                  "to find each other",
                  number_in("SLURM_STEP_NUM_TASKS")),
      "start it by `srun --mpi=pmix` (`srun --mpi=list` says what your Slurm has), "
      "or by mpirun inside the allocation");
}

double limit_of_calls(double limit_seconds) {
  const double given = number_in("FEMTO_MPI_LIMIT");
  return given > 0 ? given : std::min(limit_seconds, start_limit);
}

fs::path plugin_file() {
  if (const char* file = std::getenv("FEMTO_MPI_TRANSPORT")) return file;
  // Beside this library: lib/libfemto_exchange.so, lib/femto/mpi/femto_mpi.so.
  Dl_info here{};
  dladdr(reinterpret_cast<const void*>(&open_world), &here);
  std::error_code none;
  const auto library = fs::canonical(here.dli_fname ? here.dli_fname : "", none);
  return library.parent_path() / "femto" / "mpi" / "femto_mpi.so";
}

std::shared_ptr<Transport> open_mpi(const std::string& starter, double limit) {
  const auto file = plugin_file();
  const auto hint =
      "install Femtograph with its MPI part (-DFEMTO_MPI=ON, OpenMPI), or start it "
      "without " +
      starter;
  if (!fs::exists(file))
    throw Error(fmt::format("{} started this program on several ranks, but the MPI part "
                            "{} is not installed",
                            starter,
                            file.string()),
                hint);
  // Global: parts that MPI itself loads later look for its symbols.
  void* handle = dlopen(file.c_str(), RTLD_NOW | RTLD_GLOBAL);
  if (!handle)
    throw Error(fmt::format("the MPI part could not be loaded: {}", dlerror()), hint);
  using Open = std::shared_ptr<Transport>* (*)(double);
  const auto open = reinterpret_cast<Open>(dlsym(handle, "femto_open_mpi"));
  if (!open)
    throw Error(fmt::format("{} has no function femto_open_mpi", file.string()), hint);
  const std::unique_ptr<std::shared_ptr<Transport>> opened(open(limit));
  return *opened;
}

}  // namespace

std::string started_by() {
  if (number_in("OMPI_COMM_WORLD_SIZE") > 1 || number_in("PMI_SIZE") > 1) return "mpirun";
  // A batch script has SLURM_NTASKS too; a step of srun also has a step's task count.
  if (number_in("SLURM_STEP_NUM_TASKS") > 1 && std::getenv("SLURM_PROCID")) return "srun";
  return {};
}

Communicator open_world(double limit_seconds) {
  const auto starter = started_by();
  if (starter == "srun") check_srun();
  return Communicator(
      starter.empty() ? alone() : open_mpi(starter, limit_of_calls(limit_seconds)),
      limit_seconds);
}

}  // namespace femto::exchange
