#include "femto/qcd/gpd_two_loop.h"

#include "femto/qcd/gpd_two_loop_pair.h"

namespace femto::qcd {
namespace two_loop {
namespace {

/// Half of the quarks' kernels, also that of the leading order.
void add_quarks(const Pair& p, double rho, const Logs& l, TwoLoopKernels& out) {
  const auto [x, xb, y, yb, gap, cross] = p;
  const double ratio = x / y, f = ratio * (1 + 1 / gap), f_bar = xb / yb * (1 - 1 / gap);
  const double running = 5.0 / 3 * f + ratio + f * l.r;
  const double abelian = (4.0 / 3 - 2 * zeta_2) * f + 3 * ratio -
                         (1.5 * f - 0.5 * x / yb) * l.r - (f - f_bar) * l.r * l.g +
                         (f + 0.5 * x / yb) * l.r * l.r;
  const double planar = 4.0 / 3 * f + 2 * ratio + l.ladder(f, f_bar, 1);
  const double mirror = xb / y * (1 + 1 / cross), mirror_bar = x / yb * (1 - 1 / cross);
  out.leading += rho * cf * f;
  out.ns +=
      rho * cf * (cf * abelian + 11.0 / 6 * ca * running - (cf - 0.5 * ca) * planar);
  out.ns_n -= rho * 2.0 / 3 * cf * tf * running;
  out.crossed += rho * cf * (cf - 0.5 * ca) * l.crossed(mirror, mirror_bar, 1);
}

/// The same, what is there only where quarks are exchanged.
void add_quarks_exchange(const Pair& p, TwoLoopKernels& out) {
  const double l = std::log(p.x), lb = std::log(p.xb);
  out.ns -= cf * cf * 0.5 * p.x / p.yb * (l + l * l - 2 * l * lb);
}

TwoLoopKernels half(Helicity helicity, const Pair& p) {
  const bool vector = helicity == Helicity::vector;
  TwoLoopKernels out;
  if (const double rho = p.rho(); rho != 0) {
    const Logs l(p);
    add_quarks(p, rho, l, out);
    (vector ? add_vector : add_axial)(p, rho, l, out);
  }
  if (p.exchange()) {
    add_quarks_exchange(p, out);
    (vector ? add_vector_exchange : add_axial_exchange)(p, out);
  }
  return out;
}

/// Beyond this many xi vector kernels become those of densities: what is left out falls
/// as (xi/x)^2, what cancels between the halves grows as (x/xi)^3.
constexpr double forward_from = 2000;

/// The limit xi = 0, in which H^g becomes x g(x).
void set_forward(double x, double y, double gap, TwoLoopKernels& out) {
  const double z = x / y;
  double p[piece_count];
  evaluate_pieces(Order::nlo, z, gap / y, p);
  out.qq_n = 2 * p[index(Piece::s1)] / y;
  out.qg_n = p[index(Piece::qg1)] / (y * y);
  out.gq = z * p[index(Piece::gq1)];
  out.gq_n = z * p[index(Piece::gq1_n)];
  out.gg = z * p[index(Piece::gg1)] / y;
  out.gg_n = z * p[index(Piece::gg1_n)] / y;
}

}  // namespace
}  // namespace two_loop

TwoLoopKernels two_loop_kernels(
    Helicity helicity, double xi, double x, double y, double gap) {
  const double scale = 1 / (2 * xi);
  const two_loop::Pair up{(xi + x) * scale,
                          (xi - x) * scale,
                          (xi + y) * scale,
                          (xi - y) * scale,
                          gap * scale,
                          (x + y) * scale};
  const auto down = up.mirrored();
  const auto a = two_loop::half(helicity, up), b = two_loop::half(helicity, down);
  TwoLoopKernels out{scale * (a.leading + b.leading),
                     scale * (a.ns + b.ns),
                     scale * (a.ns_n + b.ns_n),
                     scale * (a.crossed + b.crossed),
                     scale * (a.qq_n + b.qq_n),
                     scale * scale * (a.qg_n - b.qg_n),
                     a.gq - b.gq,
                     a.gq_n - b.gq_n,
                     scale * (a.gg + b.gg),
                     scale * (a.gg_n + b.gg_n)};
  if (helicity == Helicity::vector && x > two_loop::forward_from * xi && gap > 0)
    two_loop::set_forward(x, y, gap, out);
  return out;
}

TwoLoopKernels two_loop_deltas(Helicity helicity) {
  using two_loop::ca, two_loop::cf, two_loop::zeta_2;
  TwoLoopKernels out;
  out.crossed = 0.5 * cf * (cf - 0.5 * ca) * (6.5 - 6 * zeta_2 + 4 * zeta_3);
  out.ns = out.crossed;
  if (helicity == Helicity::vector) {
    out.gg_n = -(35 * ca + 74 * cf) / 108;
  } else {
    out.gg = ca * ca * (95.0 / 27 - 14.0 / 3 * zeta_2 + 2 * zeta_3);
    out.gg_n = (29 * ca - 28 * cf) / 54;
  }
  return out;
}

TwoLoopKernels two_loop_cusp() {
  using two_loop::ca, two_loop::tf, two_loop::zeta_2;
  TwoLoopKernels out;
  out.ns = out.gg = ca * (67.0 / 18 - zeta_2);
  out.ns_n = out.gg_n = -10.0 / 9 * tf;
  return out;
}

}  // namespace femto::qcd
