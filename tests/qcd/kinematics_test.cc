// Kinematics of deep-inelastic scattering against four-vectors and hand-made points.
#include "femto/qcd/kinematics.h"

#include <cmath>
#include <numbers>

#include <gtest/gtest.h>

#include "femto/core/error.h"

namespace femto::qcd {
namespace {

TEST(Kinematics, AgreesWithFourVectors) {
  // A lepton of 10 GeV on a nucleon at rest leaves with 4 GeV at 0.3 rad; massless
  // lepton.
  const double e = 10, e_out = 4, angle = 0.3, m = nucleon_mass_gev;
  const double q2 = 2 * e * e_out * (1 - std::cos(angle));
  const double nu = e - e_out;
  const double x = q2 / (2 * m * nu), s = m * m + 2 * m * e;
  EXPECT_NEAR(inelasticity(x, q2, s), nu / e, 1e-14);
  EXPECT_NEAR(hadronic_mass2(x, q2), m * m + 2 * m * nu - q2, 1e-13);
}

TEST(Kinematics, CutsKeepThePhysicalRegion) {
  const double s = 140 * 140;
  const Cuts cuts{.q2_min = 2, .w2_min = 10, .y_min = 0.01, .y_max = 0.95};
  EXPECT_TRUE(cuts.accept(0.1, 100, s));
  EXPECT_FALSE(cuts.accept(0.1, 1.9, s));
  EXPECT_FALSE(cuts.accept(0.9, 20, s));                       // W2 = 3.1
  EXPECT_FALSE(cuts.accept(0.1, 0.97e-1 * s, s));              // y = 0.97
  EXPECT_FALSE(cuts.accept(0.5, 50, s));                       // y = 0.005
  EXPECT_FALSE((Cuts{.y_max = 7}.accept(0.01, 0.02 * s, s)));  // y = 2
}

TEST(CrossSection, IsMadeOfBothStructureFunctions) {
  const double x = 0.1, q2 = 50, y = 0.4, f2 = 0.6, fl = 0.1;
  // 4 pi alpha^2/(x Q^4) [ (1 - y + y^2/2) F2 - y^2/2 FL ]
  const double alpha = 1 / 137.035999;
  const double expected = 4 * std::numbers::pi * alpha * alpha / (x * q2 * q2) *
                          ((1 - y + y * y / 2) * f2 - y * y / 2 * fl) * 3.893794e5;
  EXPECT_NEAR(cross_section(x, q2, y, f2, fl), expected, 1e-13 * expected);
  EXPECT_NEAR(cross_section(x, q2, y, f2, fl, 2 * alpha), 4 * expected, 1e-12 * expected);
  EXPECT_NEAR(reduced_cross_section(1e-9, f2, fl), f2, 1e-15);
}

TEST(CrossSection, RefusesPointsThatDoNotExist) {
  EXPECT_THROW(cross_section(0.1, 50, 1.0, 0.6, 0), NumericalError);
  EXPECT_THROW(cross_section(0.1, 50, 139, 0.6, 0), NumericalError);
  EXPECT_THROW(reduced_cross_section(0, 0.6, 0), NumericalError);
}

}  // namespace
}  // namespace femto::qcd
