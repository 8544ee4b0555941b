// The binned iteration: expected data, their ratio to the data, its mean per true bin.
#include "femto/stats/iterative_bayes.h"

#include "femto/core/error.h"

namespace femto::stats {

std::vector<double> BinnedResponse::efficiency() const {
  std::vector<double> sum(probability.cols, 0.0);
  for (std::size_t b = 0; b < probability.rows; ++b)
    for (std::size_t t = 0; t < sum.size(); ++t) sum[t] += probability(b, t);
  return sum;
}

std::vector<double> BinnedResponse::fold(std::span<const double> truth) const {
  expect(truth.size() == probability.cols, "folding needs one number per true bin");
  std::vector<double> out = fakes;
  out.resize(probability.rows, 0.0);
  for (std::size_t b = 0; b < out.size(); ++b)
    for (std::size_t t = 0; t < truth.size(); ++t) out[b] += probability(b, t) * truth[t];
  return out;
}

std::vector<double> unfolding_step(const BinnedResponse& response,
                                   std::span<const double> data,
                                   std::span<const double> truth) {
  expect(data.size() == response.probability.rows,
         "unfolding needs one number per measured bin");
  const auto expected = response.fold(truth);
  const auto efficiency = response.efficiency();
  std::vector<double> gain(truth.size(), 0.0);
  for (std::size_t b = 0; b < data.size(); ++b) {
    if (data[b] == 0) continue;
    if (!(expected[b] > 0))
      throw DataError(
          fmt::format(
              "the response does not cover the data: measured bin {} holds {:.6g} "
              "events and the simulation expects none there",
              b,
              data[b]),
          "use wider bins, cut the data to the simulated range, or simulate more");
    const double ratio = data[b] / expected[b];
    for (std::size_t t = 0; t < gain.size(); ++t)
      gain[t] += response.probability(b, t) * ratio;
  }
  std::vector<double> out(truth.size(), 0.0);
  for (std::size_t t = 0; t < out.size(); ++t) {
    if (truth[t] == 0) continue;
    if (!(efficiency[t] > 0))
      throw DataError(
          fmt::format("the efficiency of true bin {} is zero, and {:.6g} events are "
                      "expected there (data say nothing of them)",
                      t,
                      truth[t]),
          "leave the bin out of the truth, or merge it with a neighbour");
    out[t] = truth[t] * gain[t] / efficiency[t];
  }
  return out;
}

std::vector<double> unfold(const BinnedResponse& response,
                           std::span<const double> data,
                           std::span<const double> prior,
                           int iterations) {
  std::vector<double> truth(prior.begin(), prior.end());
  for (int k = 0; k < iterations; ++k) truth = unfolding_step(response, data, truth);
  return truth;
}

}  // namespace femto::stats
