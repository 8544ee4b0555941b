// The logarithms and dilogarithms from which half a two-loop kernel is made.
#pragma once
#include <cmath>
#include <numbers>

#include "femto/qcd/dilogarithm.h"
#include "femto/qcd/gpd_two_loop.h"
#include "femto/qcd/splitting.h"

namespace femto::qcd::two_loop {

constexpr double cf = colour_f, ca = colour_a, tf = colour_t;
constexpr double pi2 = std::numbers::pi * std::numbers::pi;
constexpr double zeta_2 = pi2 / 6;

/// A pair of points in the source's variables x = (1 + x/xi)/2, y = (1 + y/xi)/2 with
/// their complements xb = 1 - x, yb = 1 - y, or the mirrored pair.
struct Pair {
  double x, xb, y, yb;
  double gap;    // y - x
  double cross;  // y - xb

  /// The source's rho(x, y) = theta(1 - x/y) theta(x/y) sgn(y).
  double rho() const { return x / y > 0 && x / y < 1 ? (y > 0 ? 1 : -1) : 0; }

  /// Whether x is where quarks are exchanged.
  bool exchange() const { return x > 0 && xb > 0; }

  Pair mirrored() const { return {xb, x, yb, y, -gap, -cross}; }
};

/// Real parts of logarithms and dilogarithms of a pair with rho != 0.
struct Logs {
  double x, xb, y;                      // ln |x|, ln |1 - x|, ln |y|
  double y2;                            // Re ln^2 y
  double r, g;                          // ln(x/y), ln(1 - x/y)
  double li_x, li_xb, li_yb, li_cross;  // of x, 1 - x, 1 - y, 1 - (1 - x)/y

  explicit Logs(const Pair& p)
      : x(std::log(std::abs(p.x))),
        xb(std::log(std::abs(p.xb))),
        y(std::log(std::abs(p.y))),
        y2(y * y - (p.y < 0 ? pi2 : 0)),
        r(std::log1p(-p.gap / p.y)),
        g(std::log(p.gap / p.y)),
        li_x(dilogarithm(p.x)),
        li_xb(dilogarithm(p.xb)),
        li_yb(dilogarithm(p.yb)),
        li_cross(dilogarithm(p.cross / p.y)) {}

  /// The source's h(x, y) for one-loop functions f(x, y) and f(1-x, 1-y); `sign` = 1 if
  /// they are of the diagonal channels, else -1.
  double ladder(double f, double f_bar, double sign) const {
    return 2 * sign * f_bar * xb * y - 2 * f * (li_x + li_yb);
  }

  /// The source's hbar(1-x, y) for f(1-x, y) and f(x, 1-y).
  double crossed(double f, double f_bar, double sign) const {
    return (f - sign * f_bar) * (2 * li_cross + y2) + 2 * f * (li_yb - xb * y) +
           2 * sign * f_bar * li_x;
  }
};

/// Halves of the kernels between quarks and gluons and of gluons alone, without the
/// factors of xi: added are what is there wherever rho != 0, and what is there besides
/// where quarks are exchanged.
void add_vector(const Pair& p, double rho, const Logs& l, TwoLoopKernels& out);
void add_vector_exchange(const Pair& p, TwoLoopKernels& out);
void add_axial(const Pair& p, double rho, const Logs& l, TwoLoopKernels& out);
void add_axial_exchange(const Pair& p, TwoLoopKernels& out);

}  // namespace femto::qcd::two_loop
