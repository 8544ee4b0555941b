// Tests of uniformity, and what is made uniform.
#include "femto/stats/calibration.h"

#include <algorithm>
#include <cmath>

#include <boost/math/distributions/binomial.hpp>

#include "femto/core/error.h"
#include "femto/stats/distributions.h"
#include "femto/stats/summary.h"

namespace femto::stats {
namespace {

/// Of references, in standard deviations of the draws: near enough to see a wrong width,
/// far enough to see a wrong direction.
constexpr double reference_spread = 2;

/// Every second row of a column, from `first` on.
std::vector<double> half(const Matrix& m, std::size_t j, std::size_t first) {
  std::vector<double> out;
  for (std::size_t i = first; i < m.rows; i += 2) out.push_back(m(i, j));
  return out;
}

}  // namespace

double Uniformity::p() const {
  return std::min(1.0, 2 * std::min(chi_square_p, distance_p));
}

Uniformity uniformity(std::span<const double> u) {
  expect(!u.empty(), "uniformity is of something");
  Uniformity out;
  out.n = u.size();
  const double n = static_cast<double>(u.size());
  out.bins = static_cast<int>(std::clamp<std::size_t>(u.size() / 10, 2, 20));
  std::vector<double> counts(static_cast<std::size_t>(out.bins), 0.0);
  for (const double x : u) {
    expect(x >= 0 && x <= 1, "uniform values lie between 0 and 1");
    const auto bin = static_cast<std::size_t>(x * out.bins);
    ++counts[std::min(bin, counts.size() - 1)];
  }
  const double expected = n / out.bins;
  for (const double c : counts)
    out.chi_square += (c - expected) * (c - expected) / expected;
  out.chi_square_p = chi_square_survival(out.chi_square, out.bins - 1);
  std::vector<double> sorted(u.begin(), u.end());
  std::ranges::sort(sorted);
  for (std::size_t i = 0; i < sorted.size(); ++i) {
    const double below = static_cast<double>(i) / n;
    out.distance = std::max({out.distance, sorted[i] - below, below + 1 / n - sorted[i]});
  }
  out.distance_p = kolmogorov_survival(out.distance, n);
  return out;
}

double ecdf_band(std::size_t n, double level) {
  double lo = 0, hi = 1;
  for (int k = 0; k < 60; ++k) {
    const double middle = (lo + hi) / 2;
    const bool inside = kolmogorov_survival(middle, static_cast<double>(n)) > 1 - level;
    (inside ? lo : hi) = middle;
  }
  return hi;
}

double rank_share(double truth, std::span<const double> draws, double uniform) {
  double below = 0, equal = 0;
  for (const double x : draws) {
    below += x < truth;
    equal += x == truth;
  }
  return (below + uniform * (equal + 1)) / (static_cast<double>(draws.size()) + 1);
}

double distance_share(std::span<const double> truth,
                      const Matrix& draws,
                      std::span<const double> normals,
                      double uniform) {
  expect(truth.size() == draws.cols && normals.size() == draws.cols,
         "truth, draws and reference have the same coordinates");
  expect(draws.rows >= 4, "a distance test needs four draws or more");
  std::vector<double> squares(draws.rows / 2, 0.0);
  double of_truth = 0;
  for (std::size_t j = 0; j < draws.cols; ++j) {
    const auto ruler = half(draws, j, 0), x = half(draws, j, 1);
    const double centre = mean(ruler), sd = standard_deviation(ruler);
    if (!(sd > 0)) continue;
    const double reference = centre + reference_spread * sd * normals[j];
    for (std::size_t i = 0; i < x.size(); ++i)
      squares[i] += std::pow((x[i] - reference) / sd, 2);
    of_truth += std::pow((truth[j] - reference) / sd, 2);
  }
  return rank_share(of_truth, squares, uniform);
}

double binomial_p(std::uint64_t k, std::uint64_t n, double fraction) {
  expect(n > 0 && k <= n, "successes are counted among trials");
  const boost::math::binomial_distribution<double> law(static_cast<double>(n), fraction);
  const double at_most = cdf(law, static_cast<double>(k));
  const double at_least = k == 0 ? 1 : cdf(complement(law, static_cast<double>(k) - 1));
  return std::min(1.0, 2 * std::min(at_most, at_least));
}

}  // namespace femto::stats
