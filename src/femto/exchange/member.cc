#include "femto/exchange/member.h"

#include <algorithm>

#include <fmt/format.h>

namespace femto::exchange {
namespace {

constexpr int ring_tag = 10;

}  // namespace

void Staleness::add(std::uint64_t steps, int count) {
  if (count == 0) return;
  contributions += static_cast<std::uint64_t>(count);
  sum += static_cast<double>(steps) * count;
  max = std::max(max, steps);
}

double Staleness::mean() const {
  return contributions ? sum / static_cast<double>(contributions) : 0;
}

Layout::Layout(std::vector<Part> parts) : parts_(std::move(parts)), begins_{0} {
  for (const auto& p : parts_) begins_.push_back(begins_.back() + p.size);
}

std::string Layout::words(const char* of, std::size_t from, std::size_t to) const {
  if (from >= to) return of;
  if (to - from == 1) return fmt::format("{} of {}", of, parts_[from].name);
  return fmt::format("{} of {} to {}", of, parts_[from].name, parts_[to - 1].name);
}

Member::Member(Communicator& in, std::vector<Part> parts)
    : group(in),
      layout(std::move(parts)),
      gradient(layout.words("gradient")),
      weights(layout.words("weights")),
      at_start_(in.traffic()) {}

void Member::check(std::span<const float> vector) const {
  expect(vector.size() == layout.size(),
         "an exchanged vector is not as long as its parts");
}

void Member::take_weights_of_first(std::span<float> into) {
  check(into);
  broadcast<float>(group, 0, into, weights);
}

void Member::mean(std::span<float> numbers, const std::string& what) {
  check(numbers);
  allreduce<float>(group, numbers, what, static_cast<float>(group.size()));
}

void Member::met(std::uint64_t round) {
  for (std::uint64_t age = 0; age < round; ++age)
    report.staleness.add(age, group.size() - 1);
}

Report Member::books() const {
  auto out = report;
  out.traffic = group.traffic() - at_start_;
  return out;
}

void pass_round_ring(Communicator& group,
                     std::span<const float> mine,
                     std::vector<float>& all,
                     const std::string& what) {
  const int p = group.size(), r = group.rank();
  const std::size_t n = mine.size();
  all.resize(n * static_cast<std::size_t>(p));
  const auto of = [&](int rank) {
    return std::span(all).subspan(static_cast<std::size_t>((rank + p) % p) * n, n);
  };
  std::copy(mine.begin(), mine.end(), of(r).begin());
  for (int hop = 1; hop < p; ++hop) {
    auto in = group.receive<float>((r + p - 1) % p, ring_tag, of(r - hop), what, "ring");
    auto out = group.send<float>((r + 1) % p, ring_tag, of(r - hop + 1), what, "ring");
    in.wait();
    out.wait();
  }
}

void ring_sum(Communicator& group,
              std::span<float> numbers,
              std::vector<float>& room,
              const std::string& what) {
  pass_round_ring(group, numbers, room, what);
  std::vector<float*> terms;
  for (int r = 0; r < group.size(); ++r)
    terms.push_back(room.data() + static_cast<std::size_t>(r) * numbers.size());
  tree_sum<float>(terms, numbers.size());
  std::copy_n(room.begin(), numbers.size(), numbers.begin());
}

}  // namespace femto::exchange
