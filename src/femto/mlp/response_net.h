// Networks that learn a conditional density, or a probability, from rows.
#pragma once
#include <cstdint>
#include <span>
#include <vector>

#include "femto/mlp/shape.h"

namespace femto::mlp {

/// Rows in random order: the first `learnt` are learnt from, the others choose the epoch.
struct DensityRows {
  /// A value and the ends of its range, of order one.
  struct Value {
    double e, lo, hi;
  };

  std::size_t inputs = 1;
  std::vector<float> x;       // [row, input], of order one
  std::vector<Value> values;  // [row]
  std::size_t learnt = 0;
};

struct ProbabilityRows {
  std::size_t inputs = 1;
  std::vector<float> x;   // [row, input]
  std::vector<char> hit;  // [row]
  std::size_t learnt = 0;
};

struct NetTraining {
  std::vector<int> hidden = {32, 32};
  int epochs = 30, batch = 1024;
  double rate = 5e-3;  // falls to zero along a cosine
  std::uint64_t seed = 1;
};

/// The weights after the epoch that did best on the rows that were not learnt from.
struct TrainedNet {
  Shape shape;
  std::vector<float> weights;
  int epoch = 0;  // 0: as it started
};

/// e given x as stats::mixture_of of the outputs, by maximum likelihood. The bits do not
/// depend on the number of threads. Source: Bishop:1994; Kingma:2015 (Adam).
TrainedNet learn_density(const DensityRows& rows,
                         int components,
                         const NetTraining& training);

/// P(hit | x) = 1 / (1 + e^-output), by maximum likelihood.
TrainedNet learn_probability(const ProbabilityRows& rows, const NetTraining& training);

/// x: [row, input] -> [row, output].
std::vector<float> outputs_of(const TrainedNet& net, std::span<const float> x);

}  // namespace femto::mlp
