// Normal densities of measured values and their derivatives.
#include "femto/physics/smear.h"

#include <cmath>
#include <numbers>

namespace femto {

double Smear::sd(double x) const {
  if (log) return relative * std::fabs(x);
  return std::sqrt(stochastic * stochastic * std::fabs(x) + relative * relative * x * x +
                   constant * constant);
}

double Smear::measure(const SmearSettings& at, double x, double z) const {
  if (log) return at.scale * x * std::exp(at.width * relative * z);
  return at.scale * x + at.offset + at.width * sd(x) * z;
}

double Smear::slope(const SmearSettings& at, double x, double z) const {
  if (log) return at.scale * std::exp(at.width * relative * z);
  const double error = sd(x), sign = x < 0 ? -1 : 1;
  if (error == 0) return at.scale;
  const double by_x =
      (0.5 * stochastic * stochastic * sign + relative * relative * x) / error;
  return at.scale + at.width * by_x * z;
}

bool SmearKernel::operator()(double y, double x, double* out) const {
  if (smear.log && !(y > 0 && x > 0)) return false;
  const double sd = at.width * (smear.log ? smear.relative : smear.sd(x));
  const double w = smear.log ? sd * y : sd;
  const double z =
      (smear.log ? std::log(y / (at.scale * x)) : y - at.scale * x - at.offset) / sd;
  if (!(std::fabs(z) < Smear::far)) return false;
  const double top = std::exp(-0.5 * z * z) / (std::sqrt(2 * std::numbers::pi) * w);
  // dz/dc and d ln w/dc of width, scale, offset.
  const double z_slope[] = {
      -z / at.width, smear.log ? -1 / (at.scale * sd) : -x / sd, -1 / sd};
  const double w_slope[] = {1 / at.width, 0, 0};
  double he = 1, next = z;
  for (std::size_t k = 0; k < terms; ++k) {
    *out++ = top * he;
    for (const auto c : wanted) *out++ = -top * (next * z_slope[c] + he * w_slope[c]);
    const double after = z * next - static_cast<double>(k + 1) * he;
    he = next;
    next = after;
  }
  return true;
}

}  // namespace femto
