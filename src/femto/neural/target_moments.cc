// One pass over the data for their ranges and one for moments and covariance.
#include "femto/neural/target_moments.h"

#include <algorithm>
#include <limits>

#include "femto/core/error.h"
#include "femto/core/threads.h"
#include "femto/core/vector_sums.h"
#include "femto/stats/linear.h"

namespace femto::neural {
namespace {

constexpr std::size_t order = 6;

}  // namespace

std::vector<stats::Range> TargetMoments::ranges(const Dataset& data,
                                                std::size_t columns) const {
  constexpr double inf = std::numeric_limits<double>::infinity();
  std::vector<stats::Range> out(columns, {inf, -inf});
  data.for_each_chunk([&](std::uint64_t, const io::EventTable& chunk) {
    for (std::size_t k = 0; k < columns; ++k) {
      const auto [lo, hi] = std::ranges::minmax(chunk.column(k));
      out[k] = {std::min(out[k].lo, lo), std::max(out[k].hi, hi)};
    }
  });
  return out;
}

TargetMoments::TargetMoments(const Theory& measured, const Dataset& data)
    : range_(ranges(data, columns_of(measured).size())) {
  std::size_t first = 0, terms = 0;
  for (const auto& c : measured.channels()) {
    const auto from = range_.begin() + static_cast<std::ptrdiff_t>(first);
    channel_.emplace_back(
        std::vector(from, from + static_cast<std::ptrdiff_t>(c.axes.size())), order);
    terms += channel_.back().count();
    first += c.axes.size();
  }
  mean_.assign(terms, 0);
  Matrix squares(terms, terms);
  data.for_each_chunk([&](std::uint64_t, const io::EventTable& chunk) {
    std::vector<const double*> columns;
    for (std::size_t k = 0; k < first; ++k) columns.push_back(chunk.column(k).data());
    const Matrix phi = functions(columns, chunk.rows());
    Matrix weighted = phi;
    const auto own = chunk.weights();
    for (std::size_t t = 0; t < terms && !own.empty(); ++t)
      for (std::size_t i = 0; i < chunk.rows(); ++i) weighted(t, i) *= own[i];
    events_ += own.empty() ? static_cast<double>(chunk.rows())
                           : sum_of(chunk.rows(), own.data());
    for (std::size_t t = 0; t < terms; ++t)
      mean_[t] += sum_of(chunk.rows(), weighted.row(t));
    stats::add(squares, 1, stats::multiply(weighted, stats::transpose(phi)));
  });
  if (!(events_ > 0))
    throw DataError("the weights of the events do not add up to a positive number",
                    "check the column of weights");
  for (double& m : mean_) m /= events_;
  weight_ = Matrix(terms, terms);
  std::size_t from = 0;
  for (const auto& c : channel_) {
    add_weight(from, c.count(), squares);
    from += c.count();
  }
}

/// The inverse covariance of one channel's moments, as far as it has one.
void TargetMoments::add_weight(std::size_t from, std::size_t n, const Matrix& squares) {
  Matrix covariance(n, n);
  for (std::size_t t = 0; t < n; ++t)
    for (std::size_t u = 0; u < n; ++u)
      covariance(t, u) =
          squares(from + t, from + u) / events_ - mean_[from + t] * mean_[from + u];
  const auto inverse = stats::pseudo_inverse(covariance).inverse;
  for (std::size_t t = 0; t < n; ++t)
    for (std::size_t u = 0; u < n; ++u) weight_(from + t, from + u) = inverse(t, u);
}

Matrix TargetMoments::functions(std::span<const double* const> column,
                                std::size_t n) const {
  Matrix out(mean_.size(), n);
  const Pieces pieces{n};
  parallel_for(pieces.count(), [&](std::size_t piece) {
    std::vector<double> x, phi;
    for (std::size_t i = pieces.begin(piece); i < pieces.end(piece); ++i) {
      std::size_t k = 0, t = 0;
      for (std::size_t c = 0; c < channel_.size(); ++c) {
        x.resize(channel_[c].axes());
        for (double& v : x) {  // beyond the data polynomials explode
          v = std::clamp(column[k][i], range_[k].lo, range_[k].hi);
          ++k;
        }
        phi.resize(channel_[c].count());
        channel_[c].evaluate(x, phi);
        for (const double p : phi) out(t++, i) = p;
      }
    }
  });
  return out;
}

stats::Evaluation TargetMoments::distance(std::span<const double> expected,
                                          const Matrix& slope,
                                          double n) const {
  std::vector<double> gap(expected.begin(), expected.end());
  for (std::size_t t = 0; t < gap.size(); ++t) gap[t] -= mean_[t];
  const auto pull = stats::multiply(weight_, gap);
  const auto across = stats::transpose(slope);
  stats::Evaluation out{0.5 * n * stats::dot(gap, pull),
                        stats::multiply(across, pull),
                        stats::multiply(across, stats::multiply(weight_, slope))};
  for (double& g : out.gradient) g *= n;
  for (double& c : out.curvature.data) c *= n;
  return out;
}

}  // namespace femto::neural
