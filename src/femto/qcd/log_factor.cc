// A Gaussian process known at nodes, and a network with one hidden layer.
#include "femto/qcd/log_factor.h"

#include <algorithm>
#include <cmath>

#include <Eigen/Dense>
#include <fmt/format.h>

#include "femto/core/error.h"

namespace femto::qcd {
namespace {

using Eigen::Index;

void check(int count, int least, double x_lo, double x_hi, double size, double length) {
  if (count < least || !(x_lo > 0 && x_lo < x_hi && x_hi < 1) || !(size > 0) ||
      !(length > 0))
    fail(
        "a function of {} pieces from x = {} to {} with size {} and length {} (needs at "
        "least {} pieces, 0 < x_lo < x_hi < 1, positive size and length)",
        count,
        x_lo,
        x_hi,
        size,
        length,
        least);
}

std::vector<double> places(int count, double x_lo, double x_hi) {
  std::vector<double> t;
  const double lo = logit(x_lo), hi = logit(x_hi);
  for (int k = 0; k < count; ++k)
    t.push_back(count == 1 ? 0.5 * (lo + hi) : lo + (hi - lo) * k / (count - 1));
  return t;
}

double x_of(double t) {
  return 1 / (1 + std::exp(-t));
}

double matern(double distance) {
  const double d = std::sqrt(5.0) * std::abs(distance);
  return (1 + d + d * d / 3) * std::exp(-d);
}

class Process final : public LogFactor {
 public:
  explicit Process(const GaussianProcessSettings& s)
      : size_(s.size), length_(s.length), nodes_(places(s.nodes, s.x_lo, s.x_hi)) {
    const auto n = static_cast<Index>(nodes_.size());
    Eigen::MatrixXd correlation(n, n);
    for (Index i = 0; i < n; ++i)
      for (Index j = 0; j < n; ++j)
        correlation(i, j) = matern((node(i) - node(j)) / length_);
    inverse_ = correlation.llt().solve(Eigen::MatrixXd::Identity(n, n));
  }

  std::size_t size() const override { return nodes_.size(); }

  std::string name(std::size_t k) const override { return fmt::format("{}", k + 1); }

  std::string about(std::size_t k) const override {
    return fmt::format("ln of the density over its reference at x = {:.4g}",
                       x_of(nodes_[k]));
  }

  std::vector<double> mean() const override {
    return std::vector<double>(nodes_.size(), 0.0);
  }

  Matrix covariance() const override {
    Matrix out(nodes_.size(), nodes_.size());
    for (std::size_t i = 0; i < out.rows; ++i)
      for (std::size_t j = 0; j < out.cols; ++j)
        out(i, j) = size_ * size_ * matern((nodes_[i] - nodes_[j]) / length_);
    return out;
  }

  /// Weights of the values at the nodes in g(t), [node].
  Eigen::VectorXd weights(double t) const { return inverse_ * correlations(t); }

  /// Share of the variance at t that values at the nodes leave.
  double left(double t) const { return 1 - correlations(t).dot(weights(t)); }

  void evaluate(std::span<const double> p,
                std::span<const double> t,
                std::span<double> g,
                Matrix* slopes) const override {
    expect(p.size() == size() && g.size() == t.size(), "values at the nodes, g at t");
    const Eigen::Map<const Eigen::VectorXd> values(p.data(),
                                                   static_cast<Index>(p.size()));
    if (slopes) *slopes = Matrix(size(), t.size());
    for (std::size_t i = 0; i < t.size(); ++i) {
      const auto w = weights(t[i]);
      g[i] = w.dot(values);
      for (std::size_t k = 0; slopes && k < size(); ++k)
        (*slopes)(k, i) = w[static_cast<Index>(k)];
    }
  }

 private:
  double node(Index k) const { return nodes_[static_cast<std::size_t>(k)]; }

  Eigen::VectorXd correlations(double t) const {
    Eigen::VectorXd out(static_cast<Index>(nodes_.size()));
    for (Index k = 0; k < out.size(); ++k) out[k] = matern((t - node(k)) / length_);
    return out;
  }

  double size_, length_;
  std::vector<double> nodes_;
  Eigen::MatrixXd inverse_;  // of the correlations of the nodes
};

/// Parameters: output, slope and shift of every unit.
class Network final : public LogFactor {
 public:
  explicit Network(const NetworkSettings& s)
      : size_(s.size), length_(s.length), places_(places(s.units, s.x_lo, s.x_hi)) {}

  std::size_t size() const override { return 3 * places_.size(); }

  std::string name(std::size_t k) const override {
    constexpr const char* kinds[] = {"output", "slope", "shift"};
    return fmt::format("{}_{}", kinds[k % 3], k / 3 + 1);
  }

  std::string about(std::size_t k) const override {
    return fmt::format("weight of a network's unit placed at x = {:.4g}",
                       x_of(places_[k / 3]));
  }

  std::vector<double> mean() const override {
    std::vector<double> out(size(), 0.0);
    for (std::size_t k = 1; k < out.size(); k += 3) out[k] = 1 / length_;
    return out;
  }

  Matrix covariance() const override {
    Matrix out(size(), size());
    const double sd[] = {size_, 0.5 / length_, 0.5};
    for (std::size_t k = 0; k < size(); ++k) out(k, k) = sd[k % 3] * sd[k % 3];
    return out;
  }

  void evaluate(std::span<const double> p,
                std::span<const double> t,
                std::span<double> g,
                Matrix* slopes) const override {
    expect(p.size() == size() && g.size() == t.size(), "weights of the units, g at t");
    if (slopes) *slopes = Matrix(size(), t.size());
    std::fill(g.begin(), g.end(), 0.0);
    for (std::size_t h = 0; h < places_.size(); ++h) {
      const double output = p[3 * h], slope = p[3 * h + 1], shift = p[3 * h + 2];
      for (std::size_t i = 0; i < t.size(); ++i) {
        const double away = t[i] - places_[h];
        const double unit = std::tanh(slope * away + shift);
        g[i] += output * unit;
        if (!slopes) continue;
        const double through = output * (1 - unit * unit);
        (*slopes)(3 * h, i) = unit;
        (*slopes)(3 * h + 1, i) = through * away;
        (*slopes)(3 * h + 2, i) = through;
      }
    }
  }

 private:
  double size_, length_;
  std::vector<double> places_;  // of the units, in t
};

}  // namespace

double logit(double x) {
  return std::log(x / (1 - x));
}

std::unique_ptr<LogFactor> gaussian_process(const GaussianProcessSettings& s) {
  check(s.nodes, 2, s.x_lo, s.x_hi, s.size, s.length);
  return std::make_unique<Process>(s);
}

double unresolved(const GaussianProcessSettings& s) {
  check(s.nodes, 2, s.x_lo, s.x_hi, s.size, s.length);
  const Process process(s);
  double most = 0;
  const int points = 50 * s.nodes;
  for (const double t : places(points, s.x_lo, s.x_hi))
    most = std::max(most, process.left(t));
  return most;
}

std::unique_ptr<LogFactor> network(const NetworkSettings& s) {
  check(s.units, 1, s.x_lo, s.x_hi, s.size, s.length);
  return std::make_unique<Network>(s);
}

}  // namespace femto::qcd
