// Positive densities with exact sum rules from functions of x, and their derivatives.
#include "femto/qcd/function_scale.h"

#include <algorithm>
#include <cmath>

#include "femto/core/error.h"
#include "femto/qcd/flavours.h"

namespace femto::qcd {
namespace {

/// Which function multiplies u_v, d_v, gluon, anti-up, anti-down, strange.
constexpr std::array<std::size_t, 6> function_of = {0, 1, 3, 2, 2, 2};
/// How often each counts in the sum of all momenta.
constexpr std::array<double, 6> copies = {1, 1, 1, 2, 2, 2};
constexpr std::array<double, 2> valence = {2, 1};
/// The quark and the antiquark that each stands for.
constexpr std::array<std::array<int, 2>, 6> rows = {
    {{2, 2}, {1, 1}, {0, 0}, {2, -2}, {1, -1}, {3, -3}}};

constexpr double rule_step = 0.05;

/// Steps in t from -120 to 36: beyond, x^0.3 and 1 - x are below 1e-15.
std::vector<double> rule_points() {
  std::vector<double> t;
  for (int k = -2400; k <= 720; ++k) t.push_back(rule_step * k);
  return t;
}

/// Sum over the rule of weight f slope, for every row of slopes.
std::vector<double> along(const Matrix& slopes, const std::vector<double>& f) {
  std::vector<double> out(slopes.rows, 0.0);
  for (std::size_t k = 0; k < slopes.rows; ++k)
    for (std::size_t i = 0; i < f.size(); ++i) out[k] += f[i] * slopes(k, i);
  return out;
}

double total(const std::vector<double>& f) {
  double sum = 0;
  for (const double v : f) sum += v;
  return sum;
}

}  // namespace

/// Factors of u_v, d_v, and of sea and gluon, with slopes in every parameter.
struct FunctionScale::Norms {
  std::array<double, 3> value = {};                // u_v, d_v, the others
  std::array<std::vector<double>, 3> slopes = {};  // [parameter]
};

const std::array<const char*, FunctionScale::functions>& FunctionScale::names() {
  static constexpr std::array<const char*, functions> all = {
      "up_valence", "down_valence", "sea", "gluon"};
  return all;
}

FunctionScale::Points FunctionScale::points_at(std::vector<double> t,
                                               std::span<const double> p,
                                               std::span<const double> amplitudes) {
  constexpr std::size_t shape_at[partons] = {0, 4, 8, 13, 18, 23};
  Points out;
  out.t = std::move(t);
  for (const double at : out.t) {
    // ln x and ln(1 - x) without cancellation at either end.
    const double lx = -std::log1p(std::exp(-at)), l1 = -std::log1p(std::exp(at));
    const double x = std::exp(lx);
    out.x.push_back(x);
    for (std::size_t k = 0; k < partons; ++k) {
      const double* s = p.data() + shape_at[k];
      out.reference[k].push_back(amplitudes[k] * std::exp(s[0] * lx + s[1] * l1) *
                                 (1 + s[2] * std::sqrt(x) + s[3] * x));
    }
  }
  return out;
}

FunctionScale::FunctionScale(const XGrid& grid,
                             std::span<const double> reference,
                             std::shared_ptr<const LogFactor> factor)
    : factor_(std::move(factor)) {
  const auto amplitudes = InitialScale(grid).amplitudes(reference);
  std::vector<double> t;
  for (const double x : grid.x()) t.push_back(logit(x));
  nodes_ = points_at(std::move(t), reference, amplitudes);
  rule_ = points_at(rule_points(), reference, amplitudes);
  for (const auto& f : nodes_.reference)
    if (std::ranges::any_of(f, [](double v) { return !(v > 0); }))
      throw Error("the reference of a density is not positive",
                  "choose other theory.values");
  for (const double at : rule_.t)
    weight_.push_back(rule_step / (2 + std::exp(-at) + std::exp(at)));  // dx = x (1-x) dt
  const auto mean = factor_->mean();
  const auto covariance = factor_->covariance();
  for (const char* name : names())
    for (std::size_t k = 0; k < factor_->size(); ++k) {
      const double reach = 8 * std::sqrt(covariance(k, k));
      parameters_.push_back({fmt::format("{}_{}", name, factor_->name(k)),
                             mean[k] - reach,
                             mean[k] + reach,
                             mean[k],
                             factor_->about(k)});
    }
}

std::vector<StartPrior> FunctionScale::prior() const {
  std::vector<StartPrior> out;
  for (std::size_t f = 0; f < functions; ++f)
    out.push_back({f * factor_->size(), factor_->mean(), factor_->covariance()});
  return out;
}

FunctionScale::Norms FunctionScale::norms(std::span<const double> p,
                                          bool with_slopes) const {
  const std::size_t each = factor_->size(), n = rule_.t.size();
  Norms out;
  for (auto& s : out.slopes) s.assign(p.size(), 0.0);
  std::vector<double> g(n), number(n), momentum(n);
  Matrix slopes;
  double left = 1, others = 0;
  std::vector<double> others_slopes(p.size(), 0.0), left_slopes(p.size(), 0.0);
  for (std::size_t f = 0; f < functions; ++f) {
    const std::size_t first = f * each;
    factor_->evaluate(
        p.subspan(first, each), rule_.t, g, with_slopes ? &slopes : nullptr);
    std::fill(momentum.begin(), momentum.end(), 0.0);
    for (std::size_t k = 0; k < partons; ++k)
      for (std::size_t i = 0; function_of[k] == f && i < n; ++i)
        momentum[i] += copies[k] * weight_[i] * rule_.reference[k][i] * std::exp(g[i]);
    const auto change =
        with_slopes ? along(slopes, momentum) : std::vector<double>(each, 0.0);
    const double carried = total(momentum);
    if (f >= valence.size()) {
      others += carried;
      std::copy(change.begin(),
                change.end(),
                others_slopes.begin() + static_cast<std::ptrdiff_t>(first));
      continue;
    }
    for (std::size_t i = 0; i < n; ++i)
      number[i] = rule_.x[i] > 0 ? momentum[i] / rule_.x[i] : 0;
    const double count = total(number), norm = valence[f] / count;
    out.value[f] = norm;
    left -= norm * carried;
    if (!with_slopes) continue;
    const auto counted = along(slopes, number);
    for (std::size_t k = 0; k < each; ++k) {
      out.slopes[f][first + k] = -norm * counted[k] / count;
      left_slopes[first + k] = -norm * (change[k] - carried * counted[k] / count);
    }
  }
  out.value[2] = left / others;
  for (std::size_t k = 0; k < p.size(); ++k)
    out.slopes[2][k] = (left_slopes[k] - out.value[2] * others_slopes[k]) / others;
  return out;
}

void FunctionScale::densities(std::span<const double> p, std::span<double> out) const {
  const std::size_t n = nodes_.t.size(), each = factor_->size();
  expect(p.size() == parameters_.size() && out.size() == flavour_rows * n,
         "parameters of four functions, densities [flavour, node]");
  std::fill(out.begin(), out.end(), 0.0);
  const auto factor = norms(p, false).value;
  std::vector<double> g(n);
  for (std::size_t k = 0; k < partons; ++k) {
    factor_->evaluate(p.subspan(function_of[k] * each, each), nodes_.t, g, nullptr);
    const double norm = factor[std::min<std::size_t>(k, 2)];
    const auto [first, second] = rows[k];
    for (std::size_t j = 0; j < n; ++j) {
      const double f = norm * nodes_.reference[k][j] * std::exp(g[j]);
      out[flavour_row(first) * n + j] += f;
      if (second != first) out[flavour_row(second) * n + j] += f;
    }
  }
}

void FunctionScale::jacobian(std::span<const double> p, std::span<double> out) const {
  const std::size_t n = nodes_.t.size(), size = flavour_rows * n, each = factor_->size();
  expect(p.size() == parameters_.size() && out.size() == p.size() * size,
         "parameters of four functions, slopes [parameter, flavour, node]");
  std::fill(out.begin(), out.end(), 0.0);
  const auto factors = norms(p, true);
  std::vector<double> g(n);
  Matrix slopes;
  for (std::size_t k = 0; k < partons; ++k) {
    const std::size_t own = function_of[k] * each, group = std::min<std::size_t>(k, 2);
    factor_->evaluate(p.subspan(own, each), nodes_.t, g, &slopes);
    const auto [first, second] = rows[k];
    std::vector<double> shape(n);
    for (std::size_t j = 0; j < n; ++j)
      shape[j] = nodes_.reference[k][j] * std::exp(g[j]);
    for (std::size_t q = 0; q < p.size(); ++q)
      for (std::size_t j = 0; j < n; ++j) {
        double slope = factors.slopes[group][q] * shape[j];
        if (q >= own && q < own + each)
          slope += factors.value[group] * shape[j] * slopes(q - own, j);
        double* row = out.data() + q * size;
        row[flavour_row(first) * n + j] += slope;
        if (second != first) row[flavour_row(second) * n + j] += slope;
      }
  }
}

}  // namespace femto::qcd
