// Turns study arguments into plans.
#include "studies.h"

#include <fmt/format.h>

#include "femto/core/log.h"
#include "femto/core/threads.h"
#include "femto/exchange/crew.h"
#include "femto/pipeline/parameters.h"

namespace femto::app {
namespace {

PlanRequest request_of(const StudyArguments& s, DataUse data) {
  PlanRequest request{s.file, s.overrides, s.plugins, data};
  if (s.seed) request.overrides.push_back(fmt::format("seed={}", *s.seed));
  if (s.threads) request.overrides.push_back(fmt::format("threads={}", *s.threads));
  return request;
}

}  // namespace

ImagePlan image_plan_of(const StudyArguments& s, Program& program) {
  auto plan = make_image_plan(request_of(s, DataUse::required), program.components);
  for (const auto& warning : plan.warnings)
    log::warn("{}", config::render(warning, plan.origin.sources));
  set_threads(plan.study.threads);
  return plan;
}

Plan plan_of(const StudyArguments& s, Program& program, DataUse data) {
  if (is_image_study(s.file))
    throw Error(fmt::format("'{}' is a study of an image (this command needs a theory of "
                            "events)",
                            s.file.string()),
                "use `femto run` or `femto check`");
  const auto request = request_of(s, data);
  auto plan = make_plan(request, program.components);
  for (const auto& warning : plan.warnings)
    if (program.leads()) log::warn("{}", config::render(warning, plan.origin.sources));
  set_threads(plan.study.threads);
  return plan;
}

Plan plan_of_all(Program& program, const std::function<Plan()>& make) {
  auto& world = *program.world;
  Plan plan;
  exchange::together(world, "reading the study", [&] {
    plan = make();
    world.set_limit(plan.study.ranks.limit);
  });
  return plan;
}

std::vector<double> point_of(const Plan& plan,
                             const std::vector<std::string>& assignments,
                             std::string& source) {
  auto rest = plan.truth;
  source = "truth";
  if (rest.empty()) {
    source = "start";
    for (const auto& p : plan.setup.parameters) rest.push_back(p.start);
  }
  if (!assignments.empty()) source = "the point given";
  return parameter_values(plan.fitted(), assignments, rest);
}

}  // namespace femto::app
