// The reduced cross-section of deep-inelastic events and its slopes, for many events.
#pragma once
#include <filesystem>
#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "femto/qcd/evolution.h"
#include "femto/qcd/start_model.h"
#include "femto/qcd/structure_functions.h"

namespace femto::qcd {

/// A rectangle in (x, Q2) and the s - M^2 of the beams, GeV2: y = Q2/(x s_minus_m2).
struct DisWindow {
  double x_min = 0.005, x_max = 0.7;
  double q2_min = 10, q2_max = 90;
  double s_minus_m2 = 19800;
};

/// sigma_r = F2 - y^2/Y+ FL at nodes in (x, Q2), linear in the densities at the start,
/// and its derivatives in chosen parameters of a StartModel; polynomials of degree 5 in
/// either direction between the nodes. Nodes in x are those of the evolution's grid, so
/// that nothing is lost there; those in Q2 are equally spaced in ln Q2 between
/// thresholds, at which the cross-section may jump: there the value is that of the higher
/// scales.
class DisTable {
 public:
  using MakeModel = std::function<std::unique_ptr<StartModel>(const XGrid& grid)>;

  /// `evolution` says order, coupling and start; its grid and its scales are chosen here.
  /// `make_model` makes the densities at the start. `cache`: see Evolution. Throws Error
  /// if the window has no place in the plane.
  DisTable(const DisWindow& window,
           EvolutionSettings evolution,
           const MakeModel& make_model,
           std::span<const Target> targets,
           const std::filesystem::path& cache = {});

  const Evolution& evolution() const { return evolution_; }

  const StartModel& model() const { return *model_; }

  /// Scales inside the window at which a flavour joins, GeV2, ascending.
  std::vector<double> thresholds() const;

  static constexpr std::size_t max_slopes = 127;

  /// Positions of an event in units of nodes, what `evaluate` needs of it.
  double x_position(double x) const;
  double q2_position(double q2) const;

  /// One model at the nodes: [target, Q2, x, (F2, FL), 1 + slope]; without FL at LO,
  /// where it is zero.
  struct Values {
    std::size_t columns = 1;  // 1 + slopes
    std::vector<double> numbers;
  };

  /// `parameters`: all of the model; `slopes`: indices of those with respect to which
  /// derivatives are wanted, at most `max_slopes`. A few milliseconds.
  Values at(std::span<const double> parameters,
            std::span<const std::size_t> slopes) const;

  /// sigma_r = F2 - fl_factor FL, [n], and, unless null, slope[parameter][n] at
  /// positions.
  void evaluate(const Values& values,
                std::size_t target,
                std::size_t n,
                const double* x_position,
                const double* q2_position,
                const double* fl_factor,
                double* sigma_r,
                double* const* slope) const;

 private:
  /// Nodes in Q2 between thresholds.
  struct Piece {
    std::size_t first = 0, count = 0;
    double lo = 0, hi = 0;  // GeV2
  };

  Evolution evolution_;
  std::unique_ptr<StartModel> model_;
  DisWindow window_;
  std::size_t first_ = 0;  // node of the evolution's grid where the table begins
  std::vector<double> x_, q2_;
  std::vector<Piece> pieces_;  // in Q2
  bool has_fl_ = false;
  std::vector<StructureFunctions> targets_;
};

}  // namespace femto::qcd
