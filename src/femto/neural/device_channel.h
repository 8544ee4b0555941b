// The events of one channel by kernels: exact samplers on one or two axes.
#pragma once
#include <algorithm>
#include <array>
#include <cstdint>
#include <vector>

#include "femto/cuda/bilinear.h"
#include "femto/neural/device_memory.h"
#include "femto/pipeline/grid_plan.h"

namespace femto::neural {

/// Nodal values in, events out; their derivatives in, those of the nodal values out.
/// Computes in double precision, as the samplers of the CPU do.
template <class Machine>
class DeviceChannel {
 public:
  static constexpr std::size_t max_axes = 2;

  /// `most_scratch`: numbers of scratch memory of the reverse pass, beyond which the sets
  /// are taken in groups.
  DeviceChannel(const Machine& machine, const GridNodes& nodes, std::int64_t most_scratch)
      : machine_(machine), axes_(nodes.size()), most_scratch_(most_scratch) {
    for (const auto& axis : nodes) {
      nodes_.push_back(static_cast<std::int64_t>(axis.size()));
      x_.emplace_back(machine).put(axis);
    }
  }

  std::size_t axes() const { return axes_; }

  /// Number of nodal values of one set.
  std::size_t values() const {
    return static_cast<std::size_t>(nodes_[0] * (axes_ == 2 ? nodes_[1] : 1));
  }

  /// values[set][node] -> out[axis][set][event].
  void draw(std::span<const double> values,
            const cuda::Events& events,
            const std::array<double*, max_axes>& out) {
    value_.put(values);
    along_last_.room(values.size());
    if (axes_ == 2) along_first_.room(static_cast<std::size_t>(events.sets * nodes_[0]));
    if (axes_ == 1) {
      cuda::prepare(line(0), events.sets, machine_.where);
      cuda::draw(line(0), events, out[0], machine_.where);
    } else {
      cuda::prepare(plane(0), events.sets, machine_.where);
      cuda::draw(plane(0), events, out[0], out[1], machine_.where);
    }
  }

  /// upstream[axis][set][event], for the events that draw() gave last -> to[set][node].
  void backward(const cuda::Events& events,
                const std::array<double*, max_axes>& upstream,
                std::span<double> to) {
    double* slope = slope_.room(to.size());
    const auto group = sets_at_once(events);
    for (std::int64_t set = 0; set < events.sets; set += group) {
      auto some = events;
      some.sets = std::min(group, events.sets - set);
      const auto event = set * events.per_set;
      some.first += static_cast<std::uint64_t>(event);
      double* out = slope + set * static_cast<std::int64_t>(values());
      double* scratch = scratch_.room(static_cast<std::size_t>(scratch_of(some)));
      if (axes_ == 1)
        cuda::backward(
            line(set), some, upstream[0] + event, scratch, out, machine_.where);
      else
        cuda::backward(plane(set),
                       some,
                       upstream[0] + event,
                       upstream[1] + event,
                       scratch,
                       out,
                       machine_.where);
    }
    slope_.get(to);
  }

 private:
  cuda::PiecewiseLinear<double> line(std::int64_t set) const {
    const auto at = set * nodes_[0];
    return {nodes_[0], x_[0].data(), value_.data() + at, along_last_.data() + at};
  }

  cuda::Bilinear<double> plane(std::int64_t set) const {
    const auto at = set * nodes_[0] * nodes_[1];
    return {nodes_[0],
            nodes_[1],
            x_[0].data(),
            x_[1].data(),
            value_.data() + at,
            along_last_.data() + at,
            along_first_.data() + set * nodes_[0]};
  }

  std::int64_t scratch_of(const cuda::Events& events) const {
    return axes_ == 1 ? cuda::scratch_size(line(0), events)
                      : cuda::scratch_size(plane(0), events);
  }

  /// A function of the numbers alone, so that every device adds in the same order.
  std::int64_t sets_at_once(const cuda::Events& events) const {
    auto one = events;
    one.sets = 1;
    return std::clamp(most_scratch_ / scratch_of(one),
                      std::int64_t{1},
                      std::max<std::int64_t>(1, events.sets));
  }

  Machine machine_;
  std::size_t axes_;
  std::int64_t most_scratch_;
  std::vector<std::int64_t> nodes_;               // [axis]
  std::vector<DeviceMemory<double, Machine>> x_;  // [axis][node]
  DeviceMemory<double, Machine> value_{machine_}, along_last_{machine_},
      along_first_{machine_}, slope_{machine_}, scratch_{machine_};
};

}  // namespace femto::neural
