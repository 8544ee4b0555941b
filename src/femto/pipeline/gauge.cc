// A search may end anywhere along a null direction, often at the edge of the box.
#include "femto/pipeline/gauge.h"

#include <algorithm>
#include <cmath>

namespace femto {
namespace {

/// A null direction that bends changes the value; more than this is not a gauge any more.
constexpr double same_value = 1e-6;
/// Components of a null direction below this, in units of the box, do not count as moved.
constexpr double barely = 1e-3;

/// theta + t v nearest the start, t limited so that no parameter leaves its box.
std::vector<double> moved(const ParameterSetup& setup,
                          std::span<const double> theta,
                          const double* v) {
  double along = 0, length = 0;
  for (std::size_t k = 0; k < theta.size(); ++k) {
    const Parameter& p = setup.parameters[k];
    const double weight = 1 / ((p.hi - p.lo) * (p.hi - p.lo));
    along += weight * v[k] * (p.start - theta[k]);
    length += weight * v[k] * v[k];
  }
  double t = along / length;
  for (std::size_t k = 0; k < theta.size(); ++k) {
    const Parameter& p = setup.parameters[k];
    if (std::fabs(v[k]) * (p.hi - p.lo) < 1e-12) continue;
    const double a = (p.lo - theta[k]) / v[k], b = (p.hi - theta[k]) / v[k];
    t = std::clamp(t, std::min(a, b), std::max(a, b));
  }
  std::vector<double> out(theta.begin(), theta.end());
  for (std::size_t k = 0; k < out.size(); ++k) out[k] += t * v[k];
  return out;
}

}  // namespace

std::vector<double> nearest_start(const stats::Function& f,
                                  const ParameterSetup& setup,
                                  const Matrix& curvature,
                                  std::span<const double> theta) {
  std::vector<double> here(theta.begin(), theta.end());
  const auto taken_apart = spectrum(curvature, setup.fixed);
  if (taken_apart.null.rows == 0) return here;
  const double value = f(here).value;
  for (std::size_t i = 0; i < taken_apart.null.rows; ++i) {
    const auto there = moved(setup, here, taken_apart.null.row(i));
    const double change = f(there).value - value;
    if (std::isfinite(change) && std::fabs(change) < same_value) here = there;
  }
  return here;
}

std::vector<std::size_t> gauge_parameters(const Spectrum& s,
                                          const ParameterSetup& setup) {
  // Gaussian elimination of the null directions in units of the box.
  Matrix rows = s.null;
  for (std::size_t k = 0; k < rows.rows; ++k)
    for (std::size_t j = 0; j < rows.cols; ++j)
      rows(k, j) /= setup.parameters[j].hi - setup.parameters[j].lo;
  std::vector<std::size_t> held;
  std::vector<bool> used(rows.rows, false);
  for (std::size_t j = 0; j < rows.cols && held.size() < rows.rows; ++j) {
    std::size_t pivot = rows.rows;
    double size = 0;
    for (std::size_t k = 0; k < rows.rows; ++k) {
      double length = 0;
      for (std::size_t i = 0; i < rows.cols; ++i) length += rows(k, i) * rows(k, i);
      const double part = std::fabs(rows(k, j)) / std::sqrt(length);
      if (!used[k] && part > std::max(barely, size)) {
        size = part;
        pivot = k;
      }
    }
    if (pivot == rows.rows) continue;
    held.push_back(j);
    used[pivot] = true;
    for (std::size_t k = 0; k < rows.rows; ++k) {
      if (used[k]) continue;
      const double factor = rows(k, j) / rows(pivot, j);
      for (std::size_t i = 0; i < rows.cols; ++i) rows(k, i) -= factor * rows(pivot, i);
    }
  }
  return held;
}

std::vector<std::size_t> generic_gauge(const Task& task, double records) {
  std::vector<double> at;
  for (std::size_t j = 0; j < task.setup.parameters.size(); ++j) {
    const auto& p = task.setup.parameters[j];
    at.push_back(p.start);
    if (!task.setup.fixed[j])
      at[j] += 0.03 * (p.hi - p.lo) * (at[j] > (p.lo + p.hi) / 2 ? -1 : 1) /
               static_cast<double>(j + 1);
  }
  const auto information = expected_information(task.density, task.side, records, at);
  return gauge_parameters(spectrum(information, task.setup.fixed), task.setup);
}

}  // namespace femto
