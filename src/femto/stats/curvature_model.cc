// Quadratic models of steps.
#include "femto/stats/curvature_model.h"

#include <algorithm>
#include <cmath>

#include "femto/stats/linear.h"

namespace femto::stats {
namespace {

constexpr double null_tolerance = 1e-10, null_curvature = 1e-8;

/// One damped BFGS update by a pair in scaled coordinates.
void update(Matrix& b, std::span<const double> s, std::vector<double> y) {
  const std::vector<double> bs = multiply(b, s);
  const double sbs = dot(s, bs), sy = dot(s, y);
  if (!(sbs > 0) || !std::isfinite(sy)) return;
  if (sy < 0.2 * sbs) {
    const double part = 0.8 * sbs / (sbs - sy);
    for (std::size_t i = 0; i < y.size(); ++i) y[i] = part * y[i] + (1 - part) * bs[i];
  }
  add_outer(b, -1 / sbs, bs);
  add_outer(b, 1 / dot(s, y), y);
}

}  // namespace

double ScaledModel::remove_null(std::vector<double>& g) const {
  double square = 0;
  for (std::size_t k = 0; k < null.cols; ++k) {
    double part = 0;
    for (std::size_t i = 0; i < g.size(); ++i) part += null(i, k) * g[i];
    for (std::size_t i = 0; i < g.size(); ++i) g[i] -= part * null(i, k);
    square += part * part;
  }
  return std::sqrt(square);
}

ScaledModel scaled_model(const Matrix& curvature, std::span<const double> widths) {
  const std::size_t n = curvature.rows;
  ScaledModel out{std::vector<double>(n), Matrix(n, n), {}};
  for (std::size_t i = 0; i < n; ++i)
    out.scale[i] = curvature(i, i) > 0 ? std::sqrt(curvature(i, i)) : 1 / widths[i];
  for (std::size_t i = 0; i < n; ++i)
    for (std::size_t j = 0; j < n; ++j)
      out.b(i, j) = curvature(i, j) / (out.scale[i] * out.scale[j]);
  out.null = null_space(out.b, null_tolerance);
  if (out.null.cols == 0) return out;
  const std::vector<double> eigenvalues = eigen_symmetric(out.b).values;
  const double largest = eigenvalues.back() > 0 ? eigenvalues.back() : 1;
  std::vector<double> direction(n);
  for (std::size_t k = 0; k < out.null.cols; ++k) {
    for (std::size_t i = 0; i < n; ++i) direction[i] = out.null(i, k);
    add_outer(out.b, null_curvature * largest - eigenvalues[k], direction);
  }
  return out;
}

void apply_pairs(ScaledModel& model, const std::deque<SecantPair>& pairs) {
  const std::size_t n = model.scale.size();
  std::vector<double> s(n), y(n);
  for (const SecantPair& pair : pairs) {
    for (std::size_t i = 0; i < n; ++i) {
      s[i] = pair.step[i] * model.scale[i];
      y[i] = pair.change[i] / model.scale[i];
    }
    model.remove_null(s);
    model.remove_null(y);
    update(model.b, s, y);
  }
}

ScaledModel limited_memory_base(std::span<const double> gradient,
                                std::span<const double> widths,
                                const std::deque<SecantPair>& pairs) {
  const std::size_t n = gradient.size();
  ScaledModel out{std::vector<double>(n), identity(n), Matrix(n, 0)};
  double size = 0;
  for (std::size_t i = 0; i < n; ++i) {
    out.scale[i] = 1 / widths[i];
    size = std::max(size, std::abs(gradient[i] * widths[i]));
  }
  double curvature = 10 * size;
  if (!pairs.empty()) {
    double sy = 0, yy = 0;
    for (std::size_t i = 0; i < n; ++i) {
      const double y = pairs.back().change[i] * widths[i];
      sy += pairs.back().step[i] / widths[i] * y;
      yy += y * y;
    }
    if (sy > 0) curvature = yy / sy;
  }
  const double safe = curvature > 0 && std::isfinite(curvature) ? curvature : 1;
  for (double& v : out.b.data) v *= safe;
  return out;
}

}  // namespace femto::stats
