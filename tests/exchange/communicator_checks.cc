// What every transport must do.
#include "tests/exchange/communicator_checks.h"

#include <cmath>

#include "tests/exchange/ranks.h"

namespace femto::exchange {
namespace {

/// The lengths at which vectors are exchanged: none, fewer than ranks, many, and the
/// generator's.
const std::vector<std::size_t> lengths{0, 1, 5, 1000, 51206};

template <class T>
std::vector<T> expected_sums(std::size_t n, int ranks, std::uint64_t step) {
  std::vector<std::vector<T>> all;
  for (int r = 0; r < ranks; ++r) all.push_back(rough_numbers<T>(n, r, step));
  std::vector<T> out(n);
  for (std::size_t i = 0; i < n; ++i) {
    std::vector<T> terms;
    for (const auto& numbers : all) terms.push_back(numbers[i]);
    out[i] = plain_tree_sum(terms);
  }
  return out;
}

template <class T>
void check_sums(Communicator& group) {
  for (const auto n : lengths) {
    const auto sums = expected_sums<T>(n, group.size(), n);
    auto mine = rough_numbers<T>(n, group.rank(), n);
    allreduce<T>(group, mine, "sums");
    ASSERT_EQ(mine, sums) << n;
  }
}

/// Reductions with different tags overlap and must not mix.
void check_overlapping_sums(Communicator& group) {
  std::vector<std::vector<float>> mine;
  std::vector<Reduction<float>> under_way;
  constexpr int count = 5;
  for (std::size_t i = 0; i < count; ++i)
    mine.push_back(rough_numbers(100 + i, group.rank(), i));
  under_way.reserve(count);
  for (std::size_t i = 0; i < count; ++i)
    under_way.emplace_back(group, mine[i], 1.0f, "overlapping", static_cast<int>(i));
  for (std::size_t i = 0; i < count; ++i) {
    under_way[i].finish();
    ASSERT_EQ(mine[i], expected_sums<float>(100 + i, group.size(), i)) << i;
  }
}

}  // namespace

void check_point_to_point(Communicator& group) {
  const int p = group.size(), r = group.rank();
  if (p == 1) return;  // nobody to talk to
  std::vector<Transfer> receives;
  std::vector<std::vector<double>> in(2, std::vector<double>(300));
  for (std::size_t i = 0; i < 2; ++i)
    receives.push_back(group.receive<double>((r + p - 1) % p, 3, in[i], "neighbour"));
  // Two messages of one tag arrive in their order, one of another tag does not disturb.
  const auto first = whole_numbers<double>(300, r, 1);
  const auto second = whole_numbers<double>(300, r, 2);
  const auto other = whole_numbers<double>(10, r, 3);
  std::vector<Transfer> sends;
  sends.push_back(group.send<double>((r + 1) % p, 4, other, "other"));
  sends.push_back(group.send<double>((r + 1) % p, 3, first, "neighbour"));
  sends.push_back(group.send<double>((r + 1) % p, 3, second, "neighbour"));
  for (auto& t : receives) t.wait();
  std::vector<double> last(10);
  group.receive<double>((r + p - 1) % p, 4, last, "other").wait();
  for (auto& t : sends) t.wait();
  ASSERT_EQ(in[0], whole_numbers<double>(300, (r + p - 1) % p, 1));
  ASSERT_EQ(in[1], whole_numbers<double>(300, (r + p - 1) % p, 2));
  ASSERT_EQ(last, whole_numbers<double>(10, (r + p - 1) % p, 3));
}

void check_allreduce(Communicator& group) {
  check_sums<float>(group);
  check_sums<double>(group);
  check_overlapping_sums(group);
  // The table of strategies: 2 (P-1) messages of n/P from every rank.
  const auto before = group.traffic();
  std::vector<float> numbers(static_cast<std::size_t>(420));
  allreduce<float>(group, numbers, "counted");
  const auto sent = group.traffic() - before;
  const auto peers = static_cast<std::uint64_t>(group.size() - 1);
  ASSERT_EQ(sent.messages, 2 * peers);
  // 420 is divided by 1, 2, 3, 4 and 7.
  ASSERT_EQ(sent.bytes, 2 * peers * 420 / (peers + 1) * sizeof(float));
}

void check_broadcast_and_gather(Communicator& group) {
  for (int root = 0; root < group.size(); ++root) {
    auto numbers = whole_numbers<double>(77, group.rank());
    broadcast<double>(group, root, numbers, "weights");
    ASSERT_EQ(numbers, whole_numbers<double>(77, root));
  }
  const auto mine = whole_numbers(33, group.rank());
  std::vector<float> all(33 * static_cast<std::size_t>(group.size())), expected;
  allgather<float>(group, mine, all, "gradients");
  for (int r = 0; r < group.size(); ++r)
    for (const float x : whole_numbers(33, r)) expected.push_back(x);
  ASSERT_EQ(all, expected);
  barrier(group, "end");
}

void check_split(Communicator& group) {
  // Groups of two by neighbourhood, then the first members among themselves.
  const int r = group.rank();
  auto pair = group.split(r / 2);
  auto firsts = group.split(r % 2);
  ASSERT_EQ(pair.rank(), r % 2);
  ASSERT_EQ(pair.size(), r / 2 * 2 + 1 < group.size() ? 2 : 1);
  ASSERT_EQ(firsts.rank(), r / 2);
  std::vector<double> sum{std::ldexp(1.0, r)};
  allreduce<double>(pair, sum, "pair");
  double expected = 0;
  for (int i = 0; i < pair.size(); ++i) expected += std::ldexp(1.0, r / 2 * 2 + i);
  ASSERT_EQ(sum[0], expected);
  // A sum of the sums over all pairs, by those who come first in theirs.
  allreduce<double>(firsts, sum, "firsts");
  if (r % 2 == 0) {
    ASSERT_EQ(sum[0], std::ldexp(1.0, group.size()) - 1);
  }
  auto again = pair.split(0);
  ASSERT_EQ(again.size(), pair.size());
  barrier(again, "end");
}

void check_windows(Communicator& group) {
  const int p = group.size(), r = group.rank();
  Board board(group, 3, 50, "board");
  std::vector<float> out(50, -1);
  for (std::size_t slot = 0; slot < 2; ++slot)
    board.put(slot, 10 + slot, whole_numbers(50, r, slot));
  barrier(group, "put");
  for (int from = 0; from < p; ++from) {
    for (std::size_t slot = 0; slot < 2; ++slot) {
      const auto look = board.get(from, slot, out);
      ASSERT_TRUE(look.found);
      ASSERT_EQ(look.stamp, 10 + slot);
      // Every slot at its own place.
      ASSERT_EQ(out, whole_numbers(50, from, slot));
    }
    ASSERT_FALSE(board.get(from, 2, out).found);
  }
  // Waits for what is fresh enough, and never sees half of a slot.
  barrier(group, "looked");
  for (std::uint64_t step = 20; step < 60; ++step) {
    const std::vector<float> same(50, static_cast<float>(step));
    board.put(0, step, same);
    const auto stamp = board.get_fresh((r + 1) % p, 0, step - 3, out);
    ASSERT_GE(stamp + 3, step);
    for (const float x : out) ASSERT_EQ(x, static_cast<float>(stamp));
  }
  barrier(group, "end");
}

void check_uneven_lengths(Communicator& group) {
  if (group.size() == 1) return;
  // The last rank's vector is shorter: an error that names the tensor, everywhere or on
  // its neighbours, and no hang.
  const bool short_one = group.rank() == group.size() - 1;
  std::vector<float> numbers(short_one ? 700 : 1400);
  try {
    allreduce<float>(group, numbers, "gradient of layer3.weight");
    barrier(group, "never");
    FAIL() << "an uneven sum went through";
  } catch (const ExchangeError& error) {
    ASSERT_EQ(error.place().rank, group.rank());
    ASSERT_NE(std::string(error.what()).find("gradient of layer3.weight"),
              std::string::npos)
        << error.what();
    throw;
  }
}

void check_missing_rank(Communicator& group) {
  // The last rank has one batch less and says good-bye.
  const int last = group.size() - 1;
  std::vector<float> numbers(100);
  const int steps = group.rank() == last ? 4 : 5;
  for (int step = 0; step < steps; ++step) allreduce<float>(group, numbers, "gradient");
}

void check_weight_hashes(Communicator& group) {
  auto weights = whole_numbers(1000, 0);
  check_same(group, weights, 7);
  if (group.size() == 1) return;
  if (group.rank() == group.size() - 1) weights[999] = std::nextafter(weights[999], 1e9f);
  try {
    check_same(group, weights, 8);
    FAIL() << "one bit of difference was not seen";
  } catch (const ExchangeError& error) {
    ASSERT_EQ(error.place().peer, group.size() - 1);
    ASSERT_NE(std::string(error.what()).find("step 8"), std::string::npos);
  }
}

}  // namespace femto::exchange
