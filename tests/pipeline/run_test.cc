// Whole runs with a solver that can be stopped at chosen places.
#include "femto/pipeline/run.h"

#include <atomic>

#include "tests/pipeline/sample_study.h"
#include <gtest/gtest.h>

namespace femto {
namespace {

using nlohmann::json;
using test::Folder;
using test::write_pairs;

/// Throws after this many steps in this process; 0 = never.
std::atomic<int> steps_left = 0;

/// Sums keyed random numbers: any lost or repeated step changes the answer.
class Counting final : public Solver {
 public:
  struct Config {
    int steps = 20;
    std::vector<int> diverging;

    static constexpr auto fields() {
      return std::tuple{config::field<&Config::steps>({.doc = "steps to take"}),
                        config::field<&Config::diverging>({.doc = "members that fail"})};
    }
  };

  explicit Counting(Config config) : config_(std::move(config)) {}

  std::string objection(const Objective&, const Generator*) const override { return {}; }

  Fit solve(const Task& task, Monitor& monitor) const override {
    for (const int member : config_.diverging)
      if (task.member == static_cast<std::uint64_t>(member))
        throw NumericalError("as told");
    const auto stream = random::Stream::named(task.seed, "test", task.member);
    Fit fit;
    fit.value = task.weighting.weight(0);
    std::int64_t first = 0;
    if (const auto state = monitor.restored()) {
      first = state->integer("step");
      fit.value = state->number("value");
    }
    for (std::int64_t i = first; i < config_.steps; ++i) {
      if (steps_left > 0 && --steps_left == 0)
        throw std::runtime_error("the power is cut");
      fit.value += random::uniform(stream, static_cast<std::uint64_t>(i));
      monitor.report({"count",
                      static_cast<std::uint64_t>(i + 1),
                      static_cast<std::uint64_t>(config_.steps),
                      {{"sum", fit.value}}});
      if (i == 2) monitor.note("step two");
      if (!monitor.save_due()) continue;
      io::State state;
      state.put("step", i + 1);
      state.put("value", fit.value);
      monitor.save(state);
    }
    for (const auto& p : task.setup.parameters) fit.theta.push_back(p.start);
    fit.simulated = 3;
    return fit;
  }

 private:
  Config config_;
};

Components components() {
  auto registry = builtin_registry();
  registry.add<Solver, Counting>({"counting", "Counts.", "test"});
  return Components(std::move(registry));
}

const std::string study = R"(data: {path: pairs.npy}
theory: proxy1d
objective: {type: likelihood, form: binned}
solver: {type: counting}
ensemble: {members: 3, bootstrap: true}
intervals: {method: none}
analyses: []
checkpoint: {every: 1}
)";

class Scene {
 public:
  Scene() {
    write_pairs(folder_ / "pairs.npy");
    write_file_atomically(folder_ / "study.yaml", study);
  }

  Plan plan(std::vector<std::string> overrides = {}) const {
    auto all = components();
    return make_plan({folder_ / "study.yaml", std::move(overrides), {}}, all);
  }

  std::filesystem::path at(const std::string& name) const { return folder_ / name; }

  /// A whole run; the values of its result without timing.
  json run(const std::string& name, std::vector<std::string> overrides = {}) const {
    const auto p = plan(std::move(overrides));
    const auto folder = start_run(p, at(name), ExistingRun::refuse, {"test"});
    return values(run_study(p, folder, {}).json);
  }

  json resume(const std::string& name) const {
    const auto folder = RunFolder::open(at(name));
    auto all = components();
    const auto p = make_plan(earlier_run(folder).request, all);
    check_same_data(folder, p);
    return values(run_study(p, folder, {}).json);
  }

  static json values(json result) {
    result.erase("timing");
    return result;
  }

  json status(const std::string& name) const {
    return json::parse(read_file(at(name) / "status.json"));
  }

 private:
  Folder folder_;
};

TEST(Run, FillsItsFolder) {
  const Scene scene;
  const auto result = scene.run("out");
  for (const char* name : {"study.yaml",
                           "resolved.yaml",
                           "manifest.json",
                           "metrics.jsonl",
                           "status.json",
                           "result.json",
                           "arrays.h5"})
    EXPECT_TRUE(std::filesystem::exists(scene.at("out") / name)) << name;
  EXPECT_EQ(read_file(scene.at("out") / "study.yaml"), study);
  EXPECT_EQ(result["schema"], 1);
  EXPECT_EQ(result["status"], "done");
  EXPECT_EQ(result["parameters"].size(), 6u);
  EXPECT_EQ(result["events"]["data"], 200);
  EXPECT_EQ(result["events"]["simulated"], 9);
  EXPECT_EQ(scene.status("out")["status"], "done");
  EXPECT_EQ(scene.status("out")["progress"], 1.0);
  const auto manifest = json::parse(read_file(scene.at("out") / "manifest.json"));
  EXPECT_EQ(manifest["data"]["rows"], 200);
  EXPECT_EQ(manifest["argv"], json::array({"test"}));
}

TEST(Run, CutOffAnywhereAndResumedGivesTheSame) {
  const Scene scene;
  const auto whole = scene.run("whole");
  for (const int cut : {1, 2, 19, 33, 58}) {
    const auto name = "cut-" + std::to_string(cut);
    steps_left = cut;
    EXPECT_THROW(scene.run(name), std::runtime_error);
    EXPECT_EQ(scene.status(name)["status"], "failed");
    EXPECT_EQ(scene.status(name)["exit_code"], 70);
    steps_left = 0;
    EXPECT_EQ(scene.resume(name), whole) << "cut after " << cut;
  }
}

TEST(Run, MetricsOfAResumedRunHaveNoGapsAndNoRepeats) {
  const Scene scene;
  steps_left = 30;
  EXPECT_THROW(scene.run("cut"), std::runtime_error);
  steps_left = 0;
  scene.resume("cut");
  std::map<std::string, int> seen;
  std::istringstream lines(read_file(scene.at("cut") / "metrics.jsonl"));
  for (std::string line; std::getline(lines, line);) {
    const auto row = json::parse(line);
    if (row["step"] == "count") {
      EXPECT_EQ(row["iteration"], ++seen[row["part"]]);
    }
  }
  EXPECT_EQ(seen["member/0"], 20);
  EXPECT_EQ(seen["member/2"], 20);
}

TEST(Run, MembersAreTheSameAlone) {
  const Scene scene;
  const auto all = scene.run("all");
  const auto one = scene.run("one", {"ensemble.only=2"});
  EXPECT_EQ(one["solver"]["fits"][0], all["solver"]["fits"][2]);
  EXPECT_NE(all["solver"]["fits"][0], all["solver"]["fits"][1]);
}

TEST(Run, GoesOnWithoutDivergedMembersAndSaysSo) {
  const Scene scene;
  const auto result = scene.run("out", {"solver.diverging=[1]"});
  EXPECT_EQ(result["solver"]["fits"][1]["outcome"], "diverged");
  EXPECT_NE(result["notes"].dump().find("member 1: diverged: as told"),
            std::string::npos);
}

TEST(Run, FailsWhenEveryMemberDiverges) {
  const Scene scene;
  EXPECT_THROW(scene.run("out", {"solver.diverging=[0,1,2]"}), NumericalError);
  EXPECT_EQ(scene.status("out")["exit_code"], 4);
}

TEST(RunFolder, IsNeverReplacedByAccident) {
  const Scene scene;
  scene.run("out");
  const auto plan = scene.plan();
  EXPECT_THROW(start_run(plan, scene.at("out"), ExistingRun::refuse, {}), Error);
  EXPECT_TRUE(std::filesystem::exists(scene.at("out") / "result.json"));
  start_run(plan, scene.at("out"), ExistingRun::replace, {});
  EXPECT_FALSE(std::filesystem::exists(scene.at("out") / "result.json"));
}

TEST(RunFolder, ReplacesRunsOnly) {
  const Scene scene;
  std::filesystem::create_directories(scene.at("precious"));
  write_file_atomically(scene.at("precious") / "thesis.tex", "text");
  EXPECT_THROW(start_run(scene.plan(), scene.at("precious"), ExistingRun::replace, {}),
               Error);
  EXPECT_EQ(read_file(scene.at("precious") / "thesis.tex"), "text");
}

TEST(RunFolder, IsUsedByOneProcessAtATime) {
  const Scene scene;
  const auto folder = start_run(scene.plan(), scene.at("out"), ExistingRun::refuse, {});
  EXPECT_THROW(RunFolder::open(scene.at("out")), Error);
}

TEST(Resume, RefusesAChangedStudy) {
  const Scene scene;
  scene.run("out");
  const auto file = scene.at("out") / "resolved.yaml";
  write_file_atomically(file, read_file(file) + "\n# changed\n");
  EXPECT_THROW(scene.resume("out"), Error);
}

TEST(Resume, RefusesChangedData) {
  const Scene scene;
  scene.run("out");
  std::filesystem::remove(scene.at("pairs.npy"));
  write_pairs(scene.at("pairs.npy"), 201);
  EXPECT_THROW(scene.resume("out"), DataError);
}

}  // namespace
}  // namespace femto
