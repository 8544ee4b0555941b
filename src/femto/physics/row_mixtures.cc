// Bisection of mixtures of rows, in vectors of events.
#include "femto/physics/row_mixtures.h"

// Highway compiles this file once per instruction set and picks one at run time.
#undef HWY_TARGET_INCLUDE
// NOLINTNEXTLINE(cppcoreguidelines-macro-usage): how Highway is told
#define HWY_TARGET_INCLUDE "femto/physics/row_mixtures.cc"
#include <hwy/foreach_target.h>
// after foreach_target
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();

namespace femto::HWY_NAMESPACE {
namespace {  // what a shared library exports is not inlined
namespace hn = hwy::HWY_NAMESPACE;

using D = hn::ScalableTag<double>;
using I64 = hn::RebindToSigned<D>;

template <std::size_t rows>
HWY_INLINE void bisect_rows(const RowMixtures& of,
                            std::int64_t last,
                            const double* u,
                            double* target,
                            std::int64_t* cell) {
  const D d;
  const I64 i64;
  for (std::size_t i = 0; i < of.n; i += hn::Lanes(d)) {
    const auto mixture = [&](hn::Vec<I64> j) {
      auto sum = hn::Zero(d);
      for (std::size_t r = 0; r < rows; ++r) {
        const auto at = hn::Add(hn::Load(i64, of.start[r] + i), j);
        const auto part =
            hn::Mul(hn::Load(d, of.weight[r] + i), hn::GatherIndex(d, of.table, at));
        sum = r == 0 ? part : hn::Add(sum, part);
      }
      return sum;
    };
    const auto r = hn::Mul(hn::Load(d, u + i), mixture(hn::Set(i64, last)));
    auto k = hn::Zero(i64);
    for (std::int64_t length = last; length > 1;) {
      const auto half = hn::Set(i64, length / 2);
      const auto below = hn::Le(mixture(hn::Add(k, half)), r);
      k = hn::Add(k, hn::IfThenElseZero(hn::RebindMask(i64, below), half));
      length -= length / 2;
    }
    hn::Store(r, d, target + i);
    hn::Store(k, i64, cell + i);
  }
}

void bisect(const RowMixtures& of,
            std::size_t rows,
            std::int64_t last,
            const double* u,
            double* target,
            std::int64_t* cell) {
  if (rows == 2) return bisect_rows<2>(of, last, u, target, cell);
  if (rows == 4) return bisect_rows<4>(of, last, u, target, cell);
  bisect_rows<8>(of, last, u, target, cell);
}

}  // namespace
}  // namespace femto::HWY_NAMESPACE

HWY_AFTER_NAMESPACE();

#if HWY_ONCE

namespace femto {
HWY_EXPORT(bisect);

void find_in_mixtures(const RowMixtures& of,
                      std::size_t rows,
                      std::int64_t last,
                      const double* u,
                      double* target,
                      std::int64_t* cell) {
  HWY_DYNAMIC_DISPATCH(bisect)(of, rows, last, u, target, cell);
}

}  // namespace femto

#endif
