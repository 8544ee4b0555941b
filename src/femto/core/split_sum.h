// pairwise_sum of terms that several holders have a range of each, with the same bits.
#pragma once
#include <cstddef>
#include <functional>
#include <span>
#include <vector>

namespace femto {

/// What the holder of terms [begin, begin + own.size()) of n gives to the sum: the values
/// of the largest subtrees of pairwise_sum's tree that it can add alone, from left to
/// right. About 2 log2(n / 32) numbers, and at most 62 more.
std::vector<double> subtree_sums(std::span<const double> own,
                                 std::size_t begin,
                                 std::size_t n);

/// The pairwise sum of all n terms. bounds[h] .. bounds[h + 1] are the terms of holder h;
/// next(h) gives its subtree_sums one after another.
double joined_sum(std::size_t n,
                  std::span<const std::size_t> bounds,
                  const std::function<double(std::size_t holder)>& next);

}  // namespace femto
