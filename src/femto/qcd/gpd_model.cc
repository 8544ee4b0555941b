#include "femto/qcd/gpd_model.h"

#include <algorithm>
#include <cmath>

#include "femto/core/error.h"
#include "femto/qcd/flavours.h"
#include "femto/qcd/gauss.h"

namespace femto::qcd {
namespace {

constexpr double proton_mass2 = 0.93827 * 0.93827;

/// int_low^high f(beta) dbeta with points that crowd towards both ends, beta = 0 above
/// all: f may grow there as a power above -1.
template <class F>
double integrate(double low, double high, const F& f) {
  const auto& rule = unit_rule(30);
  double sum = 0;
  // Halves of the range; in each, the distance to the end is a power of t.
  for (std::size_t k = 0; k < rule.size(); ++k) {
    const double t = rule.t[k], half = 0.5 * (high - low);
    const double t7 = std::pow(t, 7);
    sum += rule.weight[k] * half *
           (8 * t7 * f(low + half * t7 * t) + 2 * t * f(high - half * t * t));
  }
  return sum;
}

}  // namespace

GoloskokovKroll::GoloskokovKroll(double q2_gev2, double t_gev2) : t_(t_gev2) {
  if (!(q2_gev2 >= 1 && q2_gev2 <= 100))
    fail(
        "the Goloskokov-Kroll model at Q2 = {} GeV2 (its parameters hold near 4 GeV2, "
        "use 1 to 100)",
        q2_gev2);
  if (!(t_gev2 <= 0)) fail("momentum transfer t = {} GeV2 (it must not be positive)", t_);
  const double l = std::log(q2_gev2 / 4);
  const double sea = 0.10 + 0.06 * l - 0.0027 * l * l;  // intercept - 1 of sea and gluon
  const double sea_slope =
      2.58 + 0.25 * std::log(proton_mass2 / (proton_mass2 + q2_gev2));
  sea_ratio_ = 1 + 0.68 / (1 + 0.52 * l);
  shapes_ = {
      {{{1.52 + 0.248 * l, 2.88 - 0.94 * l, -0.095 * l, 0}, 0.48, 1, 0, 0.9},
       {{0.76 + 0.248 * l, 3.11 - 1.36 * l, -3.99 + 1.15 * l, 0}, 0.48, 1, 0, 0.9},
       {{0.123 + 0.0003 * l, -0.327 - 0.004 * l, 0.692 - 0.068 * l, -0.486 + 0.038 * l},
        1 + sea,
        2,
        sea_slope,
        0.15},
       {{2.23 + 0.362 * l, 5.43 - 7.0 * l, -34.0 + 22.5 * l, 40.6 - 21.6 * l},
        sea,
        2,
        sea_slope,
        0.15}}};
}

double GoloskokovKroll::strength(const Shape& shape, double beta) const {
  const double root = std::sqrt(beta);
  const auto& c = shape.c;
  const double series = c[0] + root * (c[1] + root * (c[2] + root * c[3]));
  const double log_beta = std::log(beta);
  return series *
         std::exp(-shape.delta * log_beta + (shape.slope - shape.regge * log_beta) * t_);
}

double GoloskokovKroll::density(Part part, double beta) const {
  const auto& s = shapes_[static_cast<std::size_t>(part)];
  const double root = std::sqrt(beta);
  const double series = s.c[0] + root * (s.c[1] + root * (s.c[2] + root * s.c[3]));
  const double h =
      series * std::pow(beta, -s.delta) * std::pow(1 - beta, 2 * s.profile + 1);
  return part == Part::gluon ? h / beta : h;
}

double GoloskokovKroll::at(Part part, double x, double xi) const {
  const auto& s = shapes_[static_cast<std::size_t>(part)];
  const bool valence = s.profile == 1;
  if (!valence && x < 0) return (part == Part::gluon ? 1 : -1) * at(part, -x, xi);
  if (x <= -xi || x >= 1) return 0;
  if (xi == 0) return strength(s, x) * std::pow(1 - x, 2 * s.profile + 1);
  // beta from where |x - beta| = xi (1 - beta); the profile's factor (1 - beta)^-(2n+1)
  // cancels that of h.
  const double low = x > xi ? (x - xi) / (1 - xi) : 0, high = (x + xi) / (1 + xi);
  const auto room = [&](double beta, double sign) {
    const double alpha = (x - sign * beta) / xi;
    return (1 - beta) * (1 - beta) - alpha * alpha;
  };
  if (valence)
    return 0.75 / xi * integrate(low, high, [&](double beta) {
             return strength(s, beta) * room(beta, 1);
           });
  // Sea quarks and gluons have beta < 0 too: where x < xi it reaches (xi - x)/(1 + xi).
  const double other = x < xi ? (xi - x) / (1 + xi) : 0;
  const double sign = part == Part::gluon ? 1 : -1;
  const double norm = 15.0 / 16 / xi;
  const double both = other == 0 ? 0 : integrate(0, other, [&](double beta) {
    const double a = room(beta, 1), b = room(beta, -1);
    // a^2 - b^2 without cancellation: a - b = 4 x beta/xi^2
    const double sum = sign > 0 ? a * a + b * b : 4 * x * beta / (xi * xi) * (a + b);
    return strength(s, beta) * sum;
  });
  const double rest = integrate(std::max(low, other), high, [&](double beta) {
    const double a = room(beta, 1);
    return strength(s, beta) * a * a;
  });
  return norm * (both + rest);
}

void GoloskokovKroll::fill(const GpdGrid& grid, std::span<double> rows) const {
  const std::size_t n = grid.size();
  expect(rows.size() == flavour_rows * n, "rows of another grid");
  std::fill(rows.begin(), rows.end(), 0.0);
  const double xi = grid.xi();
  for (std::size_t i = 0; i < n; ++i) {
    const double x = grid.x()[i];
    const auto row = [&](int id) -> double& { return rows[flavour_row(id) * n + i]; };
    const double strange = at(Part::strange, x, xi), sea = sea_ratio_ * strange;
    row(0) = at(Part::gluon, x, xi);
    row(3) = row(-3) = strange;
    row(2) = at(Part::up_valence, x, xi) + sea;
    row(-2) = sea - at(Part::up_valence, -x, xi);
    row(1) = at(Part::down_valence, x, xi) + sea;
    row(-1) = sea - at(Part::down_valence, -x, xi);
  }
}

}  // namespace femto::qcd
