// Whether chains agree, and how many independent draws they are worth.
#pragma once
#include <span>
#include <vector>

namespace femto::stats {

/// One quantity along several chains of equal length: [chain][draw].
using Chains = std::vector<std::vector<double>>;

/// Rank-normalised split R-hat: the larger of that of the values and that of their
/// distances from the median. Near 1 when the chains agree; NaN if all draws are equal or
/// some are not finite. Source: Vehtari:2021 section 4.
double split_rhat(const Chains& chains);

/// Effective sample size of the mean: chains are split, autocorrelations summed over
/// Geyer's initial monotone sequence. NaN as above. Source: Vehtari:2021 section 3.2.
double ess_mean(const Chains& chains);

/// The same of rank-normalised draws: how well the bulk is known.
double ess_bulk(const Chains& chains);

/// The smaller ESS of the indicators of the 5 % and 95 % quantiles.
double ess_tail(const Chains& chains);

/// Energy Bayesian fraction of missing information of one chain; below 0.3 momentum
/// resampling explores the energies too slowly. Source: Betancourt:2016.
double bfmi(std::span<const double> energies);

}  // namespace femto::stats
