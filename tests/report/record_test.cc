// A run folder is read as far as it goes; what is damaged is named.
#include "femto/report/record.h"

#include <fstream>

#include "tests/report/fixture.h"
#include <gtest/gtest.h>

#include "femto/core/error.h"

namespace femto::report {
namespace {

namespace fs = std::filesystem;

class RecordOfRun : public ::testing::Test {
 protected:
  void TearDown() override { fs::remove_all(folder); }

  void write(const char* name, const std::string& text) const {
    std::ofstream(folder / name) << text;
  }

  fs::path folder = testing::temporary_folder("record");
};

TEST_F(RecordOfRun, HoldsEveryPart) {
  testing::write_run(folder);
  const Record r = read_record(folder);
  EXPECT_EQ(r.name, "proxy1d");
  EXPECT_EQ(state(r), "done");
  EXPECT_EQ(r.metrics.size(), 40U);
  EXPECT_EQ(r.groups("bands"), (std::vector<std::string>{"d", "u"}));
  EXPECT_TRUE(r.problems.empty());
}

TEST_F(RecordOfRun, PullFollowsFromTruthAndError) {
  write("result.json",
        R"({"parameters": [{"name": "a", "value": 2.5, "std": 0.25, "truth": 2}]})");
  const auto all = parameters(read_record(folder));
  ASSERT_EQ(all.size(), 1U);
  EXPECT_DOUBLE_EQ(*all[0].pull, 2.0);
  EXPECT_FALSE(all[0].floor.has_value());
}

TEST_F(RecordOfRun, NamesDamagedFiles) {
  write("status.json", "{\"status\": ");
  write("metrics.jsonl", "{\"t\": 1, \"nll\": 2}\n{\"t\": 2, \"nl");
  write("arrays.h5", "not an HDF5 file");
  const Record r = read_record(folder);
  EXPECT_EQ(r.metrics.size(), 1U);
  ASSERT_EQ(r.problems.size(), 3U);
  EXPECT_EQ(r.problems[0], "status.json is damaged and was left out");
  EXPECT_EQ(r.problems[1], "metrics.jsonl: 1 broken line(s) left out");
  EXPECT_TRUE(r.problems[2].starts_with("arrays.h5 was left out: ")) << r.problems[2];
}

TEST_F(RecordOfRun, RefusesFolderThatIsNoRun) {
  EXPECT_THROW(read_record(folder), Error);
  EXPECT_THROW(read_record(folder / "missing"), Error);
}

}  // namespace
}  // namespace femto::report
