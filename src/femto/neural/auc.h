// Area under the receiver operating characteristic, with a bootstrap error.
#pragma once
#include <cstdint>
#include <vector>

namespace femto::neural {

struct Auc {
  double value = 0.5;
  double error = 0;  // one standard deviation
};

/// Probability that a positive scores higher than a negative; ties count one half.
/// Source: Hanley:1982.
double auc(const std::vector<double>& positive, const std::vector<double>& negative);

/// The same with the spread over `replicas` Poisson bootstrap samples keyed by the seed.
Auc bootstrap_auc(const std::vector<double>& positive,
                  const std::vector<double>& negative,
                  std::uint64_t seed,
                  int replicas = 200);

}  // namespace femto::neural
