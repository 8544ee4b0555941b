#include "femto/qcd/splitting.h"

#include <cmath>
#include <numbers>

#include "femto/qcd/dilogarithm.h"

namespace femto::qcd {
namespace {

constexpr double cf = colour_f, ca = colour_a, tr = colour_t;
constexpr double pi2 = std::numbers::pi * std::numbers::pi;

}  // namespace

double crossed_logarithm(double z, double log_z) {
  const double log_1_plus_z = std::log1p(z);
  return -2 * dilogarithm_of_logarithm(-log_1_plus_z) + log_z * log_z / 2 -
         2 * log_z * log_1_plus_z - pi2 / 6;
}

Singular singular_part(Piece piece) {
  switch (piece) {
    case Piece::qq0:
      return {2 * cf, 3 * cf / 2};
    case Piece::gg0:
      return {2 * ca, 11 * ca / 6};
    case Piece::v1:
      return {2 * cf * ca * (67.0 / 18 - pi2 / 6),
              cf * cf * (3.0 / 8 - pi2 / 2 + 6 * zeta_3) +
                  cf * ca * (17.0 / 24 + 11 * pi2 / 18 - 3 * zeta_3)};
    case Piece::v1_n:
      return {-20.0 / 9 * cf * tr, -cf * tr * (1.0 / 6 + 2 * pi2 / 9)};
    case Piece::gg1:
      return {ca * ca * (67.0 / 9 - pi2 / 3), ca * ca * (8.0 / 3 + 3 * zeta_3)};
    case Piece::gg1_n:
      return {-20.0 / 9 * ca * tr, -cf * tr - 4.0 / 3 * ca * tr};
    default:
      return {};
  }
}

void evaluate_pieces(Order order,
                     double x,
                     double one_minus_x,
                     std::span<double> values) {
  const auto set = [&](Piece piece, double value) { values[index(piece)] = value; };
  const double y = one_minus_x;
  const double p_qg = x * x + y * y, p_gq = (1 + y * y) / x;
  const double p_gg = 1 / y + 1 / x - 2 + x * y;
  set(Piece::qq0, cf * (1 + x * x) / y);
  set(Piece::qg0, 2 * tr * p_qg);
  set(Piece::gq0, cf * p_gq);
  set(Piece::gg0, 2 * ca * p_gg);
  if (order == Order::lo) return;

  const double l = std::log(x), m = std::log(y), r = m - l;
  const double x2 = x * x, l2 = l * l, m2 = m * m, s2 = crossed_logarithm(x, l);
  const double p_qq = 2 / y - 1 - x, q_qq = 2 / (1 + x) - 1 + x;
  const double q_qg = x2 + (1 + x) * (1 + x), q_gq = -(1 + (1 + x) * (1 + x)) / x;
  const double q_gg = 1 / (1 + x) - 1 / x - 2 - x * (1 + x);  // the same at -x

  set(Piece::v1,
      cf * cf *
              (-(2 * l * m + 1.5 * l) * p_qq - (1.5 + 3.5 * x) * l - (1 + x) * l2 / 2 -
               5 * y) +
          cf * ca *
              ((l2 / 2 + 11 * l / 6 + 67.0 / 18 - pi2 / 6) * p_qq + (1 + x) * l +
               20 * y / 3));
  set(Piece::v1_n, cf * tr * (-(2 * l / 3 + 10.0 / 9) * p_qq - 4 * y / 3));
  set(Piece::vbar1, cf * (cf - ca / 2) * (2 * q_qq * s2 + 2 * (1 + x) * l + 4 * y));
  set(Piece::s1,
      cf * tr *
          (20 / (9 * x) - 2 + 6 * x - 56 * x2 / 9 + (1 + 5 * x + 8 * x2 / 3) * l -
           (1 + x) * l2));
  set(Piece::qg1,
      cf * tr *
              (4 - 9 * x - (1 - 4 * x) * l - (1 - 2 * x) * l2 + 4 * m +
               (2 * r * r - 4 * r - 2 * pi2 / 3 + 10) * p_qg) +
          ca * tr *
              (182.0 / 9 + 14 * x / 9 + 40 / (9 * x) + (136 * x / 3 - 38.0 / 3) * l -
               4 * m - (2 + 8 * x) * l2 +
               (-l2 + 44 * l / 3 - 2 * m2 + 4 * m + pi2 / 3 - 218.0 / 9) * p_qg +
               2 * q_qg * s2));
  set(Piece::gq1,
      cf * cf *
              (-2.5 - 3.5 * x + (2 + 3.5 * x) * l - (1 - x / 2) * l2 - 2 * x * m -
               (3 * m + m2) * p_gq) +
          cf * ca *
              (28.0 / 9 + 65 * x / 18 + 44 * x2 / 9 - (12 + 5 * x + 8 * x2 / 3) * l +
               (4 + x) * l2 + 2 * x * m + s2 * q_gq +
               (0.5 - 2 * l * m + l2 / 2 + 11 * m / 3 + m2 - pi2 / 6) * p_gq));
  set(Piece::gq1_n, cf * tr * (-4 * x / 3 - (20.0 / 9 + 4 * m / 3) * p_gq));
  set(Piece::gg1,
      ca * ca *
          (13.5 * y + 67 * (x2 - 1 / x) / 9 - (25.0 / 3 - 11 * x / 3 + 44 * x2 / 3) * l +
           4 * (1 + x) * l2 + 2 * q_gg * s2 +
           (67.0 / 9 - 4 * l * m + l2 - pi2 / 3) * p_gg));
  set(Piece::gg1_n,
      cf * tr *
              (-16 + 8 * x + 20 * x2 / 3 + 4 / (3 * x) - (6 + 10 * x) * l -
               (2 + 2 * x) * l2) +
          ca * tr *
              (2 - 2 * x + 26 * (x2 - 1 / x) / 9 - 4 * (1 + x) * l / 3 - 20 * p_gg / 9));
}

}  // namespace femto::qcd
