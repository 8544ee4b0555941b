// Two-loop kernels of helicity-independent distributions between quarks and gluons.
#include "femto/qcd/gpd_two_loop_pair.h"

namespace femto::qcd::two_loop {
namespace {

/// One-loop functions f of the source, vector and axial.
struct OneLoop {
  double v, a;
};

OneLoop from_gluons(double x, double xb, double y) {
  const double a = x / (y * y);
  return {-a * (1 + 2 * (2 * xb * y - x)), -a};
}

OneLoop to_gluons(double x, double xb, double y, double yb) {
  const double a = x * x / y;
  return {a * (1 + 2 * (2 * xb * y - yb)), a};
}

double gluons(double x, double xb, double y, double gap) {
  const double a = x * x / (y * y);
  return a * (2 + 1 / gap + 2 * (2 * xb * y + gap));
}

}  // namespace

/// Source: Belitsky:2000 Eqs. (182) to (185), where x and y have one sign.
void add_vector(const Pair& p, double rho, const Logs& l, TwoLoopKernels& out) {
  const auto [x, xb, y, yb, gap, cross] = p;
  const double r2 = l.r * l.r, ratio = x / y, one = 1 / (y * yb), yb2 = yb * yb;
  const double ln_inverse = l.g - l.r;  // ln(y/x - 1)
  const double x2 = x * x, turn2 = ln_inverse * ln_inverse;

  out.qq_n +=
      rho * 2 * cf * tf *
      (ratio * (3 - 8 * x * yb) + x * (5 - 8 * x) / yb * l.r +
       (x / yb - 4 * x * xb) * r2 + 8 * x * xb * (l.li_xb - l.li_yb + l.xb * l.y));

  const auto q = from_gluons(x, xb, y), q_bar = from_gluons(xb, x, yb);
  const double q_sum = q.v + q_bar.v, q_gap = q.v - q_bar.v + (1 - 4 * x) / yb2;
  const double q_abelian = 2 * (5 - 2 * zeta_2) * q.v - 4 * q.a + x * one +
                           2 * (q_sum + (2 * x - 2 * y + x * y) / (2 * y * yb2)) * l.r -
                           2 * (q_sum + one) * l.g + q_bar.a * r2 + q_sum * turn2;
  const double q_planar =
      6 * x * (3 - 4 * x) / yb - 2 * ratio * (11 - 16 * x) +
      4 * x * (1 - 3 * x) / (y * y) -
      2 *
          (q.v - 5 * q_bar.v + (5 - 7 * x) / yb2 +
           2 * x * (3 - 2 * x - 12 * xb * y) * one) *
          l.r +
      2 * (q_sum + one) * l.g + q_gap * r2 - q_sum * l.g * l.g -
      l.ladder(q.v, q_bar.v, -1) +
      l.crossed(from_gluons(xb, x, y).v, from_gluons(x, xb, yb).v, -1);
  out.qg_n += rho * tf * (cf * q_abelian + ca * q_planar);

  const auto g = to_gluons(x, xb, y, yb), g_bar = to_gluons(xb, x, yb, y);
  const double g_sum = g.v + g_bar.v, split = x * xb * one;
  const double g_abelian =
      3 * g.a - 4.5 * ratio - (0.5 * x * (2 + x) / yb - split) * l.r -
      (1.5 * g_sum + split) * l.g - 0.5 * g.a * r2 - 0.5 * g_sum * l.g * l.g;
  const double running =
      10.0 / 3 * g.v + 2 * ratio * xb + g_sum * l.g - g.a * l.x + g_bar.a * l.xb;
  const double g_planar =
      (4.0 / 9 - 2 * zeta_2) * g.v - 26.0 / 9 * x * ratio + ratio * (3 + 4 * x2) -
      x / 9 * (105 - 246 * x + 188 * x2) -
      (split - x * (6 - 11 * x + 8 * x2) / yb + 4 * x * xb * (xb - x)) * l.r +
      split * l.g + 0.5 * (2 * g.v + 2 * g.a + g_bar.a - 3 * x2 / yb - 2) * r2 +
      0.5 * (2 - g.a - g_bar.a) * turn2 - 0.5 * l.ladder(g.v, g_bar.v, -1) -
      0.5 * l.crossed(to_gluons(xb, x, y, yb).v, to_gluons(x, xb, yb, y).v, -1);
  out.gq += rho * cf * (cf * g_abelian + ca * (g_planar + 11.0 / 6 * running));
  out.gq_n -= rho * 2.0 / 3 * cf * tf * running;

  const double f = gluons(x, xb, y, gap), f_bar = gluons(xb, x, yb, -gap);
  const double f_c = ratio * ratio * (2 * xb * y + gap);
  const double f_planar =
      (2.0 / 3 - 2 * zeta_2) * f - 0.5 * f_c + x * (4 + 5 * x) / (4 * y * y) -
      ratio * (10 - 19 * x + 16 * x2) + x * (6 - 13 * x + 8 * x2) / yb +
      (2 * x * (1 - 2 * xb * (x * y + xb * yb)) * one +
       x * (2 - 3 * x - 8 * xb * xb) / yb2) *
          l.r +
      (f + 2 * x2 / yb2) * r2 - (f - f_bar) * l.r * l.g - 0.5 * l.ladder(f, f_bar, 1) -
      0.5 * l.crossed(gluons(xb, x, y, cross), gluons(x, xb, yb, -cross), 1);
  const double f_running = -5.0 / 3 * f - 13.0 / 3 * f_c - 5.5 * ratio * ratio +
                           x * (x + yb) / (y * y * yb) + x2 / yb2 * l.y +
                           xb * xb / (y * y) * l.xb;
  const double f_flavours = -20.0 / 3 * f_c - 12 * ratio * ratio +
                            2 * x * (2 + y + 3 * x * y - 4 * y * y) / (y * y * yb) -
                            2 * ratio * (x - y + 2 * x * y) / yb2 * l.r - x2 / yb2 * r2;
  out.gg += rho * ca * ca * (f_planar - 11.0 / 6 * f_running);
  out.gg_n += rho * tf * (2.0 / 3 * ca * f_running + cf * f_flavours);
}

/// The same, what is there only where quarks are exchanged.
void add_vector_exchange(const Pair& p, TwoLoopKernels& out) {
  const auto [x, xb, y, yb, gap, cross] = p;
  const double l = std::log(x), lb = std::log(xb), l2 = l * l, both = l * lb;
  const double one = 1 / (y * yb), yb2 = yb * yb, x2 = x * x;

  out.qq_n +=
      2 * cf * tf *
      (-290.0 / 9 * x * xb - (x * (5 - 8 * x) / yb + 2 * x * (9 - 19 * xb) / 3) * l -
       (x / yb - 4 * x * xb) * l2 + 4 * x * xb * both);

  const auto q = from_gluons(x, xb, y), q_bar = from_gluons(xb, x, yb);
  const double q_gap = q.v - q_bar.v + (1 - 4 * x) / yb2;
  out.qg_n +=
      tf * cf *
          (-2 * (q.v + q_bar.v + q_bar.a + x * (y + 4 * yb2) / (2 * y * yb2)) * l -
           2 * q.v * both + (q.v - q_bar.v - q_bar.a) * l2) +
      tf * ca *
          (2 *
               (q.v - 5 * q_bar.v + (5 - 7 * x) / yb2 +
                x * (5 - 6 * x - 22 * y + 28 * x * y) * one) *
               l -
           q_gap * l2);

  const auto g = to_gluons(x, xb, y, yb);
  out.gq += cf * cf * (-0.5 * (x * (2 - 5 * x) / y - 3 * x2 / yb) * l + 0.5 * g.a * l2) +
            cf * ca *
                ((x * xb * one - x * (6 - 11 * x + 8 * x2) / yb +
                  x * (18 - 63 * x + 62 * x2) / 3) *
                     l -
                 g.v * both - x2 * (1 - 4 * y) * 0.5 * one * l2);

  const double squares = x2 + xb * xb;
  out.gg += ca * ca *
            (-2 * x2 / yb2 * l2 +
             (xb * (squares - 2 * xb * (1 + 2 * x) * yb) + yb) / yb2 * both +
             ((3 * x * squares * (yb - y) - 4 * x2 * y) * one -
              x * (2 - 3 * x - 8 * xb * xb) / yb2) *
                 l);
  out.gg_n += cf * tf * (-2 * x * (1 - 3 * x - 2 * x * yb) / yb2 * l + x2 / yb2 * l2);
}

}  // namespace femto::qcd::two_loop
