// The game: whose weights move in which step, fresh events, side terms, exact resume.
#include "femto/neural/game.h"

#include <algorithm>

#include "tests/neural/world.h"
#include <ATen/Functions.h>
#include <gtest/gtest.h>

#include "femto/core/threads.h"
#include "femto/neural/training.h"

using namespace femto;
using namespace femto::neural;
using namespace femto::testing;

namespace {

std::vector<Tensor> copy_of(const Network& n) {
  std::vector<Tensor> out;
  for (const auto& p : n.parameters()) out.push_back(p.detach().clone());
  return out;
}

bool same(const std::vector<Tensor>& a, const Network& b) {
  for (std::size_t i = 0; i < a.size(); ++i)
    if (!at::equal(a[i], b.parameters()[i])) return false;
  return true;
}

struct Table {
  World world;
  Task task = world.task();
  Standardiser standard = Standardiser::fit(Scaling::mean_sd, *world.theory, world.data);
  Simulator simulator{world.experiment, *world.sampler, standard, 5, 0};
  RealEvents real{*world.theory, world.data, {}, standard, 5, {}};
  GameSettings settings;
  Game game;

  explicit Table(GanSettings s = small_gan(), SideTerm side = {})
      : settings(game_settings(s, task)),
        game(settings, on_cpu(simulator), real, world.setup, std::move(side), 5, 0) {}
};

}  // namespace

TEST(Game, DiscriminatorStepLeavesTheGeneratorAlone) {
  Table t;
  const auto g = copy_of(t.game.generator()), d = copy_of(t.game.discriminator());
  t.game.discriminator_step();
  EXPECT_TRUE(same(g, t.game.generator()));
  EXPECT_FALSE(same(d, t.game.discriminator()));
  for (const auto& p : t.game.generator().parameters()) EXPECT_FALSE(p.grad().defined());
}

TEST(Game, GeneratorStepLeavesTheDiscriminatorAlone) {
  Table t;
  const auto g = copy_of(t.game.generator()), d = copy_of(t.game.discriminator());
  t.game.generator_step();
  EXPECT_FALSE(same(g, t.game.generator()));
  EXPECT_TRUE(same(d, t.game.discriminator()));
  for (const auto& p : t.game.discriminator().parameters())
    EXPECT_FALSE(p.grad().defined());
}

TEST(Game, DiscriminatorStepsHaveFreshEventsAndTheGeneratorUsesTheLast) {
  auto s = small_gan();
  s.discriminator_steps = 3;
  Table t(s);
  t.game.step();
  t.game.step();
  EXPECT_EQ(t.game.draws(), 2u * 3);
  t.game.generator_step();  // without a discriminator step before it
  EXPECT_EQ(t.game.draws(), 2u * 3 + 1);
}

TEST(Game, UntrainedNetworksAreNearEquilibrium) {
  auto s = small_gan();
  s.learning_rate_discriminator = 1e-12;
  Table t(s);
  const auto report = t.game.step();
  // outputs of a fresh network are of order one
  EXPECT_NEAR(report.discriminator_loss, 1, 0.7);
  EXPECT_GT(report.gradient_norm, 0);
}

TEST(Game, DiscriminatorLearnsToTellApart) {
  Table t;
  t.world.setup.parameters[2].hi = 1;  // b_u is 3 in the data: events lie elsewhere
  double first = 0, last = 0;
  for (int i = 0; i < 20; ++i) first += t.game.discriminator_step() / 20;
  for (int i = 0; i < 150; ++i) t.game.discriminator_step();
  for (int i = 0; i < 20; ++i) last += t.game.discriminator_step() / 20;
  EXPECT_LT(last, first);
  EXPECT_LT(last, 0.98);
}

TEST(Game, SideInformationPullsTheGenerator) {
  // A steep term in a_u alone drives the proposals towards its lower end.
  const SideTerm side = [](std::span<const double> theta) {
    stats::Evaluation at;
    at.value = 100 * theta[1];
    at.gradient = {0, 100, 0, 0, 0, 0};
    return at;
  };
  auto s = small_gan();
  s.learning_rate_generator = 1e-2;
  Table with(s, side), without(s);
  const double before = with.game.proposals(with.game.generator(), 64)(0, 1);
  for (int i = 0; i < 10; ++i) {
    with.game.generator_step();
    without.game.generator_step();
  }
  EXPECT_LT(with.game.proposals(with.game.generator(), 64)(0, 1), before - 0.1);
  EXPECT_LT(with.game.proposals(with.game.generator(), 64)(0, 1),
            without.game.proposals(without.game.generator(), 64)(0, 1));
}

TEST(Game, FixedParametersStayAndOthersStayInTheBox) {
  Table t;
  for (int i = 0; i < 3; ++i) t.game.step();
  const auto theta = t.game.proposals(t.game.averaged(), 100);
  for (std::size_t r = 0; r < theta.rows; ++r)
    for (std::size_t p = 0; p < theta.cols; ++p) {
      const auto& one = t.world.setup.parameters[p];
      if (t.world.setup.fixed[p]) {
        EXPECT_EQ(theta(r, p), one.start);
      }
      EXPECT_GE(theta(r, p), one.lo);
      EXPECT_LE(theta(r, p), one.hi);
    }
}

TEST(Game, ResumesBitForBit) {
  auto s = small_gan();
  s.discriminator.dropout = 0.1;
  s.parameter_samples = 20;  // more than one tile
  Table whole(s), first(s), second(s);
  for (int i = 0; i < 10; ++i) whole.game.step();
  for (int i = 0; i < 5; ++i) first.game.step();
  io::State state;
  first.game.save(state);
  second.game.load(state);
  for (int i = 0; i < 5; ++i) second.game.step();
  io::State a, b;
  whole.game.save(a);
  second.game.save(b);
  EXPECT_TRUE(a == b);
}

TEST(Game, DoesNotDependOnTheNumberOfThreads) {
  std::vector<io::State> states;
  for (const int count : {1, 2, 3}) {
    set_threads(count);
    auto s = small_gan();
    s.parameter_samples = 50;  // several tiles
    s.discriminator.hidden = {128, 128};
    Table t(s);
    for (int i = 0; i < 4; ++i) t.game.step();
    t.game.save(states.emplace_back());
  }
  set_threads(0);
  EXPECT_TRUE(states[0] == states[1]);
  EXPECT_TRUE(states[0] == states[2]);
}
