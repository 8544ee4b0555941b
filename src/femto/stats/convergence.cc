// R-hat and effective sample sizes of split, rank-normalised chains.
#include "femto/stats/convergence.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "femto/core/error.h"
#include "femto/stats/distributions.h"
#include "femto/stats/summary.h"

namespace femto::stats {
namespace {

constexpr double nothing = std::numeric_limits<double>::quiet_NaN();

/// Each chain as two; the middle draw of an odd number is left out.
Chains halves(const Chains& chains) {
  expect(!chains.empty() && chains[0].size() >= 4, "chains need four draws or more");
  Chains out;
  for (const auto& c : chains) {
    expect(c.size() == chains[0].size(), "chains are equally long");
    const auto half = static_cast<std::ptrdiff_t>(c.size() / 2);
    out.emplace_back(c.begin(), c.begin() + half);
    out.emplace_back(c.end() - half, c.end());
  }
  return out;
}

std::vector<double> pooled(const Chains& chains) {
  std::vector<double> out;
  for (const auto& c : chains) out.insert(out.end(), c.begin(), c.end());
  return out;
}

/// False if the draws say nothing: some not finite, or all equal.
bool usable(const Chains& chains) {
  const auto all = pooled(chains);
  return std::ranges::all_of(all, [](double x) { return std::isfinite(x); }) &&
         std::ranges::any_of(all, [&](double x) { return x != all[0]; });
}

template <class Function>
Chains mapped(const Chains& chains, Function function) {
  Chains out = chains;
  for (auto& c : out)
    for (double& x : c) x = function(x);
  return out;
}

/// Normal scores of the average ranks over all chains. Source: Vehtari:2021 Eq. (14).
Chains rank_normalised(const Chains& chains) {
  const auto all = pooled(chains);
  std::vector<std::size_t> order(all.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::stable_sort(order, {}, [&](std::size_t i) { return all[i]; });
  std::vector<double> score(all.size());
  const double n = static_cast<double>(all.size());
  for (std::size_t i = 0; i < order.size();) {
    std::size_t j = i;
    while (j < order.size() && all[order[j]] == all[order[i]]) ++j;
    const double rank = static_cast<double>(i + j + 1) / 2;
    const double z = normal_quantile((rank - 0.375) / (n + 0.25));
    for (; i < j; ++i) score[order[i]] = z;
  }
  Chains out = chains;
  std::size_t at = 0;
  for (auto& c : out)
    for (double& x : c) x = score[at++];
  return out;
}

/// Variance within chains, and that of the target estimated from within and between.
struct Variances {
  double within = 0, total = 0;
};

Variances variances_of(const Chains& chains) {
  std::vector<double> means, inside;
  for (const auto& c : chains) {
    means.push_back(mean(c));
    inside.push_back(variance(c));
  }
  const double n = static_cast<double>(chains[0].size());
  Variances v;
  v.within = mean(inside);
  v.total = v.within * (n - 1) / n + variance(means);
  return v;
}

double rhat(const Chains& chains) {
  const Variances v = variances_of(chains);
  return v.within > 0 ? std::sqrt(v.total / v.within)
                      : std::numeric_limits<double>::infinity();
}

/// Autocorrelation at one lag over all chains. Source: Vehtari:2021 Eq. (10).
class Autocorrelation {
 public:
  explicit Autocorrelation(const Chains& chains)
      : chains_(chains), v_(variances_of(chains)) {
    for (const auto& c : chains) means_.push_back(mean(c));
  }

  double operator()(std::size_t lag) const {
    double together = 0;
    for (std::size_t m = 0; m < chains_.size(); ++m) {
      const auto& c = chains_[m];
      double sum = 0;
      for (std::size_t i = 0; i + lag < c.size(); ++i)
        sum += (c[i] - means_[m]) * (c[i + lag] - means_[m]);
      together += sum / static_cast<double>(c.size());
    }
    const double covariance = together / static_cast<double>(chains_.size());
    return 1 - (v_.within - covariance) / v_.total;
  }

 private:
  const Chains& chains_;
  Variances v_;
  std::vector<double> means_;
};

/// Of chains that are split already.
double effective_size(const Chains& chains) {
  const Autocorrelation rho(chains);
  const std::size_t n = chains[0].size();
  const double draws = static_cast<double>(n * chains.size());
  // Sums of neighbouring lags, while positive, made monotone.
  double tau = -1, before = std::numeric_limits<double>::infinity();
  for (std::size_t lag = 0; lag + 1 < n; lag += 2) {
    const double pair = std::min(before, (lag == 0 ? 1 : rho(lag)) + rho(lag + 1));
    if (!(pair > 0)) break;
    tau += 2 * pair;
    before = pair;
  }
  return draws / std::max(tau, 1 / std::log10(draws));
}

}  // namespace

double split_rhat(const Chains& chains) {
  if (!usable(chains)) return nothing;
  const Chains split = halves(chains);
  const double median = quantile(pooled(chains), 0.5);
  const Chains folded = mapped(split, [&](double x) { return std::fabs(x - median); });
  return std::max(rhat(rank_normalised(split)), rhat(rank_normalised(folded)));
}

double ess_mean(const Chains& chains) {
  return usable(chains) ? effective_size(halves(chains)) : nothing;
}

double ess_bulk(const Chains& chains) {
  return usable(chains) ? effective_size(rank_normalised(halves(chains))) : nothing;
}

double ess_tail(const Chains& chains) {
  if (!usable(chains)) return nothing;
  const auto all = pooled(chains);
  double least = std::numeric_limits<double>::infinity();
  for (const double p : {0.05, 0.95}) {
    const double edge = quantile(all, p);
    const auto below = mapped(chains, [&](double x) { return x <= edge ? 1.0 : 0.0; });
    if (usable(below)) least = std::min(least, effective_size(halves(below)));
  }
  return least;
}

double bfmi(std::span<const double> energies) {
  if (energies.size() < 2) return nothing;
  const double centre = mean(energies);
  double steps = 0, spread = 0;
  for (std::size_t i = 0; i < energies.size(); ++i) {
    spread += (energies[i] - centre) * (energies[i] - centre);
    if (i > 0) steps += std::pow(energies[i] - energies[i - 1], 2);
  }
  return spread > 0 ? steps / spread : nothing;
}

}  // namespace femto::stats
