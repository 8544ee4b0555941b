// Members of an ensemble over ranks: whoever is lost leaves nothing behind that counts
// twice.
#include "femto/pipeline/ensemble.h"

#include <atomic>
#include <chrono>
#include <map>
#include <thread>

#include "tests/pipeline/sample_study.h"
#include <gtest/gtest.h>

#include "femto/exchange/threads.h"
#include "femto/pipeline/assist.h"
#include "femto/pipeline/run.h"

namespace femto {
namespace {

using exchange::Communicator;

/// A member has begun on the rank that is to be lost: the others wait for that.
std::atomic<bool> has_begun = false;

/// Speaks, saves after one of three lines of metrics, speaks again; dies if told to.
class Speaking final : public Solver {
 public:
  struct Config {
    bool dies = false;

    static constexpr auto fields() {
      return std::tuple{config::field<&Config::dies>({.doc = "whether it dies"})};
    }
  };

  explicit Speaking(Config config) : config_(config) {}

  std::string objection(const Objective&, const Generator*) const override { return {}; }

  Fit solve(const Task& task, Monitor& monitor) const override {
    while (!config_.dies && !has_begun) pause();
    const auto from = monitor.restored() ? monitor.restored()->integer("line") : 0;
    for (std::int64_t line = from; line < 3; ++line) {
      monitor.report({"speak", static_cast<std::uint64_t>(line), 3, {}});
      monitor.note("line " + std::to_string(line));
      if (line > 0) continue;
      io::State state;
      state.put("line", line + 1);
      monitor.save(state);
    }
    if (config_.dies) {
      pause();  // what was said is on its way
      has_begun = true;
      throw std::runtime_error("the power is cut");
    }
    Fit fit;
    for (const auto& p : task.setup.parameters) fit.theta.push_back(p.start);
    return fit;
  }

 private:
  static void pause() { std::this_thread::sleep_for(std::chrono::milliseconds(100)); }

  Config config_;
};

const std::string study = R"(data: {path: pairs.npy}
theory: proxy1d
objective: {type: likelihood, form: binned}
solver: {type: speaking}
ensemble: {members: 6, bootstrap: true}
intervals: {method: none}
analyses: []
)";

Plan plan_in(const std::filesystem::path& folder, bool dies) {
  auto registry = builtin_registry();
  registry.add<Solver, Speaking>({"speaking", "Speaks.", "test"});
  Components all(std::move(registry));
  return make_plan(
      {folder / "study.yaml", {dies ? "solver.dies=true" : "solver.dies=false"}, {}},
      all);
}

TEST(Ensemble, NotesAndMetricsOfALostRankDoNotStandTwice) {
  const test::Folder folder;
  test::write_pairs(folder / "pairs.npy");
  write_file_atomically(folder / "study.yaml", study);
  has_begun = false;
  exchange::run_as_ranks({.ranks = 2, .limit = 20}, [&](Communicator& group) {
    const bool dies = group.rank() == 1;
    const auto plan = plan_in(folder / "", dies);
    if (dies) {
      // It goes without a word: what it throws stays here.
      EXPECT_THROW(assist(plan, group), std::runtime_error);
      return;
    }
    const auto out = start_run(plan, folder / "out", ExistingRun::refuse, {});
    run_study(plan, out, {.group = &group});
  });
  std::map<std::string, int> said;
  const auto result = nlohmann::json::parse(read_file(folder / "out" / "result.json"));
  for (const auto& note : result.at("notes")) ++said[note.get<std::string>()];
  for (int member = 0; member < 6; ++member)
    for (int line = 0; line < 3; ++line) {
      const auto words = fmt::format("member {}: line {}", member, line);
      EXPECT_EQ(said[words], 1) << words;
    }
  std::map<std::string, std::vector<int>> lines;
  std::istringstream metrics(read_file(folder / "out" / "metrics.jsonl"));
  for (std::string line; std::getline(metrics, line);) {
    const auto row = nlohmann::json::parse(line);
    if (row["step"] == "speak") lines[row["part"]].push_back(row["iteration"]);
  }
  EXPECT_EQ(lines.size(), 6u);
  for (const auto& [part, numbers] : lines)
    EXPECT_EQ(numbers, (std::vector<int>{0, 1, 2})) << part;
  EXPECT_NE(result.dump().find("rank 1 was lost"), std::string::npos);
}

}  // namespace
}  // namespace femto
