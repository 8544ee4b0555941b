#include "femto/physics/migration.h"

#include <algorithm>
#include <cmath>

#include "femto/core/error.h"
#include "femto/physics/grid_cells.h"

namespace femto {

namespace {

/// Ends, and the middles between them.
std::vector<double> with_middles(const std::vector<double>& edges) {
  std::vector<double> out{edges.front()};
  for (std::size_t k = 0; k + 1 < edges.size(); ++k)
    out.push_back((edges[k] + edges[k + 1]) / 2);
  out.push_back(edges.back());
  return out;
}

}  // namespace

Migration::Migration(std::vector<double> true_edges,
                     const std::vector<double>& measured_edges,
                     const std::vector<std::vector<double>>& counts,
                     const std::vector<double>& of,
                     MeasuredShape shape)
    : true_edges_(std::move(true_edges)),
      edges_(shape == MeasuredShape::steps ? measured_edges
                                           : with_middles(measured_edges)) {
  expect(counts.size() + 1 == true_edges_.size() && of.size() == counts.size(),
         "a migration has a row per true bin");
  for (std::size_t i = 0; i < counts.size(); ++i) {
    expect(counts[i].size() + 1 == measured_edges.size(),
           "a migration has a column per measured bin");
    std::vector<double> height;
    double all = 0;
    for (std::size_t k = 0; k < counts[i].size(); ++k) {
      height.push_back(counts[i][k] / of[i] /
                       (measured_edges[k + 1] - measured_edges[k]));
      all += counts[i][k] / of[i];
    }
    Row row{height, height, {0}};
    if (shape == MeasuredShape::smooth) {
      row.left.insert(row.left.begin(), height.front());
      row.right.push_back(height.back());
    }
    for (std::size_t k = 0; k < row.left.size(); ++k)
      row.running.push_back(row.upto(k, 1, width(k)));
    // Straight lines between middles hold a little more or less than the bins.
    const double factor = row.running.back() > 0 ? all / row.running.back() : 0;
    for (auto* values : {&row.left, &row.right, &row.running})
      for (double& v : *values) v *= factor;
    rows_.push_back(std::move(row));
  }
  find_reach();
}

/// A bin acts as far as the middles of its neighbours.
void Migration::find_reach() {
  for (std::size_t k = 0; k + 1 < edges_.size(); ++k) {
    Reach reach{true_edges_.back(), true_edges_.front()};
    for (std::size_t i = 0; i < rows_.size(); ++i) {
      if (rows_[i].left[k] == 0 && rows_[i].right[k] == 0) continue;
      reach.from = std::min(reach.from, i > 0 ? middle(i - 1) : true_edges_.front());
      reach.to = i + 1 < rows_.size() ? middle(i + 1) : true_edges_.back();
    }
    reach_.push_back(reach);
  }
}

bool Migration::reaches(double y, double x) const {
  const auto bin = bin_in(edges_, y);
  if (bin < 0) return false;
  const auto& reach = reach_[static_cast<std::size_t>(bin)];
  return reach.from <= x && x <= reach.to;
}

std::vector<double> Migration::middles() const {
  std::vector<double> out;
  for (std::size_t i = 0; i < rows_.size(); ++i) out.push_back(middle(i));
  return out;
}

bool Migration::loses() const {
  return std::ranges::any_of(
      rows_, [](const auto& row) { return row.running.back() < 1 - 1e-12; });
}

double Migration::efficiency(double x) const {
  return sum(between(x), edges_.size() - 1);
}

double Migration::density(double y, double x) const {
  const auto bin = bin_in(edges_, y);
  if (bin < 0) return 0;
  const auto k = static_cast<std::size_t>(bin);
  const double part = (y - edges_[k]) / width(k);
  const auto at = between(x);
  const auto height = [&](const Row& row) {
    return std::lerp(row.left[k], row.right[k], part);
  };
  return std::lerp(height(*at.low), height(*at.high), at.t);
}

Migration::Measured Migration::measure(double x, double u) const {
  const auto at = between(x);
  const auto mixed = [&](double low, double high) { return std::lerp(low, high, at.t); };
  const double whole = sum(at, edges_.size() - 1), target = u * whole;
  const auto k = cell_of(at, target);
  const double a = mixed(at.low->left[k], at.high->left[k]),
               b = mixed(at.low->right[k], at.high->right[k]);
  const auto [part, density] =
      invert_cell(a, b, std::max(0.0, target - sum(at, k)) / width(k));
  const double y = edges_[k] + part * width(k);
  if (at.width == 0 || !(density > 0)) return {y, 0};
  // F(y | x) - u F(end | x) stays zero.
  const double rise = at.high->upto(k, part, width(k)) - at.low->upto(k, part, width(k)) -
                      u * (at.high->running.back() - at.low->running.back());
  return {y, -rise / at.width / density};
}

Migration::Between Migration::between(double x) const {
  const auto above = std::ranges::upper_bound(true_edges_, x) - true_edges_.begin();
  auto bin = static_cast<std::size_t>(
      std::clamp<std::ptrdiff_t>(above - 1, 0, std::ssize(rows_) - 1));
  if (bin > 0 && x < middle(bin)) --bin;
  if (x < middle(bin) || bin + 1 == rows_.size()) return {&rows_[bin], &rows_[bin], 0, 0};
  const double step = middle(bin + 1) - middle(bin);
  return {&rows_[bin], &rows_[bin + 1], (x - middle(bin)) / step, step};
}

double Migration::sum(const Between& at, std::size_t edge) {
  return std::lerp(at.low->running[edge], at.high->running[edge], at.t);
}

std::size_t Migration::cell_of(const Between& at, double target) const {
  std::size_t low = 0;
  for (std::size_t high = edges_.size() - 1; high - low > 1;) {
    const std::size_t half = (low + high) / 2;
    (sum(at, half) <= target ? low : high) = half;
  }
  return low;
}

std::vector<double> equal_edges(double lo, double hi, std::size_t bins) {
  std::vector<double> out;
  for (std::size_t i = 0; i <= bins; ++i)
    out.push_back(std::lerp(lo, hi, static_cast<double>(i) / static_cast<double>(bins)));
  return out;
}

std::ptrdiff_t bin_in(const std::vector<double>& edges, double x) {
  if (!(x >= edges.front() && x <= edges.back())) return -1;
  const auto above = std::ranges::upper_bound(edges, x) - edges.begin();
  return std::min(above, std::ssize(edges) - 1) - 1;
}

}  // namespace femto
