#include "femto/neural/simulator.h"

#include <ATen/Functions.h>

#include "femto/core/error.h"
#include "femto/core/scratch.h"
#include "femto/core/threads.h"
#include "femto/neural/floats.h"

namespace femto::neural {
namespace {

/// Pointers to the rows of one set within a [column, set * events] matrix.
template <class AnyMatrix>
auto columns_at(AnyMatrix& m, std::size_t first) {
  ScratchVector<decltype(m.row(0))> out(m.rows, scratch());
  for (std::size_t c = 0; c < m.rows; ++c) out[c] = m.row(c) + first;
  return out;
}

}  // namespace

Matrix Simulated::standardised(const Standardiser& standard) const {
  Matrix out(measured.rows, measured.cols);
  for (std::size_t c = 0; c < out.rows; ++c)
    for (std::size_t i = 0; i < out.cols; ++i)
      out(c, i) = standard.apply(c, measured(c, i));
  return out;
}

Simulator::Simulator(const Experiment& experiment,
                     const Sampler& sampler,
                     const Standardiser& standard,
                     std::uint64_t seed,
                     std::uint64_t member)
    : theory_(experiment.truth()),
      instrument_(experiment.instrument()),
      nominal_(nominal(instrument_)),
      standard_(standard),
      plan_(sampler.plan(theory_)),
      grid_(dynamic_cast<const GridPlan*>(plan_.get())),
      seed_(seed),
      member_(member) {
  for (const auto& channel : theory_.channels()) columns_ += channel.axes.size();
  expect(standard.columns().size() == columns_,
         "one scale for each column of the theory");
}

Simulated Simulator::draw(const Matrix& theta,
                          std::size_t events,
                          std::uint64_t number) const {
  expect(number > 0, "draw 0 belongs to the data");
  const std::size_t rows = theta.rows * events;
  Simulated out;
  out.number = number;
  out.events = events;
  out.features = at::empty(
      {static_cast<std::int64_t>(rows), static_cast<std::int64_t>(columns_)}, at::kFloat);
  out.measured = Matrix(columns_, rows);
  if (!instrument_.is_identity()) out.truth = Matrix(columns_, rows);
  out.theta = theta;
  parallel_for(theta.rows,
               [&](std::size_t b) { draw_set(out, {theta.row(b), theta.cols}, b); });
  return out;
}

void Simulator::draw_set(Simulated& batch,
                         std::span<const double> theta,
                         std::size_t set) const {
  const std::size_t n = batch.events, first = set * n;
  const auto out = columns_at(batch.measured, first);
  auto table = table_at(theta);
  std::size_t column = 0;
  for (std::size_t c = 0; c < theory_.channels().size(); ++c) {
    const Draw which{event_stream(seed_, c, member_, batch.number), first};
    table->draw(c, which, n, out.data() + column);
    column += theory_.channels()[c].axes.size();
  }
  give_back(std::move(table));
  if (!instrument_.is_identity()) {
    const auto truth = columns_at(batch.truth, first);
    for (std::size_t c = 0; c < columns_; ++c) std::copy_n(out[c], n, truth[c]);
    instrument_.apply(detector_draw(batch, set), nominal_, n, out.data(), nullptr);
  }
  float* features = batch.features.data_ptr<float>() + first * columns_;
  for (std::size_t c = 0; c < columns_; ++c)
    for (std::size_t i = 0; i < n; ++i)
      features[i * columns_ + c] = static_cast<float>(standard_.apply(c, out[c][i]));
}

Matrix Simulator::backward(const Simulated& batch, const Tensor& upstream) const {
  expect(upstream.sizes() == batch.features.sizes() && upstream.is_contiguous(),
         "one derivative for each feature");
  Matrix slope(batch.theta.rows, batch.theta.cols);
  parallel_for(batch.theta.rows,
               [&](std::size_t b) { slope_of_set(batch, upstream, b, slope.row(b)); });
  return slope;
}

void Simulator::slope_of_set(const Simulated& batch,
                             const Tensor& upstream,
                             std::size_t set,
                             double* slope) const {
  const std::size_t n = batch.events, first = set * n;
  const float* from = upstream.data_ptr<float>() + first * columns_;
  ScratchVector<double> memory(columns_ * n, scratch());
  ScratchVector<double*> up(columns_, scratch());
  for (std::size_t c = 0; c < columns_; ++c) {
    up[c] = memory.data() + c * n;
    for (std::size_t i = 0; i < n; ++i)
      up[c][i] = static_cast<double>(from[i * columns_ + c]) *
                 standard_.slope(c, batch.measured(c, first + i));
  }
  if (!instrument_.is_identity())
    instrument_.backward(detector_draw(batch, set),
                         nominal_,
                         n,
                         columns_at(batch.truth, first).data(),
                         up.data());
  auto table = table_at({batch.theta.row(set), batch.theta.cols});
  std::size_t column = 0;
  for (std::size_t c = 0; c < theory_.channels().size(); ++c) {
    const Draw which{event_stream(seed_, c, member_, batch.number), first};
    table->backward(c, which, n, up.data() + column, slope);
    column += theory_.channels()[c].axes.size();
  }
  give_back(std::move(table));
}

Simulator::Table Simulator::table_at(std::span<const double> theta) const {
  Table table;
  {
    const std::lock_guard lock(idle_lock_);
    if (!idle_.empty()) {
      table = std::move(idle_.back());
      idle_.pop_back();
    }
  }
  if (!table) return plan_->at(theta);
  grid_->move(*table, theta);
  return table;
}

void Simulator::give_back(Table table) const {
  if (!grid_) return;
  const std::lock_guard lock(idle_lock_);
  idle_.push_back(std::move(table));
}

Draw Simulator::detector_draw(const Simulated& batch, std::size_t set) const {
  return {random::Stream::named(seed_, "detector", member_, batch.number),
          set * batch.events};
}

}  // namespace femto::neural
