// The 1-D six-parameter proxy: two charge-weighted mixtures of parton shapes u and d.
#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "femto/config/registry.h"
#include "femto/core/vmath.h"
#include "femto/pipeline/theory.h"

namespace femto {
namespace {

constexpr std::size_t block = 512;
constexpr double charge[2][2] = {{4, 1}, {1, 4}};  // [channel][u, d]

/// N x^a (1 - x)^b of one quark inside theta.
struct Shape {
  double amplitude, a, b;

  static Shape of(std::span<const double> theta, std::size_t quark) {
    return {theta[3 * quark], theta[3 * quark + 1], theta[3 * quark + 2]};
  }

  double value(double x) const { return amplitude * std::pow(x, a) * std::pow(1 - x, b); }
};

/// Sum of the parts of both quarks: the arithmetic around its exponential and logarithm.
struct Mixture {
  double ln_u, ln_d;  // ln of charge times amplitude
  Shape u, d;

  /// gap: ln of the d part over the u part; small: minus its size.
  void gaps(std::size_t n,
            const double* lx,
            const double* l1,
            double* gap,
            double* small) const;
  void values(std::size_t n,
              const double* lx,
              const double* l1,
              const double* gap,
              const double* rest,
              double* log_sigma) const;
  void slopes(std::size_t n,
              const double* lx,
              const double* l1,
              const double* gap,
              const double* small,
              double* const* slope) const;
};

[[gnu::target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")]] void Mixture::gaps(
    std::size_t n, const double* lx, const double* l1, double* gap, double* small) const {
  const double ln_ratio = ln_d - ln_u, da = d.a - u.a, db = d.b - u.b;
#pragma omp simd
  for (std::size_t i = 0; i < n; ++i) {
    gap[i] = ln_ratio + da * lx[i] + db * l1[i];
    small[i] = -std::abs(gap[i]);
  }
}

[[gnu::target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")]] void
Mixture::values(std::size_t n,
                const double* lx,
                const double* l1,
                const double* gap,
                const double* rest,
                double* log_sigma) const {
  const double a = u.a, b = u.b, ln = ln_u;
  // The larger of gap and 0 is half of gap plus its size, exactly and without a branch.
#pragma omp simd
  for (std::size_t i = 0; i < n; ++i)
    log_sigma[i] =
        (ln + a * lx[i] + b * l1[i]) + (0.5 * (gap[i] + std::abs(gap[i])) + rest[i]);
}

[[gnu::target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")]] void
Mixture::slopes(std::size_t n,
                const double* lx,
                const double* l1,
                const double* gap,
                const double* small,
                double* const* slope) const {
  const double per_u = 1 / u.amplitude, per_d = 1 / d.amplitude;
  double *s0 = slope[0], *s1 = slope[1], *s2 = slope[2];
  double *s3 = slope[3], *s4 = slope[4], *s5 = slope[5];
#pragma omp simd
  for (std::size_t i = 0; i < n; ++i) {
    const double large = 1 / (1 + small[i]), other = small[i] * large;
    const double share_u = gap[i] > 0 ? other : large;
    const double share_d = gap[i] > 0 ? large : other;
    s0[i] = share_u * per_u;
    s1[i] = share_u * lx[i];
    s2[i] = share_u * l1[i];
    s3[i] = share_d * per_d;
    s4[i] = share_d * lx[i];
    s5[i] = share_d * l1[i];
  }
}

Curve shape_curve(std::size_t quark) {
  const auto* name = quark == 0 ? "u" : "d";
  return {
      .name = name,
      .x_label = "x",
      .y_label = std::string(name) + "(x)",
      .lo = 0.1,
      .hi = 0.99999,
      .value = [quark](
                   double x,
                   std::span<const double> t) { return Shape::of(t, quark).value(x); },
      .gradient =
          [quark](double x, std::span<const double> t) {
            std::vector<double> slope(6, 0.0);
            auto shape = Shape::of(t, quark);
            const double value = shape.value(x);
            shape.amplitude = 1;
            slope[3 * quark] = shape.value(x);
            slope[3 * quark + 1] = value * std::log(x);
            slope[3 * quark + 2] = value * std::log1p(-x);
            return slope;
          },
  };
}

/// sigma_1 = 4 u + d, sigma_2 = u + 4 d.
class Proxy1d final : public Theory {
 public:
  struct Config {
    static constexpr auto fields() { return std::tuple{}; }
  };

  explicit Proxy1d(Config) {
    const auto add = [&](std::string name, double lo, double hi, std::string about) {
      parameters_.push_back({name, lo, hi, 0.5 * (lo + hi), "", std::move(about)});
    };
    for (const std::string quark : {"u", "d"}) {
      add("N_" + quark, 0, 3, "amplitude of " + quark + "(x) = N x^a (1-x)^b");
      add("a_" + quark, -1, 1, "power of x in " + quark + "(x)");
      add("b_" + quark, 0, 5, "power of 1-x in " + quark + "(x)");
    }
    for (const std::string label : {"1", "2"})
      channels_.push_back(
          {"sigma_" + label, {{"x" + label, "", 0.1, 0.99999, Grading::log_upper}}});
  }

  const std::vector<Parameter>& parameters() const override { return parameters_; }

  const std::vector<Channel>& channels() const override { return channels_; }

  std::size_t feature_count(std::size_t) const override { return 2; }

  void features(std::size_t,
                std::size_t n,
                const double* const* x,
                double* const* out) const override {
    vmath::log(n, x[0], out[0]);
    for (std::size_t i = 0; i < n; ++i) out[1][i] = -x[0][i];
    vmath::log1p(n, out[1], out[1]);
  }

  void evaluate(std::size_t channel,
                std::span<const double> theta,
                std::size_t n,
                const double* const* features,
                double* log_sigma,
                double* const* slope) const override {
    const auto u = Shape::of(theta, 0), d = Shape::of(theta, 1);
    const auto* c = charge[channel];
    for (std::size_t i = 0; i < n; i += block) {
      const std::size_t m = std::min(block, n - i);
      std::array<double*, 6> out{};
      for (std::size_t k = 0; slope && k < 6; ++k) out[k] = slope[k] + i;
      const double *lx = features[0] + i, *l1 = features[1] + i;
      if (u.amplitude > 0 && d.amplitude > 0)
        mixture(c, u, d, m, lx, l1, log_sigma + i, slope ? out.data() : nullptr);
      else
        at_edge(c, u, d, m, lx, l1, log_sigma + i, slope ? out.data() : nullptr);
    }
  }

  std::vector<Derived> derived() const override {
    return {{.name = "ln_ratio",
             .unit = "",
             .about = "ln(N_d/N_u), what event shapes tell of the amplitudes",
             .value = [](std::span<const double> t) { return std::log(t[3] / t[0]); },
             .gradient =
                 [](std::span<const double> t) {
                   return std::vector<double>{-1 / t[0], 0, 0, 1 / t[3], 0, 0};
                 }}};
  }

  std::vector<Curve> curves() const override { return {shape_curve(0), shape_curve(1)}; }

 private:
  /// Both amplitudes positive: one exponential and one logarithm per point.
  static void mixture(const double* c,
                      const Shape& u,
                      const Shape& d,
                      std::size_t n,
                      const double* lx,
                      const double* l1,
                      double* log_sigma,
                      double* const* slope) {
    const Mixture m{std::log(c[0] * u.amplitude), std::log(c[1] * d.amplitude), u, d};
    // A cache line apart: at distances of 4096 bytes stores would hold up loads.
    double gap[block + 8], small[block + 8] = {}, rest[block + 8];
    m.gaps(n, lx, l1, gap, small);
    vmath::exp(n, small, small);
    vmath::log1p(n, small, rest);
    m.values(n, lx, l1, gap, rest, log_sigma);
    if (slope) m.slopes(n, lx, l1, gap, small, slope);
  }

  /// One amplitude is zero (or both): its slope is still finite.
  static void at_edge(const double* c,
                      const Shape& u,
                      const Shape& d,
                      std::size_t n,
                      const double* lx,
                      const double* l1,
                      double* log_sigma,
                      double* const* slope) {
    const bool has_u = u.amplitude > 0, has_d = d.amplitude > 0;
    for (std::size_t i = 0; i < n; ++i) {
      const double bare_u = std::log(c[0]) + u.a * lx[i] + u.b * l1[i];
      const double bare_d = std::log(c[1]) + d.a * lx[i] + d.b * l1[i];
      log_sigma[i] = has_u   ? bare_u + std::log(u.amplitude)
                     : has_d ? bare_d + std::log(d.amplitude)
                             : -std::numeric_limits<double>::infinity();
      if (!slope) continue;
      const bool any = has_u || has_d;
      slope[0][i] = any ? std::exp(bare_u - log_sigma[i]) : 0;
      slope[3][i] = any ? std::exp(bare_d - log_sigma[i]) : 0;
      slope[1][i] = has_u ? lx[i] : 0;
      slope[2][i] = has_u ? l1[i] : 0;
      slope[4][i] = has_d ? lx[i] : 0;
      slope[5][i] = has_d ? l1[i] : 0;
    }
  }

  std::vector<Parameter> parameters_;
  std::vector<Channel> channels_;
};

}  // namespace

void register_theory_proxy1d(Registry& r) {
  r.add<Theory, Proxy1d>({
      .name = "proxy1d",
      .summary = "Two channels 4u + d and u + 4d of parton shapes N x^a (1-x)^b on "
                 "[0.1, 0.99999].",
      .source = "Lersch:2025 (proxy application)",
  });
}

}  // namespace femto
