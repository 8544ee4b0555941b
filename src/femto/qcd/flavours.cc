#include "femto/qcd/flavours.h"

#include <limits>

#include "femto/core/error.h"

namespace femto::qcd {

FlavourScheme FlavourScheme::fixed(int flavours) {
  if (flavours < 3 || flavours > 6)
    fail("{} active flavours (up, down and strange always take part; there are 6 quarks)",
         flavours);
  std::array<double, 3> thresholds = {};
  for (int h = 4; h <= 6; ++h)
    thresholds[static_cast<std::size_t>(h - 4)] =
        h <= flavours ? 0 : std::numeric_limits<double>::infinity();
  return FlavourScheme(thresholds);
}

FlavourScheme FlavourScheme::variable(double charm_gev,
                                      double bottom_gev,
                                      double top_gev) {
  if (!(charm_gev > 0 && bottom_gev >= charm_gev && top_gev >= bottom_gev))
    fail("quark masses {}, {}, {} GeV (thresholds must be positive and ascending)",
         charm_gev,
         bottom_gev,
         top_gev);
  return FlavourScheme(
      {charm_gev * charm_gev, bottom_gev * bottom_gev, top_gev * top_gev});
}

int FlavourScheme::at(double mu2_gev2) const {
  int flavours = 3;
  for (const double threshold : thresholds_) flavours += mu2_gev2 >= threshold;
  return flavours;
}

double FlavourScheme::threshold(int flavour) const {
  expect(flavour >= 4 && flavour <= 6, "only charm, bottom and top have thresholds");
  return thresholds_[static_cast<std::size_t>(flavour - 4)];
}

}  // namespace femto::qcd
