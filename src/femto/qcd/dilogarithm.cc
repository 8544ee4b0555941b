#include "femto/qcd/dilogarithm.h"

#include <cmath>
#include <numbers>

namespace femto::qcd {

double dilogarithm_of_logarithm(double t) {
  constexpr double bernoulli_over_factorial[] = {// B_2k/(2k + 1)!, k = 1, 2, ...
                                                 1.0 / 36,
                                                 -1.0 / 3600,
                                                 1.0 / 211680,
                                                 -1.0 / 10886400,
                                                 1.0 / 526901760,
                                                 -691.0 / 16999766784000.0,
                                                 1.0 / 1120863744000.0};
  const double t2 = t * t;
  double sum = 0;
  for (int k = 6; k >= 0; --k) sum = sum * t2 + bernoulli_over_factorial[k];
  return t - t2 / 4 + sum * t2 * t;
}

double dilogarithm(double x) {
  constexpr double pi2 = std::numbers::pi * std::numbers::pi;
  const auto series = [](double u) { return dilogarithm_of_logarithm(-std::log1p(-u)); };
  if (x < -1) {
    const double l = std::log(-x);
    return -pi2 / 6 - l * l / 2 - series(1 / x);
  }
  if (x <= 0.5) return series(x);
  if (x == 1) return pi2 / 6;
  const double l = std::log(x);
  if (x < 1) return pi2 / 6 - l * std::log1p(-x) - series(1 - x);
  if (x < 2)  // through 1/x, reflected
    return pi2 / 6 + l * l / 2 - l * std::log(x - 1) + series((x - 1) / x);
  return pi2 / 3 - l * l / 2 - series(1 / x);
}

}  // namespace femto::qcd
