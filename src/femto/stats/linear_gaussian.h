// Unknowns with a Gaussian prior, seen through data that are linear in them.
#pragma once
#include <cstddef>
#include <span>
#include <vector>

#include "femto/core/matrix.h"

namespace femto::stats {

/// data = response unknowns + noise, noise ~ N(0, diag(errors^2)) and
/// unknowns = mean + root z with z ~ N(0, 1).
struct LinearGaussian {
  Matrix response;             // [datum, unknown]
  std::vector<double> errors;  // [datum]
  std::vector<double> mean;    // [unknown] prior mean
  Matrix root;                 // [unknown, unknown]: root root^T = prior covariance
};

/// The problem in coordinates c = V^T z in which data and prior are both diagonal: the
/// data measure c_k with variance 1/information[k], the prior says N(0, 1). The exact
/// posterior: c_k ~ N(estimate, 1/(1 + information[k])), independent.
/// Source: Rodgers:2000 sections 2.4 (singular vectors) and 2.3 (posterior).
class Components {
 public:
  /// Throws NumericalError if something is not finite, Error for a datum without error.
  explicit Components(const LinearGaussian& model);

  std::size_t size() const { return information_.size(); }

  /// Squared singular values of the whitened response, descending; zero ones included.
  const std::vector<double>& information() const { return information_; }

  /// What one unit of each coordinate adds to the unknowns: [unknown, component].
  const Matrix& patterns() const { return patterns_; }

  /// Posterior means of the coordinates from data [datum].
  std::vector<double> estimate(std::span<const double> data) const;

  /// The coordinates that unknowns have, as far as data can tell: [component]; zero where
  /// the information is not above `least`.
  std::vector<double> of(std::span<const double> unknowns, double least) const;

  /// mean + patterns c.
  std::vector<double> unknowns(std::span<const double> coordinates) const;

 private:
  /// V^T W^T (data - response mean)/errors: information times what the data say.
  std::vector<double> pull(std::span<const double> residuals) const;

  const LinearGaussian model_;
  std::vector<double> expected_;  // [datum] at the prior mean
  std::vector<double> information_;
  Matrix patterns_;  // root V
};

/// A lower-triangular root of a covariance matrix. Throws Error if it has none.
Matrix covariance_root(const Matrix& covariance);

}  // namespace femto::stats
