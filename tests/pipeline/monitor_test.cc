// The journal of a run: metrics, notes and states survive being cut off.
#include "femto/pipeline/monitor.h"

#include <fstream>

#include "tests/pipeline/sample_study.h"
#include <gtest/gtest.h>

#include "femto/pipeline/journal.h"

namespace femto {
namespace {

using test::Folder;

std::vector<std::string> lines_of(const std::filesystem::path& file) {
  std::vector<std::string> lines;
  std::ifstream in(file);
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

std::unique_ptr<Journal> journal_in(const Folder& folder,
                                    CheckpointSettings settings = {}) {
  return std::make_unique<Journal>(folder / "", "sample", settings, Audience{});
}

io::State state_with(double value) {
  io::State state;
  state.put("value", value);
  return state;
}

TEST(Journal, StreamsMetricsLineByLine) {
  const Folder folder;
  const auto journal = journal_in(folder);
  journal->add_part("member/1", 1, 1);
  journal->monitor("member/1")->report({"train", 5, 10, {{"loss", 0.5}}});
  const auto lines = lines_of(folder / "metrics.jsonl");
  ASSERT_EQ(lines.size(), 1u);
  const auto row = nlohmann::json::parse(lines[0]);
  EXPECT_EQ(row["step"], "train");
  EXPECT_EQ(row["member"], 1);
  EXPECT_EQ(row["iteration"], 5);
  EXPECT_EQ(row["total"], 10);
  EXPECT_EQ(row["loss"], 0.5);
}

TEST(Journal, RestoresStatesAndCutsMetricsBackToThem) {
  const Folder folder;
  {
    const auto journal = journal_in(folder);
    for (const char* part : {"member/0", "member/1"}) {
      journal->add_part(part, 1);
      for (std::uint64_t i = 1; i <= 3; ++i)
        journal->monitor(part)->report({"train", i, 10, {}});
    }
    journal->monitor("member/0")->note("kept");
    journal->monitor("member/0")->save(state_with(7));
    journal->monitor("member/0")->note("lost");
    journal->monitor("member/0")->report({"train", 4, 10, {}});
  }
  std::ofstream(folder / "metrics.jsonl", std::ios::app) << "{\"part\": \"member/0";
  const auto journal = journal_in(folder);
  EXPECT_TRUE(journal->restore().empty());
  journal->add_part("member/0", 1);
  journal->add_part("member/1", 1);
  EXPECT_EQ(journal->monitor("member/0")->restored(), state_with(7));
  EXPECT_FALSE(journal->monitor("member/1")->restored());
  EXPECT_EQ(journal->notes("member/0"), std::vector<std::string>{"kept"});
  EXPECT_EQ(lines_of(folder / "metrics.jsonl").size(), 3u);  // those of member 0
}

TEST(Journal, ForgetsWhatStartsAnew) {
  const Folder folder;
  {
    const auto journal = journal_in(folder);
    journal->add_part("a", 1);
    const auto monitor = journal->monitor("a");
    monitor->report({"fit", 1, 0, {}});
    monitor->note("said again");
    monitor->save({});
  }
  const auto journal = journal_in(folder);
  journal->restore();
  journal->add_part("a", 1);
  EXPECT_FALSE(journal->monitor("a")->restored());
  EXPECT_TRUE(journal->notes("a").empty());
  EXPECT_TRUE(lines_of(folder / "metrics.jsonl").empty());
}

TEST(Journal, KeepsResultsOfFinishedParts) {
  const Folder folder;
  {
    const auto journal = journal_in(folder);
    journal->add_part("a", 1);
    journal->finish("a", state_with(1.0 / 3));
    journal->checkpoint();
  }
  const auto journal = journal_in(folder);
  journal->restore();
  journal->add_part("a", 1);
  EXPECT_EQ(journal->result("a"), state_with(1.0 / 3));
}

TEST(Journal, AsksForCheckpointsByCount) {
  const Folder folder;
  const auto journal = journal_in(folder, {.seconds = 1e6, .every = 3});
  journal->add_part("a", 1);
  const auto monitor = journal->monitor("a");
  for (int round = 0; round < 2; ++round) {
    EXPECT_FALSE(monitor->save_due());
    EXPECT_FALSE(monitor->save_due());
    EXPECT_TRUE(monitor->save_due());
    monitor->save(state_with(round));
  }
}

TEST(Journal, AsksForCheckpointsByTime) {
  const Folder folder;
  const auto journal = journal_in(folder, {.seconds = 1e-9, .every = 0});
  journal->add_part("a", 1);
  EXPECT_TRUE(journal->monitor("a")->save_due());
}

TEST(Journal, RefusesCheckpointsOfAnotherVersion) {
  const Folder folder;
  io::State state;
  state.put("version", std::int64_t{999});
  io::CheckpointFolder(folder / "checkpoint").save(state);
  EXPECT_THROW(journal_in(folder)->restore(), Error);
}

TEST(Journal, WritesItsStatus) {
  const Folder folder;
  const auto journal = journal_in(folder);
  journal->add_part("a", 3);
  journal->add_part("b", 1);
  journal->finish("a", {});
  journal->status("failed", "the disk is full", 2);
  const auto status = nlohmann::json::parse(read_file(folder / "status.json"));
  EXPECT_EQ(status["status"], "failed");
  EXPECT_EQ(status["message"], "the disk is full");
  EXPECT_EQ(status["exit_code"], 2);
  EXPECT_EQ(status["progress"], 0.75);
  EXPECT_EQ(status["study"], "sample");
}

TEST(SilentMonitor, NeverAsksToStopByItself) {
  SilentMonitor monitor;
  EXPECT_FALSE(monitor.save_due());
  EXPECT_FALSE(monitor.restored());
  monitor.save({});
}

}  // namespace
}  // namespace femto
