#include "femto/core/random_bulk.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

#include "femto/core/error.h"

// Highway compiles this file once per instruction set and picks one at run time.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "femto/core/random_bulk.cc"
#include <hwy/foreach_target.h>
// after foreach_target
#include <hwy/contrib/math/math-inl.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();

namespace femto::random::HWY_NAMESPACE {
namespace {  // what a shared library exports is not inlined
namespace hn = hwy::HWY_NAMESPACE;

using D64 = hn::ScalableTag<std::uint64_t>;
using F64 = hn::RebindToFloat<D64>;
using D32 = hn::Rebind<std::uint32_t, D64>;  // as many lanes, half as wide
using F32 = hn::RebindToFloat<D32>;
using V64 = hn::Vec<D64>;
using V32 = hn::Vec<D32>;

/// Which numbers: those of one block of consecutive indices.
struct Range {
  Stream stream;
  std::uint64_t first;
  std::uint32_t block;
};

/// Words of as many indices as a vector has 64-bit lanes, each in the low half of a lane;
/// the high halves hold what the multiplications left there and nobody reads.
struct Words {
  V64 c0, c1, c2, c3;
};

/// The 64-bit products of the low halves.
HWY_INLINE V64 product(V64 word, V64 multiplier) {
#if HWY_TARGET == HWY_SCALAR
  return hn::Mul(hn::And(word, hn::Set(D64(), 0xFFFFFFFFu)), multiplier);
#else
  const hn::Repartition<std::uint32_t, D64> d;
  return hn::MulEven(hn::BitCast(d, word), hn::BitCast(d, multiplier));
#endif
}

/// Several vectors at once, because each waits for its own multiplications.
template <std::size_t count>
HWY_INLINE void generate(const Range& range, std::uint64_t i, Words* w) {
  const D64 d;
  const auto m0 = hn::Set(d, 0xD2511F53u), m1 = hn::Set(d, 0xCD9E8D57u);
  auto k0 = static_cast<std::uint32_t>(range.stream.seed);
  auto k1 = static_cast<std::uint32_t>(range.stream.seed >> 32);
  for (std::size_t v = 0; v < count; ++v) {
    const auto index = range.first + i + v * hn::Lanes(d);
    w[v].c0 = hn::Add(hn::Set(d, index), hn::Iota(d, 0));
    w[v].c1 = hn::ShiftRight<32>(w[v].c0);
    w[v].c2 = hn::Set(d, std::uint64_t{range.stream.id});
    w[v].c3 = hn::Set(d, std::uint64_t{range.block});
  }
#pragma GCC unroll 10
  for (int round = 0; round < 10; ++round) {
    const auto low = hn::Set(d, std::uint64_t{k0}), high = hn::Set(d, std::uint64_t{k1});
#pragma GCC unroll 4
    for (std::size_t v = 0; v < count; ++v) {
      const auto p = product(w[v].c0, m0), q = product(w[v].c2, m1);
      w[v].c0 = hn::Xor3(hn::ShiftRight<32>(q), w[v].c1, low);
      w[v].c1 = q;
      w[v].c2 = hn::Xor3(hn::ShiftRight<32>(p), w[v].c3, high);
      w[v].c3 = p;
    }
    k0 += 0x9E3779B9;
    k1 += 0xBB67AE85;
  }
}

/// to_uniform: 52 bits below the exponent of 1 are 1 + k 2^-52; subtracting 1 - 2^-53
/// leaves (k + 1/2) 2^-52 exactly.
HWY_INLINE hn::Vec<F64> uniforms(V64 high, V64 low) {
  const D64 d;
  const auto below = hn::Set(d, 0xFFFFFu), bits = hn::Set(d, (1ull << 52) - 1);
  const auto k =
      hn::IfVecThenElse(below, hn::ShiftRight<12>(low), hn::ShiftLeft<20>(high));
  const auto one = hn::Set(d, 0x3FF0000000000000u);
  return hn::Sub(hn::BitCast(F64(), hn::OrAnd(one, k, bits)),
                 hn::Set(F64(), 1 - 0x1p-53));
}

/// The low halves alone.
HWY_INLINE V32 narrow(V64 word) {
  return hn::TruncateTo(D32(), word);
}

/// Cosine and sine of 2 pi v for v = turns in [-1/2, 1/2]: the nearest quarter is taken
/// off exactly, Taylor's series does the rest (next term below 5e-17, or 2e-9 for float).
template <class F>
HWY_INLINE void circle(F d, hn::Vec<F> turns, hn::Vec<F>& cosine, hn::Vec<F>& sine) {
  using T = hn::TFromD<F>;
  const hn::RebindToSigned<F> i;
  constexpr int terms = sizeof(T) == 8 ? 8 : 5;  // of the sine, after which come the
  const auto quarters = hn::Round(hn::Mul(turns, hn::Set(d, T(4))));  // cosine's
  const auto x = hn::Mul(hn::NegMulAdd(quarters, hn::Set(d, T(0.25)), turns),
                         hn::Set(d, T(2 * std::numbers::pi)));
  const auto xx = hn::Mul(x, x);
  auto s = hn::Set(d, T(0)), c = hn::Set(d, T(0));
  double factorial = 1;
  std::array<double, 2 * terms + 1> inverse{};
  for (int k = 0; k <= 2 * terms; factorial *= ++k)
    inverse[static_cast<std::size_t>(k)] = (k / 2 % 2 ? -1 : 1) / factorial;
#pragma GCC unroll 9
  for (int k = terms; k >= 1; --k) {
    const auto at = static_cast<std::size_t>(2 * k);
    s = hn::MulAdd(s, xx, hn::Set(d, T(inverse[at - 1])));
    c = hn::MulAdd(c, xx, hn::Set(d, T(inverse[at])));
  }
  s = hn::Mul(s, x);
  c = hn::MulAdd(c, xx, hn::Set(d, T(1)));
  // Quarter q turns (c, s) into (c, s), (-s, c), (-c, -s), (s, -c).
  const auto q = hn::ConvertTo(i, quarters);
  const auto one = hn::Set(i, 1), two = hn::Set(i, 2);
  const auto swap = hn::RebindMask(d, hn::TestBit(q, one));
  constexpr int to_sign = sizeof(T) * 8 - 2;
  const auto sign = [&](auto bits) {
    return hn::BitCast(d, hn::ShiftLeft<to_sign>(hn::And(bits, two)));
  };
  cosine = hn::Xor(hn::IfThenElse(swap, s, c), sign(hn::Add(q, one)));
  sine = hn::Xor(hn::IfThenElse(swap, c, s), sign(q));
}

/// Box-Muller: radius from u, angle from v - 1/2 turned by half a circle.
template <class F>
HWY_INLINE void normals(
    F d, hn::Vec<F> u, hn::Vec<F> turns, hn::Vec<F>& a, hn::Vec<F>& b) {
  using T = hn::TFromD<F>;
  const auto r = hn::Sqrt(hn::Mul(hn::Set(d, T(-2)), hn::Log(d, u)));
  circle(d, turns, a, b);
  a = hn::Mul(r, a);
  b = hn::Mul(r, b);
}

/// Calls use(words, count, i) for runs of at most one vector.
template <class Use>
HWY_INLINE void each(const Range& range, std::size_t n, const Use& use) {
  const std::size_t lanes = hn::Lanes(D64());
  constexpr std::size_t together = 4;
  Words w[together];
  std::size_t i = 0;
  for (; i + together * lanes <= n; i += together * lanes) {
    generate<together>(range, i, w);
#pragma GCC unroll 4
    for (std::size_t v = 0; v < together; ++v) use(w[v], lanes, i + v * lanes);
  }
  for (; i < n; i += lanes) {
    generate<1>(range, i, w);
    use(w[0], std::min(lanes, n - i), i);
  }
}

template <class V>
HWY_INLINE void store(V v, std::size_t count, double* to) {
  const F64 d;
  if (count == hn::Lanes(d))
    hn::StoreU(v, d, to);
  else
    hn::BlendedStore(v, hn::FirstN(d, count), d, to);
}

/// Four numbers of each index: to[4 * count].
template <class D, class V>
HWY_INLINE void store(D d, V a, V b, V c, V e, std::size_t count, hn::TFromD<D>* to) {
  if (count == hn::Lanes(d)) return hn::StoreInterleaved4(a, b, c, e, d, to);
  std::array<hn::TFromD<D>, HWY_MAX_BYTES> all;
  hn::StoreInterleaved4(a, b, c, e, d, all.data());
  std::copy_n(all.data(), 4 * count, to);
}

void uniform_pairs(Stream s,
                   std::uint64_t first,
                   std::uint32_t block,
                   std::size_t n,
                   double* a,
                   double* b) {
  const Range range{s, first, block};
  each(range, n, [&](const Words& w, std::size_t count, std::size_t i) {
    store(uniforms(w.c0, w.c1), count, a + i);
    store(uniforms(w.c2, w.c3), count, b + i);
  });
}

void uniform_firsts(
    Stream s, std::uint64_t first, std::uint32_t block, std::size_t n, double* a) {
  const Range range{s, first, block};
  each(range, n, [&](const Words& w, std::size_t count, std::size_t i) {
    store(uniforms(w.c0, w.c1), count, a + i);
  });
}

void uniform_floats(
    Stream s, std::uint64_t first, std::uint32_t block, std::size_t n, float* out) {
  const Range range{s, first, block};
  const F32 d;
  const auto convert = [&](V64 word) {  // as `uniforms`, with 23 bits
    const auto one = hn::Set(D32(), 0x3F800000u);
    return hn::Sub(hn::BitCast(d, hn::Or(hn::ShiftRight<9>(narrow(word)), one)),
                   hn::Set(d, 1 - 0x1p-24f));
  };
  each(range, n, [&](const Words& w, std::size_t count, std::size_t i) {
    store(d,
          convert(w.c0),
          convert(w.c1),
          convert(w.c2),
          convert(w.c3),
          count,
          out + 4 * i);
  });
}

void normal_pairs(Stream s,
                  std::uint64_t first,
                  std::uint32_t block,
                  std::size_t n,
                  double* a,
                  double* b) {
  const Range range{s, first, block};
  const F64 d;
  each(range, n, [&](const Words& w, std::size_t count, std::size_t i) {
    auto x = hn::Zero(d), y = x;
    const auto v = uniforms(w.c2, w.c3);
    const auto whole = hn::Round(v);  // an angle and the same less one turn are equal
    normals(d, uniforms(w.c0, w.c1), hn::Sub(v, whole), x, y);
    store(x, count, a + i);
    store(y, count, b + i);
  });
}

void normal_floats(
    Stream s, std::uint64_t first, std::uint32_t block, std::size_t n, float* out) {
  const Range range{s, first, block};
  const F32 d;
  const hn::RebindToSigned<F32> i32;
  const auto pair = [&](V64 first_word, V64 second, hn::Vec<F32>& a, hn::Vec<F32>& b) {
    const auto bits = hn::BitCast(i32, hn::ShiftRight<1>(narrow(first_word)));
    const auto scale = hn::Set(d, 0x1p-32f);
    const auto u = hn::MulAdd(hn::ConvertTo(d, bits), hn::Set(d, 0x1p-31f), scale);
    const auto turns = hn::Mul(hn::ConvertTo(d, hn::BitCast(i32, narrow(second))), scale);
    normals(d, u, turns, a, b);
  };
  each(range, n, [&](const Words& w, std::size_t count, std::size_t i) {
    auto a = hn::Zero(d), b = a, c = a, e = a;
    pair(w.c0, w.c1, a, b);
    pair(w.c2, w.c3, c, e);
    store(d, a, b, c, e, count, out + 4 * i);
  });
}

void bernoulli(Stream s,
               std::uint64_t first,
               std::uint32_t block,
               std::size_t n,
               std::uint32_t limit,
               std::uint8_t* out) {
  const Range range{s, first, block};
  const D32 d;
  std::array<std::uint32_t, HWY_MAX_BYTES> all;
  each(range, n, [&](const Words& w, std::size_t count, std::size_t i) {
    hn::StoreInterleaved4(
        narrow(w.c0), narrow(w.c1), narrow(w.c2), narrow(w.c3), d, all.data());
    for (std::size_t k = 0; k < 4 * count; ++k) out[4 * i + k] = all[k] < limit;
  });
}

/// steps[k]: probability of k or less; a count is how many steps lie below the uniform.
void poisson_ones(Stream stream,
                  std::uint64_t first,
                  std::size_t n,
                  const double* steps,
                  std::size_t most,
                  double* out) {
  const Range range{stream, first, 0};
  const F64 d;
  each(range, n, [&](const Words& w, std::size_t count, std::size_t i) {
    const auto u = uniforms(w.c0, w.c1), one = hn::Set(d, 1.0);
    auto k = hn::Zero(d);
    for (std::size_t s = 0; s < most; ++s) {
      const auto above = hn::Gt(u, hn::Set(d, steps[s]));
      if (hn::AllFalse(d, above)) break;
      k = hn::Add(k, hn::IfThenElseZero(above, one));
    }
    store(k, count, out + i);
  });
}

}  // namespace
}  // namespace femto::random::HWY_NAMESPACE

HWY_AFTER_NAMESPACE();

#if HWY_ONCE

namespace femto::random {
HWY_EXPORT(uniform_pairs);
HWY_EXPORT(uniform_firsts);
HWY_EXPORT(uniform_floats);
HWY_EXPORT(normal_pairs);
HWY_EXPORT(normal_floats);
HWY_EXPORT(bernoulli);
HWY_EXPORT(poisson_ones);

void uniform_pairs(const Stream& s,
                   std::uint64_t first,
                   std::size_t n,
                   std::uint32_t block,
                   double* a,
                   double* b) {
  if (b)
    HWY_DYNAMIC_DISPATCH(uniform_pairs)(s, first, block, n, a, b);
  else
    HWY_DYNAMIC_DISPATCH(uniform_firsts)(s, first, block, n, a);
}

void uniform_floats(const Stream& s,
                    std::uint64_t first,
                    std::size_t n,
                    std::uint32_t block,
                    float* out) {
  HWY_DYNAMIC_DISPATCH(uniform_floats)(s, first, block, n, out);
}

void normal_pairs(const Stream& s,
                  std::uint64_t first,
                  std::size_t n,
                  std::uint32_t block,
                  double* a,
                  double* b) {
  HWY_DYNAMIC_DISPATCH(normal_pairs)(s, first, block, n, a, b);
}

void normal_floats(const Stream& s,
                   std::uint64_t first,
                   std::size_t n,
                   std::uint32_t block,
                   float* out) {
  HWY_DYNAMIC_DISPATCH(normal_floats)(s, first, block, n, out);
}

void bernoulli(const Stream& s,
               std::uint64_t first,
               std::size_t n,
               std::uint32_t block,
               double probability,
               std::uint8_t* out) {
  expect(probability >= 0 && probability <= 1, "a probability lies in [0, 1]");
  const double limit = std::round(probability * 0x1p32);
  if (limit >= 0x1p32)
    std::fill_n(out, 4 * n, std::uint8_t{1});
  else
    HWY_DYNAMIC_DISPATCH(bernoulli)
  (s, first, block, n, static_cast<std::uint32_t>(limit), out);
}

void poisson_ones(const Stream& s, std::uint64_t first, std::size_t n, double* out) {
  static const auto steps = [] {  // as poisson_one adds them up
    std::array<double, 20> sums{};
    double p = std::exp(-1.0), sum = p;
    for (std::size_t k = 0; k < sums.size();) {
      sums[k] = sum;
      p /= static_cast<double>(++k);
      sum += p;
    }
    return sums;
  }();
  HWY_DYNAMIC_DISPATCH(poisson_ones)(s, first, n, steps.data(), steps.size(), out);
}

}  // namespace femto::random

#endif
