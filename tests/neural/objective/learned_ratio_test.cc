// Learned ratios: losses against closed forms, the likelihood against the exact one.
#include "tests/neural/learning.h"
#include <gtest/gtest.h>

#include "femto/core/threads.h"
#include "femto/neural/ratio_loss.h"
#include "femto/stats/linear.h"

using namespace femto;
using namespace femto::neural;
using namespace femto::testing;

namespace {

RatioLoss contrastive(double gamma) {
  return [gamma](const RatioEvent& event, std::span<double> slope) {
    return contrastive_loss(event, gamma, slope);
  };
}

}  // namespace

TEST(RatioLosses, ContrastiveWithOnePointIsHalfTheBinaryOne) {
  for (const double h : {-40.0, -1.5, 0.0, 0.3, 7.0, 90.0})
    for (const auto& [reference, joint] :
         {std::pair{1.0, 0.0}, std::pair{0.0, 1.0}, std::pair{0.7, 1.9}}) {
      const RatioEvent event{{&h, 1}, reference, {&joint, 1}};
      double half = 0, whole = 0;
      const double contrast = contrastive_loss(event, 1, {&half, 1});
      const double binary = binary_loss(event, {&whole, 1});
      EXPECT_NEAR(contrast, binary / 2, 1e-12 * (1 + binary));
      EXPECT_NEAR(half, whole / 2, 1e-12);
    }
}

TEST(RatioLosses, SlopesMatchDifferences) {
  const std::vector<double> h{0.4, -1.1, 2.0}, joint{0.3, 1.2, 0.6};
  for (const RatioLoss& loss :
       {RatioLoss(binary_loss), RatioLoss(density_loss), contrastive(0.7)}) {
    std::vector<double> slope(3), unused(3);
    loss({h, 0.8, joint}, slope);
    for (std::size_t k = 0; k < 3; ++k) {
      auto up = h, down = h;
      up[k] += 1e-5;
      down[k] -= 1e-5;
      const double expected =
          (loss({up, 0.8, joint}, unused) - loss({down, 0.8, joint}, unused)) / 2e-5;
      EXPECT_NEAR(slope[k], expected, 1e-9);
    }
  }
}

TEST(RatioLosses, AreFlatAtTheLogRatio) {
  const std::vector<double> joint{0.3, 1.2, 2.6}, even{1.3, 1.3, 1.3};
  std::vector<double> h, slope(3);
  for (const double r : joint) h.push_back(std::log(r / 0.8));
  for (const RatioLoss& loss : {RatioLoss(binary_loss), RatioLoss(density_loss)}) {
    loss({h, 0.8, joint}, slope);
    for (const double s : slope) EXPECT_NEAR(s, 0, 1e-12);
  }
  // Points that cannot be told apart: K points share the odds.
  const std::vector<double> same(3, std::log(1.3 / 0.8));
  contrastive_loss({same, 0.8, even}, 2, slope);
  for (const double s : slope) EXPECT_NEAR(s, 0, 1e-12);
}

TEST(LearnedRatio, IsTheExactLikelihoodAndItsScoreSpreadsAsPredicted) {
  const LearningWorld world(10'000);
  const auto learned = world.learned(binary_loss);
  // The value rises by four; networks that miss 2 % of the information change that by
  // 0.4.
  EXPECT_LT(world.worst(*learned), 0.3);

  const auto truth = learned->region.z_of(truth1d);
  constexpr std::size_t toys = 60, each = 2500;
  const Dataset all = world.drawn(toys * each, 1000);
  double chi2 = 0;
  for (std::size_t toy = 0; toy < toys; ++toy) {
    io::EventTable events(all.table()->columns(), each);
    for (std::size_t k = 0; k < 2; ++k)
      std::ranges::copy(all.table()->column(k).subspan(toy * each, each),
                        events.column(k).begin());
    const auto sums = data_sums(*learned, Dataset(std::move(events)), {});
    const auto f = learned_likelihood(*learned, sums, truth);
    const auto inverse = stats::cholesky_inverse(f.curvature);
    ASSERT_TRUE(inverse);
    chi2 += stats::bilinear(f.gradient, *inverse, f.gradient);
  }
  // Two degrees of freedom of each toy; the noise of the simulation that all share is
  // small.
  EXPECT_NEAR(chi2, 2 * toys, 3.5 * std::sqrt(4.0 * toys));
}

TEST(LearnedRatio, InformationIsThatOfTheExactDensity) {
  const LearningWorld world(10'000);
  const auto learned = world.learned(contrastive(1));
  const auto sums = data_sums(*learned, world.data, {});
  const std::vector<double> centre(learned->region.size());
  const auto found = learned_likelihood(*learned, sums, centre).curvature;
  // The exact one in the coordinates of the region; what simulation and training add to
  // the errors makes the learned one smaller.
  const auto& back = learned->region.backward;
  const auto exact = stats::multiply(
      stats::transpose(back),
      stats::multiply(world.measured.information(learned->region.centre), back));
  for (std::size_t k = 0; k < centre.size(); ++k) {
    const double share = found(k, k) * (1 + sums.events / learned->simulated) /
                         (sums.events * exact(k, k));
    EXPECT_LT(share, 1.03);
    EXPECT_GT(share, 0.9);
  }
}

TEST(LearnedRatio, GradientMatchesDifferencesInsideAndFarOutside) {
  const LearningWorld world(4000);
  auto settings = small_learner();
  settings.steps = 10;
  settings.records = 1 << 14;
  const Learner learner(settings, contrastive(1), 4);
  const auto learned = learner.bind({world.measured, world.data, {}, &world.simulation});
  for (const auto& theta : {LearningWorld::at(-0.45, 3.1), LearningWorld::at(0.5, 1)}) {
    const auto found = learned->evaluate(theta).gradient;
    for (const std::size_t k : {1, 2}) {
      auto up = theta, down = theta;
      up[k] += 1e-4;
      down[k] -= 1e-4;
      const double expected =
          (learned->evaluate(up).value - learned->evaluate(down).value) / 2e-4;
      EXPECT_NEAR(found[k], expected, 1e-4 * (1 + std::abs(expected)));
    }
    EXPECT_EQ(found[0], 0);  // held by the study
  }
}

TEST(LearnedRatio, HasTheSameBitsForAnyNumberOfThreads) {
  const LearningWorld world(1000);
  auto settings = small_learner();
  settings.steps = 5;
  settings.records = 1 << 14;
  const auto value = [&](int count) {
    set_threads(count);
    return Learner(settings, binary_loss, 4)
        .bind({world.measured, world.data, {}, &world.simulation})
        ->evaluate(LearningWorld::at(-0.48, 3.05))
        .value;
  };
  const double one = value(1), three = value(3);
  set_threads(0);
  EXPECT_EQ(one, three);
}

TEST(LearnedRatio, IsNothingWithoutSimulation) {
  const LearningWorld world(1000);
  const Learner learner(small_learner(), binary_loss, 4);
  EXPECT_EQ(learner.bind({world.measured, world.data}), nullptr);
}
