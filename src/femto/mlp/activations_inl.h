// Activations with their derivatives, and losses. Included once per instruction set.
#include <cstddef>

#include <hwy/contrib/math/math-inl.h>
#include <hwy/highway.h>

#include "femto/mlp/pass.h"
#include "femto/mlp/shape.h"

HWY_BEFORE_NAMESPACE();

namespace femto::mlp::HWY_NAMESPACE {

template <class V>
struct Curve {
  V value, derivative;
};

template <class D, class V, std::size_t n>
HWY_INLINE V polynomial(D d, V x, const double (&c)[n]) {
  auto sum = hn::Set(d, static_cast<hn::TFromD<D>>(c[0]));
#pragma GCC unroll 10
  for (std::size_t i = 1; i < n; ++i)
    sum = hn::MulAdd(sum, x, hn::Set(d, static_cast<hn::TFromD<D>>(c[i])));
  return sum;
}

/// The error function, to 1e-15 in double precision. Source: Cody:1969, Tables II and III
/// (the second rational function also serves beyond 4, where 1 - erf < 2e-8).
template <class D, class V>
HWY_INLINE V erf(D d, V x) {
  constexpr double p[] = {1.85777706184603153e-1,
                          3.16112374387056560e0,
                          1.13864154151050156e2,
                          3.77485237685302021e2,
                          3.20937758913846947e3};
  constexpr double q[] = {1,
                          2.36012909523441209e1,
                          2.44024637934444173e2,
                          1.28261652607737228e3,
                          2.84423683343917062e3};
  constexpr double r[] = {2.15311535474403846e-8,
                          5.64188496988670089e-1,
                          8.88314979438837594e0,
                          6.61191906371416295e1,
                          2.98635138197400131e2,
                          8.81952221241769090e2,
                          1.71204761263407058e3,
                          2.05107837782607147e3,
                          1.23033935479799725e3};
  constexpr double s[] = {1,
                          1.57449261107098347e1,
                          1.17693950891312499e2,
                          5.37181101862009858e2,
                          1.62138957456669019e3,
                          3.29079923573345963e3,
                          4.36261909014324716e3,
                          3.43936767414372164e3,
                          1.23033935480374942e3};
  using T = hn::TFromD<D>;
  const auto y = hn::Min(hn::Abs(x), hn::Set(d, T(6))), square = hn::Mul(y, y);
  const auto near =
      hn::Div(hn::Mul(x, polynomial(d, square, p)), polynomial(d, square, q));
  const auto rest = hn::Div(polynomial(d, y, r), polynomial(d, y, s));
  const auto far = hn::NegMulAdd(hn::Exp(d, hn::Neg(square)), rest, hn::Set(d, T(1)));
  return hn::IfThenElse(
      hn::Le(y, hn::Set(d, T(0.46875))), near, hn::CopySignToAbs(far, x));
}

/// 1 / (1 + e^-x) without overflow.
template <class D, class V>
HWY_INLINE V sigmoid(D d, V x) {
  const auto one = hn::Set(d, hn::TFromD<D>(1));
  const auto small = hn::Exp(d, hn::Neg(hn::Abs(x)));
  const auto top = hn::IfThenElse(hn::Lt(x, hn::Zero(d)), small, one);
  return hn::Div(top, hn::Add(one, small));
}

struct LeakyRelu {
  double slope;

  template <class D, class V>
  HWY_INLINE Curve<V> operator()(D d, V z) const {
    const auto s = hn::Set(d, static_cast<hn::TFromD<D>>(slope));
    const auto above = hn::Gt(z, hn::Zero(d));
    return {hn::IfThenElse(above, z, hn::Mul(z, s)),
            hn::IfThenElse(above, hn::Set(d, hn::TFromD<D>(1)), s)};
  }
};

struct Tanh {
  template <class D, class V>
  HWY_INLINE Curve<V> operator()(D d, V z) const {
    const auto t = hn::Tanh(d, z);
    return {t, hn::NegMulAdd(t, t, hn::Set(d, hn::TFromD<D>(1)))};
  }
};

struct Silu {
  template <class D, class V>
  HWY_INLINE Curve<V> operator()(D d, V z) const {
    const auto s = sigmoid(d, z), value = hn::Mul(z, s);
    return {value, hn::MulAdd(value, hn::Sub(hn::Set(d, hn::TFromD<D>(1)), s), s)};
  }
};

struct Gelu {
  template <class D, class V>
  HWY_INLINE Curve<V> operator()(D d, V z) const {
    using T = hn::TFromD<D>;
    const auto half = hn::Set(d, T(0.5)), scale = hn::Set(d, T(0.70710678118654752440));
    const auto below = hn::MulAdd(half, erf(d, hn::Mul(z, scale)), half);
    const auto density = hn::Mul(hn::Set(d, T(0.39894228040143267794)),
                                 hn::Exp(d, hn::Neg(hn::Mul(half, hn::Mul(z, z)))));
    return {hn::Mul(z, below), hn::MulAdd(z, density, below)};
  }
};

/// What is known of the masks and wanted of the derivatives of a block.
enum class Factors { none, keep_derivative, mask, mask_and_keep };

/// values: z becomes the activation, times the factors' mask if there is one; factors
/// become the derivative (times the mask) if it is to be kept.
template <class T, class Activate>
void activate(const Activate& f, Factors what, std::size_t n, T* values, T* factors) {
  const hn::ScalableTag<T> d;
  const bool masked = what == Factors::mask || what == Factors::mask_and_keep;
  const bool keep = what == Factors::keep_derivative || what == Factors::mask_and_keep;
  for (std::size_t i = 0; i < n; i += lanes_of<T>) {
    auto curve = f(d, hn::Load(d, values + i));
    if (masked) {
      const auto mask = hn::Load(d, factors + i);
      curve = {hn::Mul(curve.value, mask), hn::Mul(curve.derivative, mask)};
    }
    hn::Store(curve.value, d, values + i);
    if (keep) hn::Store(curve.derivative, d, factors + i);
  }
}

/// Loss of n outputs s against targets t, and its derivatives over the targets.
template <class T>
double judge(Loss loss, std::size_t n, const T* s, T* t) {
  const hn::ScalableTag<T> d;
  double sum = 0;
  for (std::size_t i = 0; i < n; i += lanes_of<T>) {
    const std::size_t count = HWY_MIN(lanes_of<T>, n - i);
    const auto x = hn::Load(d, s + i), target = hn::Load(d, t + i);
    auto value = hn::Zero(d), derivative = hn::Zero(d);
    if (loss == Loss::bce) {
      const auto tail = hn::Log1p(d, hn::Exp(d, hn::Neg(hn::Abs(x))));
      value = hn::NegMulAdd(target, x, hn::Add(hn::Max(x, hn::Zero(d)), tail));
      derivative = hn::Sub(sigmoid(d, x), target);
    } else {
      const auto difference = hn::Sub(x, target);
      value = hn::Mul(difference, difference);
      derivative = hn::Add(difference, difference);
    }
    HWY_ALIGN T values[lanes_of<T>];
    hn::Store(value, d, values);
    hn::Store(derivative, d, t + i);
    for (std::size_t k = 0; k < count; ++k) sum += static_cast<double>(values[k]);
  }
  return sum;
}

}  // namespace femto::mlp::HWY_NAMESPACE

HWY_AFTER_NAMESPACE();
