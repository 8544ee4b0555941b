// Kinematics and cross-section of inclusive lepton-nucleon scattering by photon exchange.
#pragma once

namespace femto::qcd {

constexpr double nucleon_mass_gev = 0.93827;

/// (hbar c)^2 in GeV2 nb: turns 1/GeV2 into nanobarn.
constexpr double gev2_nanobarn = 3.893794e5;

/// The fine-structure constant at zero momentum transfer.
constexpr double alpha_em_zero = 1 / 137.035999;

/// y = Q2/(x (s - M^2)), the energy fraction the lepton loses; s is the squared energy in
/// the centre of mass, GeV2.
double inelasticity(double x, double q2_gev2, double s_gev2);

/// W2 = M^2 + Q2 (1 - x)/x, GeV2, the squared mass of what the nucleon becomes.
double hadronic_mass2(double x, double q2_gev2);

/// Which points of (x, Q2) are taken; outside the physical region, y < 1, none ever is.
struct Cuts {
  double q2_min = 2, q2_max = 1e300;  // GeV2
  double w2_min = 4;                  // GeV2
  double y_min = 0, y_max = 1;

  bool accept(double x, double q2_gev2, double s_gev2) const;
};

/// sigma_r = F2 - y^2/Y+ FL, Y+ = 1 + (1 - y)^2. Throws NumericalError unless 0 < y < 1.
double reduced_cross_section(double y, double f2, double fl);

/// d2 sigma/(dx dQ2) = 2 pi alpha^2 Y+/(x Q^4) sigma_r in nb/GeV2. Throws NumericalError
/// unless 0 < y < 1: such points do not exist.
/// Source: Ellis:1996 section 4.1.
double cross_section(double x,
                     double q2_gev2,
                     double y,
                     double f2,
                     double fl,
                     double alpha_em = alpha_em_zero);

}  // namespace femto::qcd
