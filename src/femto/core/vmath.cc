#include "femto/core/vmath.h"

#include <limits>

// Highway compiles this file once per instruction set and picks one at run time.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "femto/core/vmath.cc"
#include <hwy/foreach_target.h>
// after foreach_target
#include <hwy/contrib/math/math-inl.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();

namespace femto::vmath::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

template <class F>
void each(std::size_t n, const double* in, double* out, const F& f) {
  const hn::ScalableTag<double> d;
  const std::size_t lanes = hn::Lanes(d);
  std::size_t i = 0;
  for (; i + lanes <= n; i += lanes) hn::StoreU(f(d, hn::LoadU(d, in + i)), d, out + i);
  if (i == n) return;
  // The tail goes through the same vector code, so a value does not depend on its place.
  HWY_ALIGN double rest[HWY_MAX_BYTES / sizeof(double)] = {};
  for (std::size_t k = i; k < n; ++k) rest[k - i] = in[k];
  hn::Store(f(d, hn::Load(d, rest)), d, rest);
  for (std::size_t k = i; k < n; ++k) out[k] = rest[k - i];
}

void exp_array(std::size_t n, const double* in, double* out) {
  each(n, in, out, [](auto d, auto x) { return hn::Exp(d, x); });
}

void log_array(std::size_t n, const double* in, double* out) {
  each(n, in, out, [](auto d, auto x) {
    const auto minus_infinity = hn::Set(d, -std::numeric_limits<double>::infinity());
    return hn::IfThenElse(hn::Eq(x, hn::Zero(d)), minus_infinity, hn::Log(d, x));
  });
}

void log1p_array(std::size_t n, const double* in, double* out) {
  each(n, in, out, [](auto d, auto x) { return hn::Log1p(d, x); });
}

}  // namespace femto::vmath::HWY_NAMESPACE

HWY_AFTER_NAMESPACE();

#if HWY_ONCE

namespace femto::vmath {
HWY_EXPORT(exp_array);
HWY_EXPORT(log_array);
HWY_EXPORT(log1p_array);

void exp(std::size_t n, const double* in, double* out) {
  HWY_DYNAMIC_DISPATCH(exp_array)(n, in, out);
}

void log(std::size_t n, const double* in, double* out) {
  HWY_DYNAMIC_DISPATCH(log_array)(n, in, out);
}

void log1p(std::size_t n, const double* in, double* out) {
  HWY_DYNAMIC_DISPATCH(log1p_array)(n, in, out);
}

const char* simd_level() {
  return hwy::TargetName(hwy::SupportedTargets() & -hwy::SupportedTargets());
}
}  // namespace femto::vmath

#endif
