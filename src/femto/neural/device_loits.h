// The events of one channel by kernels: LOITS, for comparison with the exact samplers.
#pragma once
#include <algorithm>
#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "femto/cuda/loits_backward.h"
#include "femto/neural/device_memory.h"
#include "femto/pipeline/grid_plan.h"

namespace femto::neural {

/// What DeviceChannel does, for the values of a LoitsGrid.
template <class Machine>
class DeviceLoits {
 public:
  DeviceLoits(const Machine& machine, const LoitsScheme& scheme)
      : machine_(machine),
        curves_{Memory(machine), Memory(machine)},
        slopes_{Memory(machine), Memory(machine)} {
    const bool lite = scheme.variant == LoitsVariant::lite;
    table_.variant = lite ? cuda::LoitsVariant::lite : cuda::LoitsVariant::corner;
    table_.axes = static_cast<int>(scheme.cells.axes);
    table_.cells = static_cast<std::int64_t>(scheme.cells.cells);
    table_.points = static_cast<int>(scheme.cells.points);
    table_.lo = scheme.cells.lo;
    table_.hi = scheme.cells.hi;
    grids_ = lite ? scheme.cells.axes : 1;
  }

  std::size_t axes() const { return static_cast<std::size_t>(table_.axes); }

  std::size_t values() const { return grids_ * curve_size() + middles(); }

  /// values[set][value] -> out[axis][set][event].
  void draw(std::span<const double> values,
            const cuda::Events& events,
            const std::array<double*, 2>& out) {
    for (std::size_t g = 0; g < grids_; ++g)
      table_.curve[g] =
          curves_[g].put(gathered(values, events, g * curve_size(), curve_size()));
    if (middles() > 0)
      table_.middle =
          middle_.put(gathered(values, events, grids_ * curve_size(), middles()));
    table_.cumulative =
        sums_.room(static_cast<std::size_t>(events.sets * table_.all_cells()));
    cuda::prepare(table_, events.sets, machine_.where);
    cuda::draw(table_, events, out, machine_.where);
  }

  /// upstream[axis][set][event], for the events that draw() gave last -> to[set][value].
  void backward(const cuda::Events& events,
                const std::array<double*, 2>& upstream,
                std::span<double> to) {
    const auto sets = static_cast<std::size_t>(events.sets);
    std::array<double*, 2> slope{};
    for (std::size_t g = 0; g < grids_; ++g)
      slope[g] = slopes_[g].room(sets * curve_size());
    double* scratch =
        scratch_.room(static_cast<std::size_t>(cuda::scratch_size(table_, events)));
    cuda::backward(table_,
                   events,
                   std::array<const double*, 2>{upstream[0], upstream[1]},
                   scratch,
                   slope,
                   machine_.where);
    std::ranges::fill(to, 0);
    part_.resize(sets * curve_size());
    for (std::size_t g = 0; g < grids_; ++g) {
      slopes_[g].get(part_);
      for (std::size_t b = 0; b < sets; ++b)
        std::copy_n(
            &part_[b * curve_size()], curve_size(), &to[b * values() + g * curve_size()]);
    }
  }

 private:
  using Memory = DeviceMemory<double, Machine>;

  std::size_t curve_size() const { return static_cast<std::size_t>(table_.curve_size()); }

  std::size_t middles() const {
    return table_.variant == cuda::LoitsVariant::lite
               ? static_cast<std::size_t>(table_.all_cells())
               : 0;
  }

  /// `size` values of each set from `first` on, one set after the other.
  std::span<const double> gathered(std::span<const double> values,
                                   const cuda::Events& events,
                                   std::size_t first,
                                   std::size_t size) {
    const auto sets = static_cast<std::size_t>(events.sets);
    part_.resize(sets * size);
    for (std::size_t b = 0; b < sets; ++b)
      std::copy_n(&values[b * this->values() + first], size, &part_[b * size]);
    return part_;
  }

  Machine machine_;
  cuda::Loits<double> table_;
  std::size_t grids_ = 1;  // of curves
  std::array<Memory, 2> curves_, slopes_;
  Memory middle_{machine_}, sums_{machine_}, scratch_{machine_};
  std::vector<double> part_;
};

}  // namespace femto::neural
