// A game on several ranks: the same bits as on one, whose weights are kept together, and
// how a checkpoint moves between numbers of ranks. Ranks are threads.
#include "femto/neural/mate.h"

#include <map>
#include <mutex>
#include <optional>

#include "tests/neural/world.h"
#include <ATen/Functions.h>
#include <gtest/gtest.h>

#include "femto/core/threads.h"
#include "femto/exchange/threads.h"
#include "femto/neural/floats.h"
#include "femto/neural/training.h"

using namespace femto;
using namespace femto::neural;
using namespace femto::testing;

namespace {

/// Keeps what is saved, and gives it back.
class Memory final : public Monitor {
 public:
  std::optional<io::State> state;
  bool due = false;
  std::map<std::string, double> exchange;

  void report(const Metrics& m) override {
    if (m.step == "exchange")
      for (const auto& [name, value] : m.values) exchange[name] = value;
  }

  void note(std::string_view) override {}

  bool save_due() override { return due; }

  void save(const io::State& s) override { state = s; }

  std::optional<io::State> restored() override { return state; }
};

struct Played {
  std::vector<Fit> fits;  // [rank]
  Memory memory;          // of rank 0
};

GanSettings settings(int iterations) {
  auto s = small_gan();
  s.iterations = iterations;
  s.evaluate_every = 4;
  s.learning_rate_end = 1;
  return s;
}

Played play(int ranks,
            Exchanged what,
            int iterations,
            const std::string& strategy = "allreduce",
            Memory start = {}) {
  set_threads(1);
  const World world(2000);
  const auto exchange = build<Exchange>(strategy);
  Played out{std::vector<Fit>(static_cast<std::size_t>(ranks)), std::move(start)};
  exchange::run_as_ranks({.ranks = ranks}, [&](exchange::Communicator& group) {
    const Team team{*exchange, group, {.what = what}};
    auto task = world.task();
    task.team = &team;
    Memory none;
    auto& monitor = group.rank() == 0 ? out.memory : none;
    out.fits[static_cast<std::size_t>(group.rank())] =
        train_gan(settings(iterations), task, monitor);
  });
  return out;
}

}  // namespace

TEST(Shares, AreTheSameDrawsForAnyNumberOfRanks) {
  exchange::run_as_ranks({.ranks = 2}, [](exchange::Communicator& group) {
    const auto strategy = build<Exchange>("allreduce");
    const Team team{*strategy, group, {.shares = 4}};
    const auto s = shares_of(&team);
    EXPECT_EQ(s.all, 4u);
    EXPECT_EQ(s.first, 2u * static_cast<std::size_t>(group.rank()));
    EXPECT_EQ(s.own, 2u);
  });
  const Shares s{4, 0, 4};
  EXPECT_EQ(s.number(1, 0), 1u);
  EXPECT_EQ(s.number(1, 3), 4u);
  EXPECT_EQ(s.number(2, 0), 5u);
  EXPECT_EQ(s.begin(10, 4), 10u);
  EXPECT_EQ(Shares{}.number(17, 0), 17u);
}

TEST(Shares, ThreeRanksCutFurther) {
  exchange::run_as_ranks({.ranks = 3}, [](exchange::Communicator& group) {
    const auto strategy = build<Exchange>("allreduce");
    const Team team{*strategy, group, {.shares = 4}};
    EXPECT_EQ(shares_of(&team).all, 6u);
  });
}

TEST(GradientSum, AddsByTheTreeOfRanks) {
  const Network network({2, {3}, 1}, random::Stream::named(1, "weights"));
  GradientSum sum(network, 3);
  for (std::size_t i = 0; i < 3; ++i) {
    std::vector<Tensor> gradients;
    for (const auto& p : network.parameters())
      gradients.push_back(at::full(p.sizes(), static_cast<double>(i) + 1, at::kFloat));
    sum.set(i, gradients, 0.5);
  }
  for (const float g : sum.add()) EXPECT_EQ(g, 3);
  EXPECT_EQ(sum.gradients()[0].sizes(), network.parameters()[0].sizes());
  EXPECT_EQ(sum.gradients()[1].sum().item<float>(), 9);
}

TEST(RanksOfAGame, HaveTheBitsOfOne) {
  const auto one = play(1, Exchanged::all, 8);
  for (const int ranks : {2, 4}) {
    const auto more = play(ranks, Exchanged::all, 8);
    EXPECT_EQ(more.fits[0].theta, one.fits[0].theta) << ranks;
    EXPECT_EQ(more.fits[0].cloud, one.fits[0].cloud) << ranks;
    EXPECT_EQ(more.fits[0].value, one.fits[0].value) << ranks;
    EXPECT_EQ(more.fits[0].simulated, one.fits[0].simulated) << ranks;
  }
}

TEST(RanksOfAGame, AnySynchronousStrategyGivesTheSame) {
  const auto reduce = play(2, Exchanged::all, 4);
  for (const char* strategy : {"ring", "double_binary_tree"})
    EXPECT_EQ(play(2, Exchanged::all, 4, strategy).fits[0].theta, reduce.fits[0].theta)
        << strategy;
}

TEST(RanksOfAGame, JudgeForThemselvesByDefault) {
  const auto own = play(2, Exchanged::generator, 4);
  const auto shared = play(2, Exchanged::all, 4);
  EXPECT_NE(own.fits[0].theta, shared.fits[0].theta);
  // The generator's weights: 4 steps of 2 (P - 1) messages, half of them each way.
  EXPECT_GT(own.memory.exchange.at("messages"), 8);
  EXPECT_EQ(own.memory.exchange.at("ranks"), 2);
  EXPECT_EQ(own.memory.exchange.at("staleness_max"), 0);
}

TEST(RanksOfAGame, ResumeOnAnotherNumberOfRanks) {
  const auto whole = play(1, Exchanged::all, 8);
  Memory memory;
  memory.due = true;
  const auto half = play(2, Exchanged::all, 4, "allreduce", memory);
  ASSERT_TRUE(half.memory.state);
  EXPECT_EQ(half.memory.state->integer("iteration"), 4);
  Memory resumed;
  resumed.state = half.memory.state;
  for (const int ranks : {1, 4})
    EXPECT_EQ(play(ranks, Exchanged::all, 8, "allreduce", resumed).fits[0].theta,
              whole.fits[0].theta)
        << ranks;
}

TEST(RanksOfAGame, OwnStatesResumeOnAsManyRanksOnly) {
  Memory memory;
  memory.due = true;
  const auto half = play(2, Exchanged::generator, 4, "diloco", memory);
  Memory resumed;
  resumed.state = half.memory.state;
  EXPECT_EQ(play(2, Exchanged::generator, 8, "diloco", resumed).fits[0].theta,
            play(2, Exchanged::generator, 8, "diloco").fits[0].theta);
  try {
    play(1, Exchanged::generator, 8, "diloco", resumed);
    FAIL() << "resumed on one rank";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Exit::usage);
    EXPECT_NE(std::string(error.what()).find("was written by 2 ranks"),
              std::string::npos);
  }
}
