// A whole study: all problems at once, warnings, and positions for later checks.
#include "femto/config/load.h"

#include "tests/config/sample.h"
#include <gtest/gtest.h>

namespace femto::config::sample {
namespace {

TEST(Load, ReportsEveryProblemAtOnce) {
  EXPECT_EQ(message_of(R"(shape:
  type: circle
  radiuss: yes
maybe:
  type: rectangel
start: [1.0, two]
rate: -1e-4
rate: 1e-3
)"),
            R"(5 problems in s.yaml

s.yaml:3:3: shape.radiuss: unknown setting
    3 |   radiuss: yes
      |   ^
      = did you mean 'radius'?

s.yaml:5:9: maybe.type: no shape is called 'rectangel'
    5 |   type: rectangel
      |         ^
      = did you mean 'rectangle'?

s.yaml:6:14: start[1]: expected a number, got 'two'
    6 | start: [1.0, two]
      |              ^

s.yaml:7:7: rate: -0.0001 must be positive (step size)
    7 | rate: -1e-4
      |       ^

s.yaml:8:1: rate: given twice
    8 | rate: 1e-3
      | ^
      = first given on line 7)");
}

TEST(Load, GivesIssuesAsData) {
  try {
    loaded("rate: 0", {"small=x"});
    FAIL() << "no error";
  } catch (const ConfigError& e) {
    ASSERT_EQ(e.issues().size(), 2u);
    EXPECT_EQ(e.issues()[0].where.file, "s.yaml");
    EXPECT_EQ(e.issues()[0].path, "rate");
    EXPECT_EQ(e.issues()[1].where.file, command_line);
    EXPECT_EQ(e.code(), Exit::usage);
  }
}

TEST(Load, WarnsOfOldNames) {
  const auto study = loaded("speed: 2\n");
  EXPECT_EQ(study.value.rate, 2);
  ASSERT_EQ(study.warnings.size(), 1u);
  EXPECT_EQ(render(study.warnings[0], study.origin.sources),
            R"(s.yaml:1:1: speed: is now called 'rate'
    1 | speed: 2
      | ^)");
  EXPECT_EQ(short_message_of("speed: 0"), "rate: 0 must be positive (step size)");
}

TEST(Load, ResolvesPathsFromTheFolderOfTheStudy) {
  const auto file = [](const char* text, const char* study) {
    return loaded(text, {}, study).value.file;
  };
  EXPECT_EQ(file("file: ../a.npy", "/x/y/s.yaml").file, "/x/a.npy");
  EXPECT_EQ(file("file: ../a.npy", "/x/y/s.yaml").text, "../a.npy");
  EXPECT_EQ(file("file: /a.npy", "/x/y/s.yaml").file, "/a.npy");
  EXPECT_EQ(file("", "/x/y/s.yaml").file, "/x/y/events.npy");
  EXPECT_EQ(file("file: a.npy", "d/s.yaml").file,
            std::filesystem::current_path() / "d/a.npy");
}

TEST(Load, KnowsWhereEveryValueStands) {
  const auto study = loaded(
      "speed: 2\nmore:\n  - circle\n  - {radius: 3, type: circle}\ntruth: {a: 1}\n",
      {"inner.weight=1"});
  const auto at = [&](std::string_view path) {
    const auto where = study.where_of(path);
    return where.file + ":" + std::to_string(where.line) + ":" +
           std::to_string(where.column);
  };
  EXPECT_EQ(at("rate"), "s.yaml:1:8");
  EXPECT_EQ(at("more[1].radius"), "s.yaml:4:14");
  EXPECT_EQ(at("more[0].radius"), "s.yaml:3:5");
  EXPECT_EQ(at("truth.a"), "s.yaml:5:12");
  EXPECT_EQ(at("truth.b"), "s.yaml:5:8");
  EXPECT_EQ(at("inner.weight"), "command line:1:14");
  EXPECT_EQ(at("shape.radius"), "s.yaml:1:1");
  EXPECT_TRUE(study.origin.given("truth.a"));
  EXPECT_FALSE(study.origin.given("shape.radius"));
}

TEST(Load, LetsLaterChecksReportInTheSameWay) {
  const auto study = loaded("file: gone.npy\n");
  study.origin.throw_if_any({});
  try {
    study.origin.throw_if_any(
        {study.origin.issue("file", "there is no such file", "give the events")});
    FAIL() << "no error";
  } catch (const ConfigError& e) {
    EXPECT_STREQ(e.what(), R"(1 problem in s.yaml

s.yaml:1:7: file: there is no such file
    1 | file: gone.npy
      |       ^
      = give the events)");
  }
}

TEST(Render, PutsTheCaretBelowTheCharacter) {
  EXPECT_EQ(message_of("{name: \"é×\", rate: x}"), R"(1 problem in s.yaml

s.yaml:1:22: rate: expected a number, got 'x'
    1 | {name: "é×", rate: x}
      |                    ^)");
}

TEST(Render, CutsLongLinesAroundTheCaret) {
  std::string text = "start: [";
  for (int i = 0; i < 200; ++i) text += "1, ";
  const auto message = message_of(text + "x" + std::string(300, ' ') + "]");
  std::size_t longest = 0;
  for (std::size_t from = 0; from < message.size();) {
    const auto end = std::min(message.find('\n', from), message.size());
    longest = std::max(longest, end - from);
    from = end + 1;
  }
  EXPECT_EQ(longest, 168u);  // "    1 | " and 160 characters
  EXPECT_NE(message.find("1, 1, x"), std::string::npos);
}

TEST(Render, KnowsLinesWithCarriageReturns) {
  EXPECT_EQ(message_of("small: 1\r\nrate: x\r\n"), R"(1 problem in s.yaml

s.yaml:2:7: rate: expected a number, got 'x'
    2 | rate: x
      |       ^)");
}

TEST(Render, DoesWithoutAPosition) {
  Issue issue;
  issue.where.file = "s.yaml";
  issue.path = "a.b";
  issue.what = "is odd";
  issue.hint = "make it even";
  EXPECT_EQ(render(issue, {}), "s.yaml: a.b: is odd\n      = make it even");
}

}  // namespace
}  // namespace femto::config::sample
