#include "femto/neural/mate.h"

#include <algorithm>

#include <ATen/Functions.h>
#include <c10/core/GradMode.h>
#include <fmt/core.h>

#include "femto/core/error.h"
#include "femto/exchange/collectives.h"
#include "femto/neural/floats.h"

namespace femto::neural {
namespace {

std::vector<exchange::Part> parts_of(const Network& network, const std::string& name) {
  std::vector<exchange::Part> out;
  const std::size_t per_layer = network.spec().biases ? 2 : 1;
  for (const auto& p : network.parameters())
    out.push_back({fmt::format("{} layer{}.{}",
                               name,
                               out.size() / per_layer,
                               out.size() % per_layer ? "bias" : "weight"),
                   static_cast<std::size_t>(p.numel())});
  return out;
}

}  // namespace

Shares shares_of(const Team* team) {
  if (!team) return {};
  const auto ranks = static_cast<std::size_t>(team->group.size());
  const auto wanted = static_cast<std::size_t>(team->settings.shares);
  const std::size_t own = (wanted + ranks - 1) / ranks;
  return {own * ranks, own * static_cast<std::size_t>(team->group.rank()), own};
}

GradientSum::GradientSum(const Network& network, std::size_t terms)
    : terms_(at::zeros(
          {static_cast<std::int64_t>(terms), static_cast<std::int64_t>(network.size())},
          at::kFloat)) {
  std::int64_t first = 0;
  for (const auto& p : network.parameters()) {
    gradients_.push_back(terms_.select(0, 0).narrow(0, first, p.numel()).view(p.sizes()));
    first += p.numel();
  }
}

void GradientSum::set(std::size_t i, const std::vector<Tensor>& gradients, double scale) {
  const c10::AutoGradMode no_graph(false);
  auto row = terms_.select(0, static_cast<std::int64_t>(i));
  std::int64_t first = 0;
  for (const auto& g : gradients) {
    row.narrow(0, first, g.numel()).copy_(g.reshape({-1}));
    first += g.numel();
  }
  if (scale != 1) row.mul_(scale);
}

std::span<float> GradientSum::add() {
  const auto all = values_of(terms_);
  const auto size = all.size() / static_cast<std::size_t>(terms_.size(0));
  std::vector<float*> rows;
  for (std::size_t at = 0; at < all.size(); at += size) rows.push_back(all.data() + at);
  exchange::tree_sum<float>(rows, size);
  return all.first(size);
}

Mate::Mate(const Team& team, const Network& network, const std::string& name)
    : group_(team.group.split(0)),
      network_(network),
      replica_(team.exchange.join(group_, parts_of(network, name))),
      flat_(network.size()) {
  group_.set_limit(team.settings.limit);
  gather();
  replica_->begin(flat_);
  spread();
}

void Mate::gradients(std::uint64_t step, std::span<float> part) {
  // Strategies make means; exact for powers of two.
  for (float& g : part) g *= static_cast<float>(group_.size());
  replica_->gradients(step, part);
}

void Mate::weights(std::uint64_t step) {
  gather();
  replica_->weights(step, flat_);
  spread();
}

bool Mate::owns_all() const {
  const auto owned = replica_->owned();
  return owned.begin == 0 && owned.end == flat_.size();
}

bool Mate::heard(int world_rank) {
  for (int r = 0; r < group_.size(); ++r)
    if (group_.world(r) == world_rank) return replica_->heard(r);
  return false;
}

void Mate::gather() {
  auto to = flat_.begin();
  for (const auto& p : network_.parameters())
    to = std::ranges::copy(values_of(p), to).out;
}

void Mate::spread() {
  auto from = flat_.begin();
  for (const auto& p : network_.parameters()) {
    const auto values = values_of(p);
    std::copy_n(from, values.size(), values.begin());
    from += static_cast<std::ptrdiff_t>(values.size());
  }
}

void Mate::save(io::State& state, const std::string& prefix) const {
  state.put(prefix + ".replica", std::span<const float>(replica_->state()));
}

void Mate::load(const io::State& state, const std::string& prefix) {
  const auto kept = state.floats(prefix + ".replica");
  const auto to = replica_->state();
  if (kept.size() != to.size())
    throw DataError("the checkpoint belongs to another exchange strategy",
                    "resume with the settings that the run started with");
  std::ranges::copy(kept, to.begin());
}

}  // namespace femto::neural
