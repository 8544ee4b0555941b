#include "femto/mlp/tile.h"

#include <algorithm>

// Arrays of vectors need vectors whose size the compiler knows.
#define HWY_DISABLED_TARGETS (HWY_SVE | HWY_SVE2 | HWY_SVE_256 | HWY_SVE2_128 | HWY_RVV)

// Highway compiles this file once per instruction set and picks one at run time.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "femto/mlp/tile.cc"
#include <hwy/foreach_target.h>
// after foreach_target
#include <hwy/highway.h>

// in this order
#include "femto/mlp/products_inl.h"
//
#include "femto/mlp/activations_inl.h"
#include "femto/mlp/dropout_inl.h"

HWY_BEFORE_NAMESPACE();

namespace femto::mlp::HWY_NAMESPACE {

/// Where the panels of an activation begin in the block that a product has finished.
template <class T>
struct Panels {
  T* at;
  std::size_t stride;

  T* block(std::size_t p, std::size_t row) const {
    return at + p * stride + row * panel_of<T>;
  }
};

/// Forward: the sums start from the biases.
template <class T>
struct Biased {
  const T* bias;
  Panels<T> out;

  Vec<T> start(std::size_t p, std::size_t half) const {
    return hn::Load(hn::ScalableTag<T>(), bias + p * panel_of<T> + half * lanes_of<T>);
  }
};

/// Leaky rectifier on the sums while they are in registers.
template <class T>
struct Rectified : Biased<T> {
  T slope;

  HWY_INLINE void operator()(std::size_t p, std::size_t row, Sums<T>& sums) const {
    const hn::ScalableTag<T> d;
    const auto zero = hn::Zero(d), s = hn::Set(d, slope);
    T* to = this->out.block(p, row);
#pragma GCC unroll 8
    for (std::size_t i = 0; i < row_block; ++i)
#pragma GCC unroll 2
      for (std::size_t h = 0; h < 2; ++h, to += lanes_of<T>) {
        const auto z = sums.at[i][h];
        hn::Store(hn::IfThenElse(hn::Gt(z, zero), z, hn::Mul(z, s)), d, to);
      }
  }
};

/// Any other activation on the block, which has just been written and is near.
template <class T, class Activate>
struct Activated : Biased<T> {
  Activate f;
  Factors what;
  T* factors;

  HWY_INLINE void operator()(std::size_t p, std::size_t row, Sums<T>& sums) const {
    const hn::ScalableTag<T> d;
    T* const to = this->out.block(p, row);
#pragma GCC unroll 8
    for (std::size_t i = 0; i < row_block; ++i)
#pragma GCC unroll 2
      for (std::size_t h = 0; h < 2; ++h)
        hn::Store(sums.at[i][h], d, to + i * panel_of<T> + h * lanes_of<T>);
    activate(f,
             what,
             row_block * panel_of<T>,
             to,
             factors + p * this->out.stride + row * panel_of<T>);
  }
};

/// Derivatives that follow from the activation a, and those that were kept.
struct OfRectifier {
  double slope;

  template <class D, class V, class T>
  HWY_INLINE V operator()(D d, V delta, V a, const T*) const {
    const auto s = hn::Set(d, static_cast<T>(slope));
    return hn::IfThenElse(hn::Gt(a, hn::Zero(d)), delta, hn::Mul(delta, s));
  }
};

struct OfTanh {
  template <class D, class V, class T>
  HWY_INLINE V operator()(D d, V delta, V a, const T*) const {
    return hn::Mul(delta, hn::NegMulAdd(a, a, hn::Set(d, T(1))));
  }
};

struct Kept {
  template <class D, class V, class T>
  HWY_INLINE V operator()(D d, V delta, V, const T* derivative) const {
    return hn::Mul(delta, hn::Load(d, derivative));
  }
};

/// Backward: the sums times the activation's derivative take the place of the activation;
/// their sums over rows are added to the bias gradient.
template <class T, class Derivative>
struct Backward {
  Panels<T> values;
  const T* derivatives;
  Derivative f;
  T* bias_gradient;  // or null

  Vec<T> start(std::size_t, std::size_t) const { return hn::Zero(hn::ScalableTag<T>()); }

  HWY_INLINE void operator()(std::size_t p, std::size_t row, Sums<T>& sums) const {
    const hn::ScalableTag<T> d;
    T* const to = values.block(p, row);
    const T* const kept = derivatives + p * values.stride + row * panel_of<T>;
#pragma GCC unroll 2
    for (std::size_t h = 0; h < 2; ++h) {
      auto column = hn::Zero(d);
#pragma GCC unroll 8
      for (std::size_t i = 0; i < row_block; ++i) {
        const std::size_t at = i * panel_of<T> + h * lanes_of<T>;
        const auto delta = f(d, sums.at[i][h], hn::Load(d, to + at), kept + at);
        hn::Store(delta, d, to + at);
        column = hn::Add(column, delta);
      }
      if (!bias_gradient) continue;
      T* sum = bias_gradient + p * panel_of<T> + h * lanes_of<T>;
      hn::Store(hn::Add(hn::Load(d, sum), column), d, sum);
    }
  }
};

/// The steps of one tile.
template <class T>
class Steps {
 public:
  explicit Steps(const Tile<T>& tile)
      : t_(tile),
        l_(tile.layout),
        masked_(tile.pass.dropout && l_.dropout > 0),
        backward_(!tile.pass.weight_gradient.empty() ||
                  !tile.pass.input_gradient.empty()) {}

  double run() {
    forward();
    const auto& pass = t_.pass;
    const std::size_t n = t_.rows * l_.outputs, at = t_.first * l_.outputs;
    const T* y = t_.scratch + l_.y;
    if (!pass.outputs.empty()) std::copy_n(y, n, pass.outputs.begin() + at);
    T* slope = t_.scratch + l_.slope_of_y;
    // Rows that fill the last block have no gradient.
    std::fill_n(slope, l_.tile_rows * l_.outputs, T(0));
    if (pass.upstream.size() == 1 && pass.loss != Loss::none)
      std::fill_n(slope, n, pass.upstream.front());
    else if (!pass.upstream.empty())
      std::copy_n(pass.upstream.begin() + at, n, slope);
    double loss = 0;
    if (pass.loss != Loss::none) {
      loss = judge(pass.loss, n, y, slope);
      std::fill_n(slope + n, l_.tile_rows * l_.outputs - n, T(0));
    }
    if (backward_) backward();
    return loss;
  }

 private:
  Panels<T> values(std::size_t layer) const {
    return {t_.scratch + l_.value[layer], l_.tile_rows * panel_of<T>};
  }

  T* derivatives(std::size_t layer) const { return t_.scratch + l_.derivative[layer]; }

  /// What layer l gets.
  Left<T> input(std::size_t layer) const {
    if (layer == 0) return {t_.scratch + l_.x, l_.inputs, 0, l_.inputs};
    const auto at = values(layer - 1);
    return {at.at, panel_of<T>, at.stride, l_.width[layer - 1]};
  }

  /// Derivative of the loss with respect to what layer l gives.
  Left<T> slope(std::size_t layer) const {
    if (layer == l_.hidden)
      return {t_.scratch + l_.slope_of_y, l_.outputs, 0, l_.outputs};
    return input(layer + 1);
  }

  bool keeps_derivatives() const {
    return masked_ || l_.activation == Activation::silu ||
           l_.activation == Activation::gelu;
  }

  void forward() {
    T* x = t_.scratch + l_.x;
    const std::size_t n = t_.rows * l_.inputs;
    std::copy_n(t_.pass.x.begin() + t_.first * l_.inputs, n, x);
    std::fill_n(x + n, l_.tile_rows * l_.inputs - n, T(0));
    for (std::size_t layer = 0; layer < l_.hidden; ++layer) {
      if (masked_)
        fill_mask(*t_.pass.dropout,
                  l_.dropout,
                  layer,
                  t_.first,
                  (t_.rows + row_block - 1) / row_block * row_block,
                  values(layer).stride,
                  l_.panels[layer],
                  derivatives(layer));
      hidden(layer);
    }
    const auto top = values(l_.hidden - 1);
    multiply_narrow(top.at,
                    top.stride,
                    t_.rows,
                    t_.forward + l_.weight[l_.hidden],
                    l_.panels[l_.hidden - 1],
                    l_.outputs,
                    t_.forward + l_.bias[l_.hidden],
                    t_.scratch + l_.y);
  }

  void hidden(std::size_t layer) {
    const Biased<T> biased{t_.forward + l_.bias[layer], values(layer)};
    const auto go = [&](const auto& finish) {
      multiply(
          input(layer), t_.rows, t_.forward + l_.weight[layer], l_.panels[layer], finish);
    };
    Factors what = masked_ ? Factors::mask : Factors::none;
    if (backward_ && keeps_derivatives())
      what = masked_ ? Factors::mask_and_keep : Factors::keep_derivative;
    const auto activated = [&](const auto& f) {
      go(Activated<T, std::decay_t<decltype(f)>>{biased, f, what, derivatives(layer)});
    };
    switch (l_.activation) {
      case Activation::leaky_relu:
      case Activation::relu:
        if (!masked_) return go(Rectified<T>{biased, static_cast<T>(l_.slope)});
        return activated(LeakyRelu{l_.slope});
      case Activation::tanh:
        return activated(Tanh{});
      case Activation::silu:
        return activated(Silu{});
      case Activation::gelu:
        return activated(Gelu{});
    }
  }

  void backward() {
    const bool weights = !t_.pass.weight_gradient.empty();
    if (weights) add_output_bias();
    for (std::size_t layer = l_.hidden; layer > 0; --layer) {
      if (weights && layer == l_.hidden)
        multiply_transposed(slope(layer),
                            t_.rows,
                            values(layer - 1).at,
                            values(layer - 1).stride,
                            l_.panels[layer - 1],
                            t_.gradient + l_.weight[layer]);
      else if (weights)
        add_weights(layer);
      pull_back(layer);
    }
    if (weights) add_weights(0);
    if (t_.pass.input_gradient.empty()) return;
    multiply_narrow<T>(values(0).at,
                       values(0).stride,
                       t_.rows,
                       t_.forward + l_.weight[0],
                       l_.panels[0],
                       l_.inputs,
                       nullptr,
                       t_.pass.input_gradient.data() + t_.first * l_.inputs);
  }

  void add_weights(std::size_t layer) {
    multiply_transposed(input(layer),
                        t_.rows,
                        values(layer).at,
                        values(layer).stride,
                        l_.panels[layer],
                        t_.gradient + l_.weight[layer]);
  }

  void add_output_bias() {
    const T* slope = t_.scratch + l_.slope_of_y;
    T* sum = t_.gradient + l_.bias[l_.hidden];
    for (std::size_t o = 0; o < l_.outputs; ++o) {
      T s = 0;
      for (std::size_t r = 0; r < t_.rows; ++r) s += slope[r * l_.outputs + o];
      sum[o] += s;
    }
  }

  /// From what layer l gives to what it gets, in place of the activations.
  void pull_back(std::size_t layer) {
    const std::size_t below = layer - 1;
    T* sums = t_.pass.weight_gradient.empty() ? nullptr : t_.gradient + l_.bias[below];
    const T* right = layer == l_.hidden ? t_.forward + l_.weight[layer]
                                        : t_.backward + l_.backward[layer];
    const auto go = [&](const auto& f) {
      const Backward<T, std::decay_t<decltype(f)>> finish{
          values(below), derivatives(below), f, sums};
      multiply(slope(layer), t_.rows, right, l_.panels[below], finish);
    };
    if (keeps_derivatives()) return go(Kept{});
    if (l_.activation == Activation::tanh) return go(OfTanh{});
    go(OfRectifier{l_.slope});
  }

  const Tile<T>& t_;
  const Layout& l_;
  bool masked_, backward_;
};

double run_single(const Tile<float>& tile) {
  return Steps<float>(tile).run();
}

double run_double(const Tile<double>& tile) {
  return Steps<double>(tile).run();
}

Machine machine_single() {
  return {panel_of<float>, row_block};
}

Machine machine_double() {
  return {panel_of<double>, row_block};
}

}  // namespace femto::mlp::HWY_NAMESPACE

HWY_AFTER_NAMESPACE();

#if HWY_ONCE

namespace femto::mlp {
HWY_EXPORT(run_single);
HWY_EXPORT(run_double);
HWY_EXPORT(machine_single);
HWY_EXPORT(machine_double);

template <>
Machine machine<float>() {
  return HWY_DYNAMIC_DISPATCH(machine_single)();
}

template <>
Machine machine<double>() {
  return HWY_DYNAMIC_DISPATCH(machine_double)();
}

template <>
double run(const Tile<float>& tile) {
  return HWY_DYNAMIC_DISPATCH(run_single)(tile);
}

template <>
double run(const Tile<double>& tile) {
  return HWY_DYNAMIC_DISPATCH(run_double)(tile);
}

}  // namespace femto::mlp

#endif
