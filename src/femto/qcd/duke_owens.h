// Up and down densities in the manner of Duke and Owens: closed forms at any scale.
#pragma once
#include <array>

#include "femto/qcd/start_model.h"
#include "femto/qcd/x_grid.h"

namespace femto::qcd {

/// f(x) = A x^a (1 - x)^b (1 + c x + d x^2 + e x^3); f counts quarks, x f momentum.
struct DukeOwensShape {
  double amplitude = 1, a = -1, b = 3, c = 0, d = 0, e = 0;

  double operator()(double x) const;

  /// d f/d(A, a, b, c, d, e) at x.
  std::array<double, 6> slopes(double x) const;

  /// int_0^1 x^(n-1) f dx with its six slopes: a sum of four Beta functions. Throws
  /// NumericalError where it diverges: a + n <= 0 or b <= -1.
  struct Moment {
    double value = 0;
    std::array<double, 6> slopes = {};
  };

  Moment moment(double n) const;
};

/// Up and down quarks at a scale, by coefficients that are quadratic in
/// s = ln[ln(Q2/0.4 GeV2)/ln(1/0.4)]. A toy without evolution: from 10 GeV2 upwards the
/// densities are positive but for -5e-5 of down at large x. Throws Error below 10 GeV2.
/// Source: Duke:1984 (the form); coefficients of the quantom-collab toy.
struct DukeOwens {
  DukeOwensShape up, down;

  static DukeOwens at(double q2_gev2);
};

/// The toy as a start of evolution: six parameters of up and of down, densities below
/// zero clipped to zero; no antiquarks; a gluon x^-0.1 (1 - x)^5 that carries the
/// momentum which the quarks leave over, exactly (before clipping).
class DukeOwensStart final : public StartModel {
 public:
  /// Parameters have their values at this scale when they are not free.
  DukeOwensStart(const XGrid& grid, double q2_gev2);

  const std::vector<StartParameter>& parameters() const override { return parameters_; }

  void densities(std::span<const double> parameters,
                 std::span<double> out) const override;
  void jacobian(std::span<const double> parameters, std::span<double> out) const override;

 private:
  std::vector<double> x_;
  std::vector<StartParameter> parameters_;
};

}  // namespace femto::qcd
