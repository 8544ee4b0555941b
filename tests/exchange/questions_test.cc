// Questions of rank 0 to the others: every answer at its place, and failures that end.
#include "femto/exchange/questions.h"

#include <atomic>
#include <chrono>
#include <thread>

#include "tests/exchange/ranks.h"

#include "femto/core/threads.h"

namespace femto::exchange {
namespace {

void sleep_ms(int ms) {
  std::this_thread::sleep_for(std::chrono::milliseconds(ms));
}

TEST(Questions, EveryAnswerComesToWhoAsked) {
  for_rank_counts([](Communicator& group) {
    if (group.rank() > 0)
      return follow(group, [&](const std::string& question) {
        return question + std::string(static_cast<std::size_t>(group.rank()), '!');
      });
    lead(group, [&](Others& others) {
      ASSERT_EQ(others.count(), group.size() - 1);
      parallel_for(40, [&](std::size_t i) {
        const auto answers = others.ask(std::to_string(i)).get();
        ASSERT_EQ(answers.size(), static_cast<std::size_t>(group.size() - 1));
        for (std::size_t k = 0; k < answers.size(); ++k)
          EXPECT_EQ(answers[k], std::to_string(i) + std::string(k + 1, '!'));
        if (group.size() == 1) return;
        EXPECT_EQ(others.ask_one(group.size() - 1, "x").get().at(0),
                  "x" + std::string(answers.size(), '!'));
      });
    });
  });
}

TEST(Questions, NobodyIsImpatientWithARankThatIsAlive) {
  run_as_ranks({.ranks = 3, .limit = 0.5}, [&](Communicator& group) {
    if (group.rank() > 0)
      return follow(group, [&](const std::string& question) {
        if (group.rank() == 2) sleep_ms(900);
        return question;
      });
    lead(group, [&](Others& others) {
      sleep_ms(900);
      EXPECT_EQ(others.ask("slow").get().size(), 2U);
    });
  });
}

TEST(Questions, AFailureOfOneEndsAll) {
  const auto outcomes = outcomes_of_ranks({.ranks = 3}, [](Communicator& group) {
    if (group.rank() > 0)
      return follow(group, [&](const std::string& question) {
        if (group.rank() == 1) throw DataError("row 7 is wrong");
        return question;
      });
    lead(group, [&](Others& others) { others.ask("part").get(); });
  });
  EXPECT_THROW(std::rethrow_exception(outcomes[0]), ExchangeError);
  EXPECT_THROW(std::rethrow_exception(outcomes[1]), DataError);
  EXPECT_THROW(std::rethrow_exception(outcomes[2]), ExchangeError);
}

TEST(Questions, ARankThatLeavesAndWorkThatFailsEndAll) {
  const auto left = outcomes_of_ranks({.ranks = 2, .limit = 20}, [](Communicator& group) {
    if (group.rank() > 0) return;
    lead(group, [&](Others& others) { others.ask("part").get(); });
  });
  EXPECT_THROW(std::rethrow_exception(left[0]), ExchangeError);
  const auto failed = outcomes_of_ranks({.ranks = 2}, [](Communicator& group) {
    if (group.rank() > 0)
      return follow(group, [](const std::string& question) { return question; });
    lead(group, [&](Others& others) {
      others.ask("part").get();
      throw NumericalError("the fit diverged");
    });
  });
  EXPECT_THROW(std::rethrow_exception(failed[0]), NumericalError);
  EXPECT_THROW(std::rethrow_exception(failed[1]), ExchangeError);
}

}  // namespace
}  // namespace femto::exchange
