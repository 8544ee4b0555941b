#include "femto/qcd/product.h"

// Highway compiles this file once per instruction set and picks one at run time.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "femto/qcd/product.cc"
#include <hwy/foreach_target.h>
// after foreach_target
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();

namespace femto::qcd::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;
using Doubles = hn::ScalableTag<double>;

/// Three vectors of rows times four columns: twelve sums that stay in registers.
void block_of_four(std::size_t rows,
                   std::size_t inner,
                   const double* HWY_RESTRICT a,
                   const double* HWY_RESTRICT b,
                   double* HWY_RESTRICT out) {
  const Doubles d;
  const std::size_t lanes = hn::Lanes(d);
  const double *b0 = b, *b1 = b + inner, *b2 = b + 2 * inner, *b3 = b + 3 * inner;
  double *o0 = out, *o1 = out + rows, *o2 = out + 2 * rows, *o3 = out + 3 * rows;
  auto s00 = hn::LoadU(d, o0), s01 = hn::LoadU(d, o1), s02 = hn::LoadU(d, o2),
       s03 = hn::LoadU(d, o3);
  o0 += lanes, o1 += lanes, o2 += lanes, o3 += lanes;
  auto s10 = hn::LoadU(d, o0), s11 = hn::LoadU(d, o1), s12 = hn::LoadU(d, o2),
       s13 = hn::LoadU(d, o3);
  o0 += lanes, o1 += lanes, o2 += lanes, o3 += lanes;
  auto s20 = hn::LoadU(d, o0), s21 = hn::LoadU(d, o1), s22 = hn::LoadU(d, o2),
       s23 = hn::LoadU(d, o3);
  for (std::size_t k = 0; k < inner; ++k, a += rows) {
    const auto a0 = hn::LoadU(d, a), a1 = hn::LoadU(d, a + lanes),
               a2 = hn::LoadU(d, a + 2 * lanes);
    const auto x0 = hn::Set(d, b0[k]), x1 = hn::Set(d, b1[k]), x2 = hn::Set(d, b2[k]),
               x3 = hn::Set(d, b3[k]);
    s00 = hn::MulAdd(a0, x0, s00), s01 = hn::MulAdd(a0, x1, s01);
    s02 = hn::MulAdd(a0, x2, s02), s03 = hn::MulAdd(a0, x3, s03);
    s10 = hn::MulAdd(a1, x0, s10), s11 = hn::MulAdd(a1, x1, s11);
    s12 = hn::MulAdd(a1, x2, s12), s13 = hn::MulAdd(a1, x3, s13);
    s20 = hn::MulAdd(a2, x0, s20), s21 = hn::MulAdd(a2, x1, s21);
    s22 = hn::MulAdd(a2, x2, s22), s23 = hn::MulAdd(a2, x3, s23);
  }
  hn::StoreU(s20, d, o0), hn::StoreU(s21, d, o1), hn::StoreU(s22, d, o2);
  hn::StoreU(s23, d, o3);
  o0 -= lanes, o1 -= lanes, o2 -= lanes, o3 -= lanes;
  hn::StoreU(s10, d, o0), hn::StoreU(s11, d, o1), hn::StoreU(s12, d, o2);
  hn::StoreU(s13, d, o3);
  o0 -= lanes, o1 -= lanes, o2 -= lanes, o3 -= lanes;
  hn::StoreU(s00, d, o0), hn::StoreU(s01, d, o1), hn::StoreU(s02, d, o2);
  hn::StoreU(s03, d, o3);
}

/// What does not fill such a block: up to one vector of rows, one column.
void sliver(std::size_t rows,
            std::size_t count,
            std::size_t inner,
            const double* HWY_RESTRICT a,
            const double* HWY_RESTRICT b,
            double* HWY_RESTRICT out) {
  const Doubles d;
  const auto use = hn::FirstN(d, count);
  HWY_ALIGN double row[HWY_MAX_BYTES / sizeof(double)] = {};
  for (std::size_t i = 0; i < count; ++i) row[i] = out[i];
  auto sum = hn::Load(d, row);
  for (std::size_t k = 0; k < inner; ++k, a += rows)
    sum = hn::MulAdd(hn::MaskedLoad(use, d, a), hn::Set(d, b[k]), sum);
  hn::Store(sum, d, row);
  for (std::size_t i = 0; i < count; ++i) out[i] = row[i];
}

void multiply(std::size_t rows,
              std::size_t inner,
              std::size_t cols,
              const double* a,
              const double* b,
              double* out) {
  const std::size_t lanes = hn::Lanes(Doubles());
  const std::size_t tall = rows / (3 * lanes) * (3 * lanes), wide = cols / 4 * 4;
  for (std::size_t i = 0; i < tall; i += 3 * lanes)
    for (std::size_t j = 0; j < wide; j += 4)
      block_of_four(rows, inner, a + i, b + j * inner, out + j * rows + i);
  for (std::size_t j = 0; j < cols; ++j)
    for (std::size_t i = j < wide ? tall : 0; i < rows; i += lanes)
      sliver(rows,
             rows - i < lanes ? rows - i : lanes,
             inner,
             a + i,
             b + j * inner,
             out + j * rows + i);
}

}  // namespace femto::qcd::HWY_NAMESPACE

HWY_AFTER_NAMESPACE();

#if HWY_ONCE

namespace femto::qcd {
HWY_EXPORT(multiply);

void add_product(std::size_t rows,
                 std::size_t inner,
                 std::size_t cols,
                 const double* a,
                 const double* b,
                 double* out) {
  HWY_DYNAMIC_DISPATCH(multiply)(rows, inner, cols, a, b, out);
}

}  // namespace femto::qcd

#endif
