#include "femto/qcd/x_grid.h"

#include <algorithm>
#include <cmath>

#include "femto/core/error.h"
#include "femto/qcd/gauss.h"

namespace femto::qcd {

XGrid::XGrid(const Settings& settings) : settings_(settings) {
  const auto& s = settings_;
  if (!(s.x_min > 0 && s.x_min < 1))
    fail("x grid from {} to 1 (x_min must lie between)", s.x_min);
  if (!(s.stretch >= 0))
    fail("x grid with stretch {} (it cannot be negative)", s.stretch);
  if (s.degree < 1 || s.degree > max_degree)
    fail("interpolation of degree {} (1 to {} are possible)", s.degree, max_degree);
  if (s.nodes <= s.degree)
    fail("x grid of {} nodes (polynomials of degree {} need more)", s.nodes, s.degree);
  top_ = -std::log(s.x_min) + s.stretch * (1 - s.x_min);
  step_ = top_ / static_cast<double>(s.nodes);
  for (std::size_t j = 0; j < s.nodes; ++j) x_.push_back(at(static_cast<double>(j)));
  x_[0] = s.x_min;
}

double XGrid::position(double x) const {
  return (top_ + std::log(x) - settings_.stretch * (1 - x)) / step_;
}

double XGrid::slope(double x) const {
  return (1 / x + settings_.stretch) / step_;
}

double XGrid::at(double position) const {
  // Newton's method for ln x: position is convex in it, so it converges from the right.
  double log_x = 0;
  for (int i = 0; i < 100; ++i) {
    const double x = std::exp(log_x);
    const double change =
        (this->position(x) - position) * step_ / (1 + settings_.stretch * x);
    log_x -= change;
    if (std::abs(change) <= 1e-15 * (1 + std::abs(log_x))) break;
  }
  return std::exp(log_x);
}

XGrid::Stencil XGrid::stencil(double position) const {
  const std::size_t n = size(), degree = settings_.degree;  // node n is the one at 1
  const auto cell =
      static_cast<std::size_t>(std::clamp(position, 0.0, static_cast<double>(n) - 0.5));
  const std::size_t left = (degree - 1) / 2;
  const std::size_t first = std::min(cell > left ? cell - left : 0, n - degree);
  Stencil s{.first = first, .count = degree + 1};
  const double t = position - static_cast<double>(first);
  for (std::size_t j = 0; j <= degree; ++j) {
    double product = 1;
    for (std::size_t k = 0; k <= degree; ++k)
      if (k != j)
        product *= (t - static_cast<double>(k)) /
                   (static_cast<double>(j) - static_cast<double>(k));
    s.weight[j] = product;
  }
  if (first + degree == n) s.count = degree;  // F(1) = 0
  return s;
}

double XGrid::interpolate(std::span<const double> values, double x) const {
  expect(values.size() == size(), "one value for each node");
  if (!(x >= settings_.x_min * (1 - 1e-12) && x <= 1))
    fail("x = {} lies outside the grid from {} to 1", x, settings_.x_min);
  const auto s = stencil(position(x));
  double sum = 0;
  for (std::size_t k = 0; k < s.count; ++k) sum += s.weight[k] * values[s.first + k];
  return sum;
}

std::vector<double> XGrid::moment_weights(double n) const {
  std::vector<double> weights(size());
  const auto& rule = unit_rule(16);
  for (std::size_t cell = 0; cell < size(); ++cell)
    for (std::size_t k = 0; k < 16; ++k) {
      const double position = static_cast<double>(cell) + rule.t[k];
      const double x = at(position);
      const double w = rule.weight[k] * std::pow(x, n - 2) / slope(x);
      const auto s = stencil(position);
      for (std::size_t j = 0; j < s.count; ++j) weights[s.first + j] += w * s.weight[j];
    }
  return weights;
}

XGrid::Moment XGrid::moment(std::span<const double> values, double n) const {
  expect(values.size() == size(), "one value for each node");
  const auto weights = moment_weights(n);
  Moment m;
  for (std::size_t j = 0; j < size(); ++j) m.nodes += weights[j] * values[j];
  if (values[0] == 0 && values[1] == 0) return m;
  // ln F = constant - power l + root sqrt(l), l = ln(1/x), through three nodes
  const std::size_t far = std::min<std::size_t>(3, (size() - 1) / 2);
  double l[3], log_f[3];
  for (std::size_t k = 0; k < 3; ++k) {
    const double ratio = values[k * far] / values[0];
    if (!(ratio > 0))
      throw NumericalError(
          fmt::format("a density changes its sign near x = {} (it cannot "
                      "be continued below the grid)",
                      settings_.x_min));
    l[k] = -std::log(x_[k * far]);
    log_f[k] = std::log(ratio);
  }
  const auto inverse = [&](int a, int b) {
    return 1 / (std::sqrt(l[a]) + std::sqrt(l[b]));
  };
  const double near = log_f[1] / (l[1] - l[0]);
  const double next = (log_f[2] - log_f[1]) / (l[2] - l[1]);
  const double root = (next - near) / (inverse(1, 2) - inverse(0, 1));
  const double power = root * inverse(0, 1) - near + n - 1;
  if (!(power > 0))
    throw NumericalError(fmt::format(
        "moment {} of a density diverges at x = 0 (it grows as x^{:.3f} there)",
        n,
        power + 1 - n));
  // With t = x^power below the grid, relative to its end, the integrand is nearly flat.
  const auto& rule = unit_rule(30);
  double integral = 0;
  for (std::size_t k = 0; k < rule.size(); ++k) {
    const double below = l[0] - std::log(rule.t[k]) / power;
    integral += rule.weight[k] * std::exp(root * (std::sqrt(below) - std::sqrt(l[0])));
  }
  m.below = values[0] * std::pow(x_[0], n - 1) * integral / power;
  return m;
}

std::string XGrid::description() const {
  return fmt::format("x grid: {} nodes from {} to 1, stretch {}, degree {}",
                     settings_.nodes,
                     settings_.x_min,
                     settings_.stretch,
                     settings_.degree);
}

}  // namespace femto::qcd
