// What is known of parameters from elsewhere, as terms of the likelihood.
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "femto/core/matrix.h"
#include "femto/core/random.h"
#include "femto/stats/minimise.h"

namespace femto {

enum class ConstraintForm { gaussian, log_normal, poisson };

constexpr std::array<std::pair<std::string_view, ConstraintForm>, 3> names(
    ConstraintForm) {
  return {{{"gaussian", ConstraintForm::gaussian},
           {"log_normal", ConstraintForm::log_normal},
           {"poisson", ConstraintForm::poisson}}};
}

/// One auxiliary measurement of one or more parameters.
///   gaussian:   values ~ N(theta, covariance)
///   log_normal: ln values ~ N(ln theta, covariance)
///   poisson:    value ~ Poisson(exposure * theta), one parameter
/// Source: statistics, section 8.
struct Constraint {
  ConstraintForm form = ConstraintForm::gaussian;
  std::vector<std::size_t> parameters;  // indices [k]
  std::vector<double> values;           // measured [k]
  Matrix covariance;                    // [k, k]
  double exposure = 1;
};

/// Adds minus the logarithm of the measurement's probability, up to a constant: value,
/// gradient and expected curvature. +infinity where theta is impossible.
void add_constraint(const Constraint& constraint,
                    std::span<const double> theta,
                    stats::Evaluation& out);

/// The same measurement made again where the parameters are theta; `index` keys it.
Constraint measured_again(const Constraint& constraint,
                          std::span<const double> theta,
                          const random::Stream& stream,
                          std::uint64_t index);

}  // namespace femto
