// Conformal moments of generalised parton distributions: anomalous dimensions of both
// orders, from sources other than the kernels under test.
#pragma once
#include <cmath>

#include <boost/math/quadrature/tanh_sinh.hpp>
#include <boost/math/special_functions/digamma.hpp>
#include <boost/math/special_functions/gegenbauer.hpp>

#include "femto/qcd/gpd_kernels.h"
#include "femto/qcd/splitting.h"

namespace femto::qcd::gpd_moments {

inline double gegenbauer(int n, double lambda, double x) {
  return n < 0 ? 0 : boost::math::gegenbauer(static_cast<unsigned>(n), lambda, x);
}

/// d moment/d ln mu2 of m_q = int C_j^(3/2)(x/xi) H and m_g = int C_(j-1)^(5/2)(x/xi) H^g
/// by those of index k: entries (to, from), quarks without the gluons' part as `ns`.
struct Gammas {
  double ns = 0, qq = 0, qg = 0, gq = 0, gg = 0;
};

/// Of order alpha_s/(2 pi) at xi = 1; qg at xi is this over xi, gq times xi.
/// Source: Belitsky:2000 section 2.
inline Gammas one_loop(Helicity helicity, int j, int flavours) {
  const double n = j + 1, f = flavours;
  const double s = boost::math::digamma(n + 1) - boost::math::digamma(1.0);
  Gammas g;
  g.ns = g.qq = colour_f * (1.5 + 1 / (n * (n + 1)) - 2 * s);
  if (helicity == Helicity::vector) {
    g.qg = f * (n * n + n + 2) / (n * (n + 1) * (n + 2));
    g.gq = j == 0 ? 0 : colour_f * (n * n + n + 2) / ((n - 1) * n * (n + 1));
    g.gg = j == 0
               ? 0
               : 2 * colour_a *
                         (1 / (n * (n - 1)) + 1 / ((n + 1) * (n + 2)) - s + 11.0 / 12) -
                     f / 3;
  } else {
    g.qg = f * (n - 1) / (n * (n + 1));
    g.gq = colour_f * (n + 2) / (n * (n + 1));
    g.gg = 2 * colour_a * (2 / (n * (n + 1)) - s + 11.0 / 12) - f / 3;
  }
  g.qg *= j == 0 ? 0 : 3.0 / j;
  g.gq *= j / 3.0;
  return g;
}

/// int_0^1 x^j K(x) dx with K = f + [plus/(1 - x)]_+ + delta(1 - x).
template <class F>
double mellin(int j, const F& f, double plus = 0, double delta = 0) {
  static boost::math::quadrature::tanh_sinh<double> rule;
  const auto value = [&](double x, double distance) {
    const double y = x > 0.5 ? std::abs(distance) : 1 - x;
    if (x < 1e-100 || y < 1e-13) return 0.0;
    return std::pow(x, j) * f(x, y) - plus / y;
  };
  return delta + rule.integrate(value, 0.0, 1.0, 1e-10);
}

/// Moments of our forward kernels, tested against published tables on their own.
inline double forward(Piece piece, int j) {
  const auto s = singular_part(piece);
  return mellin(
      j,
      [&](double x, double y) {
        double values[piece_count];
        evaluate_pieces(Order::nlo, x, y, values);
        return values[index(piece)];
      },
      s.plus,
      s.delta);
}

/// Moments of the helicity-dependent splitting functions, two loops.
/// Source: Vogelsang:1996.
inline Gammas polarised(int j, int flavours) {
  constexpr double cf = colour_f, ca = colour_a, zeta_2 = 1.6449340668482264;
  const double tf = colour_t * flavours;
  const auto in = [&](auto kernel, double plus = 0, double delta = 0) {
    return mellin(
        j,
        [&](double x, double y) {
          const double l = std::log(x);
          return kernel(x, y, l, std::log(y), crossed_logarithm(x, l));
        },
        plus,
        delta);
  };
  Gammas g;
  g.qq = in([&](double x, double y, double l, double, double) {
    return 2 * cf * tf * (y - (1 - 3 * x) * l - (1 + x) * l * l);
  });
  g.qg = in([&](double x, double y, double l, double m, double s2) {
    const double p = 2 * x - 1, q = -2 * x - 1;
    return cf * tf *
               (-22 + 27 * x - 9 * l + 8 * y * m +
                p * (2 * m * m - 4 * m * l + l * l - 4 * zeta_2)) +
           ca * tf *
               (24 - 22 * x - 8 * y * m + (2 + 16 * x) * l - 2 * (m * m - zeta_2) * p -
                (2 * s2 - 3 * l * l) * q);
  });
  g.gq = in([&](double x, double, double l, double m, double s2) {
    const double p = 2 - x, q = 2 + x;
    return cf * tf * (-4.0 / 9 * (x + 4) - 4.0 / 3 * p * m) +
           cf * cf * (-0.5 - 0.5 * (4 - x) * l - q * m + (-4 - m * m + 0.5 * l * l) * p) +
           cf * ca *
               ((4 - 13 * x) * l + (10 + x) * m / 3 + (41 + 35 * x) / 9 +
                0.5 * (-2 * s2 + 3 * l * l) * q + (m * m - 2 * m * l - zeta_2) * p);
  });
  const double plus = ca * ca * (67.0 / 9 - 2 * zeta_2) - 20.0 / 9 * ca * tf;
  const double delta = ca * ca * (3 * zeta_3 + 8.0 / 3) - cf * tf - 4.0 / 3 * ca * tf;
  g.gg = in(
      [&](double x, double y, double l, double m, double s2) {
        const double p = 1 / y - 2 * x + 1, q = 1 / (1 + x) + 2 * x + 1;
        return -ca * tf * (4 * y + 4.0 / 3 * (1 + x) * l + 20.0 / 9 * p) -
               cf * tf * (10 * y + 2 * (5 - x) * l + 2 * (1 + x) * l * l) +
               ca * ca *
                   ((29 - 67 * x) * l / 3 - 9.5 * y + 4 * (1 + x) * l * l - 2 * s2 * q +
                    (67.0 / 9 - 4 * l * m + l * l - 2 * zeta_2) * p);
      },
      plus,
      delta);
  return g;
}

/// Diagonal entries of order (alpha_s/2 pi)^2: forward anomalous dimensions.
inline Gammas two_loop_diagonal(Helicity helicity, int j, int flavours) {
  const double n = flavours, odd = j % 2 == 1 ? 1 : -1;
  Gammas g;
  if (helicity == Helicity::axial) {
    g = polarised(j, flavours);
  } else if (j > 0) {
    g.qq = 2 * n * forward(Piece::s1, j);
    g.qg = n * forward(Piece::qg1, j);
    g.gq = forward(Piece::gq1, j) + n * forward(Piece::gq1_n, j);
    g.gg = forward(Piece::gg1, j) + n * forward(Piece::gg1_n, j);
  }
  g.ns = forward(Piece::v1, j) + n * forward(Piece::v1_n, j) +
         odd * forward(Piece::vbar1, j);
  g.qq += g.ns;
  g.qg *= j == 0 ? 0 : 3.0 / j;
  g.gq *= j / 3.0;
  return g;
}

/// Entries k = j - 2, j - 4, ... of order (alpha_s/2 pi)^2, at xi = 1: the commutator of
/// the one-loop kernels with the special conformal anomaly.
/// Source: Belitsky:1999; Belitsky:2000. There gammas are twice ours
/// with the opposite sign.
inline Gammas two_loop_mixing(Helicity helicity, int j, int k, int flavours) {
  const auto psi = [](double x) { return boost::math::digamma(x); };
  const auto twice = [&](int i) {
    auto g = one_loop(helicity, i, flavours);
    for (double* v : {&g.ns, &g.qq, &g.qg, &g.gq, &g.gg}) *v *= -2;
    return g;
  };
  const double beta = 4.0 / 3 * colour_t * flavours - 11.0 / 3 * colour_a;
  const double step = (j - k) * (j + k + 3.0), weight = 2 * (3 + 2 * k) / step;
  const double pair = (k + 1.0) * (k + 2);
  const double d = -0.5 * weight;
  const double a =
      psi(0.5 * (j + k + 4)) - psi(0.5 * (j - k)) + 2 * psi(j - k) - psi(j + 2) - psi(1);
  const double b = a - psi(j + 2) + psi(1);
  const double g_qq = -colour_f * weight * (2 * a + b * step / pair);
  const double g_gq = -colour_f * 2 * (3 + 2 * k) / (3 * pair);
  double g_gg = 0;
  if (k > 0) {
    const double four = (k + 3.0) * pair * k;
    g_gg = -colour_a * weight *
           (2 * a + b * ((j + 3.0) * (j + 2) * (j + 1) * j / four - 1) + 2 * step / four);
  }
  const Gammas to = twice(j), from = twice(k);
  Gammas g;
  g.ns = (to.qq - from.qq) * (d * (beta - from.qq) + g_qq);
  g.qq = g.ns - (to.qg - from.qg) * d * from.gq + to.qg * g_gq;
  g.qg = (to.qg - from.qg) * d * (beta - from.gg) - (to.qq - from.qq) * d * from.qg +
         to.qg * g_gg - g_qq * from.qg;
  g.gq = (to.gq - from.gq) * d * (beta - from.qq) - (to.gg - from.gg) * d * from.gq +
         to.gq * g_qq - g_gg * from.gq + (to.gg - from.qq) * g_gq;
  g.gg = (to.gg - from.gg) * (d * (beta - from.gg) + g_gg) -
         (to.gq - from.gq) * d * from.qg - g_gq * from.qg;
  for (double* v : {&g.ns, &g.qq, &g.qg, &g.gq, &g.gg}) *v *= -0.5;
  return g;
}

/// Entry (j, k), j - k even, at skewness xi.
inline Gammas two_loop(Helicity helicity, int j, int k, int flavours, double xi) {
  auto g = j == k ? two_loop_diagonal(helicity, j, flavours)
                  : two_loop_mixing(helicity, j, k, flavours);
  g.qg /= xi;
  g.gq *= xi;
  return g;
}

}  // namespace femto::qcd::gpd_moments
