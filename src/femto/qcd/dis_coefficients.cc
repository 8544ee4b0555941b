#include "femto/qcd/dis_coefficients.h"

#include <cmath>
#include <numbers>

#include "femto/qcd/splitting.h"

namespace femto::qcd {
namespace {
constexpr double cf = colour_f, tr = colour_t;
constexpr double pi2 = std::numbers::pi * std::numbers::pi;
}  // namespace

Singular singular_part(Coefficient coefficient) {
  if (coefficient != Coefficient::f2_quark) return {};
  return {.plus = -1.5 * cf, .delta = -cf * (pi2 / 3 + 4.5), .log_plus = 2 * cf};
}

void evaluate_coefficients(double z, double y, std::span<double> values) {
  const auto set = [&](Coefficient c, double value) {
    values[static_cast<std::size_t>(c)] = value;
  };
  const double log_z = std::log(z), log_y = std::log(y);
  set(Coefficient::f2_quark,
      cf * ((2 * log_y - 1.5) / y - (1 + z) * log_y - (1 + z * z) / y * log_z + 3 +
            2 * z));
  set(Coefficient::f2_gluon,
      2 * tr * ((z * z + y * y) * (log_y - log_z) - 8 * z * z + 8 * z - 1));
  set(Coefficient::fl_quark, 2 * cf * z);
  set(Coefficient::fl_gluon, 8 * tr * z * y);
}

}  // namespace femto::qcd
