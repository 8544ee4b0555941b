// A fitted model of densities as an LHAPDF6 set: evolved, with members that carry errors.
#pragma once
#include <span>
#include <vector>

#include "femto/qcd/lhapdf.h"
#include "femto/qcd/start_model.h"

namespace femto::qcd {

/// What the members after the first say.
enum class MemberKind {
  none,      // there are no others
  hessian,   // each one shift of one standard deviation, all independent
  replicas,  // each as probable as any other
};

/// Members of a set as parameters of a StartModel. With replicas the members are those,
/// and `estimate` is not one of them.
struct LhapdfMembers {
  MemberKind kind = MemberKind::none;
  std::vector<double> estimate;             // [parameter]
  std::vector<std::vector<double>> others;  // [member, parameter]; hessian: shifts
};

/// The evolution whose scales are the knots of a set from the start of `settings` to
/// q_max: close together where alpha_s runs fast, with every threshold between among
/// them. Its grid begins at x_min. Throws Error if the range is empty.
EvolutionSettings lhapdf_evolution(EvolutionSettings settings,
                                   double x_min,
                                   double q_max_gev);

/// A set with every key that an evolution and the members determine. Knots in x are the
/// nodes of the evolution's grid and 1.
///
/// Hessian members are the estimate plus the slope of the densities along each shift, so
/// that sqrt(sum_k (X_k - X_0)^2) is the linear error of everything that is linear in the
/// densities, and sums stay what they are. With replicas member 0 is their mean, as
/// readers expect, and errors are standard deviations.
/// Source: Buckley:2015 section 2.4.
LhapdfSet lhapdf_set(const Evolution& evolution,
                     const StartModel& model,
                     const LhapdfMembers& members);

}  // namespace femto::qcd
