// Bodies that run on every rank, and the numbers they exchange.
#pragma once
#include <cmath>
#include <functional>
#include <vector>

#include <gtest/gtest.h>

#include "femto/core/random.h"
#include "femto/exchange/collectives.h"
#include "femto/exchange/threads.h"

namespace femto::exchange {

/// The numbers of ranks at which everything is tested.
inline const std::vector<int> rank_counts{1, 2, 3, 4, 7};

/// Numbers that differ by rank and position (a reduction of constants sees no mix-up):
/// whole, below 2^12, so that their float sums over few ranks are exact in any order.
template <class T = float>
std::vector<T> whole_numbers(std::size_t n, int rank, std::uint64_t step = 0) {
  const auto stream =
      random::Stream::named(11, "whole numbers", static_cast<std::uint64_t>(rank), step);
  std::vector<T> out(n);
  for (std::size_t i = 0; i < n; ++i)
    out[i] = static_cast<T>(static_cast<int>(8192 * random::uniform(stream, i)) - 4096);
  return out;
}

/// Numbers of very different sizes, whose sums depend on the order of the additions.
template <class T = float>
std::vector<T> rough_numbers(std::size_t n, int rank, std::uint64_t step = 0) {
  const auto stream =
      random::Stream::named(12, "rough numbers", static_cast<std::uint64_t>(rank), step);
  std::vector<T> out(n);
  for (std::size_t i = 0; i < n; ++i) {
    const auto z = random::normal_pair(stream, i);
    out[i] = static_cast<T>(z[0] * std::exp(4 * z[1]));
  }
  return out;
}

/// The rule of sums, written down recursively: the sum of ranks [from, to) of a tree
/// whose blocks are powers of two.
template <class T>
T plain_tree_sum(const std::vector<T>& terms, std::size_t from, std::size_t width) {
  if (width == 1) return terms[from];
  const T left = plain_tree_sum(terms, from, width / 2);
  const std::size_t middle = from + width / 2;
  return middle < terms.size() ? left + plain_tree_sum(terms, middle, width / 2) : left;
}

template <class T>
T plain_tree_sum(const std::vector<T>& terms) {
  std::size_t width = 1;
  while (width < terms.size()) width *= 2;
  return plain_tree_sum(terms, 0, width);
}

/// Calls check(communicator) on every rank, as threads, for each number of ranks.
inline void for_rank_counts(const std::function<void(Communicator&)>& check) {
  for (const int ranks : rank_counts) {
    SCOPED_TRACE(ranks);
    run_as_ranks({.ranks = ranks, .limit = 60}, check);
  }
}

}  // namespace femto::exchange
