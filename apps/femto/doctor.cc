// femto doctor: this machine and this build, with a verdict and a remedy for each.
#include <cstdlib>
#include <fstream>
#include <set>
#include <thread>

#include "commands.h"
#include "terminal.h"
#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <unistd.h>

#include "femto/core/cores.h"
#include "femto/core/vmath.h"
#include "femto/pipeline/build_info.h"
#include "femto/pipeline/manifest.h"

namespace femto::app {
namespace {

namespace fs = std::filesystem;

enum class Verdict { good, note, poor };

struct Finding {
  std::string what, found;
  Verdict verdict = Verdict::good;
  std::string remedy;
};

/// Real names of the shared libraries this process has open.
std::set<std::string> open_libraries() {
  std::set<std::string> out;
  std::ifstream maps("/proc/self/maps");
  for (std::string line; std::getline(maps, line);)
    if (const auto slash = line.find('/'); slash != line.npos)
      out.insert(line.substr(slash));
  return out;
}

std::string library_with(const std::set<std::string>& libraries, const char* part) {
  for (const auto& file : libraries)
    if (fs::path(file).filename().string().starts_with(part)) return file;
  return {};
}

Finding program() {
  const bool fast = std::string_view(build::type()) != "Debug";
  return {
      "program",
      fmt::format(
          "femto {} ({}), {} build", build::version(), build::revision(), build::type()),
      fast ? Verdict::good : Verdict::poor,
      fast ? "" : "a Debug build is many times slower; use `./dev build`"};
}

Finding simd() {
  const std::string level = vmath::simd_level();
  const bool wide = level.starts_with("AVX2") || level.starts_with("AVX3") ||
                    level.starts_with("NEON") || level.starts_with("SVE");
  return {"SIMD",
          fmt::format("{} on {}", level, cpu_name()),
          wide ? Verdict::good : Verdict::note,
          wide ? "" : "likelihoods run at about half the speed of a machine with AVX2"};
}

Finding threads_found() {
  const int cores = usable_cores();
  return {
      "threads",
      fmt::format(
          "{} of {} cores for this process", cores, std::thread::hardware_concurrency()),
      cores > 1 ? Verdict::good : Verdict::note,
      cores > 1 ? "" : "ensembles and coverage gain from more cores"};
}

Finding memory() {
  const double gib = static_cast<double>(sysconf(_SC_PHYS_PAGES)) *
                     static_cast<double>(sysconf(_SC_PAGE_SIZE)) / (1 << 30);
  return {"memory",
          fmt::format("{:.1f} GiB", gib),
          gib > 1.5 ? Verdict::good : Verdict::note,
          gib > 1.5 ? "" : "set data.memory_limit to read large files piece by piece"};
}

Finding torch(const std::set<std::string>& libraries, const Components& components) {
  const auto file = library_with(libraries, "libtorch_cpu");
  if (!file.empty()) return {"libtorch", file, Verdict::good, ""};
  std::string why = "no neural plugin beside the program";
  for (const auto& plugin : components.plugins())
    if (!plugin.loaded &&
        plugin.file.filename().string().find("neural") != std::string::npos)
      why = plugin.reason;
  return {"libtorch",
          why,
          Verdict::note,
          "adversarial solvers need it: apt install libtorch-dev, then build with "
          "FEMTO_NEURAL=ON; likelihoods do without"};
}

Finding blas(const std::set<std::string>& libraries) {
  for (const char* good : {"libopenblas", "libmkl", "libblis"})
    if (const auto file = library_with(libraries, good); !file.empty())
      return {"BLAS", file, Verdict::good, ""};
  if (const auto file = library_with(libraries, "libblas"); !file.empty())
    return {"BLAS",
            file + " (the reference library)",
            Verdict::poor,
            "networks train several times slower; apt install libopenblas0-pthread"};
  return {"BLAS", "none in use", Verdict::note, "only networks use it"};
}

bool on_path(const char* name) {
  const char* path = std::getenv("PATH");
  std::string rest = path ? path : "";
  std::error_code none;
  for (std::size_t end = 0; !rest.empty();
       rest = end == rest.npos ? "" : rest.substr(end + 1)) {
    end = rest.find(':');
    if (fs::exists(fs::path(rest.substr(0, end)) / name, none)) return true;
  }
  return false;
}

Finding mpi() {
  return on_path("mpirun")
             ? Finding{"MPI", "mpirun is installed", Verdict::good, ""}
             : Finding{"MPI",
                       "not installed",
                       Verdict::note,
                       "apt install openmpi-bin, for runs on several ranks"};
}

/// The neural plugin brings the kernels with it.
Finding gpu(const std::set<std::string>& libraries) {
  if (!fs::exists("/dev/nvidia0"))
    return {"GPU", "no NVIDIA GPU", Verdict::good, "not needed"};
  if (library_with(libraries, "libfemto_cuda").empty())
    return {"GPU",
            "present; this build computes on the CPU",
            Verdict::note,
            "solver gan can use it: build with -DFEMTO_CUDA=ON (docs/howto/gpu.md)"};
  return {"GPU", "present; solver gan uses it (device: auto)", Verdict::good, ""};
}

Finding disk() {
  std::error_code none;
  const auto space = fs::space(".", none);
  const double gib = none ? 0 : static_cast<double>(space.available) / (1 << 30);
  return {"disk",
          fmt::format("{:.1f} GiB free here", gib),
          gib > 1 ? Verdict::good : Verdict::poor,
          gib > 1 ? ""
                  : "runs keep checkpoints and arrays; make room or use --out elsewhere"};
}

std::vector<Finding> examine(Program& p) {
  p.components.load_all();
  const auto libraries = open_libraries();
  std::vector<Finding> out = {program(),
                              {"compiler", build::compiler(), Verdict::good, ""},
                              simd(),
                              threads_found(),
                              memory(),
                              torch(libraries, p.components),
                              blas(libraries),
                              mpi(),
                              gpu(libraries),
                              disk()};
  for (const auto& plugin : p.components.plugins())
    out.push_back({"plugin",
                   plugin.about
                       ? fmt::format("{}: {}", plugin.file.string(), plugin.about())
                       : plugin.file.string(),
                   plugin.loaded ? Verdict::good : Verdict::poor,
                   plugin.reason});
  return out;
}

const char* text_of(Verdict verdict) {
  return verdict == Verdict::good ? "good" : verdict == Verdict::note ? "note" : "poor";
}

}  // namespace

int doctor(const DoctorCommand& c, Program& p) {
  const auto findings = examine(p);
  if (c.json) {
    nlohmann::ordered_json json = nlohmann::ordered_json::array();
    for (const auto& f : findings)
      json.push_back({{"what", f.what},
                      {"found", f.found},
                      {"verdict", text_of(f.verdict)},
                      {"remedy", f.remedy}});
    fmt::print("{}\n", json.dump(2));
    return 0;
  }
  const Style style(stdout);
  for (const auto& f : findings) {
    const auto mark = f.verdict == Verdict::good   ? style.green("good")
                      : f.verdict == Verdict::note ? style.yellow("note")
                                                   : style.red("poor");
    fmt::print("{}  {:<9} {}\n", mark, f.what, f.found);
    if (!f.remedy.empty()) fmt::print("      {:<9} {}\n", "", f.remedy);
  }
  return 0;
}

}  // namespace femto::app
