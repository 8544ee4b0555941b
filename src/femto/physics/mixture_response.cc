// Cubics between knots, sums of normal distributions, and their inversion.
#include "femto/physics/mixture_response.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

#include "femto/core/error.h"

namespace femto {
namespace {

/// Standard deviations beyond which a component is nothing.
constexpr double far = 8.5;
/// Standard deviations within which a component asks to be resolved.
constexpr double near = 4;
/// Components of less weight need not be resolved.
constexpr double light = 1e-4;
constexpr std::size_t cells = 1024;

double phi(double z) {
  static const double factor = 1 / std::sqrt(2 * std::numbers::pi);
  return factor * std::exp(-0.5 * z * z);
}

double normal_below(double z) {
  return 0.5 * std::erfc(-z * std::numbers::sqrt2 / 2);
}

double logistic(double x) {
  return 1 / (1 + std::exp(-x));
}

double value_of(ResponseSpace space, double coordinate) {
  return space == ResponseSpace::linear ? coordinate : std::exp(coordinate);
}

}  // namespace

double coordinate_of(ResponseSpace space, double value) {
  return space == ResponseSpace::linear ? value : std::log(value);
}

MixtureResponse::MixtureResponse(ResponseKnots knots) : knots_(std::move(knots)) {
  expect(count() >= 5 && components() >= 1 && components() <= most_components,
         "a mixture response has knots and components");
  first_ = coordinate_of(knots_.space, knots_.true_lo);
  step_ = (coordinate_of(knots_.space, knots_.true_hi) - first_) /
          static_cast<double>(count() - 1);
  t_lo_ = coordinate_of(knots_.space, knots_.lo);
  t_hi_ = coordinate_of(knots_.space, knots_.hi);
  find_slopes();
  find_cells();
  fill_widths();
}

/// Derivatives at the knots from the five around each, to fourth order inside.
void MixtureResponse::find_slopes() {
  for (const auto* m : {&knots_.logit, &knots_.mean, &knots_.log_sd})
    value_.data.insert(value_.data.end(), m->data.begin(), m->data.end());
  value_.data.insert(value_.data.end(), knots_.detection.begin(), knots_.detection.end());
  value_.rows = value_.data.size() / count();
  value_.cols = count();
  slope_ = Matrix(value_.rows, count());
  for (std::size_t q = 0; q < value_.rows; ++q)
    for (std::size_t k = 0; k < count(); ++k) {
      const auto v = [&](std::size_t at) { return value_(q, at); };
      const std::size_t last = count() - 1;
      if (k == 0)
        slope_(q, k) = (-3 * v(0) + 4 * v(1) - v(2)) / 2;
      else if (k == last)
        slope_(q, k) = (3 * v(last) - 4 * v(last - 1) + v(last - 2)) / 2;
      else if (k == 1 || k == last - 1)
        slope_(q, k) = (v(k + 1) - v(k - 1)) / 2;
      else
        slope_(q, k) = (8 * (v(k + 1) - v(k - 1)) - v(k + 2) + v(k - 2)) / 12;
    }
}

MixtureResponse::Place MixtureResponse::place(double x) const {
  const double last = static_cast<double>(count() - 1);
  const double at = (coordinate_of(knots_.space, x) - first_) / step_;
  if (!(at > 0)) return {0, 0, false};
  if (!(at < last)) return {count() - 2, 1, false};
  const double left = std::floor(at);
  return {static_cast<std::size_t>(left), at - left, true};
}

MixtureResponse::Local MixtureResponse::local(double x) const {
  const auto [k, p, inside] = place(x);
  const double q = 1 - p;
  const double a = q * q * (1 + 2 * p), b = q * q * p, c = p * p * (3 - 2 * p),
               d = -p * p * q;
  const double rise = inside ? 6 * p * q / step_ : 0;  // of c, and of -a
  const double da = inside ? q * (1 - 3 * p) / step_ : 0,
               db = inside ? p * (3 * p - 2) / step_ : 0;
  const auto cubic = [&](std::size_t row, double& value, double& slope) {
    const double *v = value_.row(row) + k, *s = slope_.row(row) + k;
    value = a * v[0] + b * s[0] + c * v[1] + d * s[1];
    slope = rise * (v[1] - v[0]) + da * s[0] + db * s[1];
  };
  const std::size_t n = components();
  Local out{};
  double top = -std::numeric_limits<double>::infinity(), sum = 0, mean_slope = 0;
  for (std::size_t i = 0; i < n; ++i) {
    cubic(i, out.weight[i], out.weight_slope[i]);
    cubic(n + i, out.mean[i], out.mean_slope[i]);
    double log_sd = 0;
    cubic(2 * n + i, log_sd, out.log_sd_slope[i]);
    out.sd[i] = std::exp(log_sd);
    top = std::max(top, out.weight[i]);
  }
  for (std::size_t i = 0; i < n; ++i)
    sum += out.weight[i] = std::exp(out.weight[i] - top);
  for (std::size_t i = 0; i < n; ++i)
    mean_slope += (out.weight[i] /= sum) * out.weight_slope[i];
  for (std::size_t i = 0; i < n; ++i)
    out.weight_slope[i] = out.weight[i] * (out.weight_slope[i] - mean_slope);
  return out;
}

/// Probability below t before the mixture is cut off; above t if `side` is -1.
double MixtureResponse::below(const Local& at, double t, double side) const {
  double sum = 0;
  for (std::size_t i = 0; i < components(); ++i)
    sum += at.weight[i] * normal_below(side * (t - at.mean[i]) / at.sd[i]);
  return sum;
}

/// Its derivative by the coordinate of the true value, at fixed t.
double MixtureResponse::below_slope(const Local& at, double t, double side) const {
  double sum = 0;
  for (std::size_t i = 0; i < components(); ++i) {
    const double z = (t - at.mean[i]) / at.sd[i];
    const double moved = -at.mean_slope[i] / at.sd[i] - z * at.log_sd_slope[i];
    sum += at.weight_slope[i] * normal_below(side * z) +
           at.weight[i] * side * phi(z) * moved;
  }
  return sum;
}

/// Density of the coordinate before it is cut off.
double MixtureResponse::mixture(const Local& at, double t) const {
  double sum = 0;
  for (std::size_t i = 0; i < components(); ++i)
    sum += at.weight[i] / at.sd[i] * phi((t - at.mean[i]) / at.sd[i]);
  return sum;
}

double MixtureResponse::efficiency(double x) const {
  if (!loses()) return 1;
  const auto [k, p, inside] = place(x);
  const double q = 1 - p;
  const std::size_t row = value_.rows - 1;
  const double *v = value_.row(row) + k, *s = slope_.row(row) + k;
  return logistic(q * q * ((1 + 2 * p) * v[0] + p * s[0]) +
                  p * p * ((3 - 2 * p) * v[1] - q * s[1]));
}

double MixtureResponse::density(double y, double x) const {
  if (!(y >= knots_.lo && y <= knots_.hi)) return 0;
  const auto at = local(x);
  const double whole = below(at, t_hi_, 1) - below(at, t_lo_, 1);
  if (!(whole > 0)) return 0;
  const double stretch = knots_.space == ResponseSpace::linear ? 1 : 1 / y;
  return efficiency(x) * mixture(at, coordinate_of(knots_.space, y)) * stretch / whole;
}

double MixtureResponse::cumulative(double y, double x) const {
  if (!(y > knots_.lo)) return 0;
  if (!(y < knots_.hi)) return 1;
  const auto at = local(x);
  const double from = below(at, t_lo_, 1), whole = below(at, t_hi_, 1) - from;
  return whole > 0 ? (below(at, coordinate_of(knots_.space, y), 1) - from) / whole : 0.5;
}

std::array<double, 2> MixtureResponse::scores(double y, double x) const {
  const auto at = local(x);
  const double t = coordinate_of(knots_.space, y);
  double mean = 0, square = 0, sum = 0, slope = 0;
  for (std::size_t i = 0; i < components(); ++i) {
    const double z = (t - at.mean[i]) / at.sd[i];
    const double density = at.weight[i] / at.sd[i] * phi(z);
    sum += density;
    slope -= density * z / at.sd[i];
    mean += at.weight[i] * at.mean[i];
    square += at.weight[i] * (at.sd[i] * at.sd[i] + at.mean[i] * at.mean[i]);
  }
  if (!(sum > 0)) return {0, 0};
  const double width = std::sqrt(std::max(square - mean * mean, 0.0));
  return {-width * slope / sum, -(t - mean) * slope / sum - 1};
}

/// Where below(at, t, side) is `target`: Newton steps that stay in a bracket.
double MixtureResponse::solve(const Local& at, double target, double side) const {
  double lo = std::numeric_limits<double>::infinity(), hi = -lo, narrow = lo, mean = 0;
  for (std::size_t i = 0; i < components(); ++i) {
    lo = std::min(lo, at.mean[i] - far * at.sd[i]);
    hi = std::max(hi, at.mean[i] + far * at.sd[i]);
    narrow = std::min(narrow, at.sd[i]);
    mean += at.weight[i] * at.mean[i];
  }
  lo = std::clamp(lo, t_lo_, t_hi_);
  hi = std::clamp(hi, t_lo_, t_hi_);
  double t = std::clamp(mean, lo, hi);
  for (int k = 0; k < 100; ++k) {
    const double excess = below(at, t, side) - target;
    ((excess > 0) == (side > 0) ? hi : lo) = t;
    double next = t - side * excess / mixture(at, t);
    if (!(next > lo && next < hi)) next = (lo + hi) / 2;
    const double move = std::fabs(next - t);
    t = next;
    if (move < 1e-12 * narrow) break;
  }
  return t;
}

MixtureResponse::Measured MixtureResponse::measure(double x, double u) const {
  const auto at = local(x);
  // From the nearer end, so that tails keep their digits.
  const bool upper = u > 0.5;
  const double side = upper ? -1 : 1, share = upper ? 1 - u : u;
  const double near_end = upper ? t_hi_ : t_lo_, far_end = upper ? t_lo_ : t_hi_;
  const double from = below(at, near_end, side), whole = below(at, far_end, side) - from;
  const double t = solve(at, from + share * whole, side);
  const double y = std::clamp(value_of(knots_.space, t), knots_.lo, knots_.hi);
  const double density = mixture(at, t);
  if (!(whole > 0 && density > 0)) return {y, 0};
  // The share of the probability between the ends stays the same.
  const double rise = below_slope(at, t, side) -
                      (1 - share) * below_slope(at, near_end, side) -
                      share * below_slope(at, far_end, side);
  const double slope = -side * rise / density;
  return {y, knots_.space == ResponseSpace::linear ? slope : slope * y / x};
}

std::size_t MixtureResponse::cell_of(double t) const {
  const double at = (t - cell_first_) / cell_width_;
  return static_cast<std::size_t>(
      std::clamp(at, 0.0, static_cast<double>(cells_.size() - 1)));
}

void MixtureResponse::find_cells() {
  const double inf = std::numeric_limits<double>::infinity();
  const double last = first_ + step_ * static_cast<double>(count() - 1);
  cell_first_ = std::min(first_, t_lo_);
  cell_width_ = (std::max(last, t_hi_) - cell_first_) / cells;
  cells_.assign(cells, {inf, -inf, inf});
  const auto narrow = [this](double from, double to, double width) {
    const std::size_t end = cell_of(to);
    for (std::size_t c = cell_of(from); c <= end; ++c)
      cells_[c].width = std::min(cells_[c].width, width);
  };
  for (std::size_t k = 0; k < count(); ++k) {
    const double here = first_ + step_ * static_cast<double>(k);
    const double from = value_of(knots_.space, here - (k > 0 ? step_ : 0));
    const double to = value_of(knots_.space, here + (k + 1 < count() ? step_ : 0));
    const auto at = local(value_of(knots_.space, here));
    for (std::size_t i = 0; i < components(); ++i) {
      const double m = at.mean[i], s = at.sd[i];
      const std::size_t end = cell_of(m + far * s);
      for (std::size_t c = cell_of(m - far * s); c <= end; ++c) {
        cells_[c].from = std::min(cells_[c].from, from);
        cells_[c].to = std::max(cells_[c].to, to);
      }
      if (at.weight[i] < light) continue;
      narrow(m - near * s, m + near * s, s);
      narrow(here, here, s);
    }
  }
}

/// Cells without a width take that of a neighbour; then widths are those of values.
void MixtureResponse::fill_widths() {
  const auto fill = [](const auto& begin, const auto& end) {
    for (auto it = begin + 1; it != end; ++it)
      if (!std::isfinite(it->width)) it->width = (it - 1)->width;
  };
  fill(cells_.begin(), cells_.end());
  fill(cells_.rbegin(), cells_.rend());
  for (std::size_t c = 0; c < cells_.size() && knots_.space == ResponseSpace::log; ++c)
    cells_[c].width *= std::exp(cell_first_ + cell_width_ * static_cast<double>(c));
}

bool MixtureResponse::reaches(double y, double x) const {
  if (!(y >= knots_.lo && y <= knots_.hi)) return false;
  const auto& cell = cells_[cell_of(coordinate_of(knots_.space, y))];
  return cell.from <= x && x <= cell.to;
}

double MixtureResponse::narrowest(double value) const {
  if (knots_.space == ResponseSpace::log && !(value > 0)) return cells_.front().width;
  return cells_[cell_of(coordinate_of(knots_.space, value))].width;
}

}  // namespace femto
