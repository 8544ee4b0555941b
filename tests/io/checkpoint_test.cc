// Checkpoints: bit-exact state, newest two kept, every damage found.
#include "femto/io/checkpoint.h"

#include <bit>
#include <cmath>

#include "tests/io/sample_files.h"
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "femto/core/files.h"

using namespace femto::io;
using namespace femto::io::test;

namespace {

State example(double x) {
  State s;
  s.put("theta", std::vector<double>{x, -0.0, std::nan("")});
  s.put("weights", std::vector<float>{0.1F, 2});
  s.put("counter", std::vector<std::int64_t>{1, -5});
  s.put("step", std::int64_t{17});
  s.put("loss", x);
  s.put_text("method", "adam");
  return s;
}

}  // namespace

RC_GTEST_PROP(State,
              KeepsBits,
              (const std::vector<std::uint64_t>& bits, const std::string& text)) {
  std::vector<double> x;
  for (const auto b : bits) x.push_back(std::bit_cast<double>(b));
  State s;
  s.put("x", x);
  s.put_text("t", text);
  const TempFolder folder;
  CheckpointFolder(folder.path()).save(s);
  const auto back = CheckpointFolder(folder.path()).newest();
  RC_ASSERT(back.has_value());
  RC_ASSERT(back->state == s);
  RC_ASSERT(back->state.text("t") == text);
  const auto y = back->state.doubles("x");
  RC_ASSERT(y.size() == x.size());
  for (std::size_t i = 0; i < y.size(); ++i)
    RC_ASSERT(std::bit_cast<std::uint64_t>(y[i]) == bits[i]);
}

TEST(State, HasTypes) {
  const auto s = example(2.5);
  EXPECT_EQ(s.floats("weights"), (std::vector<float>{0.1F, 2}));
  EXPECT_EQ(s.integers("counter"), (std::vector<std::int64_t>{1, -5}));
  EXPECT_EQ(s.integer("step"), 17);
  EXPECT_EQ(s.number("loss"), 2.5);
  EXPECT_TRUE(s.has("theta"));
  const auto say = [](const auto& act) -> std::string {
    try {
      act();
    } catch (const femto::DataError& e) {
      return e.what() + e.hint();
    }
    return {};
  };
  EXPECT_TRUE(
      mentions(say([&] { s.doubles("thete"); }), {"no 'thete'", "it has 'theta'"}));
  EXPECT_TRUE(mentions(say([&] { s.doubles("step"); }),
                       {"integers as 'step'", "expected doubles"}));
  EXPECT_TRUE(mentions(say([&] { s.number("theta"); }), {"3 numbers as 'theta'"}));
}

TEST(State, Nests) {
  State outer;
  outer.put_state("member/3", example(1));
  outer.put("member/30/x", 1.0);
  EXPECT_EQ(outer.state("member/3"), example(1));
  EXPECT_EQ(outer.state("member").state("3"), example(1));
}

TEST(Checkpoint, KeepsTheNewestTwo) {
  const TempFolder folder;
  CheckpointFolder checkpoints(folder / "deep" / "er");
  EXPECT_FALSE(checkpoints.newest().has_value());
  for (int i = 1; i <= 4; ++i) checkpoints.save(example(i));
  const auto newest = checkpoints.newest();
  ASSERT_TRUE(newest.has_value());
  EXPECT_EQ(newest->number, 4);
  EXPECT_EQ(newest->file.filename(), "ckpt-000004.bin");
  EXPECT_EQ(newest->state, example(4));
  EXPECT_TRUE(newest->warnings.empty());
  std::size_t files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder / "deep" / "er"))
    files += entry.exists();
  EXPECT_EQ(files, 2u);
  CheckpointFolder(folder / "deep" / "er").save(example(5));
  EXPECT_EQ(checkpoints.newest()->number, 5);
}

TEST(Checkpoint, FallsBackForEveryFlippedByteAndEveryTruncation) {
  const TempFolder folder;
  CheckpointFolder checkpoints(folder.path());
  checkpoints.save(example(1));
  const auto newest = checkpoints.save(example(2));
  const auto bytes = femto::read_file(newest);
  const auto expect_fallback = [&](const std::string& damaged, std::size_t at) {
    folder.put(newest.filename(), damaged);
    const auto back = checkpoints.newest();
    ASSERT_TRUE(back.has_value());
    EXPECT_EQ(back->number, 1) << at;
    EXPECT_EQ(back->state, example(1));
    ASSERT_EQ(back->warnings.size(), 1u);
    EXPECT_TRUE(
        mentions(back->warnings[0], {newest.string(), "damaged", "the one before"}));
  };
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    auto flipped = bytes;
    flipped[i] = static_cast<char>(flipped[i] ^ 0x10);
    expect_fallback(flipped, i);
    expect_fallback(bytes.substr(0, i), i);
  }
  expect_fallback(bytes + "x", bytes.size());
}

TEST(Checkpoint, RefusesWhenAllAreDamaged) {
  const TempFolder folder;
  CheckpointFolder checkpoints(folder.path());
  checkpoints.save(example(1));
  checkpoints.save(example(2));
  folder.put("ckpt-000001.bin", "junk");
  folder.put("ckpt-000002.bin", "");
  try {
    checkpoints.newest();
    FAIL();
  } catch (const femto::DataError& e) {
    EXPECT_EQ(e.code(), femto::Exit::data);
    EXPECT_TRUE(mentions(e.what(),
                         {"no checkpoint can be used",
                          "ckpt-000001.bin",
                          "ckpt-000002.bin",
                          "truncated"}));
  }
}

TEST(Checkpoint, RefusesARenamedFileAndIgnoresOthers) {
  const TempFolder folder;
  CheckpointFolder checkpoints(folder.path());
  const auto first = checkpoints.save(example(1));
  std::filesystem::copy_file(first, folder / "ckpt-000009.bin");
  folder.put("ckpt-x.bin", "");
  folder.put("ckpt-000002.bin.part", "half");
  const auto back = checkpoints.newest();
  ASSERT_TRUE(back.has_value());
  EXPECT_EQ(back->number, 1);
  EXPECT_TRUE(
      mentions(back->warnings.at(0), {"ckpt-000009.bin", "checkpoint 1 renamed"}));
}

TEST(Checkpoint, SaysWhenItCannotBeWritten) {
  const TempFolder folder;
  folder.put("file", "");
  EXPECT_THROW(CheckpointFolder(folder / "file").save(example(1)), femto::Error);
}
