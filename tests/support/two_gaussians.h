// A fitted problem whose likelihood is known in closed form: two Gaussian experiments.
#pragma once
#include <array>
#include <memory>
#include <vector>

#include "tests/support/tasks.h"

#include "femto/pipeline/analysis.h"

namespace femto::testing {

/// x ~ N(t1 + t2, 2) and y ~ N(2 t2 - 2 t1, 2.25), drawn at (2, 1); fitted by hand.
struct TwoGaussians {
  static constexpr std::size_t records = 400;

  Workshop w{build<Theory>("{type: gaussian_experiments, experiments: [1, 2]}")};
  std::vector<double> theta;  // the estimate
  Matrix information{2, 2};   // of all records

  TwoGaussians() {
    w.take(w.drawn({2, 1}, records, 11));
    const auto& events = *w.data->table();
    double mean[2] = {0, 0};
    for (std::size_t c = 0; c < 2; ++c)
      for (const double x : events.column(c)) mean[c] += x / records;
    // The means are the estimates of t1 + t2 and 2 (t2 - t1).
    theta = {(mean[0] - mean[1] / 2) / 2, (mean[0] + mean[1] / 2) / 2};
    information(0, 0) = information(1, 1) = records * (1 / 2.0 + 4 / 2.25);
    information(0, 1) = information(1, 0) = records * (1 / 2.0 - 4 / 2.25);
  }

  /// 2 Delta NLL.
  double rise(double t1, double t2) const {
    const double a = t1 - theta[0], b = t2 - theta[1];
    return information(0, 0) * (a * a + b * b) + 2 * information(0, 1) * a * b;
  }

  /// Of t1 with t2 profiled.
  double sd() const {
    return std::sqrt(information(1, 1) / (information(0, 0) * information(1, 1) -
                                          information(0, 1) * information(0, 1)));
  }

  Findings examined(const std::string& analysis) const {
    const Task task = w.task();
    Fit fit;
    fit.theta = theta;
    const std::vector<Fit> members{fit};
    const Fitted fitted{task, fit, members, theta, Matrix(2, 2), {}};
    SilentMonitor monitor;
    return build<Analysis>(analysis)->examine(fitted, monitor);
  }
};

}  // namespace femto::testing
