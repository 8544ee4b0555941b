// What draws of one density are worth as draws of another.
#pragma once
#include <cstddef>
#include <span>
#include <vector>

#include "femto/core/random.h"

namespace femto::stats {

/// Weights of draws, and how far they can be trusted.
struct ImportanceWeights {
  std::vector<double> weights;  // [draw], sum 1
  double ess = 0;               // 1 / sum of squares: independent draws they are worth
  double largest = 0;           // share of the largest weight
  double pareto_k = 0;          // shape of the tail of the weights
};

/// Above this the mean of the weights may have no error that shrinks with more draws.
inline constexpr double pareto_limit = 0.7;

/// From ln(target / proposal) of each draw, up to a constant; -infinity is weight 0. NaN
/// weights and pareto_k infinite if no draw has a weight. Source: Kish:1965 (ess),
/// Vehtari:2024 (pareto_k of the largest min(S / 5, 3 sqrt S) weights).
ImportanceWeights importance_weights(std::span<const double> log_ratios);

/// Shape of the generalised Pareto distribution of positive excesses: by the
/// profile posterior mean of Zhang:2009, pulled to 1/2 with the weight of ten values.
double pareto_shape(std::vector<double> excesses);

/// Indices of n draws by systematic resampling: draw i comes n w_i times, up or down to
/// the next integer. Source: Kitagawa:1996.
std::vector<std::size_t> resampled(std::span<const double> weights,
                                   std::size_t n,
                                   double uniform);

}  // namespace femto::stats
