#include "femto/qcd/initial_scale.h"

#include <algorithm>
#include <cmath>

#include <boost/math/special_functions/beta.hpp>
#include <boost/math/special_functions/digamma.hpp>

#include "femto/core/error.h"
#include "femto/qcd/toy_input.h"

namespace femto::qcd {
namespace {

constexpr std::size_t partons = 6, sum_ruled = 3, gluon = 2;

/// Where a parton's density is counted: the quark and the antiquark it stands for.
constexpr std::array<std::array<int, 2>, partons> rows = {
    {{2, 2}, {1, 1}, {0, 0}, {2, -2}, {1, -1}, {3, -3}}};

/// How often it counts in the sum of all momenta.
constexpr std::array<double, partons> copies = {1, 1, 1, 2, 2, 2};

/// Box of each parameter, in their order.
constexpr std::array<std::array<double, 2>, InitialScale::parameter_count> boxes = {{
    {0.3, 1.5},  {2, 5},      {-1, 4}, {-0.9, 8},             // up_valence
    {0.3, 1.5},  {2, 7},      {-1, 4}, {-0.9, 8},             // down_valence
    {-0.7, 0.8}, {2, 10},     {-1, 4}, {-0.9, 8},             // gluon
    {0, 0.6},    {-0.5, 0.5}, {4, 12}, {-1, 4},   {-0.9, 8},  // anti_up
    {0, 0.6},    {-0.5, 0.5}, {3, 10}, {-1, 4},   {-0.9, 8},  // anti_down
    {0, 0.3},    {-0.5, 0.5}, {3, 10}, {-1, 4},   {-0.9, 2},  // strange
}};

/// First parameter of the shape; the amplitude of a sea quark stands before it.
constexpr std::size_t shape_at(std::size_t parton) {
  return parton < sum_ruled ? 4 * parton : 12 + 5 * (parton - sum_ruled) + 1;
}

Shape shape_of(std::span<const double> p, std::size_t parton) {
  const auto s = p.subspan(shape_at(parton), 4);
  return {s[0], s[1], s[2], s[3]};
}

/// Amplitudes and their derivatives.
struct Amplitudes {
  std::array<double, partons> value = {};
  std::array<std::array<double, InitialScale::parameter_count>, partons> slopes = {};
};

Amplitudes solve(std::span<const double> p) {
  Amplitudes n;
  constexpr std::array<double, 2> valence = {2, 1};
  for (std::size_t k = 0; k < partons; ++k) {
    if (k < valence.size()) {
      const auto count = shape_moment(shape_of(p, k), 1);
      n.value[k] = valence[k] / count.value;
      for (std::size_t i = 0; i < 4; ++i)
        n.slopes[k][shape_at(k) + i] = -n.value[k] * count.slopes[i] / count.value;
    } else if (k >= sum_ruled) {
      n.value[k] = p[shape_at(k) - 1];
      n.slopes[k][shape_at(k) - 1] = 1;
    }
  }
  // What the quarks carry, then the gluon's amplitude times its moment is the rest.
  double left = 1;
  std::array<double, InitialScale::parameter_count> left_slopes = {};
  for (std::size_t k = 0; k < partons; ++k) {
    if (k == gluon) continue;
    const auto carried = shape_moment(shape_of(p, k), 2);
    left -= copies[k] * n.value[k] * carried.value;
    for (std::size_t i = 0; i < left_slopes.size(); ++i)
      left_slopes[i] -= copies[k] * n.slopes[k][i] * carried.value;
    for (std::size_t i = 0; i < 4; ++i)
      left_slopes[shape_at(k) + i] -= copies[k] * n.value[k] * carried.slopes[i];
  }
  const auto share = shape_moment(shape_of(p, gluon), 2);
  n.value[gluon] = left / share.value;
  for (std::size_t i = 0; i < left_slopes.size(); ++i)
    n.slopes[gluon][i] = left_slopes[i] / share.value;
  for (std::size_t i = 0; i < 4; ++i)
    n.slopes[gluon][shape_at(gluon) + i] -=
        n.value[gluon] * share.slopes[i] / share.value;
  return n;
}

void check(std::span<const double> p) {
  expect(p.size() == InitialScale::parameter_count, "27 parameters of the initial scale");
}

}  // namespace

double Shape::operator()(double x) const {
  return std::pow(x, a) * std::pow(1 - x, b) * (1 + c * std::sqrt(x) + d * x);
}

std::array<double, 4> Shape::slopes(double x) const {
  const double power = std::pow(x, a) * std::pow(1 - x, b);
  const double value = power * (1 + c * std::sqrt(x) + d * x);
  return {value * std::log(x), value * std::log1p(-x), power * std::sqrt(x), power * x};
}

ShapeMoment shape_moment(const Shape& shape, double n) {
  const double q = shape.b + 1;
  if (!(shape.a + n - 1 > 0 && q > 0))
    throw NumericalError(
        fmt::format("moment {} of x^{} (1 - x)^{} diverges at an end of [0, 1]",
                    n,
                    shape.a,
                    shape.b),
        "bound the powers a and b from below");
  const double factor[] = {1, shape.c, shape.d};
  ShapeMoment m;
  for (std::size_t k = 0; k < 3; ++k) {
    const double p = shape.a + n - 1 + 0.5 * static_cast<double>(k);
    const double beta = boost::math::beta(p, q);
    const double both = boost::math::digamma(p + q);
    m.value += factor[k] * beta;
    m.slopes[0] += factor[k] * beta * (boost::math::digamma(p) - both);
    m.slopes[1] += factor[k] * beta * (boost::math::digamma(q) - both);
    if (k > 0) m.slopes[k + 1] = beta;
  }
  return m;
}

InitialScale::InitialScale(const XGrid& grid) : x_(grid.x().begin(), grid.x().end()) {}

const std::array<std::string_view, InitialScale::parameter_count>& InitialScale::names() {
  static constexpr std::array<std::string_view, parameter_count> all = {
      "up_valence.a",      "up_valence.b",      "up_valence.c",
      "up_valence.d",      "down_valence.a",    "down_valence.b",
      "down_valence.c",    "down_valence.d",    "gluon.a",
      "gluon.b",           "gluon.c",           "gluon.d",
      "anti_up.amplitude", "anti_up.a",         "anti_up.b",
      "anti_up.c",         "anti_up.d",         "anti_down.amplitude",
      "anti_down.a",       "anti_down.b",       "anti_down.c",
      "anti_down.d",       "strange.amplitude", "strange.a",
      "strange.b",         "strange.c",         "strange.d"};
  return all;
}

const std::vector<StartParameter>& InitialScale::parameters() const {
  static const auto all = [] {
    std::vector<StartParameter> out;
    const auto toy = les_houches_parameters();
    for (std::size_t k = 0; k < parameter_count; ++k) {
      std::string name(names()[k]);
      std::ranges::replace(name, '.', '_');
      out.push_back({std::move(name),
                     boxes[k][0],
                     boxes[k][1],
                     toy[k],
                     "of x f(x) at the initial scale"});
    }
    return out;
  }();
  return all;
}

std::array<double, 6> InitialScale::amplitudes(std::span<const double> p) const {
  check(p);
  return solve(p).value;
}

void InitialScale::densities(std::span<const double> p, std::span<double> out) const {
  check(p);
  const std::size_t n = x_.size();
  expect(out.size() == flavour_rows * n, "densities are [flavour, node]");
  std::fill(out.begin(), out.end(), 0.0);
  const auto amplitude = solve(p).value;
  for (std::size_t k = 0; k < partons; ++k) {
    const auto shape = shape_of(p, k);
    const auto [first, second] = rows[k];
    for (std::size_t j = 0; j < n; ++j) {
      const double f = amplitude[k] * shape(x_[j]);
      out[flavour_row(first) * n + j] += f;
      if (second != first) out[flavour_row(second) * n + j] += f;
    }
  }
}

void InitialScale::jacobian(std::span<const double> p, std::span<double> out) const {
  check(p);
  const std::size_t n = x_.size(), size = flavour_rows * n;
  expect(out.size() == parameter_count * size, "slopes are [parameter, flavour, node]");
  std::fill(out.begin(), out.end(), 0.0);
  const auto amplitude = solve(p);
  for (std::size_t k = 0; k < partons; ++k) {
    const auto shape = shape_of(p, k);
    const auto [first, second] = rows[k];
    const auto add = [&](std::size_t parameter, std::size_t j, double slope) {
      out[parameter * size + flavour_row(first) * n + j] += slope;
      if (second != first) out[parameter * size + flavour_row(second) * n + j] += slope;
    };
    for (std::size_t j = 0; j < n; ++j) {
      const double value = shape(x_[j]);
      for (std::size_t i = 0; i < parameter_count; ++i)
        if (amplitude.slopes[k][i] != 0) add(i, j, amplitude.slopes[k][i] * value);
      const auto slopes = shape.slopes(x_[j]);
      for (std::size_t i = 0; i < 4; ++i)
        add(shape_at(k) + i, j, amplitude.value[k] * slopes[i]);
    }
  }
}

}  // namespace femto::qcd
