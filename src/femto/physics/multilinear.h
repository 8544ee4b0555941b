// A density over several axes, multilinear between the nodes of a grid.
#pragma once
#include <vector>

#include "femto/physics/grid_density.h"
#include "femto/physics/guided_search.h"
#include "femto/physics/row_mixtures.h"

namespace femto {

/// The grid density of two to four axes. Axis a is drawn from the marginal of axes 0..a,
/// which is again multilinear; `tables_[a]` holds that marginal.
class Multilinear final : public GridDensity {
 public:
  static constexpr std::size_t max_axes = 4;

  Multilinear(const GridNodes& nodes, std::vector<double> values);

  void assign(std::span<const double> values) override;

  double integral() const override { return integral_; }

  std::span<const double> values() const override { return tables_.back().value; }

  void draw(std::size_t n, const double* const* u, double* const* x) const override;
  void backward(std::size_t n,
                const Uniforms& uniforms,
                const double* const* upstream,
                double* value_slope) const override;
  void draw_and_pull(std::size_t n,
                     const Uniforms& uniforms,
                     const EventLoss& loss,
                     double* value_slope) const override;
  void density(std::size_t n, const double* const* x, double* q) const override;

 private:
  void integrate();

  /// Values and running integrals along axis a, for every node of the axes before it:
  /// [row][node].
  struct Table {
    std::vector<double> value, prefix;
  };

  struct Stops;
  struct Sums;

  template <std::size_t rows>
  void find(std::size_t all, std::size_t axis, const double* u, Stops& stops) const;
  void next_rows(std::size_t axis, const Stops& from, Stops& to) const;
  void visit(std::size_t all,
             std::size_t n,
             const double* const* u,
             std::span<Stops> stops) const;
  void add_cross_terms(std::size_t axis,
                       std::size_t i,
                       double u,
                       double lambda,
                       std::span<const Stops> stops,
                       double* upstream) const;
  void add_to_sums(const double* const* u,
                   const double* const* upstream,
                   std::span<const Stops> stops,
                   std::span<Sums> sums) const;
  void add_slopes(std::span<const Sums> sums, double* value_slope) const;
  void place(std::span<const Stops> stops, double* const* x) const;
  template <class Answer>
  void pull(std::size_t n,
            const Uniforms& uniforms,
            const Answer& answer,
            double* value_slope) const;

  const GridNodes& nodes_;
  std::vector<Table> tables_;  // [axis]
  GuidedSearch first_;         // along axis 0
  double integral_ = 0;
};

}  // namespace femto
