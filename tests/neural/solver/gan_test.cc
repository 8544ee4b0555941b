// Training as a solver: it gets closer, resumes exactly, and says when it breaks.
#include "femto/neural/gan.h"

#include <cmath>
#include <limits>

#include "tests/neural/world.h"
#include <gtest/gtest.h>

#include "femto/config/registry.h"
#include "femto/core/error.h"

namespace femto {
void register_solver_gan(Registry& r);
}

using namespace femto;
using namespace femto::neural;
using namespace femto::testing;

namespace {

/// Keeps what it is told; saves at one iteration and starts from a given state.
class Notebook final : public Monitor {
 public:
  void report(const Metrics& m) override { lines.push_back(m); }

  void note(std::string_view sentence) override { notes.emplace_back(sentence); }

  bool save_due() override { return ++asked == save_at; }

  void save(const io::State& state) override { saved = state; }

  std::optional<io::State> restored() override { return start; }

  std::vector<Metrics> lines;
  std::vector<std::string> notes;
  std::optional<io::State> saved, start;
  int asked = 0, save_at = -1;
};

double value(const Metrics& m, const std::string& name) {
  for (const auto& [key, v] : m.values)
    if (key == name) return v;
  return std::numeric_limits<double>::quiet_NaN();
}

std::unique_ptr<Solver> solver(const std::string& yaml) {
  Registry registry;
  register_solver_gan(registry);
  return registry.build<Solver>("gan", yaml);
}

}  // namespace

TEST(Gan, GetsCloserToTheData) {
  const World world(20'000);
  auto s = small_gan();
  s.iterations = 400;
  s.evaluate_every = 100;
  s.parameter_samples = 16;
  s.learning_rate_generator = 2e-3;
  s.learning_rate_discriminator = 5e-3;
  s.average = 0.97;
  Notebook notebook, start;
  auto one_step = s;
  one_step.iterations = 1;
  train_gan(one_step, world.task(), start);
  const auto fit = train_gan(s, world.task(), notebook);
  ASSERT_EQ(notebook.lines.size(), 4u);
  EXPECT_LT(fit.value, 0.25 * value(start.lines.front(), "metric"));
  // b_u starts at the middle of its box, 2.5; the truth is 3, its floor here about 0.1
  EXPECT_NEAR(fit.theta[2], 3, 0.35);
  EXPECT_EQ(fit.cloud.size(), 4096u);
  EXPECT_EQ(fit.iterations, 400u);
  EXPECT_EQ(fit.simulated, 400u * 16 * 64);
}

TEST(Gan, ReportsLossesMetricAndParameters) {
  const World world;
  Notebook notebook;
  train_gan(small_gan(), world.task(), notebook);
  ASSERT_EQ(notebook.lines.size(), 4u);
  const auto& line = notebook.lines.back();
  EXPECT_EQ(line.step, "train");
  EXPECT_EQ(line.iteration, 20u);
  EXPECT_EQ(line.total, 20u);
  for (const auto* name :
       {"loss_generator", "loss_discriminator", "gradient_norm", "metric", "theta.a_u"})
    EXPECT_TRUE(std::isfinite(value(line, name))) << name;
  EXPECT_EQ(notebook.notes.size(), 3u);
}

TEST(Gan, ResumesBitForBit) {
  const World world;
  Notebook whole, first, second;
  first.save_at = 7;
  const auto a = train_gan(small_gan(), world.task(), whole);
  train_gan(small_gan(), world.task(), first);
  second.start = first.saved;
  const auto b = train_gan(small_gan(), world.task(), second);
  EXPECT_EQ(a.theta, b.theta);
  EXPECT_EQ(a.value, b.value);
  EXPECT_EQ(a.cloud, b.cloud);
  EXPECT_EQ(a.message, b.message);
  EXPECT_EQ(whole.lines.back().values, second.lines.back().values);
}

TEST(Gan, RefusesToResumeOnOtherData) {
  const World world, other(4001);
  Notebook first, second;
  first.save_at = 7;
  train_gan(small_gan(), world.task(), first);
  second.start = first.saved;
  EXPECT_THROW(train_gan(small_gan(), other.task(), second), DataError);
}

TEST(Gan, MembersAndSeedsDiffer) {
  const World world;
  SilentMonitor monitor;
  const auto a = train_gan(small_gan(), world.task(5, 0), monitor);
  EXPECT_EQ(a.theta, train_gan(small_gan(), world.task(5, 0), monitor).theta);
  EXPECT_NE(a.theta, train_gan(small_gan(), world.task(5, 1), monitor).theta);
  EXPECT_NE(a.theta, train_gan(small_gan(), world.task(6, 0), monitor).theta);
}

TEST(Gan, EndsWhenItOnlyGetsWorse) {
  const World world;
  auto s = small_gan();
  // Side information that contradicts the data drags the generator away from them.
  s.learning_rate_generator = 1e-2;
  s.iterations = 1000;
  s.patience = 3;
  SideInformation side;
  side.norms = {1, 10};
  side.norm_uncertainties = {1e-3, 1e-3};
  const auto t = world.task();
  const Task task{t.theory,
                  t.density,
                  t.sampler,
                  t.experiment,
                  t.objective,
                  t.generator,
                  t.data,
                  side,
                  t.setup,
                  {},
                  5,
                  0};
  SilentMonitor monitor;
  const auto fit = train_gan(s, task, monitor);
  EXPECT_EQ(fit.outcome, Outcome::converged);
  EXPECT_LT(fit.iterations, 1000u);
}

TEST(Gan, DivergenceIsAnOutcomeWithTheStep) {
  const World world;
  auto s = small_gan();
  s.learning_rate_discriminator = 1e30;
  SilentMonitor monitor;
  const auto fit = train_gan(s, world.task(), monitor);
  EXPECT_EQ(fit.outcome, Outcome::diverged);
  EXPECT_NE(fit.message.find("not finite at iteration"), std::string::npos)
      << fit.message;
  for (const double t : fit.theta) EXPECT_TRUE(std::isfinite(t));
}

TEST(Gan, EveryLossAndScalingTrains) {
  const World world;
  SilentMonitor monitor;
  for (const auto loss : {GameLoss::bce, GameLoss::least_squares, GameLoss::wasserstein})
    for (const auto scaling : {Scaling::none, Scaling::mean_sd, Scaling::log_odds}) {
      const Adversarial objective(
          {.loss = loss, .label_noise = loss == GameLoss::wasserstein ? 0 : 0.1});
      const auto t = world.task();
      const Task task{t.theory,
                      t.density,
                      t.sampler,
                      t.experiment,
                      objective,
                      t.generator,
                      t.data,
                      t.side,
                      t.setup,
                      {},
                      1,
                      0};
      auto s = small_gan();
      s.standardise = scaling;
      EXPECT_EQ(train_gan(s, task, monitor).outcome, Outcome::converged);
    }
}

TEST(Gan, SaysWhatItNeeds) {
  const auto gan = solver("{iterations: 3}");
  const auto likelihood = build<Objective>("likelihood");
  const auto generator = build<Generator>("mlp");
  const Adversarial game{{}};
  EXPECT_NE(gan->objection(*likelihood, generator.get()).find("adversarial"),
            std::string::npos);
  EXPECT_NE(gan->objection(game, nullptr).find("generator"), std::string::npos);
  EXPECT_EQ(gan->objection(game, generator.get()), "");
  const auto why = solver("{device: cuda}")->objection(game, generator.get());
  EXPECT_EQ(why.empty(), gpu().usable) << why;
  EXPECT_EQ(why.find("docs/howto/gpu.md") != why.npos, !gpu().usable) << why;
}
