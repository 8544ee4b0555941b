// Sums and maxima of short runs of numbers, vectorised.
#pragma once
#include <cstddef>

namespace femto {

/// x[0] + ... + x[n-1]; for a few thousand numbers: use pairwise_sum over such runs.
double sum_of(std::size_t n, const double* x);

/// w[0] x[0] + ... + w[n-1] x[n-1].
double weighted_sum_of(std::size_t n, const double* w, const double* x);

/// The largest of x[0] ... x[n-1]; -infinity of none.
double largest_of(std::size_t n, const double* x);

}  // namespace femto
