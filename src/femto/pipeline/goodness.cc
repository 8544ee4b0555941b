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

void KolmogorovDistance::add(std::span<const double> u) {
  for (const double value : u) {
    const double before = seen_ / n_, after = (seen_ + 1) / n_;
    largest_ = std::max({largest_, value - before, after - value});
    ++seen_;
  }
}

double kolmogorov_distance(std::vector<double>& u) {
  std::ranges::sort(u);
  KolmogorovDistance distance(static_cast<double>(u.size()));
  distance.add(u);
  return distance.value();
}

FitTest kolmogorov_smirnov(double distance, double n) {
  FitTest t;
  t.statistic = distance;
  t.p_value = stats::kolmogorov_survival(distance, n);
  return t;
}

FitTest kolmogorov_smirnov(std::vector<double> u) {
  const double distance = kolmogorov_distance(u);
  return kolmogorov_smirnov(distance, static_cast<double>(u.size()));
}

}  // namespace femto
