// The chain from parameters to features, and back, by kernels; the theory on the CPU.
#pragma once
#include <memory>
#include <span>
#include <utility>
#include <variant>
#include <vector>

#include "femto/core/error.h"
#include "femto/core/matrix.h"
#include "femto/core/threads.h"
#include "femto/cuda/features.h"
#include "femto/neural/chain.h"
#include "femto/neural/device_channel.h"
#include "femto/neural/device_loits.h"

namespace femto::neural {

/// What Simulator does, for chains that objection_to_device() does not object to. Events
/// and features stay on the machine; nodal values go there, their derivatives come back.
/// The same (seed, member, draw, event) is the same event as Simulator's, to rounding.
template <class Machine>
class DeviceSimulator {
 public:
  /// The parts of the chain must outlive this object. `most_scratch`: see DeviceChannel.
  DeviceSimulator(const Machine& machine,
                  const Chain& chain,
                  std::int64_t most_scratch = std::int64_t{1} << 26)
      : machine_(machine),
        chain_(chain),
        plan_(grid_plan(chain.sampler, chain.experiment.truth())) {
    expect(plan_ != nullptr, "only samplers on grids have kernels");
    for (std::size_t c = 0; c < chain.experiment.truth().channels().size(); ++c) {
      const auto scheme = plan_->scheme(c);
      if (const auto* exact = std::get_if<MultilinearScheme>(&scheme))
        channels_.emplace_back(std::in_place_type<DeviceChannel<Machine>>,
                               machine,
                               exact->nodes,
                               most_scratch);
      else
        channels_.emplace_back(std::in_place_type<DeviceLoits<Machine>>,
                               machine,
                               std::get<LoitsScheme>(scheme));
    }
    values_.resize(channels_.size());
    for (const auto& column : chain.standard.columns())
      scales_.push_back({chain.standard.scaling() == Scaling::log_odds,
                         column.lo,
                         column.hi,
                         column.mean,
                         column.sd,
                         log_odds_edge});
  }

  /// theta: [set, parameter].
  void draw(const Matrix& theta, std::size_t events, std::uint64_t number) {
    expect(number > 0, "draw 0 belongs to the data");
    theta_ = theta;
    number_ = number;
    per_set_ = static_cast<std::int64_t>(events);
    measured_.room(scales_.size() * rows());
    feature_.room(scales_.size() * rows());
    std::size_t column = 0;
    for (std::size_t c = 0; c < channels_.size(); ++c) {
      fill_values(c);
      visit(c, [&](auto& on) { on.draw(values_[c], which(c), at(measured_, column)); });
      column += axes(c);
    }
    for (std::size_t k = 0; k < scales_.size(); ++k)
      cuda::launch(cuda::ColumnToFeature{scales_[k],
                                         count(),
                                         columns(),
                                         static_cast<std::int64_t>(k),
                                         at(measured_, k)[0],
                                         feature_.data()},
                   machine_.where);
  }

  std::size_t rows() const { return theta_.rows * static_cast<std::size_t>(per_set_); }

  /// [set * events, column], in the machine's memory.
  const float* features() const { return feature_.data(); }

  /// feature_slope: the same shape, dL/d(feature), in the machine's memory -> [set,
  /// parameter], factor * dL/d(theta).
  Matrix backward(const float* feature_slope, double factor) {
    upstream_.room(scales_.size() * rows());
    for (std::size_t k = 0; k < scales_.size(); ++k)
      cuda::launch(cuda::FeatureToColumn{scales_[k],
                                         count(),
                                         columns(),
                                         static_cast<std::int64_t>(k),
                                         at(measured_, k)[0],
                                         feature_slope,
                                         static_cast<float>(factor),
                                         at(upstream_, k)[0]},
                   machine_.where);
    Matrix slope(theta_.rows, theta_.cols);
    std::size_t column = 0;
    for (std::size_t c = 0; c < channels_.size(); ++c) {
      value_slopes_.resize(values_[c].size());
      visit(c, [&](auto& on) {
        on.backward(which(c), at(upstream_, column), value_slopes_);
      });
      add_slopes(c, slope);
      column += axes(c);
    }
    return slope;
  }

 private:
  using Doubles = DeviceMemory<double, Machine>;
  using OnDevice = std::variant<DeviceChannel<Machine>, DeviceLoits<Machine>>;

  template <class Use>
  void visit(std::size_t channel, const Use& use) {
    std::visit(use, channels_[channel]);
  }

  std::size_t axes(std::size_t channel) const {
    return chain_.experiment.truth().channels()[channel].axes.size();
  }

  std::int64_t count() const { return static_cast<std::int64_t>(rows()); }

  std::int64_t columns() const { return static_cast<std::int64_t>(scales_.size()); }

  cuda::Events which(std::size_t channel) const {
    return {event_stream(chain_.seed, channel, chain_.member, number_),
            0,
            static_cast<std::int64_t>(theta_.rows),
            per_set_};
  }

  /// A column and, where there is one, the next: what a channel of one or two axes takes.
  std::array<double*, 2> at(const Doubles& memory, std::size_t column) const {
    double* first = memory.data() + column * rows();
    return {first, column + 1 < scales_.size() ? first + rows() : nullptr};
  }

  void fill_values(std::size_t c) {
    const std::size_t n = plan_->size(c);
    values_[c].resize(theta_.rows * n);
    parallel_for(theta_.rows, [&](std::size_t b) {
      plan_->values(
          c, {theta_.row(b), theta_.cols}, std::span(values_[c]).subspan(b * n, n));
    });
  }

  void add_slopes(std::size_t c, Matrix& slope) {
    const std::size_t n = plan_->size(c);
    parallel_for(theta_.rows, [&](std::size_t b) {
      const auto weighted = std::span(value_slopes_).subspan(b * n, n);
      for (std::size_t j = 0; j < n; ++j) weighted[j] *= values_[c][b * n + j];
      plan_->add_slopes(c, {theta_.row(b), theta_.cols}, weighted, slope.row(b));
    });
  }

  Machine machine_;
  Chain chain_;
  std::unique_ptr<const GridPlan> plan_;
  std::vector<OnDevice> channels_;
  std::vector<cuda::ColumnScale> scales_;    // [column]
  Matrix theta_;                             // of the last draw
  std::uint64_t number_ = 0;                 // likewise
  std::int64_t per_set_ = 0;                 // likewise
  std::vector<std::vector<double>> values_;  // [channel][set][node], likewise
  std::vector<double> value_slopes_;
  Doubles measured_{machine_}, upstream_{machine_};  // [column][set * events]
  DeviceMemory<float, Machine> feature_{machine_};
};

}  // namespace femto::neural
