// Moments of data, by which simulations are judged.
#pragma once
#include <cstddef>
#include <span>
#include <vector>

#include "femto/pipeline/dataset.h"
#include "femto/pipeline/theory.h"
#include "femto/stats/legendre.h"
#include "femto/stats/minimise.h"

namespace femto::neural {

/// Means of Legendre products of total degree 1 to 6 of the columns of each channel,
/// rescaled to the data, and their inverse covariance. Const and thread-safe.
class TargetMoments {
 public:
  /// Throws DataError if the weights of the data have no positive sum.
  TargetMoments(const Theory& measured, const Dataset& data);

  std::size_t terms() const { return mean_.size(); }

  /// column[k][n] -> [term, n].
  Matrix functions(std::span<const double* const> column, std::size_t n) const;

  /// Half the squared distance of expected moments with slope[term, parameter], at n
  /// data.
  stats::Evaluation distance(std::span<const double> expected,
                             const Matrix& slope,
                             double n) const;

  double events() const { return events_; }

 private:
  std::vector<stats::Range> ranges(const Dataset& data, std::size_t columns) const;
  void add_weight(std::size_t from, std::size_t n, const Matrix& squares);

  std::vector<stats::LegendreProducts> channel_;
  std::vector<stats::Range> range_;  // [column] of the data
  double events_ = 0;
  std::vector<double> mean_;
  Matrix weight_;  // block-diagonal in channels
};

}  // namespace femto::neural
