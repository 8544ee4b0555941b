// The saturated likelihood ratio and the Kolmogorov-Smirnov test.
#include "femto/pipeline/goodness.h"

#include <algorithm>
#include <cmath>

#include "femto/core/error.h"
#include "femto/stats/distributions.h"

namespace femto {

namespace {

struct Bin {
  double count = 0, expected = 0;
};

std::vector<Bin> merged(std::span<const double> counts,
                        std::span<const double> expected,
                        double least) {
  std::vector<Bin> out;
  Bin open;
  for (std::size_t i = 0; i < counts.size(); ++i) {
    open.count += counts[i];
    open.expected += expected[i];
    if (open.expected < least) continue;
    out.push_back(open);
    open = {};
  }
  if (out.empty()) return {open};
  out.back().count += open.count;
  out.back().expected += open.expected;
  return out;
}

}  // namespace

FitTest baker_cousins(std::span<const double> counts,
                      std::span<const double> expected,
                      double fitted,
                      double least) {
  expect(counts.size() == expected.size(), "as many counts as expectations");
  FitTest t;
  const auto bins = merged(counts, expected, least);
  for (const auto& b : bins) {
    t.statistic += 2 * (b.expected - b.count);
    if (b.count > 0) t.statistic += 2 * b.count * std::log(b.count / b.expected);
  }
  t.ndf = std::max(0.0, static_cast<double>(bins.size()) - 1 - fitted);
  if (t.ndf > 0)
    t.p_value = stats::chi_square_survival(std::max(0.0, t.statistic), t.ndf);
  return t;
}

double kolmogorov_distance(std::vector<double>& u) {
  std::ranges::sort(u);
  const double n = static_cast<double>(u.size());
  double largest = 0;
  for (std::size_t i = 0; i < u.size(); ++i) {
    const double before = static_cast<double>(i) / n,
                 after = static_cast<double>(i + 1) / n;
    largest = std::max({largest, u[i] - before, after - u[i]});
  }
  return largest;
}

FitTest kolmogorov_smirnov(std::vector<double> u) {
  FitTest t;
  t.statistic = kolmogorov_distance(u);
  t.p_value = stats::kolmogorov_survival(t.statistic, static_cast<double>(u.size()));
  return t;
}

}  // namespace femto
