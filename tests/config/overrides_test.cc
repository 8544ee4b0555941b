// Arguments `key.path=value` that change a study.
#include "femto/config/overrides.h"

#include "tests/config/sample.h"
#include <gtest/gtest.h>

namespace femto::config::sample {
namespace {

TEST(Overrides, ChangeValues) {
  const auto value = loaded("rate: 1\ninner: {weight: 0.25}\nstart: [1, 2]\n",
                            {"rate=2",
                             "inner.note=\"a b: c\"",
                             "start[1]=3",
                             "start.0=4",
                             "truth.N_u=1.5",
                             "parts.u.weight=1",
                             "rows=[[1, 2], [3]]",
                             "rows[0][1]=7",
                             "name=a=b"})
                         .value;
  EXPECT_EQ(value.rate, 2);
  EXPECT_EQ(value.inner.weight, 0.25);
  EXPECT_EQ(value.start, (std::vector<double>{4, 3}));
  EXPECT_EQ(value.truth.at("N_u"), 1.5);
  EXPECT_EQ(value.parts.at("u").weight, 1);
  EXPECT_EQ(value.rows, (std::vector<std::vector<int>>{{1, 7}, {3}}));
  EXPECT_EQ(value.name, "a=b");
}

TEST(Overrides, LaterOnesWin) {
  EXPECT_EQ(loaded("rate: 1", {"rate=2", "rate=3"}).value.rate, 3);
}

TEST(Overrides, WorkOnAnEmptyStudy) {
  EXPECT_EQ(loaded("", {"rate=2"}).value.rate, 2);
}

TEST(Overrides, TakeNumbersAsNamesInTables) {
  EXPECT_EQ(loaded("", {"truth.2=5"}).value.truth.at("2"), 5);
}

TEST(Overrides, ReplaceTheTypeAndKeepTheOtherKeys) {
  EXPECT_EQ(short_message_of("shape: {type: circle, radius: 1}",
                             {"shape.type=rectangle", "shape.height=0.5"}),
            "shape.radius: unknown setting (settings here: width, height)");
  const auto value = loaded("shape: circle", {"shape.radius=1"}).value;
  EXPECT_EQ(value.shape.build()->area(), 3);
  EXPECT_EQ(loaded("shape: {radius: 1}", {"shape=doubled"}).value.shape.type, "doubled");
}

TEST(Overrides, ReachIntoComponentsOfComponents) {
  EXPECT_EQ(loaded("shape: doubled", {"shape.of.radius=1"}).value.shape.build()->area(),
            6);
}

TEST(Overrides, TakeTheNewNameOverTheOldOneInTheStudy) {
  EXPECT_EQ(loaded("speed: 1", {"rate=2"}).value.rate, 2);
}

TEST(Overrides, AreRelativeToTheCurrentFolder) {
  const auto here = std::filesystem::current_path();
  const auto value = loaded("file: a.npy", {"file=b.npy"}, "/studies/s.yaml").value;
  EXPECT_EQ(value.file.file, here / "b.npy");
  EXPECT_EQ(value.file.text, "b.npy");
}

TEST(Overrides, ArePointedAtInMessages) {
  EXPECT_EQ(message_of("rate: x\n", {"small=3", "shape.raduis=2", "small=many"}),
            R"(3 problems in s.yaml and command line

s.yaml:1:7: rate: expected a number, got 'x'
    1 | rate: x
      |       ^

command line:2:7: shape.raduis: unknown setting
    2 | shape.raduis=2
      |       ^
      = did you mean 'radius'?

command line:3:7: small: expected a whole number, got 'many'
    3 | small=many
      |       ^)");
}

TEST(Overrides, OfUnknownSettingsAreUnknownSettings) {
  EXPECT_EQ(short_message_of("", {"iner.weight=1"}),
            "iner: unknown setting (did you mean 'inner'?)");
}

struct Case {
  const char* argument;
  const char* message;
};

class Malformed : public testing::TestWithParam<Case> {};

TEST_P(Malformed, IsReported) {
  EXPECT_EQ(
      message_of("start: [1]\n", {GetParam().argument}),
      std::string("1 problem in command line\n\ncommand line:1:") + GetParam().message);
}

INSTANTIATE_TEST_SUITE_P(
    Arguments,
    Malformed,
    testing::Values(
        Case{"rate", R"(5: rate: '=' is missing
    1 | rate
      |     ^
      = write key.path=value, as in solver.epochs=5 or start[2]=0.5)"},
        Case{"=3", R"(1: a name is missing here
    1 | =3
      | ^
      = write key.path=value, as in solver.epochs=5 or start[2]=0.5)"},
        Case{"a..b=3", R"(3: a..b: a name is missing here
    1 | a..b=3
      |   ^
      = write key.path=value, as in solver.epochs=5 or start[2]=0.5)"},
        Case{"a.=3", R"(3: a.: a name is missing here
    1 | a.=3
      |   ^
      = write key.path=value, as in solver.epochs=5 or start[2]=0.5)"},
        Case{"start[0=3", R"(6: start[0: '[' has no ']'
    1 | start[0=3
      |      ^
      = write key.path=value, as in solver.epochs=5 or start[2]=0.5)"},
        Case{"start[one]=3", R"(7: start[one]: expected the number of a list entry, from 0
    1 | start[one]=3
      |       ^
      = write key.path=value, as in solver.epochs=5 or start[2]=0.5)"},
        Case{"start[0]x=3", R"(9: start[0]x: expected '.' or '=' here
    1 | start[0]x=3
      |         ^
      = write key.path=value, as in solver.epochs=5 or start[2]=0.5)"},
        Case{"start[1]=3", R"(6: start[1]: 'start' has 1 entry, counted from 0
    1 | start[1]=3
      |      ^
      = give the whole list: start=[...])"},
        Case{"rows[0]=3",
             R"(5: rows[0]: the study gives no list 'rows' to change an entry of
    1 | rows[0]=3
      |     ^
      = give the whole list: rows=[...])"},
        Case{"start.x=3", R"(7: start.x: 'start' is a list; its entries have numbers
    1 | start.x=3
      |       ^
      = write start[0].x)"},
        Case{"rate=[1,", R"(6: rate: end of sequence flow not found
    1 | rate=[1,
      |      ^
      = this is not valid YAML)"},
        Case{"inner={weight: 1, weight: 0}", R"(19: inner.weight: given twice
    1 | inner={weight: 1, weight: 0}
      |                   ^
      = first given on line 1)"}));

}  // namespace
}  // namespace femto::config::sample
