// A density over one axis, linear between its nodes.
#pragma once
#include <cstdint>
#include <mutex>
#include <span>
#include <vector>

#include "femto/physics/grid_density.h"

namespace femto {

/// The one-dimensional grid density: guided search, vectorised inversion.
class PiecewiseLinear final : public GridDensity {
 public:
  PiecewiseLinear(std::span<const double> nodes, std::vector<double> values);

  double integral() const override { return cumulative_.back(); }

  void draw(std::size_t n, const double* const* u, double* const* x) const override;
  void backward(std::size_t n,
                const double* const* u,
                const double* const* upstream,
                double* value_slope) const override;
  void density(std::size_t n, const double* const* x, double* q) const override;

 private:
  void locate(const std::vector<std::int32_t>* guide,
              std::size_t n,
              const double* u,
              std::int32_t* cell) const;
  const std::vector<std::int32_t>* guide_for(std::size_t n) const;
  void build_guide() const;

  std::span<const double> nodes_;
  std::vector<double> values_, cumulative_;  // [node]
  std::int32_t last_ = 0;                    // last cell with probability
  // For long draws: the cell in which each of 2^bits equal parts of (0, 1) starts.
  mutable std::once_flag guide_once_;
  mutable std::vector<std::int32_t> guide_;
};

}  // namespace femto
