#include "femto/mlp/mlp.h"

#include <algorithm>
#include <bit>
#include <new>
#include <numeric>

#include "femto/core/error.h"
#include "femto/core/threads.h"
#include "femto/mlp/tile.h"

namespace femto::mlp {
namespace {

constexpr std::align_val_t cache_line{64};

}  // namespace

template <class T>
void Mlp<T>::Free::operator()(T* memory) const {
  ::operator delete[](memory, cache_line);
}

template <class T>
typename Mlp<T>::Memory Mlp<T>::numbers(std::size_t count) {
  return Memory(static_cast<T*>(::operator new[](count * sizeof(T), cache_line)));
}

template <class T>
Mlp<T>::Mlp(const Shape& shape)
    : layout_(shape, machine<T>(), sizeof(T)),
      forward_(numbers(layout_.packed)),
      backward_(numbers(layout_.packed_backward)),
      gradients_(numbers(layout_.lanes * layout_.packed)),
      scratch_(numbers(layout_.lanes * layout_.scratch)) {
  const auto sizes = parameter_sizes(shape);
  size_ = std::reduce(sizes.begin(), sizes.end());
  // Columns beyond the width of a layer, and biases that are not there, stay zero.
  std::fill_n(forward_.get(), layout_.packed, T(0));
  std::fill_n(backward_.get(), layout_.packed_backward, T(0));
}

template <class T>
void Mlp<T>::set_parameters(std::span<const std::span<const T>> parameters) {
  expect(parameters.size() == (layout_.hidden + 1) * (layout_.biases ? 2 : 1),
         "weights and biases of every layer");
  pack(layout_, parameters, forward_.get(), backward_.get());
}

template <class T>
std::size_t Mlp<T>::bytes() const {
  return sizeof(T) * (layout_.packed + layout_.packed_backward +
                      layout_.lanes * (layout_.packed + layout_.scratch));
}

template <class T>
void Mlp<T>::check(const Pass<T>& pass) const {
  const std::size_t in = pass.rows * layout_.inputs, out = pass.rows * layout_.outputs;
  const auto fits = [](std::size_t size, std::size_t wanted) {
    return size == 0 || size == wanted;
  };
  const bool backward = !pass.weight_gradient.empty() || !pass.input_gradient.empty();
  const bool judged = pass.loss != Loss::none;
  expect(pass.x.size() == in, "inputs of every row");
  expect(fits(pass.outputs.size(), out) && fits(pass.weight_gradient.size(), size_) &&
             fits(pass.input_gradient.size(), in),
         "room for what is wanted");
  expect(pass.upstream.size() == out || (judged && pass.upstream.size() == 1) ||
             (!backward && !judged),
         "a target or an upstream derivative of every output");
}

template <class T>
double Mlp<T>::run(const Pass<T>& pass) {
  check(pass);
  const std::size_t tiles = (pass.rows + layout_.tile_rows - 1) / layout_.tile_rows;
  const std::size_t lanes = std::min(tiles, layout_.lanes);

  // Two references: a closure of that size is not put on the heap.
  const struct {
    Mlp& self;
    const Pass<T>& pass;
    std::size_t lanes;
  } job{*this, pass, lanes};

  parallel_for(
      lanes, [&job](std::size_t lane) { job.self.run_lane(job.pass, lane, job.lanes); });
  if (!pass.weight_gradient.empty()) add_lanes(lanes, pass.weight_gradient);
  return std::accumulate(losses_, losses_ + lanes, 0.0);
}

template <class T>
void Mlp<T>::run_lane(const Pass<T>& pass, std::size_t lane, std::size_t lanes) {
  // The lowest scratch that is free: one thread always works in the same, warm one.
  std::uint32_t busy = busy_, slot = 0;
  do slot = static_cast<std::uint32_t>(std::countr_one(busy));
  while (!busy_.compare_exchange_weak(busy, busy | 1u << slot));
  T* const gradient = gradients_.get() + lane * layout_.packed;
  if (!pass.weight_gradient.empty()) std::fill_n(gradient, layout_.packed, T(0));
  double loss = 0;
  const std::size_t step = lanes * layout_.tile_rows;
  for (std::size_t first = lane * layout_.tile_rows; first < pass.rows; first += step)
    loss += mlp::run<T>({layout_,
                         pass,
                         first,
                         std::min(layout_.tile_rows, pass.rows - first),
                         forward_.get(),
                         backward_.get(),
                         scratch_.get() + slot * layout_.scratch,
                         gradient});
  losses_[lane] = loss;
  busy_ &= ~(1u << slot);
}

template <class T>
void Mlp<T>::add_lanes(std::size_t lanes, std::span<T> flat) {
  const struct {
    Mlp& self;
    std::size_t lanes;
    Pieces pieces;
  } job{*this, lanes, {layout_.packed, 8192}};

  if (lanes == 0) std::fill_n(gradients_.get(), layout_.packed, T(0));
  parallel_for(job.pieces.count(), [&job](std::size_t piece) {
    const std::size_t packed = job.self.layout_.packed;
    T* const sum = job.self.gradients_.get();
    for (std::size_t lane = 1; lane < job.lanes; ++lane)
      for (std::size_t i = job.pieces.begin(piece); i < job.pieces.end(piece); ++i)
        sum[i] += sum[lane * packed + i];
  });
  unpack(layout_, gradients_.get(), flat);
}

template class Mlp<float>;
template class Mlp<double>;

}  // namespace femto::mlp
