#include "femto/physics/migration.h"

#include <algorithm>
#include <cmath>

#include "femto/core/error.h"

namespace femto {

Migration::Migration(std::vector<double> true_edges,
                     std::vector<double> measured_edges,
                     const std::vector<std::vector<double>>& counts,
                     const std::vector<double>& of)
    : true_edges_(std::move(true_edges)), measured_edges_(std::move(measured_edges)) {
  expect(counts.size() + 1 == true_edges_.size() && of.size() == counts.size(),
         "a migration has a row per true bin");
  for (std::size_t i = 0; i < counts.size(); ++i) {
    expect(counts[i].size() + 1 == measured_edges_.size(),
           "a migration has a column per measured bin");
    auto& sum = running_.emplace_back(std::vector<double>{0});
    for (const double c : counts[i]) sum.push_back(sum.back() + c / of[i]);
  }
}

std::vector<double> Migration::middles() const {
  std::vector<double> out;
  for (std::size_t i = 0; i < running_.size(); ++i) out.push_back(middle(i));
  return out;
}

bool Migration::loses() const {
  return std::ranges::any_of(running_,
                             [](const auto& sum) { return sum.back() < 1 - 1e-12; });
}

double Migration::efficiency(double x) const {
  return whole(between(x));
}

double Migration::density(double y, double x) const {
  const auto bin = bin_in(measured_edges_, y);
  if (bin < 0) return 0;
  const auto k = static_cast<std::size_t>(bin);
  const auto at = between(x);
  return (sum(at, k + 1) - sum(at, k)) / width(k);
}

Migration::Measured Migration::measure(double x, double u) const {
  const auto at = between(x);
  const double target = u * whole(at);
  const auto bin = bin_of(at, target);
  const double below = sum(at, bin), inside = sum(at, bin + 1) - below;
  if (!(inside > 0)) return {measured_edges_[bin], 0};
  const double part = (target - below) / inside;
  // F(y | x) - u F(end | x) stays zero.
  const auto moved = [&](std::size_t edge) {
    return running_[at.high][edge] - running_[at.low][edge];
  };
  const double rise =
      std::lerp(moved(bin), moved(bin + 1), part) - u * moved(measured_edges_.size() - 1);
  const double slope = at.width > 0 ? -rise / at.width * width(bin) / inside : 0;
  return {measured_edges_[bin] + part * width(bin), slope};
}

Migration::Between Migration::between(double x) const {
  const auto above = std::ranges::upper_bound(true_edges_, x) - true_edges_.begin();
  auto bin = static_cast<std::size_t>(
      std::clamp<std::ptrdiff_t>(above - 1, 0, std::ssize(running_) - 1));
  if (x < middle(bin)) {
    if (bin == 0) return {0, 0, 0, 0};
    --bin;
  }
  if (bin + 1 == running_.size()) return {bin, bin, 0, 0};
  const double step = middle(bin + 1) - middle(bin);
  return {bin, bin + 1, (x - middle(bin)) / step, step};
}

double Migration::sum(const Between& at, std::size_t edge) const {
  return std::lerp(running_[at.low][edge], running_[at.high][edge], at.t);
}

double Migration::whole(const Between& at) const {
  return sum(at, measured_edges_.size() - 1);
}

std::size_t Migration::bin_of(const Between& at, double target) const {
  std::size_t low = 0;
  for (std::size_t high = measured_edges_.size() - 1; high - low > 1;) {
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
