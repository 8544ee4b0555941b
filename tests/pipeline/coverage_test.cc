// Coverage of a normal mean, whose intervals are exact.
#include "femto/pipeline/coverage.h"

#include <cmath>

#include "tests/support/normal_mean.h"
#include "tests/support/tasks.h"
#include <gtest/gtest.h>

#include "femto/core/threads.h"

namespace femto {
namespace {

using testing::build;
using testing::NormalMean;
using testing::Workshop;

constexpr int toys = 300;

Coverage covered() {
  Workshop w(std::make_unique<NormalMean>());
  w.take(w.drawn({0.5}, 10, 1));
  const auto solver = build<Solver>("{type: fisher_scoring}");
  CoverageOptions options;
  options.toys = toys;
  options.records = 200;
  options.truth = {0.5};
  options.seed = 5;
  return cover(w.task(), *solver, options);
}

TEST(Coverage, OfANormalMeanIsNominal) {
  const auto c = covered();
  EXPECT_EQ(c.failed, 0);
  ASSERT_EQ(c.rows.size(), 4u);  // fisher and profile, 68.27 % and 95 %
  for (const auto& r : c.rows) {
    EXPECT_EQ(r.toys, toys);
    EXPECT_NEAR(r.binomial_error, std::sqrt(r.level * (1 - r.level) / toys), 1e-12);
    EXPECT_NEAR(r.fraction, r.level, 3.5 * r.binomial_error) << r.method;
  }
}

TEST(Coverage, PullsHaveMeanZeroAndWidthOne) {
  const auto c = covered();
  ASSERT_EQ(c.pulls.size(), 1u);
  const auto& p = c.pulls[0];
  EXPECT_NEAR(p.mean, 0, 3.5 / std::sqrt(toys));
  EXPECT_NEAR(p.width, 1, 3.5 / std::sqrt(2.0 * toys));
  EXPECT_NEAR(p.sd_over_floor, 1, 3.5 / std::sqrt(2.0 * toys));
}

TEST(Coverage, DoesNotDependOnThreads) {
  const auto many = to_json(covered());
  set_threads(1);
  const auto one = to_json(covered());
  set_threads(0);
  EXPECT_EQ(many.dump(), one.dump());
}

/// A solver that gives up on every toy.
class GivesUp final : public Solver {
 public:
  std::string objection(const Objective&, const Generator*) const override { return {}; }

  Fit solve(const Task& task, Monitor&) const override {
    Fit fit;
    fit.theta = {task.setup.parameters[0].start};
    fit.outcome = Outcome::diverged;
    fit.message = "gave up";
    return fit;
  }
};

TEST(Coverage, CountsFailedToysAsOutside) {
  Workshop w(std::make_unique<NormalMean>());
  w.take(w.drawn({0.5}, 10, 1));
  CoverageOptions options;
  options.toys = 3;
  options.records = 50;
  options.truth = {0.5};
  const auto c = cover(w.task(), GivesUp{}, options);
  EXPECT_EQ(c.failed, 3);
  EXPECT_EQ(c.failures.front(), "gave up");
  EXPECT_TRUE(c.rows.empty());
}

}  // namespace
}  // namespace femto
