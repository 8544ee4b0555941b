// What holds for every strategy.
#include "tests/exchange/strategy_checks.h"

#include <numeric>

#include "tests/exchange/ranks.h"

#include "femto/config/registry.h"
#include "femto/exchange/builtins.h"

namespace femto::exchange {
namespace {

/// The mean gradient as one rank would make it from all contributions.
std::vector<float> mean_on_one_rank(std::size_t n, int ranks, std::uint64_t step) {
  std::vector<std::vector<float>> all;
  for (int r = 0; r < ranks; ++r) all.push_back(rough_numbers(n, r, step));
  std::vector<float> out(n), terms(all.size());
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t r = 0; r < all.size(); ++r) terms[r] = all[r][i];
    out[i] = plain_tree_sum(terms) / static_cast<float>(ranks);
  }
  return out;
}

void check_identical(Communicator& group,
                     const std::vector<float>& weights,
                     const std::string& when) {
  const std::size_t n = weights.size();
  std::vector<float> all(n * static_cast<std::size_t>(group.size()));
  allgather<float>(group, weights, all, "weights of the test");
  for (std::size_t i = 0; i < all.size(); ++i)
    ASSERT_EQ(all[i], all[i % n]) << when << ", rank " << i / n << ", number " << i % n;
}

/// Parts whose gradients are announced early, from the last on; the first stays silent.
void announce(Replica& replica, std::vector<float>& gradient, std::uint64_t step) {
  if (step % 2 == 0) return;
  replica.ready(2, gradient);
  replica.ready(1, gradient);
}

}  // namespace

const std::vector<Strategy>& strategies() {
  static const std::vector<Strategy> all{
      {"allreduce", "{bucket: 1024, check_every: 3}"},
      {"allgather", "{check_every: 3}"},
      {"allgather", "{combine: median, check_every: 3}"},
      {"allgather", "{combine: trimmed_mean, check_every: 3}"},
      {"ring", "{check_every: 3}"},
      {"grouped_ring", "{group: 2, every: 4}"},
      {"grouped_ring", "{group: 3, every: 2}"},
      {"rma_ring", "{staleness: 3, mix_every: 2}"},
      {"rma_ring", "{staleness: 0, mix_every: 2}"},
      {"rma_ring", "{reach: 2, staleness: 3, mix_every: 2}"},
      {"double_binary_tree", "{check_every: 3}"},
      {"local_sgd", "{every: 4}"},
      {"diloco", "{every: 4}"},
      {"gossip", "{every: 2}"},
      {"ensemble", ""},
      {"sharded", "{check_every: 3}"}};
  return all;
}

std::unique_ptr<Exchange> build_strategy(const Strategy& strategy) {
  Registry registry;
  register_builtins(registry);
  return registry.build<Exchange>(strategy.name, strategy.settings);
}

std::vector<Part> three_parts() {
  return {{"layer0.weight", 40}, {"layer0.bias", 7}, {"layer1.weight", 110}};
}

std::vector<float> descend(
    Communicator& group,
    Replica& replica,
    std::size_t n,
    const Descent& descent,
    std::uint64_t steps,
    const std::function<void(std::uint64_t, const std::vector<float>&)>& after) {
  std::vector<float> weights(n), gradient(n);
  replica.begin(weights);
  for (std::uint64_t step = 0; step < steps; ++step) {
    for (std::size_t i = 0; i < n; ++i)
      gradient[i] = static_cast<float>(descent.a(group.rank(), i) *
                                       (weights[i] - descent.c(group.rank(), i)));
    replica.gradients(step, gradient);
    const auto own = replica.owned();
    for (std::size_t i = own.begin; i < own.end; ++i)
      weights[i] -= static_cast<float>(descent.rate) * gradient[i];
    replica.weights(step, weights);
    if (after) after(step, weights);
  }
  return weights;
}

void check_terms(Communicator& group, const Strategy& strategy) {
  const auto exchange = build_strategy(strategy);
  const auto terms = exchange->terms(group.size());
  const auto replica = exchange->join(group, three_parts());
  const std::size_t n = three_parts_size;
  auto weights = whole_numbers(n, group.rank(), 1000);
  replica->begin(weights);
  const bool alone = terms.averages == Terms::Averages::nothing;
  ASSERT_EQ(weights, whole_numbers(n, alone ? group.rank() : 0, 1000));
  constexpr std::uint64_t steps = 12;
  for (std::uint64_t step = 0; step < steps; ++step) {
    auto gradient = rough_numbers(n, group.rank(), step);
    announce(*replica, gradient, step);
    replica->gradients(step, gradient);
    const auto own = replica->owned();
    if (terms.like_one_rank) {
      const auto expected = mean_on_one_rank(n, group.size(), step);
      for (std::size_t i = own.begin; i < own.end; ++i)
        ASSERT_EQ(gradient[i], expected[i]) << strategy.name << ", number " << i;
    }
    for (std::size_t i = own.begin; i < own.end; ++i) weights[i] -= 0.1f * gradient[i];
    replica->weights(step, weights);
    if (terms.identical_every > 0 && (step + 1) % terms.identical_every == 0)
      check_identical(group, weights, strategy.name + ", step " + std::to_string(step));
  }
  const auto report = replica->report();
  ASSERT_EQ(report.steps, steps);
  ASSERT_TRUE(report.lost.empty());
  if (terms.staleness) {
    ASSERT_LE(report.staleness.max, *terms.staleness);
  }
  if (alone) {
    ASSERT_EQ(report.traffic.messages, 0u);
  } else if (group.size() > 1) {
    ASSERT_GT(report.staleness.contributions, 0u) << strategy.name;
    ASSERT_GT(report.traffic.bytes, 0u);
  }
  barrier(group, "end of a check");
}

}  // namespace femto::exchange
