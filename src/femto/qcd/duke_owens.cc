// Duke-Owens shapes, their moments, and densities at the initial scale made of them.
#include "femto/qcd/duke_owens.h"

#include <algorithm>
#include <cmath>

#include <boost/math/special_functions/beta.hpp>
#include <boost/math/special_functions/digamma.hpp>

#include "femto/core/error.h"
#include "femto/qcd/flavours.h"
#include "femto/qcd/initial_scale.h"

namespace femto::qcd {
namespace {

constexpr double lambda2 = 0.4, lowest_q2 = 10;
constexpr std::size_t per_quark = 6, all = 2 * per_quark;
constexpr std::array<int, 2> quarks = {2, 1};
constexpr Shape gluon = {-0.1, 5, 0, 0};

/// k0, k1, k2 of A, a, b, c, d, e.
using Coefficients = std::array<std::array<double, 3>, per_quark>;

constexpr Coefficients up_coefficients = {{{0.112995643, 0.0284816039, 0.0349711182},
                                           {-1.07992996, -0.0867724315, 0.0267006979},
                                           {-0.342002556, 2.16083133, -0.0706215971},
                                           {59.9208979, -38.0095917, 6.96188257},
                                           {-193.266172, 176.589359, -39.6195694},
                                           {162.782187, -179.165065, 46.0385729}}};

constexpr Coefficients down_coefficients = {{{-0.062674009, 0.354363691, -0.106902973},
                                             {-1.20394986, 0.15533998, -0.0787939114},
                                             {0.275190189, 3.99743001, -0.840757936},
                                             {43.1272688, -32.6453695, 7.87648066},
                                             {-102.351414, 108.446491, -28.1885597},
                                             {25.8442965, -43.5307825, 12.2755848}}};

std::array<double, per_quark> coefficients_at(const Coefficients& k, double s) {
  std::array<double, per_quark> out = {};
  for (std::size_t i = 0; i < per_quark; ++i)
    out[i] = k[i][0] + s * (k[i][1] + s * k[i][2]);
  return out;
}

DukeOwensShape shape_of(std::span<const double> p) {
  return {p[0], p[1], p[2], p[3], p[4], p[5]};
}

/// Amplitude of the gluon, and its slopes.
std::array<double, 1 + all> gluon_amplitude(std::span<const double> p) {
  std::array<double, 1 + all> out = {};
  const double share = shape_moment(gluon, 2).value;
  out[0] = 1 / share;
  for (std::size_t q = 0; q < quarks.size(); ++q) {
    const auto carried = shape_of(p.subspan(q * per_quark, per_quark)).moment(2);
    out[0] -= carried.value / share;
    for (std::size_t i = 0; i < per_quark; ++i)
      out[1 + q * per_quark + i] = -carried.slopes[i] / share;
  }
  return out;
}

}  // namespace

double DukeOwensShape::operator()(double x) const {
  return amplitude * std::pow(x, a) * std::pow(1 - x, b) *
         (1 + x * (c + x * (d + x * e)));
}

std::array<double, 6> DukeOwensShape::slopes(double x) const {
  const double power = std::pow(x, a) * std::pow(1 - x, b);
  const double value = power * (1 + x * (c + x * (d + x * e)));
  const double up = amplitude * power * x;
  return {value,
          amplitude * value * std::log(x),
          amplitude * value * std::log1p(-x),
          up,
          up * x,
          up * x * x};
}

DukeOwensShape::Moment DukeOwensShape::moment(double n) const {
  if (!(a + n > 0 && b > -1))
    throw NumericalError(
        fmt::format("moment {} of x^{} (1 - x)^{} diverges at an end of [0, 1]", n, a, b),
        "bound the powers a and b from below");
  const double factor[] = {1, c, d, e};
  Moment m;
  for (std::size_t k = 0; k < 4; ++k) {
    const double p = a + n + static_cast<double>(k), q = b + 1;
    const double beta = boost::math::beta(p, q), both = boost::math::digamma(p + q);
    m.slopes[0] += factor[k] * beta;
    m.slopes[1] += amplitude * factor[k] * beta * (boost::math::digamma(p) - both);
    m.slopes[2] += amplitude * factor[k] * beta * (boost::math::digamma(q) - both);
    if (k > 0) m.slopes[k + 2] = amplitude * beta;
  }
  m.value = amplitude * m.slopes[0];
  return m;
}

DukeOwens DukeOwens::at(double q2) {
  if (!(q2 >= lowest_q2))
    fail("the Duke-Owens toy at Q2 = {} GeV2 (below {} its down density is negative)",
         q2,
         lowest_q2);
  const double s = std::log(std::log(q2 / lambda2) / std::log(1 / lambda2));
  return {shape_of(coefficients_at(up_coefficients, s)),
          shape_of(coefficients_at(down_coefficients, s))};
}

DukeOwensStart::DukeOwensStart(const XGrid& grid, double q2)
    : x_(grid.x().begin(), grid.x().end()) {
  const auto toy = DukeOwens::at(q2);
  for (const auto& [quark, f] : {std::pair{"up", toy.up}, std::pair{"down", toy.down}}) {
    const auto add = [&](const char* name, double value, double reach) {
      parameters_.push_back({fmt::format("{}_{}", quark, name),
                             value - reach,
                             value + reach,
                             value,
                             "of f(x) at the initial scale"});
    };
    add("amplitude", f.amplitude, 0.6 * f.amplitude);
    add("a", f.a, 0.5);
    add("b", f.b, 1.5);
    add("c", f.c, 0.5 * std::abs(f.c));
    add("d", f.d, 0.5 * std::abs(f.d));
    add("e", f.e, std::abs(f.e));
  }
}

void DukeOwensStart::densities(std::span<const double> p, std::span<double> out) const {
  const std::size_t n = x_.size();
  expect(p.size() == all && out.size() == flavour_rows * n,
         "12 parameters, densities [flavour, node]");
  std::fill(out.begin(), out.end(), 0.0);
  const double amplitude = gluon_amplitude(p)[0];
  for (std::size_t j = 0; j < n; ++j)
    out[flavour_row(0) * n + j] = amplitude * gluon(x_[j]);
  for (std::size_t q = 0; q < quarks.size(); ++q) {
    const auto f = shape_of(p.subspan(q * per_quark, per_quark));
    for (std::size_t j = 0; j < n; ++j)
      out[flavour_row(quarks[q]) * n + j] = x_[j] * std::max(f(x_[j]), 0.0);
  }
}

void DukeOwensStart::jacobian(std::span<const double> p, std::span<double> out) const {
  const std::size_t n = x_.size(), size = flavour_rows * n;
  expect(p.size() == all && out.size() == all * size,
         "12 parameters, slopes [parameter, flavour, node]");
  std::fill(out.begin(), out.end(), 0.0);
  const auto amplitude = gluon_amplitude(p);
  for (std::size_t q = 0; q < quarks.size(); ++q) {
    const auto f = shape_of(p.subspan(q * per_quark, per_quark));
    for (std::size_t j = 0; j < n; ++j) {
      const bool clipped = f(x_[j]) <= 0;
      const auto slopes = f.slopes(x_[j]);
      for (std::size_t i = 0; i < per_quark; ++i) {
        const std::size_t k = q * per_quark + i;
        out[k * size + flavour_row(0) * n + j] = amplitude[1 + k] * gluon(x_[j]);
        out[k * size + flavour_row(quarks[q]) * n + j] = clipped ? 0 : x_[j] * slopes[i];
      }
    }
  }
}

}  // namespace femto::qcd
