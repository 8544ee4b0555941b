// From parameters to standardised events, and derivatives back: theory, sampler,
// detector.
#pragma once
#include <cstdint>
#include <memory>
#include <mutex>
#include <vector>

#include "femto/core/matrix.h"
#include "femto/neural/standardise.h"
#include "femto/neural/tensor.h"
#include "femto/pipeline/grid_plan.h"
#include "femto/pipeline/solver.h"

namespace femto::neural {

/// Events of several parameter sets, with what the way back needs.
struct Simulated {
  Tensor features;  // [set * events, column], single precision, standardised
  Matrix measured;  // [column, set * events]
  Matrix truth;     // the same before the detector; empty if it is the identity
  Matrix theta;     // [set, parameter]; tables are made again on the way back: kept, they
                    // would be the largest memory of a training step
  std::uint64_t number = 0;  // of the draw
  std::size_t events = 0;    // per set

  /// The features in double precision: [column, set * events].
  Matrix standardised(const Standardiser& standard) const;
};

/// The differentiable chain. Event i of set b of a draw depends on (seed, member, draw
/// number, b * events + i) alone, whatever the number of threads.
class Simulator {
 public:
  /// The parts must outlive the simulator. The detector loses no events and stands at its
  /// nominal calibration.
  Simulator(const Experiment& experiment,
            const Sampler& sampler,
            const Standardiser& standard,
            std::uint64_t seed,
            std::uint64_t member);

  /// theta: [set, parameter] -> events * set rows. Draw 0 belongs to data made from the
  /// same seed and is not used here.
  Simulated draw(const Matrix& theta, std::size_t events, std::uint64_t number) const;

  /// upstream: [set * events, column] dL/d(feature) -> [set, parameter] dL/d(theta).
  Matrix backward(const Simulated& batch, const Tensor& upstream) const;

 private:
  using Table = std::unique_ptr<SamplerTable>;

  /// A table at theta. Tables of grids that were given back are used again.
  Table table_at(std::span<const double> theta) const;
  void give_back(Table table) const;

  void draw_set(Simulated& batch, std::span<const double> theta, std::size_t set) const;
  void slope_of_set(const Simulated& batch,
                    const Tensor& upstream,
                    std::size_t set,
                    double* slope) const;
  Draw detector_draw(const Simulated& batch, std::size_t set) const;

  const Theory& theory_;
  const Instrument& instrument_;
  std::vector<double> nominal_;  // nuisance parameters of the instrument
  const Standardiser& standard_;
  std::unique_ptr<SamplerPlan> plan_;
  const GridPlan* grid_;  // the plan, if its tables can be moved
  std::uint64_t seed_, member_;
  std::size_t columns_ = 0;
  mutable std::mutex idle_lock_;
  mutable std::vector<Table> idle_;  // at most one for each thread
};

}  // namespace femto::neural
