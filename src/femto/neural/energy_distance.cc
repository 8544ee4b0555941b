#include "femto/neural/energy_distance.h"

#include <algorithm>
#include <cmath>

#include "femto/core/error.h"
#include "femto/core/random.h"
#include "femto/core/threads.h"

namespace femto::neural {
namespace {

Matrix directions(std::size_t columns, int extra, std::uint64_t seed) {
  if (columns < 2) extra = 0;
  const auto stream = random::Stream::named(seed, "directions");
  Matrix out(columns + static_cast<std::size_t>(extra), columns);
  for (std::size_t d = 0; d < out.rows; ++d) {
    if (d < columns) {
      out(d, d) = 1;
      continue;
    }
    double norm = 0;
    for (std::size_t c = 0; c < columns; ++c) {
      out(d, c) = random::normal_pair(stream, d, static_cast<std::uint32_t>(c))[0];
      norm += out(d, c) * out(d, c);
    }
    for (std::size_t c = 0; c < columns; ++c) out(d, c) /= std::sqrt(norm);
  }
  return out;
}

}  // namespace

CramerDistance cramer_distance(const std::vector<double>& a,
                               const std::vector<double>& b) {
  const double n = static_cast<double>(a.size()), m = static_cast<double>(b.size());
  CramerDistance out;
  std::size_t i = 0, j = 0;
  double at = std::min(a.front(), b.front());
  while (i < a.size() || j < b.size()) {
    const bool from_a = j == b.size() || (i < a.size() && a[i] <= b[j]);
    const double next = from_a ? a[i] : b[j];
    const double f = static_cast<double>(i) / n, g = static_cast<double>(j) / m;
    const double h = static_cast<double>(i + j) / (n + m);
    out.distance += (f - g) * (f - g) * (next - at);
    out.expected += h * (1 - h) * (next - at);
    at = next;
    ++(from_a ? i : j);
  }
  out.expected *= 1 / n + 1 / m;
  return out;
}

EnergyDistance::EnergyDistance(const Matrix& reference, int extra, std::uint64_t seed)
    : directions_(directions(reference.rows, extra, seed)) {
  expect(reference.cols > 0, "a reference sample to compare with");
  for (std::size_t d = 0; d < directions_.rows; ++d)
    sorted_.push_back(project(reference, d));
}

std::vector<double> EnergyDistance::project(const Matrix& sample,
                                            std::size_t direction) const {
  std::vector<double> out(sample.cols);
  for (std::size_t c = 0; c < sample.rows; ++c)
    for (std::size_t i = 0; i < sample.cols; ++i)
      out[i] += directions_(direction, c) * sample(c, i);
  std::sort(out.begin(), out.end());
  return out;
}

double EnergyDistance::operator()(const Matrix& sample) const {
  std::vector<double> ratio(directions_.rows);
  parallel_for(directions_.rows, [&](std::size_t d) {
    const auto [distance, expected] = cramer_distance(sorted_[d], project(sample, d));
    ratio[d] = distance / expected;
  });
  double sum = 0;
  for (const double r : ratio) sum += r;
  return sum / static_cast<double>(ratio.size());
}

}  // namespace femto::neural
