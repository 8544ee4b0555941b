// The method of moments: gradient, efficiency, size at the truth, invariances.
#include <cmath>

#include "tests/support/efficiency.h"
#include <gtest/gtest.h>

#include "femto/core/threads.h"
#include "femto/stats/linear.h"

namespace femto {
namespace {

using testing::build;

struct Bound {
  std::unique_ptr<Theory> theory;
  Density density;
  Dataset data;
  std::unique_ptr<Criterion> criterion;

  Bound(const std::string& type,
        const std::vector<double>& truth,
        std::size_t rows,
        const std::string& objective = "moments")
      : theory(build<Theory>(type)),
        density(*theory),
        data(testing::toy(*theory, truth, rows)),
        criterion(build<Objective>(objective)->bind({density, data})) {}
};

TEST(Moments, GradientMatchesDifferences) {
  const std::vector<double> at1d{1.7, -0.4, 2.8, 1.2, -0.55, 3.6};
  const std::vector<double> at2d{0.55, 3.1, 0.25, 3.9, 0.6};
  const Bound one("proxy1d", testing::truth1d, 2000);
  const Bound two("proxy2d", testing::truth2d, 2000, "{type: moments, order: 3}");
  for (const auto& [b, at] : {std::pair{&one, at1d}, std::pair{&two, at2d}}) {
    const auto f = [c = b->criterion.get()](std::span<const double> x) {
      return c->evaluate(x).value;
    };
    const auto expected = testing::differences(f, at, 1e-3);
    const auto found = b->criterion->evaluate(at).gradient;
    for (std::size_t k = 0; k < at.size(); ++k)
      EXPECT_NEAR(found[k], expected[k], 1e-6 * (1 + std::abs(expected[k])));
  }
}

TEST(Moments, SixAreAsEfficientAsPublished) {
  // statistics 2.1, for p1, p2, ln r, p4, p5. The weight comes from the data: in random
  // samples the sloppy directions feel its noise; in this stratified one 1e-2 at 2e4
  // events fall to 2e-4 at 1e6.
  const double published[5] = {0.9998, 0.9999, 0.9998, 0.9995, 0.9996};
  const auto theory = build<Theory>("proxy1d");
  const Density density(*theory);
  const Dataset data(testing::stratified(*theory, density, 1000000));
  const auto criterion = build<Objective>("moments")->bind({density, data});
  const auto found = testing::efficiency(*criterion, density, 1e6);
  for (std::size_t k = 0; k < 5; ++k)
    EXPECT_NEAR(found.each[k], published[k], 1e-3) << "parameter " << k;
  EXPECT_NEAR(found.all, 1, 1e-3);
}

TEST(Moments, PredictTheVarianceOfTheirGradient) {
  // 200 toys: the relative error of a variance is 0.1; the weight varies with the data.
  for (const double r : testing::gradient_spread("moments", 200, 400))
    EXPECT_NEAR(r, 1, 3.5 * std::sqrt(2.0 / 199) + 0.1);  // the gradient feels the weight
}

TEST(Moments, WeightsEnterTheVarianceSquared) {
  const auto theory = build<Theory>("proxy1d");
  const auto events = testing::toy(*theory, testing::truth1d, 2000);
  const auto threefold = testing::weighted(*theory, events, std::vector<double>(2000, 3));
  const Density density(*theory);
  const Dataset one(testing::toy(*theory, testing::truth1d, 2000)), three(threefold);
  const auto a = build<Objective>("moments")->bind({density, one});
  const auto b = build<Objective>("moments")->bind({density, three});
  const auto va = *a->gradient_variance(testing::truth1d);
  const auto vb = *b->gradient_variance(testing::truth1d);
  EXPECT_NEAR(vb(1, 1) / va(1, 1), 9, 1e-6);
}

TEST(Moments, TwiceTheValueAtTheTruthIsChiSquare) {
  // 6 moments in each of 2 channels: mean 12, standard deviation sqrt(24).
  const Bound b("proxy1d", testing::truth1d, 50000);
  const double value = 2 * b.criterion->evaluate(testing::truth1d).value;
  EXPECT_GT(value, 12 - 3 * std::sqrt(24.0) * 0.75);  // chi-square is narrow below
  EXPECT_LT(value, 12 + 4 * std::sqrt(24.0));
}

TEST(Moments, AreTheSameForAnyNumberOfThreads) {
  set_threads(1);
  const Bound one("proxy1d", testing::truth1d, 20000);
  const auto a = one.criterion->evaluate(testing::truth1d);
  for (const int threads : {2, 3}) {
    set_threads(threads);
    const Bound many("proxy1d", testing::truth1d, 20000);
    const auto b = many.criterion->evaluate(testing::truth1d);
    EXPECT_EQ(a.value, b.value);
    EXPECT_EQ(a.gradient, b.gradient);
    EXPECT_EQ(a.curvature, b.curvature);
  }
  set_threads(0);
}

TEST(Moments, NeedMoreEventsThanMoments) {
  EXPECT_THROW(Bound("proxy1d", testing::truth1d, 5), DataError);
}

TEST(Moments, HaveNoValueWhereTheDensityIsZero) {
  const Bound b("proxy1d", testing::truth1d, 1000);
  EXPECT_EQ(b.criterion->evaluate(std::vector<double>{0, -0.5, 3, 0, -0.5, 4}).value,
            HUGE_VAL);
}

}  // namespace
}  // namespace femto
