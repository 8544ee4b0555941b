// Whitened coordinates from the eigenvectors of the information in units of the box.
#include "femto/neural/region.h"

#include <algorithm>
#include <cmath>

#include "femto/core/random.h"
#include "femto/stats/linear.h"

namespace femto::neural {
namespace {

/// Information below this part of the largest, in units of the box, is none.
constexpr double nothing = 1e-9;
/// The farthest that one unit of a coordinate reaches, in widths of the box.
constexpr double longest = 0.3;

/// Moves x along direction v, in units of `width`, to the point nearest the start that
/// lies in the box.
void move_to_start(const ParameterSetup& setup,
                   std::span<const double> width,
                   std::span<const double> v,
                   std::vector<double>& x) {
  double t = 0;
  for (std::size_t j = 0; j < x.size(); ++j)
    if (width[j] > 0) t += v[j] * (setup.parameters[j].start - x[j]) / width[j];
  for (std::size_t j = 0; j < x.size(); ++j) {
    const double step = v[j] * width[j];
    if (std::fabs(v[j]) < 1e-6 || step == 0) continue;
    const double a = (setup.parameters[j].lo - x[j]) / step,
                 b = (setup.parameters[j].hi - x[j]) / step;
    t = std::clamp(t, std::min(a, b), std::max(a, b));
  }
  for (std::size_t j = 0; j < x.size(); ++j) x[j] += t * v[j] * width[j];
}

}  // namespace

std::vector<double> Region::z_of(std::span<const double> theta) const {
  std::vector<double> step(theta.begin(), theta.end());
  for (std::size_t j = 0; j < step.size(); ++j) step[j] -= centre[j];
  return stats::multiply(forward, step);
}

std::vector<double> Region::theta_of(std::span<const double> z) const {
  auto theta = stats::multiply(backward, z);
  for (std::size_t j = 0; j < theta.size(); ++j) theta[j] += centre[j];
  return theta;
}

Region region_of(const ParameterSetup& setup,
                 std::vector<double> centre,
                 const Matrix& information,
                 double radius) {
  const std::size_t n = centre.size();
  std::vector<double> width(n);
  for (std::size_t j = 0; j < n; ++j) {
    const auto& p = setup.parameters[j];
    width[j] = j < setup.fixed.size() && setup.fixed[j] ? 0 : p.hi - p.lo;
  }
  Matrix scaled(n, n);
  for (std::size_t i = 0; i < n; ++i)
    for (std::size_t j = 0; j < n; ++j)
      scaled(i, j) = width[i] * information(i, j) * width[j];
  const auto spectrum = stats::eigen_symmetric(scaled);
  std::vector<std::size_t> kept;
  for (std::size_t k = 0; k < n; ++k) {
    if (spectrum.values[k] > nothing * spectrum.values.back()) {
      kept.push_back(k);
      continue;
    }
    std::vector<double> v(n);
    for (std::size_t j = 0; j < n; ++j) v[j] = spectrum.vectors(j, k);
    move_to_start(setup, width, v, centre);
  }
  Region out{std::move(centre), Matrix(kept.size(), n), Matrix(n, kept.size()), radius};
  for (std::size_t r = 0; r < kept.size(); ++r) {
    const double root =
        std::sqrt(std::max(spectrum.values[kept[r]], 1 / (longest * longest)));
    for (std::size_t j = 0; j < n; ++j) {
      const double v = spectrum.vectors(j, kept[r]);
      out.forward(r, j) = width[j] > 0 ? v * root / width[j] : 0;
      out.backward(j, r) = v / root * width[j];
    }
  }
  return out;
}

std::vector<double> region_point(const Region& region,
                                 const ParameterSetup& setup,
                                 std::uint64_t seed,
                                 std::uint64_t number) {
  const auto stream = random::Stream::named(seed, "learned points");
  const std::uint64_t pair = number / 2;
  std::vector<double> z(region.size());
  double square = 0;
  for (std::size_t k = 0; k < z.size(); ++k) {
    z[k] = random::normal_pair(stream, pair, static_cast<std::uint32_t>(k + 1))[0];
    square += z[k] * z[k];
  }
  const double length = region.radius * random::uniform(stream, pair) / std::sqrt(square);
  for (double& v : z) v *= number % 2 ? -length : length;
  const auto step = stats::multiply(region.backward, z);
  double inside = 1;
  for (std::size_t j = 0; j < step.size(); ++j) {
    const auto& p = setup.parameters[j];
    if (step[j] > 0) inside = std::min(inside, (p.hi - region.centre[j]) / step[j]);
    if (step[j] < 0) inside = std::min(inside, (p.lo - region.centre[j]) / step[j]);
  }
  for (double& v : z) v *= std::max(inside, 0.0);
  return z;
}

}  // namespace femto::neural
