// Solving the evolution equations: the matrices between scales.
#pragma once
#include <cstddef>
#include <functional>
#include <span>
#include <vector>

#include "femto/qcd/evolution_path.h"
#include "femto/qcd/generators.h"

namespace femto::qcd {

/// Matrices from the start to one scale, column-major [node, x]. With s = sum over quarks
/// and antiquarks and g = gluon at the start:
///   q-        -> minus q-                 q = quark, q+- = q +- antiquark
///   q+        -> plus q+ + light_s s + light_g g     flavours active at the start
///   g         -> gluon_s s + gluon_g g
///   heavy q+  -> heavy_s s + heavy_g g     flavours that joined since, a pair for each
enum class Operator : std::size_t {
  minus,
  plus,
  light_s,
  light_g,
  gluon_s,
  gluon_g,
  heavy_s,
  heavy_g,
};

/// Number of matrices at a scale that `joined` thresholds separate from the start.
constexpr std::size_t operator_count(std::size_t joined) {
  return 6 + 2 * joined;
}

/// Follows the path and writes the matrices of each output to out[output]. `generators`
/// tells what generates evolution with a number of flavours. Columns are independent of
/// one another and spread over threads.
void build_operators(const std::function<Generators(int flavours)>& generators,
                     std::span<const EvolutionStep> path,
                     std::span<double* const> out);

}  // namespace femto::qcd
