// A density as shares of its quadrature nodes, and shares moved onto the cells of a grid.
#pragma once
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "femto/pipeline/dataset.h"
#include "femto/pipeline/density.h"

namespace femto {

/// What every node of a channel's grid holds at one theta.
struct Shares {
  std::vector<double> p;  // [node], adds up to one
  Matrix slope;           // [parameter, node] d p / d theta
};

Shares shares_of(const Density& density,
                 std::size_t channel,
                 std::span<const double> theta,
                 const Norms& norms);

/// Covariance of psi over the nodes: sum_i p_i psi_i psi_i^T minus that of the means,
/// with psi [parameter, node]. The result is [parameter, parameter].
Matrix covariance_of(const Shares& shares, const Matrix& psi);

/// Which cells points fall into, and with what share: `fan` entries per point.
struct Deposit {
  std::size_t fan = 1;
  std::vector<std::uint32_t> cell;  // [point * fan + k]
  std::vector<double> share;        // [point * fan + k]; adds up to one per point

  /// cells[cell] += amount[point] * share.
  void add(std::span<const double> amount, std::span<double> cells) const;

  /// sum over the fan of share * cells[cell]: [point].
  std::vector<double> gather(std::span<const double> cells) const;
};

/// Points of the unit box spread over its grid of `points` per axis, linearly between the
/// neighbours; t[axis][point].
Deposit box_deposit(const std::vector<std::vector<double>>& t, std::size_t points);

/// x[axis][row] as positions in [0, 1] along the axes of a channel. Throws DataError
/// where a value lies outside.
std::vector<std::vector<double>> unit_positions(
    const Channel& channel,
    const std::vector<std::span<const double>>& x,
    std::uint64_t first);

/// Sum of weights and of their squares.
struct WeightSums {
  double sum = 0, squares = 0;
};

/// All channels of all chunks with the weights of their rows: visit(channel, first row, x
/// [axis][row], weights [row]). Throws DataError unless the weights add up to a positive
/// number.
WeightSums for_each_channel(
    const Theory& theory,
    const Dataset& data,
    const Weighting& weighting,
    const std::function<void(std::size_t channel,
                             std::uint64_t first,
                             const std::vector<std::span<const double>>& x,
                             std::span<const double> weights)>& visit);

}  // namespace femto
