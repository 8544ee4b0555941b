#include "femto/exchange/collectives.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "femto/core/hash.h"

namespace femto::exchange {
namespace {

// Tags of the collective operations; reductions and pieces take one per tag of theirs.
constexpr int barrier_tag = 4096, broadcast_tag = 4097, gather_tag = 4098;
constexpr int sum_tag = 5000, piece_tag = 6500;

constexpr std::size_t block = 1024;  // numbers that stay in the nearest cache

template <class T>
void add(T* __restrict a, const T* __restrict b, std::size_t n) {
#pragma omp simd
  for (std::size_t i = 0; i < n; ++i) a[i] += b[i];
}

void wait_all(std::vector<Transfer>& transfers) {
  for (auto& t : transfers) t.wait();
  transfers.clear();
}

}  // namespace

template <std::floating_point T>
void tree_sum(std::span<T* const> terms, std::size_t n) {
  for (std::size_t from = 0; from < n; from += block) {
    const std::size_t m = std::min(block, n - from);
    for (std::size_t stride = 1; stride < terms.size(); stride *= 2)
      for (std::size_t t = 0; t + stride < terms.size(); t += 2 * stride)
        add(terms[t] + from, terms[t + stride] + from, m);
  }
}

void barrier(Communicator& group, std::string_view what) {
  const int p = group.size(), r = group.rank();
  for (int hop = 1; hop < p; hop *= 2) {
    auto in =
        group.receive<std::byte>((r - hop + p) % p, barrier_tag, {}, what, "barrier");
    auto out = group.send<std::byte>((r + hop) % p, barrier_tag, {}, what, "barrier");
    in.wait();
    out.wait();
  }
}

template <Number T>
void broadcast(Communicator& group,
               int root,
               std::span<T> numbers,
               std::string_view what) {
  const int p = group.size(), r = (group.rank() - root + p) % p;
  const auto rank_of = [&](int relative) { return (relative + root) % p; };
  int reach = 1;  // ranks below have the numbers
  while (reach < p && r >= reach) reach *= 2;
  if (r > 0)
    group.receive<T>(rank_of(r - reach / 2), broadcast_tag, numbers, what, "broadcast")
        .wait();
  std::vector<Transfer> sends;
  for (; r + reach < p; reach *= 2)
    sends.push_back(
        group.send<T>(rank_of(r + reach), broadcast_tag, numbers, what, "broadcast"));
  wait_all(sends);
}

template <Number T>
void allgather(Communicator& group,
               std::span<const T> mine,
               std::span<T> all,
               std::string_view what) {
  const int p = group.size(), r = group.rank();
  const std::size_t n = mine.size();
  expect(all.size() == n * static_cast<std::size_t>(p), "allgather into a wrong size");
  std::vector<Transfer> receives, sends;
  for (int hop = 1; hop < p; ++hop) {
    const int from = (r - hop + p) % p;
    receives.push_back(
        group.receive<T>(from,
                         gather_tag,
                         all.subspan(static_cast<std::size_t>(from) * n, n),
                         what,
                         "allgather"));
  }
  for (int hop = 1; hop < p; ++hop)
    sends.push_back(group.send<T>((r + hop) % p, gather_tag, mine, what, "allgather"));
  std::copy(mine.begin(), mine.end(), all.begin() + static_cast<std::ptrdiff_t>(n) * r);
  wait_all(receives);
  wait_all(sends);
}

template <std::floating_point T>
Reduction<T>::Reduction(
    Communicator& group, std::span<T> numbers, T divisor, std::string_view what, int tag)
    : group_(group), numbers_(numbers), divisor_(divisor), what_(what), tag_(tag) {
  expect(tag >= 0 && tag < piece_tag - sum_tag, "the tag of a reduction is too large");
  const int p = group.size(), r = group.rank();
  const std::size_t n = piece(r).size();
  others_.resize(n * static_cast<std::size_t>(p - 1));
  for (int hop = 1; hop < p; ++hop) {
    const int from = (r + hop) % p;
    const auto room =
        std::span(others_).subspan(static_cast<std::size_t>(hop - 1) * n, n);
    receives_.push_back(
        group.receive<T>(from, sum_tag + tag, room, what_, "allreduce (sum)"));
  }
  for (int hop = 1; hop < p; ++hop) {
    const int to = (r - hop + p) % p;
    sends_.push_back(
        group.send<T>(to, sum_tag + tag, piece(to), what_, "allreduce (sum)"));
  }
}

template <std::floating_point T>
std::span<T> Reduction<T>::piece(int rank) const {
  const auto from = cut(numbers_.size(), rank, group_.size());
  return numbers_.subspan(from, cut(numbers_.size(), rank + 1, group_.size()) - from);
}

template <std::floating_point T>
std::span<T> Reduction<T>::finish_own_piece() {
  const int p = group_.size(), r = group_.rank();
  const auto own = piece(r);
  if (own_done_) return own;
  own_done_ = true;
  wait_all(receives_);
  std::vector<T*> terms(static_cast<std::size_t>(p), own.data());
  for (int hop = 1; hop < p; ++hop)
    terms[static_cast<std::size_t>((r + hop) % p)] =
        others_.data() + static_cast<std::size_t>(hop - 1) * own.size();
  tree_sum<T>(terms, own.size());
  for (std::size_t i = 0; i < own.size(); ++i) own[i] = terms[0][i] / divisor_;
  wait_all(sends_);
  return own;
}

template <std::floating_point T>
void Reduction<T>::finish() {
  finish_own_piece();
  gather_pieces<T>(group_, numbers_, what_, tag_);
}

template <Number T>
void gather_pieces(Communicator& group,
                   std::span<T> numbers,
                   std::string_view what,
                   int tag) {
  const int p = group.size(), r = group.rank();
  const auto piece = [&](int rank) {
    const auto from = cut(numbers.size(), rank, p);
    return numbers.subspan(from, cut(numbers.size(), rank + 1, p) - from);
  };
  std::vector<Transfer> receives, sends;
  for (int hop = 1; hop < p; ++hop) {
    const int from = (r + hop) % p;
    receives.push_back(
        group.receive<T>(from, piece_tag + tag, piece(from), what, "allreduce (pieces)"));
  }
  for (int hop = 1; hop < p; ++hop)
    sends.push_back(group.send<T>(
        (r - hop + p) % p, piece_tag + tag, piece(r), what, "allreduce (pieces)"));
  wait_all(receives);
  wait_all(sends);
}

void check_same(Communicator& group, std::span<const float> weights, std::uint64_t step) {
  const std::array mine{
      hash64({reinterpret_cast<const char*>(weights.data()), weights.size_bytes()})};
  std::vector<std::uint64_t> all(static_cast<std::size_t>(group.size()));
  allgather<std::uint64_t>(group, mine, all, "hash of the weights");
  for (int r = 1; r < group.size(); ++r)
    if (all[static_cast<std::size_t>(r)] != all[0])
      group.fail(
          r,
          "check of the weights",
          "weights",
          0,
          Cause::mismatch,
          fmt::format("after step {} its weights differ from those of rank 0", step),
          "the ranks have drifted apart: do they start from the same weights and "
          "use the same optimiser and step sizes?");
}

template void tree_sum(std::span<float* const>, std::size_t);
template void tree_sum(std::span<double* const>, std::size_t);
template void broadcast(Communicator&, int, std::span<float>, std::string_view);
template void broadcast(Communicator&, int, std::span<double>, std::string_view);
template void broadcast(Communicator&, int, std::span<std::byte>, std::string_view);
template void broadcast(Communicator&, int, std::span<std::uint64_t>, std::string_view);
template void allgather(Communicator&,
                        std::span<const float>,
                        std::span<float>,
                        std::string_view);
template void allgather(Communicator&,
                        std::span<const double>,
                        std::span<double>,
                        std::string_view);
template void allgather(Communicator&,
                        std::span<const std::byte>,
                        std::span<std::byte>,
                        std::string_view);
template void allgather(Communicator&,
                        std::span<const std::uint64_t>,
                        std::span<std::uint64_t>,
                        std::string_view);
template void gather_pieces(Communicator&, std::span<float>, std::string_view, int);
template void gather_pieces(Communicator&, std::span<double>, std::string_view, int);
template class Reduction<float>;
template class Reduction<double>;

}  // namespace femto::exchange
