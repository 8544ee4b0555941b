// A theory from one formula: derivatives come from dual numbers.
#pragma once
#include <algorithm>
#include <array>
#include <cmath>
#include <concepts>
#include <limits>
#include <tuple>
#include <utility>

#include "femto/core/scratch.h"
#include "femto/pipeline/theory.h"

namespace femto {

/// A number with its slopes in N variables; functions carry both along (forward-mode
/// differentiation). Source: Griewank:2008 section 3.1.
template <std::size_t N>
struct Dual {
  double value = 0;
  std::array<double, N> slope{};

  Dual() = default;

  Dual(double v) : value(v) {}

  /// Variable number `index`.
  static Dual variable(double v, std::size_t index) {
    Dual x(v);
    x.slope[index] = 1;
    return x;
  }

  /// f(this) from f's value and derivative.
  Dual chain(double f, double derivative) const {
    Dual out(f);
    for (std::size_t i = 0; i < N; ++i) out.slope[i] = derivative * slope[i];
    return out;
  }

  friend Dual operator+(const Dual& a, const Dual& b) {
    return combine(a.value + b.value, a, 1, b, 1);
  }

  friend Dual operator-(const Dual& a, const Dual& b) {
    return combine(a.value - b.value, a, 1, b, -1);
  }

  friend Dual operator*(const Dual& a, const Dual& b) {
    return combine(a.value * b.value, a, b.value, b, a.value);
  }

  friend Dual operator/(const Dual& a, const Dual& b) {
    const double ratio = a.value / b.value;
    return combine(ratio, a, 1 / b.value, b, -ratio / b.value);
  }

  friend Dual operator-(const Dual& a) { return a.chain(-a.value, -1); }

  Dual& operator+=(const Dual& b) { return *this = *this + b; }

  Dual& operator-=(const Dual& b) { return *this = *this - b; }

  Dual& operator*=(const Dual& b) { return *this = *this * b; }

  Dual& operator/=(const Dual& b) { return *this = *this / b; }

  friend bool operator<(const Dual& a, const Dual& b) { return a.value < b.value; }

  friend bool operator>(const Dual& a, const Dual& b) { return a.value > b.value; }

  friend Dual exp(const Dual& a) {
    const double e = std::exp(a.value);
    return a.chain(e, e);
  }

  friend Dual log(const Dual& a) { return a.chain(std::log(a.value), 1 / a.value); }

  friend Dual log1p(const Dual& a) {
    return a.chain(std::log1p(a.value), 1 / (1 + a.value));
  }

  friend Dual sqrt(const Dual& a) {
    const double root = std::sqrt(a.value);
    return a.chain(root, 0.5 / root);
  }

  friend Dual sin(const Dual& a) { return a.chain(std::sin(a.value), std::cos(a.value)); }

  friend Dual cos(const Dual& a) {
    return a.chain(std::cos(a.value), -std::sin(a.value));
  }

  friend Dual tanh(const Dual& a) {
    const double t = std::tanh(a.value);
    return a.chain(t, 1 - t * t);
  }

  friend Dual pow(const Dual& a, double power) {
    return a.chain(std::pow(a.value, power), power * std::pow(a.value, power - 1));
  }

  /// Needs a positive base, as ln(base) enters the slope.
  friend Dual pow(const Dual& base, const Dual& power) {
    const double p = std::pow(base.value, power.value);
    return combine(p,
                   base,
                   power.value * std::pow(base.value, power.value - 1),
                   power,
                   p * std::log(base.value));
  }

  friend Dual pow(double base, const Dual& power) {
    const double p = std::pow(base, power.value);
    return power.chain(p, p * std::log(base));
  }

 private:
  static Dual combine(double value, const Dual& a, double da, const Dual& b, double db) {
    Dual out(value);
    for (std::size_t i = 0; i < N; ++i) out.slope[i] = da * a.slope[i] + db * b.slope[i];
    return out;
  }
};

/// What a user writes: parameters, channels, and ln sigma for any number type T.
///
///     struct Bump {
///       static constexpr std::size_t size = 2;  // parameters
///       std::vector<Parameter> parameters() const;
///       std::vector<Channel> channels() const;
///       template <class T>
///       T log_density(std::size_t channel, const T* theta, const double* x) const;
///     };
///
/// theta: [parameter], x: [axis]. Where the density is zero return -infinity. Inside,
/// write `using std::log;` before log(...) so that both number types are found.
/// A `Config` with settings, `derived()` and `curves()` are optional.
template <class F>
concept Formula = requires(const F f, const double* x, const Dual<F::size>* t) {
  { f.parameters() } -> std::convertible_to<std::vector<Parameter>>;
  { f.channels() } -> std::convertible_to<std::vector<Channel>>;
  { f.log_density(std::size_t{0}, t, x) } -> std::convertible_to<Dual<F::size>>;
  { f.log_density(std::size_t{0}, x, x) } -> std::convertible_to<double>;
};

namespace detail {

struct NoSettings {
  static constexpr auto fields() { return std::tuple{}; }
};

template <class F>
struct ConfigOf {
  using type = NoSettings;
};

template <class F>
  requires requires { typename F::Config; }
struct ConfigOf<F> {
  using type = typename F::Config;
};

}  // namespace detail

/// The theory of a formula; register it with `r.add<Theory, FormulaTheory<Bump>>(...)`.
template <Formula F>
class FormulaTheory final : public Theory {
 public:
  using Config = typename detail::ConfigOf<F>::type;

  explicit FormulaTheory(const Config& config = {}) : formula_(make(config)) {
    parameters_ = formula_.parameters();
    channels_ = formula_.channels();
  }

  const std::vector<Parameter>& parameters() const override { return parameters_; }

  const std::vector<Channel>& channels() const override { return channels_; }

  std::size_t feature_count(std::size_t channel) const override {
    return channels_[channel].axes.size();
  }

  void features(std::size_t channel,
                std::size_t n,
                const double* const* x,
                double* const* out) const override {
    for (std::size_t a = 0; a < feature_count(channel); ++a)
      std::copy(x[a], x[a] + n, out[a]);
  }

  void evaluate(std::size_t channel,
                std::span<const double> theta,
                std::size_t n,
                const double* const* features,
                double* log_sigma,
                double* const* slope) const override {
    std::array<Dual<F::size>, F::size> dual;
    for (std::size_t k = 0; k < F::size; ++k)
      dual[k] = Dual<F::size>::variable(theta[k], k);
    const std::size_t axes = feature_count(channel);
    ScratchVector<double> x(axes, scratch());
    for (std::size_t i = 0; i < n; ++i) {
      for (std::size_t a = 0; a < axes; ++a) x[a] = features[a][i];
      if (!slope) {
        log_sigma[i] = formula_.log_density(channel, theta.data(), x.data());
        continue;
      }
      const Dual<F::size> value = formula_.log_density(channel, dual.data(), x.data());
      log_sigma[i] = value.value;
      const bool zero = value.value == -std::numeric_limits<double>::infinity();
      for (std::size_t k = 0; k < F::size; ++k) slope[k][i] = zero ? 0 : value.slope[k];
    }
  }

  std::vector<Derived> derived() const override {
    if constexpr (requires { formula_.derived(); })
      return formula_.derived();
    else
      return {};
  }

  std::vector<Curve> curves() const override {
    if constexpr (requires { formula_.curves(); })
      return formula_.curves();
    else
      return {};
  }

 private:
  static F make(const Config& config) {
    if constexpr (std::constructible_from<F, Config>)
      return F(config);
    else
      return F{};
  }

  F formula_;
  std::vector<Parameter> parameters_;
  std::vector<Channel> channels_;
};

}  // namespace femto
