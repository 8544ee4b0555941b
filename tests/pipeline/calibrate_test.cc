// The calibration gate accepts exact intervals and rejects over-confident ones.
#include "femto/pipeline/calibrate.h"

#include <cmath>
#include <numbers>

#include "tests/support/normal_mean.h"
#include "tests/support/tasks.h"
#include <gtest/gtest.h>

#include "femto/core/threads.h"
#include "femto/stats/linear.h"
#include "femto/stats/summary.h"

namespace femto {
namespace {

using testing::build;
using testing::NormalMean;
using testing::Workshop;

/// The likelihood to a power: at 4, errors are half of what they should be.
class Sharpened final : public Objective {
 public:
  explicit Sharpened(double power)
      : likelihood_(build<Objective>("{type: likelihood}")), power_(power) {}

  std::unique_ptr<Criterion> bind(const Material& m) const override {
    return std::make_unique<Bound>(likelihood_->bind(m), power_);
  }

  bool is_likelihood() const override { return true; }

 private:
  struct Bound final : Criterion {
    Bound(std::unique_ptr<Criterion> c, double p) : inner(std::move(c)), power(p) {}

    stats::Evaluation evaluate(std::span<const double> theta) const override {
      auto e = inner->evaluate(theta);
      e.value *= power;
      for (double& g : e.gradient) g *= power;
      for (double& c : e.curvature.data) c *= power;
      return e;
    }

    double events() const override { return inner->events(); }

    std::unique_ptr<Criterion> inner;
    double power;
  };

  std::unique_ptr<Objective> likelihood_;
  double power_;
};

Calibration calibrated(IntervalMethod method,
                       double power,
                       Truths truths,
                       int toys = 60,
                       std::optional<ObservedPosterior> observed = {}) {
  Workshop w(std::make_unique<NormalMean>());
  w.objective = std::make_unique<Sharpened>(power);
  w.take(w.drawn({0.5}, 10, 1));
  const auto solver = build<Solver>("{type: fisher_scoring}");
  CalibrationOptions options;
  options.toys = toys;
  options.records = 50;
  options.truths = truths;
  options.truth = {0.5};
  options.seed = 4;
  options.intervals.method = method;
  options.observed = std::move(observed);
  options.intervals.chains = 2;
  options.intervals.warmup = 30;
  options.intervals.draws = 60;
  options.intervals.acceptance = 0.8;
  return calibrate(w.task(), *solver, options);
}

TEST(Calibrate, AcceptsExactPosteriors) {
  const auto c = calibrated(IntervalMethod::posterior, 1, Truths::prior);
  EXPECT_EQ(c.method, "posterior");
  EXPECT_EQ(c.coverage.failed, 0);
  ASSERT_EQ(c.rows.size(), 1u);
  EXPECT_TRUE(c.calibrated());
  EXPECT_EQ(c.rows[0].shares.size(), 60u);
  EXPECT_EQ(c.rows[0].pits.size(), 60u);
  ASSERT_TRUE(c.everywhere.has_value());
  EXPECT_FALSE(c.at_data.has_value());
  EXPECT_EQ(to_json(c).at("verdict"), "calibrated");
}

TEST(Calibrate, RejectsAPosteriorOfHalfTheWidth) {
  const auto c = calibrated(IntervalMethod::posterior, 4, Truths::prior);
  ASSERT_EQ(c.rows.size(), 1u);
  EXPECT_FALSE(c.calibrated());
  EXPECT_FALSE(c.rows[0].calibrated);
  // P(|z| < 1/2) and P(|z| < 1.96 / 2), the closed forms.
  EXPECT_NEAR(c.rows[0].level68.fraction, 0.3829, 3.5 * std::sqrt(0.38 * 0.62 / 60));
  EXPECT_NEAR(c.rows[0].level95.fraction, 0.6729, 3.5 * std::sqrt(0.67 * 0.33 / 60));
  const auto json = to_json(c);
  EXPECT_EQ(json.at("quantities")[0].at("verdict"), "not calibrated");
  EXPECT_FALSE(c.local_calibrated);
  EXPECT_EQ(json.at("local").at("verdict"), "not calibrated");
  // Of Phi(2 z): the mean square distance from 1/2 is asin(4/5) / (2 pi), by arcsines of
  // the correlation of two such values with one z.
  const double width = std::sqrt(12 * std::asin(0.8) / (2 * std::numbers::pi));
  EXPECT_NEAR(json.at("quantities")[0].at("pit").at("width"), width, 0.15);
}

TEST(Calibrate, JudgesThePosteriorOfARunAtItsData) {
  // Of 50 records with the estimate 0.5: N(0.5, 1/50).
  ObservedPosterior seen{{"mean"}, {0.5}, Matrix(400, 1)};
  for (std::size_t i = 0; i < 400; ++i)
    seen.draws(i, 0) = 0.5 + random::normal_pair({3, 1}, i)[0] / std::sqrt(50);
  const auto c = calibrated(IntervalMethod::posterior, 4, Truths::prior, 60, seen);
  ASSERT_TRUE(c.at_data.has_value());
  EXPECT_LT(c.at_data->p, 1e-3);
  EXPECT_TRUE(to_json(c).at("local").contains("at_data"));
}

TEST(Calibrate, JudgesFisherAndProfileByCoverage) {
  for (const auto method : {IntervalMethod::fisher, IntervalMethod::profile}) {
    EXPECT_TRUE(calibrated(method, 1, Truths::truth).calibrated());
    const auto sharp = calibrated(method, 4, Truths::truth);
    EXPECT_FALSE(sharp.calibrated());
    EXPECT_FALSE(sharp.joint.has_value());
    EXPECT_EQ(sharp.rows[0].pit.has_value(), method == IntervalMethod::fisher);
    EXPECT_NEAR(sharp.coverage.pulls[0].width, 2, 3.5 * 2 / std::sqrt(120.0));
  }
  EXPECT_EQ(calibrated(IntervalMethod::automatic, 1, Truths::truth).method, "fisher");
  EXPECT_THROW(calibrated(IntervalMethod::none, 1, Truths::truth), Error);
}

TEST(Calibrate, DrawsTruthsFromTheBoxOrNearTheTruth) {
  Workshop w(build<Theory>("proxy1d"));
  w.take(w.drawn({2.1875, -0.5, 3, 1.09375, -0.5, 4}, 10, 1));
  CalibrationOptions options;
  options.toys = 400;
  options.records = 1000;
  const auto prior = drawn_truths(w.task(), options);
  std::vector<double> b_u;
  for (const auto& theta : prior) {
    EXPECT_EQ(theta[0], 1.5);  // N_u is the gauge, held at its start
    b_u.push_back(theta[2]);
  }
  EXPECT_NEAR(stats::mean(b_u), 2.5, 4 * 5 / std::sqrt(12.0 * 400));
  EXPECT_NEAR(stats::standard_deviation(b_u), 5 / std::sqrt(12.0), 0.15);
  options.truths = Truths::truth;
  options.truth = {2.1875, -0.5, 3, 1.09375, -0.5, 4};
  options.jitter = 0.1;
  for (const auto& theta : drawn_truths(w.task(), options)) {
    EXPECT_LE(std::fabs(theta[1] + 0.5), 0.1);
    EXPECT_LE(std::fabs(theta[2] - 3), 0.25);
  }
}

TEST(Calibrate, DoesNotDependOnThreads) {
  const auto text = [] {
    return to_json(calibrated(IntervalMethod::posterior, 1, Truths::prior, 8)).dump();
  };
  const auto many = text();
  set_threads(1);
  const auto one = text();
  set_threads(0);
  EXPECT_EQ(many, one);
}

}  // namespace
}  // namespace femto
