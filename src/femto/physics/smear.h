// Gaussian errors of one measured quantity: y = scale x + offset + width sd(x) z.
#pragma once
#include <cstddef>
#include <vector>

namespace femto {

/// Factor on the sd, energy scale, offset.
struct SmearSettings {
  double width = 1, scale = 1, offset = 0;
};

/// sd^2 = stochastic^2 |x| + relative^2 x^2 + constant^2; in log space ln y = ln(scale x)
/// + width relative z instead.
struct Smear {
  double relative = 0, stochastic = 0, constant = 0;
  bool log = false;

  /// Beyond so many standard deviations a normal density is negligible: 4e-16 of its top.
  static constexpr double far = 8.4;

  /// Standard deviation of y at x, at width 1.
  double sd(double x) const;

  double measure(const SmearSettings& at, double x, double z) const;

  /// dy/dx at fixed z.
  double slope(const SmearSettings& at, double x, double z) const;
};

/// phi(z) He_k(z) dz/dy for k = 0 .. terms - 1, z(y; x) the standardised error: k = 0 is
/// the density of y at x, the others are the terms of Mehler's series.
struct SmearKernel {
  Smear smear;
  SmearSettings at;
  std::size_t terms = 1;
  std::vector<std::size_t> wanted;  // derivatives: 0 by width, 1 by scale, 2 by offset

  std::size_t outputs() const { return terms * (1 + wanted.size()); }

  /// Term k and its wanted derivatives follow each other. False where all are negligible.
  bool operator()(double y, double x, double* out) const;
};

}  // namespace femto
