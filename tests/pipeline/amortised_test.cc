// Amortised posteriors of Gaussian experiments, whose exact ones are known.
#include "femto/pipeline/amortised.h"

#include <cmath>

#include "tests/support/tasks.h"
#include <gtest/gtest.h>

#include "femto/pipeline/calibrate.h"
#include "femto/pipeline/problem.h"
#include "femto/stats/importance.h"
#include "femto/stats/summary.h"

namespace femto {
namespace {

using testing::build;
using testing::Workshop;

constexpr std::size_t records = 200;

/// Three of the experiments: x_k ~ N(c_k . theta, v_k) as published (Lersch:2025).
constexpr double c[3][2] = {{1, 1}, {-2, 2}, {4.20, 0.74}};
constexpr double v[3] = {2, 2.25, 1.5};

struct Exact {
  double mean[2], sd[2], correlation;
};

/// With a flat prior: N(theta_hat, (n H)^-1), H = sum c c^T / v.
Exact exact(const Dataset& data) {
  double h[2][2] = {}, b[2] = {};
  for (std::size_t k = 0; k < 3; ++k) {
    double sum = 0;
    for (const double x : data.table()->column(k)) sum += x;
    for (std::size_t i = 0; i < 2; ++i) {
      b[i] += c[k][i] * sum / v[k];
      for (std::size_t j = 0; j < 2; ++j)
        h[i][j] += static_cast<double>(data.rows()) * c[k][i] * c[k][j] / v[k];
    }
  }
  const double det = h[0][0] * h[1][1] - h[0][1] * h[0][1];
  return {
      {(h[1][1] * b[0] - h[0][1] * b[1]) / det, (h[0][0] * b[1] - h[0][1] * b[0]) / det},
      {std::sqrt(h[1][1] / det), std::sqrt(h[0][0] / det)},
      -h[0][1] / std::sqrt(h[0][0] * h[1][1])};
}

Workshop workshop(const std::vector<double>& truth = {2, 1}, std::size_t n = records) {
  Workshop w(build<Theory>("{type: gaussian_experiments, experiments: [1, 2, 4]}"));
  w.take(w.drawn(truth, n, 8));
  return w;
}

std::unique_ptr<Amortiser> amortiser(const std::string& more = "}") {
  return build<Amortiser>("{type: mixture_flow, simulations: 2000, order: 1, epochs: 2" +
                          more);
}

/// One training for all tests.
const Amortised& learnt() {
  static const Amortised made = [] {
    const auto w = workshop();
    return train_amortised(w.task(), *amortiser(), records, 3);
  }();
  return made;
}

IntervalSettings settings(int draws) {
  IntervalSettings out;
  out.method = IntervalMethod::amortised;
  out.chains = 2;
  out.draws = draws;
  return out;
}

TEST(Amortised, IsTheConjugatePosteriorOfAnyData) {
  for (const auto& truth : {std::vector<double>{2, 1}, {1.1, 2.2}, {3, 0}}) {
    const auto w = workshop(truth);
    const auto task = w.task();
    const auto p = exact(*w.data);
    for (const bool corrected : {false, true}) {
      const auto f = corrected ? function_of(task) : stats::Function();
      const auto found = draw_amortised(learnt(), task, f, settings(2000), 5);
      ASSERT_TRUE(found.learnt.has_value());
      EXPECT_EQ(found.learnt->corrected, corrected);
      EXPECT_LT(found.learnt->strangeness, 1);
      // Raw draws carry the training, weighted ones only their number.
      const double few = corrected ? 4 / std::sqrt(found.learnt->ess) : 0.12;
      for (std::size_t j = 0; j < 2; ++j) {
        std::vector<double> x;
        for (const auto& theta : found.theta[0]) x.push_back(theta[j]);
        EXPECT_NEAR(stats::mean(x), p.mean[j], few * p.sd[j]) << j;
        EXPECT_NEAR(stats::standard_deviation(x) / p.sd[j], 1, few) << j;
      }
      double cross = 0;
      for (const auto& t : found.theta[0])
        cross += (t[0] - p.mean[0]) * (t[1] - p.mean[1]) / (p.sd[0] * p.sd[1]) / 4000;
      EXPECT_NEAR(cross, p.correlation, 0.12);
      if (!corrected) continue;
      EXPECT_GT(found.learnt->ess, 0.9 * 4000);
      EXPECT_LT(found.learnt->pareto_k, stats::pareto_limit);
    }
  }
}

TEST(Amortised, ServesNumbersOfRecordsInItsRangeAlone) {
  const auto few = workshop({2, 1}, 150);
  EXPECT_THROW(draw_amortised(learnt(), few.task(), {}, settings(20), 5), Error);
  const auto wide =
      train_amortised(few.task(), *amortiser(", fewest: 50, most: 400}"), records, 3);
  for (const std::size_t n : {60, 350}) {
    const auto w = workshop({2, 1}, n);
    const auto found =
        draw_amortised(wide, w.task(), function_of(w.task()), settings(1000), 5);
    std::vector<double> x;
    for (const auto& theta : found.theta[0]) x.push_back(theta[0]);
    EXPECT_NEAR(stats::standard_deviation(x) / exact(*w.data).sd[0],
                1,
                4 / std::sqrt(found.learnt->ess))
        << n;
    EXPECT_GT(found.learnt->ess, 400) << n;
  }
}

TEST(Amortised, RefusesWhatEventsDoNotKnow) {
  auto w = workshop();
  w.side.norms = {1, 1, 1};
  w.side.norm_uncertainties = {0.1, 0.1, 0.1};
  EXPECT_THROW(train_amortised(w.task(), *amortiser(), records, 3), Error);
}

/// A learnt density whose draws are drawn together around their mean, and shifted.
class Distorted final : public ConditionalDensity {
 public:
  Distorted(std::shared_ptr<const ConditionalDensity> inner, double width, double shift)
      : inner_(std::move(inner)), width_(width), shift_(shift) {}

  KnownDraws draw(std::span<const double> summaries,
                  std::size_t n,
                  const random::Stream& stream) const override {
    auto out = inner_->draw(summaries, n, stream);
    for (std::size_t j = 0; j < out.points.cols; ++j) {
      std::vector<double> x;
      for (std::size_t i = 0; i < n; ++i) x.push_back(out.points(i, j));
      const double mean = stats::mean(x), sd = stats::standard_deviation(x);
      for (std::size_t i = 0; i < n; ++i)
        out.points(i, j) = mean + width_ * (x[i] - mean) + shift_ * sd;
    }
    return out;
  }

  double strangeness(std::span<const double>) const override { return 0; }

  io::State state() const override { return inner_->state(); }

 private:
  std::shared_ptr<const ConditionalDensity> inner_;
  double width_, shift_;
};

Calibration calibrated(double width, double shift) {
  const auto w = workshop();
  auto made = learnt();
  made.density = std::make_shared<Distorted>(made.density, width, shift);
  CalibrationOptions options;
  options.toys = 300;
  options.records = records;
  options.intervals = settings(100);
  options.intervals.correct = false;
  options.amortised = &made;
  return calibrate(w.task(), *build<Solver>("{type: fisher_scoring}"), options);
}

TEST(Amortised, CalibrationAcceptsItAndRejectsDistortions) {
  const auto right = calibrated(1, 0);
  EXPECT_EQ(right.method, "amortised");
  EXPECT_EQ(right.coverage.failed, 0);
  EXPECT_TRUE(right.calibrated()) << to_json(right).dump(1);
  ASSERT_TRUE(right.everywhere.has_value());
  const auto narrow = calibrated(0.7, 0), shifted = calibrated(1, 0.5);
  EXPECT_FALSE(narrow.calibrated());
  EXPECT_FALSE(narrow.local_calibrated);
  EXPECT_FALSE(shifted.calibrated());
  EXPECT_FALSE(shifted.local_calibrated);
}

}  // namespace
}  // namespace femto
