#include "femto/physics/cell_curves.h"

#include <algorithm>

#include "femto/core/threads.h"

// Highway compiles this file once per instruction set and picks one at run time.
#undef HWY_TARGET_INCLUDE
// NOLINTNEXTLINE(cppcoreguidelines-macro-usage): how Highway is told
#define HWY_TARGET_INCLUDE "femto/physics/cell_curves.cc"
#include <hwy/foreach_target.h>
// after foreach_target
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();

namespace femto::HWY_NAMESPACE {
namespace {  // what a shared library exports is not inlined
namespace hn = hwy::HWY_NAMESPACE;

using D = hn::ScalableTag<double>;

/// Of each event the segment of its row that holds u, found by counting the inner points
/// of c at or below u, and c at both ends. Rows: lower edge, c, twos for whole vectors.
void find_segments(std::size_t n,
                   std::size_t points,
                   const double* rows,
                   std::size_t stride,
                   const std::int32_t* index,
                   const double* u,
                   CurveSegments& to) {
  const D d;
  const hn::CappedTag<double, 2> pair;
  const auto below = [&](const double* c, double at) {
    return hn::CountTrue(d, hn::Le(hn::LoadU(d, c), hn::Set(d, at)));
  };
  const auto each = [&](const auto& count) {
    for (std::size_t i = 0; i < n; ++i) {
      const double* row = rows + static_cast<std::size_t>(index[i]) * stride;
      const std::size_t t = count(row + 2, u[i]);
      to.segment[i] = static_cast<std::int32_t>(t);
      to.lower[i] = row[0];
      hn::StoreU(hn::LoadU(pair, row + 1 + t), pair, to.ends + 2 * i);
    }
  };
  if (points - 2 <= hn::Lanes(d)) return each(below);  // the usual: no loop within
  each([&](const double* c, double at) {
    std::size_t t = 0;
    for (std::size_t j = 0; j + 2 < points; j += hn::Lanes(d)) t += below(c + j, at);
    return t;
  });
}

/// Of whole vectors of events: the rise of c over the segment, and how far u lies beyond
/// its begin. The 1e-5 is part of the published recipe.
struct Within {
  hn::Vec<D> rise, beyond;

  Within(const CurveSegments& at, const double* u, std::size_t i) {
    const D d;
    hn::Vec<D> c, next;
    hn::LoadInterleaved2(d, at.ends + 2 * i, c, next);
    rise = hn::Add(hn::Sub(next, c), hn::Set(d, 1e-5));
    beyond = hn::Sub(hn::Load(d, u + i), c);
  }
};

/// x = lower + step (t + (u - c) / rise)
void place(
    std::size_t n, double step, const double* u, const CurveSegments& at, double* x) {
  const D d;
  const hn::Rebind<std::int32_t, D> i32;
  const auto events = [&](std::size_t i) {
    const Within in(at, u, i);
    const auto t = hn::PromoteTo(d, hn::Load(i32, at.segment + i));
    const auto steps = hn::Add(t, hn::Div(in.beyond, in.rise));
    return hn::Add(hn::Load(d, at.lower + i), hn::Mul(hn::Set(d, step), steps));
  };
  std::size_t i = 0;
  for (; i + hn::Lanes(d) <= n; i += hn::Lanes(d)) hn::StoreU(events(i), d, x + i);
  if (i == n) return;
  alignas(64) double rest[8];
  hn::Store(events(i), d, rest);
  std::copy_n(rest, n - i, x + i);
}

/// pairs[n][2]: derivatives with respect to c at both ends of the segment.
void slope_pairs(std::size_t n,
                 double step,
                 const double* u,
                 const CurveSegments& at,
                 const double* upstream,
                 double* pairs) {
  const D d;
  const auto events = [&](std::size_t i, hn::Vec<D> up) {
    const Within in(at, u, i);
    const auto per_rise = hn::Div(hn::Set(d, 1.0), in.rise);
    const auto part = hn::Mul(in.beyond, per_rise);
    const auto both = hn::Mul(hn::Mul(up, hn::Set(d, -step)), per_rise);
    const auto high = hn::Mul(both, part);
    hn::StoreInterleaved2(hn::Sub(both, high), high, d, pairs + 2 * i);
  };
  std::size_t i = 0;
  for (; i + hn::Lanes(d) <= n; i += hn::Lanes(d)) events(i, hn::LoadU(d, upstream + i));
  if (i == n) return;
  alignas(64) double rest[8] = {};
  std::copy_n(upstream + i, n - i, rest);
  events(i, hn::Load(d, rest));
}

}  // namespace
}  // namespace femto::HWY_NAMESPACE

HWY_AFTER_NAMESPACE();

#if HWY_ONCE

namespace femto {
HWY_EXPORT(find_segments);
HWY_EXPORT(place);
HWY_EXPORT(slope_pairs);

namespace {

std::size_t row_length(std::size_t points) {
  const std::size_t lanes = 8;  // no vector has more
  const std::size_t vectors = std::max<std::size_t>((points - 2 + lanes - 1) / lanes, 1);
  return 1 + std::max(points, 1 + vectors * lanes);
}

}  // namespace

/// A block of events.
struct CellCurves::Located {
  std::size_t n = 0;
  std::int32_t cell[block] = {};
  alignas(64) double u[CellGrid::max_axes][block + 8] = {};
  CurveSegments segments[CellGrid::max_axes];
  std::vector<double> scratch;  // rows of these events, if not prepared
  double x[CellGrid::max_axes][block] = {}, upstream[CellGrid::max_axes][block] = {};

  void load(const Inputs& inputs, std::size_t first, std::size_t end) {
    n = std::min(block, end - first);
    double* const to[] = {u[0], u[1]};
    inputs(first, n, cell, to);
  }
};

CellCurves::CellCurves(const CellGrid& grid, Values values)
    : grid_(grid), values_(std::move(values)), stride_(row_length(grid.points)) {}

CellCurve CellCurves::curve(std::size_t cell, std::size_t axis) const {
  CellCurve curve;
  values_(cell, axis, curve.value.data());
  curve.integrate(grid_.points);
  return curve;
}

void CellCurves::fill_row(std::size_t cell, std::size_t axis, double* row) const {
  const auto c = curve(cell, axis).c;
  row[0] = grid_.lower_edge(cell, axis);
  std::copy_n(c.begin(), grid_.points, row + 1);
  std::fill(row + 1 + grid_.points, row + stride_, 2.0);
}

void CellCurves::prepare() const {
  std::call_once(once_, [this] {
    rows_.resize(grid_.count() * grid_.axes * stride_);
    const Pieces pieces{grid_.count(), 512};
    parallel_for(pieces.count(), [&](std::size_t p) {
      for (std::size_t cell = pieces.begin(p); cell < pieces.end(p); ++cell)
        for (std::size_t a = 0; a < grid_.axes; ++a)
          fill_row(cell, a, &rows_[(cell * grid_.axes + a) * stride_]);
    });
  });
}

void CellCurves::locate(bool prepared, std::size_t axis, Located& at) const {
  const auto& find = HWY_DYNAMIC_DISPATCH(find_segments);
  const std::size_t points = grid_.points;
  if (prepared) {
    const double* rows = rows_.data() + axis * stride_;
    const std::size_t stride = grid_.axes * stride_;
    return find(at.n, points, rows, stride, at.cell, at.u[axis], at.segments[axis]);
  }
  std::int32_t index[block];
  at.scratch.resize(at.n * stride_);
  for (std::size_t i = 0; i < at.n; ++i) {
    fill_row(static_cast<std::size_t>(at.cell[i]), axis, &at.scratch[i * stride_]);
    index[i] = static_cast<std::int32_t>(i);
  }
  find(at.n, points, at.scratch.data(), stride_, index, at.u[axis], at.segments[axis]);
}

void CellCurves::draw(std::size_t n, const Inputs& inputs, double* const* x) const {
  const bool prepared = worth_preparing(n);
  if (prepared) prepare();
  const Pieces pieces{n, 1 << 16};
  parallel_for(pieces.count(), [&](std::size_t p) {
    Located at;
    for (std::size_t i = pieces.begin(p); i < pieces.end(p); i += at.n) {
      at.load(inputs, i, pieces.end(p));
      double* to[CellGrid::max_axes];
      for (std::size_t a = 0; a < grid_.axes; ++a) to[a] = x[a] + i;
      locate_all(prepared, at);
      place_all(at, to);
    }
  });
}

void CellCurves::locate_all(bool prepared, Located& at) const {
  for (std::size_t a = 0; a < grid_.axes; ++a) locate(prepared, a, at);
}

/// x[axis][block]
void CellCurves::place_all(const Located& at, double* const* x) const {
  for (std::size_t a = 0; a < grid_.axes; ++a) HWY_DYNAMIC_DISPATCH(place)
  (at.n, grid_.step(a), at.u[a], at.segments[a], x[a]);
}

void CellCurves::pass_on(std::size_t cell,
                         std::size_t axis,
                         const double* slope,
                         const Slopes& slopes) const {
  const std::size_t points = grid_.points;
  if (std::all_of(slope, slope + points, [](double s) { return s == 0; })) return;
  const auto at = curve(cell, axis);
  if (at.total > 0) slopes(cell, axis, at.backward(points, slope).data());
}

/// answer(first, block, up) points up[axis] at dL/d(event) of a block that is located.
template <class Answer, class Use>
void CellCurves::each_slope(bool prepared,
                            std::size_t begin,
                            std::size_t end,
                            const Inputs& inputs,
                            const Answer& answer,
                            const Use& use) const {
  Located at;
  alignas(64) double pairs[2 * block];
  for (std::size_t i = begin; i < end; i += at.n) {
    at.load(inputs, i, end);
    locate_all(prepared, at);
    const double* up[CellGrid::max_axes];
    answer(i, at, up);
    for (std::size_t a = 0; a < grid_.axes; ++a) {
      HWY_DYNAMIC_DISPATCH(slope_pairs)
      (at.n, grid_.step(a), at.u[a], at.segments[a], up[a], pairs);
      for (std::size_t j = 0; j < at.n; ++j)
        use(static_cast<std::size_t>(at.cell[j]),
            a,
            static_cast<std::size_t>(at.segments[a].segment[j]),
            pairs + 2 * j);
    }
  }
}

template <class Answer>
std::vector<double> CellCurves::curve_slopes(std::size_t begin,
                                             std::size_t end,
                                             const Inputs& inputs,
                                             const Answer& answer) const {
  std::vector<double> slope(grid_.count() * grid_.axes * grid_.points);
  each_slope(true,
             begin,
             end,
             inputs,
             answer,
             [&](std::size_t cell, std::size_t a, std::size_t t, const double* pair) {
               double* to = &slope[(cell * grid_.axes + a) * grid_.points + t];
               const double low = pair[0], high = pair[1];
               to[0] += low;
               to[1] += high;
             });
  return slope;
}

template <class Answer>
void CellCurves::pull(std::size_t n,
                      const Inputs& inputs,
                      const Answer& answer,
                      const Slopes& slopes) const {
  if (!worth_preparing(n))
    return each_slope(
        false,
        0,
        n,
        inputs,
        answer,
        [&](std::size_t cell, std::size_t a, std::size_t t, const double* pair) {
          double slope[CellCurve::max_points] = {};
          std::copy_n(pair, 2, slope + t);
          pass_on(cell, a, slope, slopes);
        });
  prepare();
  const Pieces pieces{n, std::max<std::size_t>(1 << 18, 4 * grid_.count())};
  std::vector<std::vector<double>> part(pieces.count());
  parallel_for(part.size(), [&](std::size_t p) {
    part[p] = curve_slopes(pieces.begin(p), pieces.end(p), inputs, answer);
  });
  for (std::size_t p = 1; p < part.size(); ++p)
    for (std::size_t j = 0; j < part[0].size(); ++j) part[0][j] += part[p][j];
  for (std::size_t k = 0; k < grid_.count() * grid_.axes; ++k)
    pass_on(k / grid_.axes, k % grid_.axes, &part[0][k * grid_.points], slopes);
}

void CellCurves::backward(std::size_t n,
                          const Inputs& inputs,
                          const double* const* upstream,
                          const Slopes& slopes) const {
  const auto given = [&](std::size_t i, const Located&, const double** up) {
    for (std::size_t a = 0; a < grid_.axes; ++a) up[a] = upstream[a] + i;
  };
  pull(n, inputs, given, slopes);
}

void CellCurves::draw_and_pull(std::size_t n,
                               const Inputs& inputs,
                               const EventLoss& loss,
                               const Slopes& slopes) const {
  const auto asked = [&](std::size_t i, Located& at, const double** up) {
    double* const x[] = {at.x[0], at.x[1]};
    double* const answers[] = {at.upstream[0], at.upstream[1]};
    place_all(at, x);
    loss(i, at.n, x, answers);
    std::copy_n(answers, grid_.axes, up);
  };
  pull(n, inputs, asked, slopes);
}

}  // namespace femto

#endif
