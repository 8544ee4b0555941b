// Samples from files: flags, weights, values that need not exist, and bad rows.
#include <fstream>

#include "tests/pipeline/sample_study.h"
#include <gtest/gtest.h>

#include "femto/core/error.h"
#include "femto/modules/builtins.h"
#include "femto/pipeline/sample.h"

namespace femto {
namespace {

PairedEvents events_of(const std::string& content, const std::string& more, Role role) {
  const test::Folder folder;
  const auto file = folder / "events.csv";
  std::ofstream(file) << content;
  return builtin_registry()
      .build<SampleSource>("event_file", "path: " + file.string() + "\n" + more)
      ->read({{"x"}, {"y"}, 1, role});
}

TEST(EventFileSample, ReadsFlagsAndWeights) {
  const auto e = events_of("y,w,seen,made,x\n1,2,1,1,10\nnan,3,0,1,20\n3,-1,1,0,nan\n",
                           "weight: w\ndetected: seen\ngenerated: made\n",
                           Role::simulation);
  EXPECT_EQ(e.truth[0], (std::vector<double>{10, 20, 0}));
  EXPECT_EQ(e.measured[0], (std::vector<double>{1, 0, 3}));
  EXPECT_EQ(e.weight, (std::vector<double>{2, 3, -1}));
  EXPECT_EQ(e.detected, (std::vector<std::uint8_t>{1, 0, 1}));
  EXPECT_EQ(e.generated, (std::vector<std::uint8_t>{1, 1, 0}));
}

TEST(EventFileSample, DataNeedNoTruth) {
  const auto e = events_of("y\n1\n2\n", "", Role::data);
  EXPECT_TRUE(e.truth.empty());
  EXPECT_EQ(e.measured[0], (std::vector<double>{1, 2}));
  EXPECT_THROW(events_of("y\n1\n2\n", "", Role::simulation), DataError);
}

TEST(EventFileSample, MissingValuesOfDetectedEventsAreNamed) {
  try {
    events_of("x,y\n1,1\n2,nan\n", "", Role::simulation);
    FAIL() << "not refused";
  } catch (const DataError& error) {
    EXPECT_NE(std::string(error.what()).find("y is nan in row 1"), std::string::npos)
        << error.what();
  }
}

}  // namespace
}  // namespace femto
