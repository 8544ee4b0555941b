// femto export: the result of a run for other programs.
#include "commands.h"
#include "studies.h"
#include <fmt/format.h>

#include "femto/core/error.h"
#include "femto/pipeline/density_set.h"

namespace femto::app {
namespace {

SetErrors errors_of(const std::string& name) {
  if (name == "none") return SetErrors::none;
  if (name == "hessian") return SetErrors::hessian;
  return name == "replicas" ? SetErrors::replicas : SetErrors::automatic;
}

}  // namespace

int export_run(const ExportCommand& c, Program& program) {
  const auto study = c.folder / "resolved.yaml";
  if (!std::filesystem::exists(study))
    throw Error(fmt::format("'{}' is not the folder of a run", c.folder.string()),
                "give one that `femto run` has made");
  const auto plan = plan_of({.file = study}, program, DataUse::optional);
  const auto& densities = densities_of(plan);
  const auto set = density_set_of(
      plan, c.folder, {c.lhapdf, errors_of(c.errors), c.replicas, c.x_min, c.q_max});
  const auto where = c.out.empty() ? c.folder / "lhapdf" : c.out;
  const auto there = where / set.name;
  if (std::filesystem::exists(there)) {
    if (!c.force)
      throw Error(fmt::format("there is already a set in '{}'", there.string()),
                  "choose another name or --out, or replace it with --force");
    if (!std::filesystem::exists(there / (set.name + ".info")))
      throw Error(fmt::format("'{}' is not a set of densities (nothing else is ever "
                              "replaced)",
                              there.string()),
                  "choose another name or --out");
    std::filesystem::remove_all(there);
  }
  densities.write(set, where);
  for (const auto& note : set.notes) fmt::print("  {}\n", note);
  fmt::print("set: {} ({} member{})\n",
             there.string(),
             set.others.size() + 1,
             set.others.empty() ? "" : "s");
  fmt::print("LHAPDF finds it with LHAPDF_DATA_PATH={}\n",
             std::filesystem::absolute(where).lexically_normal().string());
  return 0;
}

}  // namespace femto::app
