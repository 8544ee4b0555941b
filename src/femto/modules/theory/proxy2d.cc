// The 2-D five-parameter proxy: x^p0 (1-x)^p1 y^p2 (1-y)^p3 (1 + p4 x y).
#include <array>
#include <cmath>
#include <limits>

#include "femto/config/registry.h"
#include "femto/core/vmath.h"
#include "femto/physics/quadrature.h"
#include "femto/pipeline/density.h"
#include "femto/pipeline/theory.h"

namespace femto {
namespace {

constexpr double lower = 0.001, upper = 0.999;

Axis axis_called(std::string column) {
  return {std::move(column), "", lower, upper, Grading::smooth_step};
}

/// Integrals of x^(p+k) (1-x)^q, k = 0 and 1, and their slopes in p and q.
struct Moments {
  std::array<double, 2> value{}, slope_p{}, slope_q{};
};

Moments moments(double p, double q) {
  static const auto rule = composite_gauss_legendre(0, 1, 10);
  const auto axis = axis_called("x");
  Moments m;
  for (std::size_t i = 0; i < rule.x.size(); ++i) {
    const auto point = graded(axis, rule.x[i]);
    const double lx = std::log(point.x), l1 = std::log1p(-point.x);
    double term = rule.weight[i] * point.slope * std::exp(p * lx + q * l1);
    for (std::size_t k = 0; k < 2; ++k, term *= point.x) {
      m.value[k] += term;
      m.slope_p[k] += term * lx;
      m.slope_q[k] += term * l1;
    }
  }
  return m;
}

/// The marginal density of one axis: own powers (p, q), those of the other axis are
/// integrated over.
struct Marginal {
  double value = 0;
  std::vector<double> slope = std::vector<double>(5, 0.0);
};

Marginal marginal(std::size_t axis, double x, std::span<const double> t) {
  const std::size_t own = 2 * axis, far = 2 - own;
  const auto a = moments(t[own], t[own + 1]), b = moments(t[far], t[far + 1]);
  const double norm = a.value[0] * b.value[0] + t[4] * a.value[1] * b.value[1];
  const double bracket = b.value[0] + t[4] * x * b.value[1];
  const double lx = std::log(x), l1 = std::log1p(-x);
  const auto mixed = [&](const std::array<double, 2>& f, const std::array<double, 2>& g) {
    return (f[0] * g[0] + t[4] * f[1] * g[1]) / norm;
  };
  const auto conditional = [&](const std::array<double, 2>& g) {
    return (g[0] + t[4] * x * g[1]) / bracket;
  };
  Marginal m;
  m.value = std::exp(t[own] * lx + t[own + 1] * l1) * bracket / norm;
  m.slope[own] = m.value * (lx - mixed(a.slope_p, b.value));
  m.slope[own + 1] = m.value * (l1 - mixed(a.slope_q, b.value));
  m.slope[far] = m.value * (conditional(b.slope_p) - mixed(a.value, b.slope_p));
  m.slope[far + 1] = m.value * (conditional(b.slope_q) - mixed(a.value, b.slope_q));
  m.slope[4] = m.value * (x * b.value[1] / bracket - a.value[1] * b.value[1] / norm);
  return m;
}

Curve marginal_curve(std::size_t axis) {
  const std::string name = axis == 0 ? "x" : "y";
  return {
      .name = "marginal_" + name,
      .x_label = name,
      .y_label = "f(" + name + ")",
      .lo = lower,
      .hi = upper,
      .value = [axis](double x,
                      std::span<const double> t) { return marginal(axis, x, t).value; },
      .gradient = [axis](
                      double x,
                      std::span<const double> t) { return marginal(axis, x, t).slope; },
  };
}

class Proxy2d final : public Theory {
 public:
  struct Config {
    static constexpr auto fields() { return std::tuple{}; }
  };

  explicit Proxy2d(Config) {
    const auto add = [&](double lo, double hi, std::string about) {
      parameters_.push_back({"p" + std::to_string(parameters_.size()),
                             lo,
                             hi,
                             0.5 * (lo + hi),
                             "",
                             std::move(about)});
    };
    add(-0.5, 1, "power of x");
    add(2.75, 4, "power of 1-x");
    add(0, 1.3, "power of y");
    add(3, 4.5, "power of 1-y");
    add(0, 1.5, "strength of the x y correlation");
  }

  const std::vector<Parameter>& parameters() const override { return parameters_; }

  const std::vector<Channel>& channels() const override { return channels_; }

  std::size_t feature_count(std::size_t) const override { return 5; }

  void features(std::size_t,
                std::size_t n,
                const double* const* x,
                double* const* out) const override {
    for (std::size_t axis = 0; axis < 2; ++axis) {
      vmath::log(n, x[axis], out[2 * axis]);
      double* far = out[2 * axis + 1];
      for (std::size_t i = 0; i < n; ++i) far[i] = -x[axis][i];
      vmath::log1p(n, far, far);
    }
    for (std::size_t i = 0; i < n; ++i) out[4][i] = x[0][i] * x[1][i];
  }

  void evaluate(std::size_t,
                std::span<const double> t,
                std::size_t n,
                const double* const* f,
                double* log_sigma,
                double* const* slope) const override {
    const double *lx = f[0], *l1x = f[1], *ly = f[2], *l1y = f[3], *xy = f[4];
    for (std::size_t i = 0; i < n; ++i) log_sigma[i] = t[4] * xy[i];
    vmath::log1p(n, log_sigma, log_sigma);
#pragma omp simd
    for (std::size_t i = 0; i < n; ++i)
      log_sigma[i] += (t[0] * lx[i] + t[1] * l1x[i]) + (t[2] * ly[i] + t[3] * l1y[i]);
    if (slope) {
      for (std::size_t k = 0; k < 4; ++k) std::copy(f[k], f[k] + n, slope[k]);
#pragma omp simd
      for (std::size_t i = 0; i < n; ++i) slope[4][i] = xy[i] / (1 + t[4] * xy[i]);
    }
    if (t[4] < -1) clear_negative(t[4], n, xy, log_sigma, slope);
  }

  std::vector<Curve> curves() const override {
    return {marginal_curve(0), marginal_curve(1)};
  }

 private:
  /// Below p4 = -1 the bracket turns negative at large x y: the density is zero there.
  static void clear_negative(double p4,
                             std::size_t n,
                             const double* xy,
                             double* log_sigma,
                             double* const* slope) {
    for (std::size_t i = 0; i < n; ++i) {
      if (1 + p4 * xy[i] > 0) continue;
      log_sigma[i] = -std::numeric_limits<double>::infinity();
      for (std::size_t k = 0; slope && k < 5; ++k) slope[k][i] = 0;
    }
  }

  std::vector<Parameter> parameters_;
  std::vector<Channel> channels_{{"g", {axis_called("x"), axis_called("y")}}};
};

}  // namespace

void register_theory_proxy2d(Registry& r) {
  r.add<Theory, Proxy2d>({
      .name = "proxy2d",
      .summary = "One density x^p0 (1-x)^p1 y^p2 (1-y)^p3 (1 + p4 x y) on "
                 "[0.001, 0.999]^2.",
      .source = "Lersch:2025 (proxy application)",
  });
}

}  // namespace femto
