// Tests of goodness of fit on counts and on single values.
#pragma once
#include <cstddef>
#include <span>
#include <string>
#include <vector>

namespace femto {

struct FitTest {
  std::string name;
  double statistic = 0;
  double ndf = 0;  // 0 where there are none
  double p_value = 1;
  std::string note;
};

/// Saturated likelihood ratio 2 sum [nu - n + n ln(n / nu)] of counts with a fixed total.
/// Neighbouring bins are merged until each expects `least` counts; ndf = bins - 1 -
/// fitted (a fraction where parameters are shared between channels).
/// Source: Baker:1984 Eq. (5).
FitTest baker_cousins(std::span<const double> counts,
                      std::span<const double> expected,
                      double fitted,
                      double least = 5);

/// Largest distance of the empirical distribution of u from the uniform one, u in [0, 1]
/// in any order (sorted in place).
double kolmogorov_distance(std::vector<double>& u);

/// The same for numbers that come in ascending order, in parts, `n` of them in all.
class KolmogorovDistance {
 public:
  explicit KolmogorovDistance(double n) : n_(n) {}

  void add(std::span<const double> u);

  double value() const { return largest_; }

 private:
  double n_, seen_ = 0, largest_ = 0;
};

/// Kolmogorov-Smirnov test of u = F(x); asymptotic p-value with Stephens' correction.
FitTest kolmogorov_smirnov(std::vector<double> u);

/// The same for n numbers with this distance.
FitTest kolmogorov_smirnov(double distance, double n);

}  // namespace femto
