// Whether draws are right at each data set, not only on average: a local two-sample test.
#pragma once
#include <cstddef>
#include <span>
#include <vector>

#include "femto/core/matrix.h"
#include "femto/core/random.h"

namespace femto::stats {

/// One simulation: its truth, draws [draw, coordinate] of the distribution under test
/// given its data, and a short description of these data.
struct LocalCase {
  std::vector<double> truth;  // [coordinate]
  Matrix draws;
  std::vector<double> data;  // [feature]
};

/// How well truths can be told from draws, and how often by chance.
struct LocalVerdict {
  double statistic = 0, p = 1;
};

/// A classifier tells truths from draws with a discriminant of products phi(u) psi(v):
/// u the coordinates in units of mean and sd of every second draw (the others are
/// compared), phi their quadratic monomials; v the data in units of mean and sd over the
/// cases, psi = 1, v and v^2. It is fitted by least squares, one Newton step of logistic
/// regression. So a fault is seen where the data are, even if the ranks of all truths
/// together are uniform. If draws are right, truth and draws of a case are exchangeable;
/// the null distribution comes from drawing anew which of them is called the truth, so
/// p-values are exact for any number of cases. Source: Linhart:2023 (L-C2ST),
/// Hastie:2009 section 4.2 (discriminant by least squares).
class LocalTest {
 public:
  /// At least 8 draws in every case, and the same coordinates and features in all.
  /// `relabelings` bound the p-values from below. The same bits for any number of
  /// threads.
  LocalTest(const std::vector<LocalCase>& cases,
            random::Stream stream,
            std::size_t relabelings = 9999);

  /// Over the data of all cases together.
  const LocalVerdict& everywhere() const { return everywhere_; }

  /// At one data set with its draws: the variance of the discriminant over the draws.
  LocalVerdict at(const Matrix& draws, std::span<const double> data) const;

 private:
  std::vector<double> monomials_of(std::span<const double> u) const;
  std::vector<double> features_of(std::span<const double> data) const;

  std::size_t coordinates_ = 0;
  std::vector<double> mean_, scale_;  // of the data [feature]
  Matrix discriminants_;              // [labelling, monomial * feature]; row 0: the truth
  LocalVerdict everywhere_;
};

}  // namespace femto::stats
