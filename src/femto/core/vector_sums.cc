#include "femto/core/vector_sums.h"

#include <limits>

namespace femto {

[[gnu::target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")]] double sum_of(
    std::size_t n, const double* x) {
  double sum = 0;
#pragma omp simd reduction(+ : sum)
  for (std::size_t i = 0; i < n; ++i) sum += x[i];
  return sum;
}

[[gnu::target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")]] double
weighted_sum_of(std::size_t n, const double* w, const double* x) {
  double sum = 0;
#pragma omp simd reduction(+ : sum)
  for (std::size_t i = 0; i < n; ++i) sum += w[i] * x[i];
  return sum;
}

[[gnu::target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")]] double largest_of(
    std::size_t n, const double* x) {
  double largest = -std::numeric_limits<double>::infinity();
#pragma omp simd reduction(max : largest)
  for (std::size_t i = 0; i < n; ++i) largest = x[i] > largest ? x[i] : largest;
  return largest;
}

}  // namespace femto
