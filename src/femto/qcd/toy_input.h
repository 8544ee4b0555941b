// Toy parton densities of the Les Houches benchmark of evolution programs.
#pragma once
#include <array>
#include <vector>

#include "femto/qcd/evolution.h"
#include "femto/qcd/initial_scale.h"

namespace femto::qcd {

/// Momentum densities at mu2 = 2 GeV2 on the nodes, [flavour, node]; charm and heavier
/// are zero.
/// Source: Giele:2002 section 1.3, Eq. (30).
std::vector<double> les_houches_input(const XGrid& grid);

/// The same as parameters of InitialScale; its sum rules give the printed amplitudes to
/// their digits.
std::array<double, InitialScale::parameter_count> les_houches_parameters();

/// The benchmark's evolution from 2 GeV2: alpha_s(2 GeV2) = 0.35 with 4 flavours
/// throughout, or with a 5th from m_b = 4.5 GeV.
/// Source: Giele:2002 section 1.3, Eqs. (30) to (34).
enum class LesHouchesScheme { fixed, variable };

EvolutionSettings les_houches_evolution(LesHouchesScheme scheme,
                                        Order order,
                                        const std::vector<double>& mu2_gev2);

}  // namespace femto::qcd
