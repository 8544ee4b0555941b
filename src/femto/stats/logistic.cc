// Newton's method for the weighted logistic loss, in blocks that are added in order.
#include "femto/stats/logistic.h"

#include <array>
#include <cmath>
#include <string>

#include "femto/core/error.h"
#include "femto/core/matrix.h"
#include "femto/core/sum.h"
#include "femto/core/threads.h"
#include "femto/core/vector_sums.h"
#include "femto/core/vmath.h"
#include "femto/stats/linear.h"

namespace femto::stats {
namespace {

using Columns = std::vector<std::span<const double>>;

constexpr std::size_t block = 2048;  // events at a time

/// 1, u_i and u_i u_j of columns in units of mean and standard deviation.
class Features {
 public:
  Features(std::span<const double> mean, std::span<const double> scale)
      : mean_(mean), scale_(scale) {}

  std::size_t count() const {
    const std::size_t d = mean_.size();
    return 1 + d + d * (d + 1) / 2;
  }

  /// out[feature][i] for events first .. first + n - 1.
  void fill(const Columns& at, std::size_t first, std::size_t n, Matrix& out) const {
    const std::size_t d = mean_.size();
    std::fill_n(out.row(0), n, 1.0);
    for (std::size_t c = 0; c < d; ++c)
      for (std::size_t i = 0; i < n; ++i)
        out(1 + c, i) = (at[c][first + i] - mean_[c]) * scale_[c];
    std::size_t f = 1 + d;
    for (std::size_t a = 0; a < d; ++a)
      for (std::size_t b = 0; b <= a; ++b, ++f)
        for (std::size_t i = 0; i < n; ++i) out(f, i) = out(1 + a, i) * out(1 + b, i);
  }

 private:
  std::span<const double> mean_, scale_;
};

/// Value, gradient and curvature of the weighted logistic loss.
struct Sums {
  double value = 0;
  std::vector<double> gradient;
  Matrix curvature;

  explicit Sums(std::size_t f) : gradient(f, 0.0), curvature(f, f) {}

  void add(const Sums& o) {
    value += o.value;
    for (std::size_t i = 0; i < gradient.size(); ++i) gradient[i] += o.gradient[i];
    for (std::size_t i = 0; i < curvature.data.size(); ++i)
      curvature.data[i] += o.curvature.data[i];
  }
};

void score(const Matrix& features,
           std::span<const double> beta,
           std::size_t n,
           std::vector<double>& h) {
  std::fill_n(h.begin(), n, 0.0);
  for (std::size_t f = 0; f < beta.size(); ++f)
    for (std::size_t i = 0; i < n; ++i) h[i] += beta[f] * features(f, i);
}

/// Sum of w ln(1 + e^(-s h)) over one block; s is +1 above and -1 below.
void add_block(const Matrix& x,
               std::span<const double> h,
               std::span<const double> weights,
               double factor,
               double sign,
               Sums& out) {
  const std::size_t n = weights.size(), count = out.gradient.size();
  std::vector<double> e(n), l(n), pull(n), bend(n);
  for (std::size_t i = 0; i < n; ++i) e[i] = -std::fabs(h[i]);
  vmath::exp(n, e.data(), e.data());
  vmath::log1p(n, e.data(), l.data());
  for (std::size_t i = 0; i < n; ++i) {
    const double w = factor * weights[i], s = sign * h[i];
    const double small = e[i] / (1 + e[i]);  // the smaller of p and 1 - p
    out.value += w * (l[i] + (s < 0 ? -s : 0));
    pull[i] = -sign * w * (s < 0 ? 1 - small : small);
    bend[i] = w * small * (1 - small);
  }
  std::vector<double> bent(n);
  for (std::size_t a = 0; a < count; ++a) {
    out.gradient[a] += weighted_sum_of(n, pull.data(), x.row(a));
    for (std::size_t i = 0; i < n; ++i) bent[i] = bend[i] * x(a, i);
    for (std::size_t b = 0; b <= a; ++b)
      out.curvature(a, b) += weighted_sum_of(n, bent.data(), x.row(b));
  }
}

class Loss {
 public:
  Loss(const WeightedColumns& above,
       const WeightedColumns& below,
       const Features& features)
      : features_(features),
        sides_{Side{&above, 1 / pairwise_sum(above.weights), 1},
               Side{&below, 1 / pairwise_sum(below.weights), -1}} {}

  /// Blocks are added in order: the same bits for any number of threads.
  Sums at(std::span<const double> beta) const {
    Sums out(features_.count());
    for (const auto& side : sides_) {
      const Pieces pieces{side.events->weights.size(), block};
      std::vector<Sums> parts(pieces.count(), Sums(features_.count()));
      parallel_for(pieces.count(), [&](std::size_t p) {
        const std::size_t first = pieces.begin(p), n = pieces.end(p) - first;
        Matrix x(features_.count(), n);
        std::vector<double> h(n);
        features_.fill(side.events->columns, first, n, x);
        score(x, beta, n, h);
        add_block(x,
                  h,
                  side.events->weights.subspan(first, n),
                  side.factor,
                  side.sign,
                  parts[p]);
      });
      for (const auto& part : parts) out.add(part);
    }
    for (std::size_t a = 0; a < out.gradient.size(); ++a)
      for (std::size_t b = 0; b < a; ++b) out.curvature(b, a) = out.curvature(a, b);
    return out;
  }

 private:
  struct Side {
    const WeightedColumns* events;
    double factor, sign;
  };

  const Features& features_;
  std::array<Side, 2> sides_;
};

[[noreturn]] void refuse(const char* why) {
  throw NumericalError(
      std::string("the quadratic ratio cannot be learnt: ") + why,
      "the two samples may not overlap, or negative weights may outweigh the others; "
      "use ratio: histogram, or simulate a truth nearer to the data");
}

constexpr double apart = 1e-3;  // a loss so low means that the samples do not overlap

std::vector<double> minimum(const Loss& loss, std::size_t count, double tolerance) {
  std::vector<double> beta(count, 0.0);
  auto now = loss.at(beta);
  for (int k = 0; k < 100; ++k) {
    const auto step = cholesky_solve(now.curvature, now.gradient);
    if (!step) refuse("the loss has no minimum");
    const double gain = dot(*step, now.gradient);
    if (now.value < apart) refuse("nothing lies between the samples");
    if (gain < tolerance) {
      for (std::size_t f = 0; f < count; ++f) beta[f] -= (*step)[f];
      return beta;
    }
    double length = 1;
    for (;; length /= 2) {
      if (length < 1e-6) return beta;  // rounding: no step is better
      auto trial = beta;
      for (std::size_t f = 0; f < count; ++f) trial[f] -= length * (*step)[f];
      auto there = loss.at(trial);
      if (std::isfinite(there.value) && there.value <= now.value) {
        beta = std::move(trial);
        now = std::move(there);
        break;
      }
    }
  }
  refuse("a hundred steps did not end");
}

}  // namespace

QuadraticLogRatio::QuadraticLogRatio(const WeightedColumns& above,
                                     const WeightedColumns& below,
                                     double tolerance) {
  if (!(pairwise_sum(above.weights) > 0) || !(pairwise_sum(below.weights) > 0))
    refuse("the weights of a sample sum to 0 or less");
  for (const auto& column : below.columns) {
    const double n = static_cast<double>(column.size()), mean = pairwise_sum(column) / n;
    double squares = 0;
    for (const double x : column) squares += (x - mean) * (x - mean);
    mean_.push_back(mean);
    scale_.push_back(squares > 0 ? 1 / std::sqrt(squares / n) : 1);
  }
  const Features features(mean_, scale_);
  beta_ = minimum(Loss(above, below, features), features.count(), tolerance);
}

void QuadraticLogRatio::at(const Columns& columns, std::span<double> out) const {
  const Features features(mean_, scale_);
  const Pieces pieces{out.size(), block};
  parallel_for(pieces.count(), [&](std::size_t p) {
    const std::size_t first = pieces.begin(p), n = pieces.end(p) - first;
    Matrix x(features.count(), n);
    std::vector<double> h(n);
    features.fill(columns, first, n, x);
    score(x, beta_, n, h);
    std::copy(h.begin(), h.end(), out.begin() + static_cast<std::ptrdiff_t>(first));
  });
}

}  // namespace femto::stats
