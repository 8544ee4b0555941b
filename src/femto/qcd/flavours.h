// Quark flavours: how many are active at a scale, and where each stands in a table.
#pragma once
#include <array>
#include <cstddef>

namespace femto::qcd {

/// Rows of a table of densities, numbered as particles are: -6 = anti-top ... -1 =
/// anti-down, 0 = gluon, 1 = down, 2 = up, 3 = strange, 4 = charm, 5 = bottom, 6 = top.
constexpr std::size_t flavour_rows = 13;

/// Row of flavour id in -6 .. 6.
constexpr std::size_t flavour_row(int id) {
  const int row = id + 6;
  return static_cast<std::size_t>(row);
}

/// The number of active flavours as a function of the scale: a flavour takes part from
/// its threshold (its mass) upward.
/// Source: Giele:2002 section 1.3.
class FlavourScheme {
 public:
  /// `flavours` in 3 .. 6 at every scale.
  static FlavourScheme fixed(int flavours);

  /// 3 flavours below the charm mass, 4 .. 6 above the masses of charm, bottom and top
  /// (GeV, ascending; infinity = never).
  static FlavourScheme variable(double charm_gev, double bottom_gev, double top_gev);

  /// Active flavours at a scale; exactly at a threshold the new flavour is active.
  int at(double mu2_gev2) const;

  /// Squared mass at which flavour 4, 5 or 6 becomes active; 0 = always, infinity =
  /// never.
  double threshold(int flavour) const;

  bool operator==(const FlavourScheme&) const = default;

 private:
  explicit FlavourScheme(std::array<double, 3> thresholds) : thresholds_(thresholds) {}

  std::array<double, 3> thresholds_;  // GeV2, of charm, bottom, top
};

}  // namespace femto::qcd
