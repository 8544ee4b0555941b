#include "femto/qcd/coupling.h"

#include <cmath>
#include <numbers>

#include "femto/core/error.h"
#include "femto/qcd/gauss.h"

namespace femto::qcd {
namespace {

constexpr double four_pi = 4 * std::numbers::pi;

/// With w = 4 pi/alpha the equation is dw/d ln mu2 = slope(w), which tends to a constant
/// at large w: everything here is smooth in ln w.
struct Slope {
  double beta[3] = {};

  Slope(int loops, int flavours) {
    for (int k = 0; k < loops; ++k) beta[k] = beta_coefficient(k, flavours);
  }

  double operator()(double w) const { return beta[0] + (beta[1] + beta[2] / w) / w; }
};

/// ln(mu2_to/mu2_from) that takes w from one value to the other.
double log_scale(const Slope& slope, double from, double to) {
  const auto& rule = unit_rule(30);
  const double range = std::log(to / from);
  double sum = 0;
  for (std::size_t k = 0; k < 30; ++k) {
    const double w = from * std::exp(range * rule.t[k]);
    sum += rule.weight[k] * w / slope(w);
  }
  return sum * range;
}

/// w after a distance in ln mu2, by Newton's method inside a bracket.
double run(const Slope& slope, double from, double distance, double mu2) {
  double lo = 1, hi = from + 1;  // alpha = 4 pi is where nothing means anything any more
  if (distance < 0) {
    hi = from;
    if (from <= lo || log_scale(slope, from, lo) > distance)
      throw NumericalError(
          fmt::format("alpha_s grows without bound above mu2 = {} GeV2 (perturbation "
                      "theory ends there)",
                      mu2),
          "ask for a higher scale or give a smaller alpha_s");
  } else {
    lo = from;
    while (log_scale(slope, from, hi) < distance) hi = from + 2 * (hi - from);
  }
  double w = from;
  for (int i = 0; i < 100; ++i) {
    const double miss = log_scale(slope, from, w) - distance;
    (miss > 0 ? hi : lo) = w;
    const double newton = w - miss * slope(w);
    const double next = newton > lo && newton < hi ? newton : 0.5 * (lo + hi);
    if (std::abs(next - w) <= 1e-15 * w) return next;
    w = next;
  }
  return w;
}

/// Jump of the three-loop coupling where a flavour of pole mass mu joins.
double with_one_more(double w) {
  const double a = 4 / w;  // alpha/pi
  return w / (1 + 7.0 / 24 * a * a);
}

double with_one_less(double w) {
  double below = w;
  for (int i = 0; i < 50; ++i) below *= w / with_one_more(below);
  return below;
}

}  // namespace

double beta_coefficient(int k, int flavours) {
  const double n = flavours;
  switch (k) {
    case 0:
      return 11 - 2 * n / 3;
    case 1:
      return 102 - 38 * n / 3;
    case 2:
      return 2857.0 / 2 - 5033 * n / 18 + 325 * n * n / 54;
    default:
      throw Bug("beta coefficients 0, 1 and 2 are known here");
  }
}

StrongCoupling::StrongCoupling(const Settings& settings) : settings_(settings) {
  const auto& s = settings_;
  if (s.loops < 1 || s.loops > 3)
    fail("alpha_s with {} loops (the running is known here to 1, 2 and 3)", s.loops);
  if (!(s.alpha > 0 && s.alpha < four_pi))
    fail("alpha_s = {} at the input scale (it must be positive and small)", s.alpha);
  if (!(s.mu2_gev2 > 0) || std::isinf(s.mu2_gev2))
    fail("alpha_s is given at mu2 = {} GeV2 (a scale must be positive)", s.mu2_gev2);
}

double StrongCoupling::at(double mu2_gev2) const {
  return at(mu2_gev2, settings_.flavours.at(mu2_gev2));
}

double StrongCoupling::at(double mu2_gev2, int flavours) const {
  const auto& s = settings_;
  if (!(mu2_gev2 > 0) || std::isinf(mu2_gev2))
    fail("alpha_s at mu2 = {} GeV2 (a scale must be positive)", mu2_gev2);
  double w = four_pi / s.alpha, mu2 = s.mu2_gev2;
  int active = s.flavours.at(mu2);
  const auto go = [&](double to) {
    w = run(Slope(s.loops, active), w, std::log(to / mu2), to);
    mu2 = to;
  };
  while (active != flavours) {
    const bool up = flavours > active;
    const double threshold = s.flavours.threshold(up ? active + 1 : active);
    if (!(threshold > 0) || std::isinf(threshold))
      fail("alpha_s with {} flavours (the scheme has none of {})", flavours, flavours);
    go(threshold);
    if (s.loops == 3) w = up ? with_one_more(w) : with_one_less(w);
    active += up ? 1 : -1;
  }
  go(mu2_gev2);
  return four_pi / w;
}

RunningTime running_time(double from, double to, int loops, int flavours) {
  // With w = 4 pi/alpha: a = 2/w and dtau = 2/(w slope) dw = 2/slope d ln w.
  const Slope slope(loops, flavours);
  const auto& rule = unit_rule(20);
  const double start = four_pi / from;
  const auto tau_until = [&](double range) {
    double sum = 0;
    for (std::size_t k = 0; k < 20; ++k)
      sum += rule.weight[k] * 2 / slope(start * std::exp(range * rule.t[k]));
    return sum * range;
  };
  const double range = std::log(from / to);
  RunningTime time{.tau = tau_until(range)};
  for (std::size_t k = 0; k < 20; ++k) {
    const double w = start * std::exp(range * rule.t[k]);
    const double a_dtau = rule.weight[k] * range * 2 / slope(w) * 2 / w;
    time.first += a_dtau;
    time.skew += 0.5 * (time.tau - 2 * tau_until(range * rule.t[k])) * a_dtau;
  }
  return time;
}

}  // namespace femto::qcd
