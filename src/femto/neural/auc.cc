#include "femto/neural/auc.h"

#include <algorithm>
#include <cmath>

#include "femto/core/error.h"
#include "femto/core/random.h"
#include "femto/core/threads.h"

namespace femto::neural {
namespace {

struct Score {
  double value;
  bool positive;
};

std::vector<Score> sorted_scores(const std::vector<double>& positive,
                                 const std::vector<double>& negative) {
  expect(!positive.empty() && !negative.empty(), "scores of both classes");
  std::vector<Score> out;
  for (const double s : positive) out.push_back({s, true});
  for (const double s : negative) out.push_back({s, false});
  std::sort(out.begin(), out.end(), [](const Score& a, const Score& b) {
    return a.value < b.value;
  });
  return out;
}

/// Weight(i) is the weight of sorted score i.
template <class Weight>
double weighted_auc(const std::vector<Score>& scores, const Weight& weight) {
  double below = 0, positives = 0, area = 0;
  for (std::size_t i = 0; i < scores.size();) {
    double tied_positive = 0, tied_negative = 0;
    std::size_t j = i;
    for (; j < scores.size() && scores[j].value == scores[i].value; ++j)
      (scores[j].positive ? tied_positive : tied_negative) += weight(j);
    area += tied_positive * (below + 0.5 * tied_negative);
    below += tied_negative;
    positives += tied_positive;
    i = j;
  }
  return area / (positives * below);
}

}  // namespace

double auc(const std::vector<double>& positive, const std::vector<double>& negative) {
  return weighted_auc(sorted_scores(positive, negative), [](std::size_t) { return 1.0; });
}

Auc bootstrap_auc(const std::vector<double>& positive,
                  const std::vector<double>& negative,
                  std::uint64_t seed,
                  int replicas) {
  const auto scores = sorted_scores(positive, negative);
  std::vector<double> values(static_cast<std::size_t>(replicas));
  parallel_for(values.size(), [&](std::size_t r) {
    const auto stream = random::Stream::named(seed, "auc bootstrap", r + 1);
    values[r] = weighted_auc(scores, [&](std::size_t i) {
      return static_cast<double>(random::poisson_one(random::uniform(stream, i)));
    });
  });
  double mean = 0, variance = 0;
  for (const double v : values) mean += v / replicas;
  for (const double v : values) variance += (v - mean) * (v - mean) / (replicas - 1);
  return {weighted_auc(scores, [](std::size_t) { return 1.0; }), std::sqrt(variance)};
}

}  // namespace femto::neural
