// A density over one axis, linear between its nodes.
#pragma once
#include <cstdint>
#include <span>
#include <vector>

#include "femto/physics/grid_density.h"
#include "femto/physics/guided_search.h"

namespace femto {

/// Events on their way through the inversion, with what it reads of their cells.
struct CellBlock {
  static constexpr std::size_t size = 512;  // a multiple of all vector lengths

  std::size_t n = 0;
  std::int32_t cell[size] = {};
  // A cache line between arrays: at distances of 4096 bytes stores would hold up loads.
  // Beyond n they hold what was there before, for nobody to read.
  using Column = double[size + 8];
  alignas(64) Column u = {}, start = {}, end = {}, left = {}, right = {}, sum = {};
};

/// The one-dimensional grid density: guided search, vectorised inversion.
class PiecewiseLinear final : public GridDensity {
 public:
  PiecewiseLinear(std::span<const double> nodes, std::vector<double> values);

  void assign(std::span<const double> values) override;

  double integral() const override { return search_.total(); }

  std::span<const double> values() const override { return values_; }

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
  void load(std::size_t all, CellBlock& b) const;
  template <class Answer>
  void pull(std::size_t n,
            const Uniforms& uniforms,
            const Answer& answer,
            double* value_slope) const;

  std::span<const double> nodes_;
  std::vector<double> values_;  // [node]
  GuidedSearch search_;         // its sums: integrals up to each node
};

}  // namespace femto
