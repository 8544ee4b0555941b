// Search in mixtures of neighbouring rows of a table, many events at a time.
#pragma once
#include <cstddef>
#include <cstdint>

namespace femto {

/// A block of events, each with neighbouring rows of a table and their weights. Beyond
/// the events the rows are any, for vectors are whole.
struct RowMixtures {
  static constexpr std::size_t block = 128, max_rows = 8;

  std::size_t n = 0;
  const double* table = nullptr;
  alignas(64) std::int64_t start[max_rows][block] = {};  // of a row in the table
  alignas(64) double weight[max_rows][block] = {};
};

/// cell[n]: the last node before `last` at which an event's mixture of `rows` (2, 4 or 8)
/// rows of running integrals is not above target[n] = u[n] times its end. Arrays hold
/// RowMixtures::block numbers.
void find_in_mixtures(const RowMixtures& of,
                      std::size_t rows,
                      std::int64_t last,
                      const double* u,
                      double* target,
                      std::int64_t* cell);

}  // namespace femto
