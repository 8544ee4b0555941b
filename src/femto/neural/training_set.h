// Simulated records to learn from, and the batches they are studied in.
#pragma once
#include <cstdint>
#include <vector>

#include "femto/core/random.h"
#include "femto/neural/laboratory.h"
#include "femto/neural/region.h"
#include "femto/neural/true_density.h"

namespace femto::neural {

/// How a measured column is presented to networks: (x - mean) / sd.
struct InputScale {
  double mean = 0, sd = 1;
};

/// Simulated records at the centre of a region, with all that a training asks of them.
class TrainingSet {
 public:
  /// `density`: of the true events. At least one batch of records.
  TrainingSet(const Laboratory& laboratory,
              const Region& region,
              const Density& density,
              std::uint64_t records,
              std::uint64_t seed);

  const Laboratory& laboratory() const { return *laboratory_; }

  const Region& region() const { return *region_; }

  std::size_t records() const { return records_.weight.size(); }

  const std::vector<InputScale>& scales() const { return scales_; }

  const Records& at_centre() const { return records_; }

  /// Points of the region, in pairs of opposite directions.
  const std::vector<std::vector<double>>& points() const { return points_; }

  /// f(x; theta) / f(x; centre) of true records from `first` on, theta at a point: [n].
  void ratios(std::size_t point, std::size_t first, std::size_t n, double* out) const;

  /// Nuisance parameters at a point.
  std::span<const double> nuisances(std::size_t point) const;

  /// True if the points differ in nuisance parameters.
  bool moves_response() const { return moves_response_; }

 private:
  const Laboratory* laboratory_;
  const Region* region_;
  Records records_;
  TrueDensity density_;
  std::vector<double> at_centre_;  // ln f [record]
  std::vector<std::vector<double>> points_, thetas_;
  std::vector<Norms> norms_;  // [point]
  std::vector<InputScale> scales_;
  bool moves_response_ = false;
};

/// Records of a batch, in blocks that are compared with points of their own.
constexpr std::size_t block = 256, blocks = 64;

/// What a batch knows of its records, the same for all channels.
struct Batch {
  Batch(const TrainingSet& set, std::size_t points);

  /// Fills it with its next records; points are random.
  void draw(const TrainingSet& set, std::uint64_t step, random::Stream stream);

  /// The same with the first points of the set for every block.
  void draw_fixed(const TrainingSet& set, std::uint64_t step);

  std::size_t points, copies;      // copies: of each block, with other responses
  std::vector<std::size_t> point;  // [block * points]: in the set
  std::vector<double> ratio;       // [block, point, record]
  std::vector<double> weight;      // [block, copy, record]
  std::vector<std::vector<double>> measured;  // [column][block, copy, record]

 private:
  void fill(const TrainingSet& set, std::uint64_t step);
};

}  // namespace femto::neural
