// The coordinates in which networks learn a response.
#pragma once
#include <cmath>
#include <numeric>
#include <span>
#include <vector>

#include "femto/core/matrix.h"
#include "femto/physics/mixture_response.h"
#include "femto/stats/canonical.h"

namespace femto {

/// What networks see of a true value x: its coordinate from -1 to 1 over the range and,
/// where that is x itself and above zero, ln x likewise. What they learn are residuals
/// y - x in units of a smooth width around a smooth shift, both regressions quadratic in
/// these inputs, so that powers of x need no learning.
class ResponseFrame {
 public:
  /// Pairs x, y to regress on; the true range is [lo, hi].
  ResponseFrame(ResponseSpace space,
                double lo,
                double hi,
                std::span<const double> x,
                std::span<const double> y)
      : space_(space), lo_(lo), hi_(hi) {
    std::vector<double> shift, width;
    Matrix in(x.size(), inputs());
    for (std::size_t i = 0; i < x.size(); ++i) {
      std::ranges::copy(seen(x[i]), in.row(i));
      shift.push_back(residual(x[i], y[i]));
    }
    shift_ = stats::quadratic_regression(in, shift);
    // The mean of ln |N(0, 1)| is -(ln 2 + Euler's constant) / 2.
    constexpr double of_normal = -0.635181422730739;
    const double least = 1e-9 * (coordinate_of(space_, hi_) - coordinate_of(space_, lo_));
    for (std::size_t i = 0; i < x.size(); ++i)
      width.push_back(std::log(std::max(std::fabs(shift[i] - this->shift(x[i])), least)) -
                      of_normal);
    log_width_ = stats::quadratic_regression(in, width);
  }

  std::size_t inputs() const {
    return space_ == ResponseSpace::linear && lo_ > 0 ? 2 : 1;
  }

  /// [input]
  std::vector<double> seen(double x) const {
    std::vector<double> out{part(space_, x)};
    if (inputs() == 2) out.push_back(part(ResponseSpace::log, x));
    return out;
  }

  void show(double x, std::vector<float>& inputs) const {
    for (const double v : seen(x)) inputs.push_back(static_cast<float>(v));
  }

  double shift(double x) const { return of(shift_, x); }

  double log_width(double x) const { return of(log_width_, x); }

  /// The residual, in units of the width from the shift.
  double unit(double x, double y) const {
    return (residual(x, y) - shift(x)) * std::exp(-log_width(x));
  }

 private:
  double part(ResponseSpace space, double x) const {
    const double first = coordinate_of(space, lo_), last = coordinate_of(space, hi_);
    return 2 * (coordinate_of(space, x) - first) / (last - first) - 1;
  }

  double residual(double x, double y) const {
    return coordinate_of(space_, y) - coordinate_of(space_, x);
  }

  double of(const std::vector<double>& coefficients, double x) const {
    std::vector<double> features(coefficients.size());
    stats::quadratic_features(seen(x), features);
    return std::inner_product(
        coefficients.begin(), coefficients.end(), features.begin(), 0.0);
  }

  ResponseSpace space_;
  double lo_, hi_;
  std::vector<double> shift_, log_width_;
};

}  // namespace femto
