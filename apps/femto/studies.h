// What the commands on studies share.
#pragma once
#include <functional>

#include "commands.h"

#include "femto/pipeline/image_study.h"
#include "femto/pipeline/plan.h"

namespace femto::app {

/// Reads and checks the study, with --seed and --threads as changes to it; prints
/// warnings; sets the number of threads.
Plan plan_of(const StudyArguments& s, Program& program, DataUse data = DataUse::required);

/// The same for a study of an image.
ImagePlan image_plan_of(const StudyArguments& s, Program& program);

/// As plan_of, on all ranks of `program.world` at once: if the study is wrong for one,
/// all leave with its exit code.
Plan plan_of_all(Program& program, const std::function<Plan()>& make);

/// The parameter values to work at: `assignments` over the truth, or over the start.
/// `source` says which ("truth", "start").
std::vector<double> point_of(const Plan& plan,
                             const std::vector<std::string>& assignments,
                             std::string& source);

}  // namespace femto::app
