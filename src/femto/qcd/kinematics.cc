#include "femto/qcd/kinematics.h"

#include <numbers>

#include "femto/core/error.h"

namespace femto::qcd {
namespace {

constexpr double mass2 = nucleon_mass_gev * nucleon_mass_gev;

void check(double y) {
  if (!(y > 0 && y < 1))
    throw NumericalError(
        fmt::format("a cross-section at y = {} (events have 0 < y < 1)", y),
        "cut on y, or lower Q2 at this x");
}

}  // namespace

double inelasticity(double x, double q2, double s) {
  return q2 / (x * (s - mass2));
}

double hadronic_mass2(double x, double q2) {
  return mass2 + q2 * (1 - x) / x;
}

bool Cuts::accept(double x, double q2, double s) const {
  const double y = inelasticity(x, q2, s);
  return x > 0 && x < 1 && y > 0 && y < 1 && y >= y_min && y <= y_max && q2 >= q2_min &&
         q2 <= q2_max && hadronic_mass2(x, q2) >= w2_min;
}

double reduced_cross_section(double y, double f2, double fl) {
  check(y);
  return f2 - y * y / (1 + (1 - y) * (1 - y)) * fl;
}

double cross_section(
    double x, double q2, double y, double f2, double fl, double alpha_em) {
  const double y_plus = 1 + (1 - y) * (1 - y);
  return 2 * std::numbers::pi * alpha_em * alpha_em * y_plus / (x * q2 * q2) *
         reduced_cross_section(y, f2, fl) * gev2_nanobarn;
}

}  // namespace femto::qcd
