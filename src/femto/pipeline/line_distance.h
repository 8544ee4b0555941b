// Objectives that compare distributions along lines: the axis of a channel, or random
// directions through its box.
#pragma once
#include <memory>
#include <span>
#include <vector>

#include "femto/pipeline/objective.h"

namespace femto {

/// Two distributions on the cells of one line, each uniform within a cell.
struct LinePair {
  std::span<const double> edge;  // [cell + 1], ascending
  std::span<const double> data;  // [cell] adds up to one; may be negative (weights)
  std::span<const double> model;
};

/// A squared distance that is int w (F - G)^2 dx to first order in F - G.
struct LineTerm {
  double value = 0;
  std::vector<double> slope;   // [cell] d value / d model
  std::vector<double> weight;  // [cell] w
};

using LineDistance = LineTerm (*)(const LinePair&);

/// About the expected value of the distance times the events, at the truth: the scale
/// that makes it a number like a log-likelihood.
using LineScale = double (*)(std::span<const double> edge, std::span<const double> data);

struct LineOptions {
  LineDistance distance = nullptr;
  LineScale scale = nullptr;
  std::size_t directions = 32;  // for channels of more than one axis
  std::uint64_t seed = 1;       // of the directions
};

/// n a / 2 times the distances summed over channels; of channels with several axes the
/// mean over directions. Axes are in units of their width, and a makes the expected value
/// at the truth about half the number of channels. One axis: the cells are those of the
/// density's quadrature; else 500 equal ones along each direction. One pass over the
/// data. Variance and curvature: with psi(y) = int_{x > y} w dF dx, V = n a^2 Var(psi)
/// and H = n a int w dF dF^T dx (source: Shorack:1986, weighted Cramer-von Mises
/// statistics).
std::unique_ptr<Criterion> line_criterion(const Material& material,
                                          const LineOptions& options);

}  // namespace femto
