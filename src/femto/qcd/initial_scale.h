// Parametric densities at the initial scale that obey number and momentum sum rules.
#pragma once
#include <array>
#include <span>
#include <string_view>
#include <vector>

#include "femto/qcd/flavours.h"
#include "femto/qcd/start_model.h"
#include "femto/qcd/x_grid.h"

namespace femto::qcd {

/// The momentum density x^a (1 - x)^b (1 + c sqrt(x) + d x), without amplitude.
struct Shape {
  double a = 0, b = 3, c = 0, d = 0;

  double operator()(double x) const;

  /// d/da, d/db, d/dc, d/dd at x, in this order.
  std::array<double, 4> slopes(double x) const;
};

/// int_0^1 x^(n-2) of a shape, and its slopes in a, b, c, d.
struct ShapeMoment {
  double value = 0;
  std::array<double, 4> slopes = {};
};

/// A sum of three complete Beta functions. Throws NumericalError where the integral
/// diverges: a + n <= 1 or b <= -1.
/// Source: DLMF Eqs. (5.12.1) and (5.4.14).
ShapeMoment shape_moment(const Shape& shape, double n);

/// Densities of six partons, each an amplitude times a Shape. The amplitudes of the
/// valence quarks follow from their numbers (2 up, 1 down) and that of the gluon from the
/// momentum that the others leave over, exactly; s = anti-s, and charm and above are
/// zero. Parameters: a, b, c, d of up_valence, down_valence and gluon, then amplitude, a,
/// b, c, d of anti_up, anti_down and strange.
class InitialScale final : public StartModel {
 public:
  static constexpr std::size_t parameter_count = 27;

  /// "up_valence.a", ..., "strange.d".
  static const std::array<std::string_view, parameter_count>& names();

  explicit InitialScale(const XGrid& grid);

  /// Boxes, and the values of the Les Houches toy; "up_valence_a" for "up_valence.a", as
  /// names in a study hold no dot.
  const std::vector<StartParameter>& parameters() const override;

  /// Amplitudes of up_valence, down_valence, gluon, anti_up, anti_down, strange. That of
  /// the gluon is negative if the others carry more than the whole momentum.
  std::array<double, 6> amplitudes(std::span<const double> parameters) const;

  /// Momentum densities at the nodes, [flavour, node].
  void densities(std::span<const double> parameters,
                 std::span<double> out) const override;

  /// Their derivatives, [parameter, flavour, node].
  void jacobian(std::span<const double> parameters, std::span<double> out) const override;

 private:
  std::vector<double> x_;
};

}  // namespace femto::qcd
