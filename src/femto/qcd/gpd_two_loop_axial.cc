// Two-loop kernels of helicity-dependent distributions between quarks and gluons.
#include "femto/qcd/gpd_two_loop_pair.h"

namespace femto::qcd::two_loop {
namespace {

/// One-loop functions f of the source.
double from_gluons(double x, double y) {
  return -x / (y * y);
}

double to_gluons(double x, double y) {
  return x * x / y;
}

double gluons(double x, double y, double gap) {
  return x * x / (y * y) * (2 + 1 / gap);
}

}  // namespace

/// Source: Belitsky:2000 Eqs. (178) to (181), where x and y have one sign.
void add_axial(const Pair& p, double rho, const Logs& l, TwoLoopKernels& out) {
  const auto [x, xb, y, yb, gap, cross] = p;
  const double r2 = l.r * l.r, ratio = x / y, one = 1 / (y * yb), yb2 = yb * yb;
  const double ln_inverse = l.g - l.r;  // ln(y/x - 1)
  const double x2 = x * x, turn2 = ln_inverse * ln_inverse;

  out.qq_n -= rho * 2 * cf * tf * x / yb * (l.r - r2);

  const double q = from_gluons(x, y), q_bar = from_gluons(xb, yb), q_sum = q + q_bar;
  const double q_abelian = 2 * (5 - 2 * zeta_2) * q + 5 * x * one +
                           (2 * q - 3 * x / yb2 + 2 * x * one) * l.r -
                           2 * (q_sum + one) * l.g - q_bar * r2 + q_sum * turn2;
  const double q_planar = -4 * q - 6 * x * one - 2 * (q - 2 * x / yb2) * l.r +
                          2 * (q_sum + one) * l.g + (q - 3 * x / yb2) * r2 -
                          q_sum * l.g * l.g - l.ladder(q, q_bar, -1) -
                          l.crossed(from_gluons(xb, y), from_gluons(x, yb), -1);
  out.qg_n += rho * tf * (cf * q_abelian + ca * q_planar);

  const double g = to_gluons(x, y), g_bar = to_gluons(xb, yb), g_sum = g + g_bar;
  const double g_abelian =
      -3 * ratio * (1 + x) + (x2 * y + 2 * x * (xb - x) * yb) * one * l.r -
      (x * (xb + yb) + xb * y) * one * l.g + g * r2 - g_sum * l.g * l.g;
  const double running = -2.0 / 3 * g + 2 * ratio + g_sum * l.g;
  const double g_planar = (13.0 / 3 - 2 * zeta_2) * g - ratio -
                          (ratio * (xb - x) + 5 * x * xb / yb) * l.r +
                          (xb * (1 - 2 * xb) / yb + ratio * (1 - 2 * x)) * l.g -
                          0.5 * (g_bar + 3 * x2 / yb) * r2 + 0.5 * g_sum * turn2 -
                          0.5 * l.ladder(g, g_bar, -1) +
                          0.5 * l.crossed(to_gluons(xb, y), to_gluons(x, yb), -1);
  out.gq += rho * cf * (0.5 * cf * g_abelian + ca * (g_planar + 11.0 / 6 * running));
  out.gq_n -= rho * 2.0 / 3 * cf * tf * running;

  const double f = gluons(x, y, gap), f_bar = gluons(xb, yb, -gap);
  const double f_planar =
      (2.0 / 3 - 2 * zeta_2) * f - 3.75 * ratio * ratio - 6 * x * xb * one +
      x * (x + yb) / (y * y * yb) - (2 * x * one - 6 * x * xb / yb2 + x2 / yb2) * l.r +
      (f + 2 * x2 / yb2) * r2 - (f - f_bar) * l.r * l.g - 0.5 * l.ladder(f, f_bar, 1) +
      0.5 * l.crossed(gluons(xb, y, cross), gluons(x, yb, -cross), 1);
  const double f_running = -5.0 / 3 * f - 2.5 * ratio * ratio +
                           x * (yb + x * y) / (y * y * yb) + x2 / yb2 * l.y +
                           xb * xb / (y * y) * l.xb;
  const double f_flavours = 2 * x * (1 - 2 * x * yb) / (y * y * yb) + 2 * x2 * one * l.r -
                            x / yb2 * (2 * l.r + x * r2);
  out.gg += rho * ca * ca * (f_planar - 11.0 / 6 * f_running);
  out.gg_n += rho * tf * (2.0 / 3 * ca * f_running + cf * f_flavours);
}

/// The same, what is there only where quarks are exchanged.
void add_axial_exchange(const Pair& p, TwoLoopKernels& out) {
  const auto [x, xb, y, yb, gap, cross] = p;
  const double l = std::log(x), lb = std::log(xb), l2 = l * l, both = l * lb;
  const double one = 1 / (y * yb), yb2 = yb * yb, x2 = x * x;

  out.qq_n += 2 * cf * tf * x / yb * (l - l2);

  const double q = from_gluons(x, y);
  out.qg_n +=
      tf * cf * (-q * (2 * l + 2 * both - l2) + 3 * x / yb2 * l) +
      tf * ca *
          (x * (6 * yb - 4 * y) / (y * yb2) * l + q * (2 * l - l2) + 3 * x / yb2 * l2);

  const double g = to_gluons(x, y);
  out.gq -= 0.5 * cf * cf * ((x2 * y + (1 - xb * xb) * yb) * one * l + g * l2);
  out.gq += cf * ca *
            ((5 * x * xb / yb + x / y) * l + g * ((11.0 / 6 - 2) * l + 0.5 * l2 - both) +
             1.5 * x2 / yb * l2);
  out.gq_n -= 2.0 / 3 * cf * tf * g * l;

  out.gg += ca * ca *
            ((3 * (xb - x) * x * one - 6 * x * xb / yb2 + x2 / yb2) * l -
             2 * x2 / yb2 * (l2 + both) + (3 * x - y) / yb2 * both);
  out.gg_n += cf * tf * x / yb2 * (2 * l + x * l2);
}

}  // namespace femto::qcd::two_loop
