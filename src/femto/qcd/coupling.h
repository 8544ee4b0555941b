// The strong coupling: exact running at one to three loops through flavour thresholds.
#pragma once
#include "femto/qcd/flavours.h"

namespace femto::qcd {

/// Coefficient k of the beta function, d a/d ln mu2 = -sum_k beta_k a^(k+2) with
/// a = alpha_s/(4 pi), MS-bar; k = 0, 1, 2.
/// Source: Tarasov:1980 for k = 2; Ellis:1996 section 2.1 for k = 0, 1.
double beta_coefficient(int k, int flavours);

/// alpha_s at a scale, given its value at another, by the beta function cut off after
/// `loops` terms and solved without expansion. Continuous at thresholds with one and two
/// loops; with three it jumps there as for pole masses.
/// Source: Giele:2002 section 1.3; Chetyrkin:1997 for the jump (pole masses).
class StrongCoupling {
 public:
  struct Settings {
    double alpha = 0.118;                 // alpha_s at the input scale
    double mu2_gev2 = 91.1876 * 91.1876;  // input scale: M_Z^2, or any Q0^2
    int loops = 2;                        // 1, 2 or 3
    FlavourScheme flavours = FlavourScheme::fixed(5);
  };

  /// Throws Error if a setting makes no sense.
  explicit StrongCoupling(const Settings& settings);

  /// alpha_s(mu2) with the active flavours of that scale. Throws NumericalError where the
  /// coupling has grown without bound (below the Landau pole).
  double at(double mu2_gev2) const;

  /// alpha_s at a scale for `flavours` active ones, which may differ from those of the
  /// scheme at exactly that scale: at a threshold, the values of either side.
  double at(double mu2_gev2, int flavours) const;

  const Settings& settings() const { return settings_; }

 private:
  Settings settings_;
};

/// Integrals of the coupling along one stretch of scales without threshold, with
/// a = alpha_s/(2 pi) and dtau = a d ln mu2 (the time in which evolution at leading order
/// is uniform).
struct RunningTime {
  double tau = 0;    // int dtau
  double first = 0;  // int a dtau
  double skew = 0;   // 1/2 int (tau_end - 2 tau) a dtau, with tau from the start
};

/// From alpha_s = `from` to `to` with fixed flavours, exactly.
RunningTime running_time(double from, double to, int loops, int flavours);

}  // namespace femto::qcd
