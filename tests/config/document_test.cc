// YAML text to nodes: positions, repeats, and documents that are refused.
#include "femto/config/document.h"

#include "tests/config/sample.h"
#include <gtest/gtest.h>

namespace femto::config {
namespace {

using sample::message_of;

std::string at(const Where& where) {
  return std::to_string(where.line) + ":" + std::to_string(where.column);
}

TEST(Document, RemembersWhereThingsStand) {
  const auto root = parse("a: 1\nb:\n  - x\n  - {c: d}\ne:\nf: ''\n", "f.yaml");
  ASSERT_EQ(root.map.size(), 4u);
  EXPECT_EQ(root.where.file, "f.yaml");
  EXPECT_EQ(at(root.map[0].where), "1:1");
  EXPECT_EQ(at(root.map[0].value.where), "1:4");
  EXPECT_EQ(at(root.find("b")->list[0].where), "3:5");
  EXPECT_EQ(at(root.find("b")->list[1].find("c")->where), "4:9");
  EXPECT_EQ(at(root.find("e")->where), "5:1");
  EXPECT_EQ(root.find("e")->type, Node::Type::null);
  EXPECT_EQ(root.find("f")->type, Node::Type::scalar);
}

TEST(Document, KnowsQuotedFromPlain) {
  const auto root = parse("a: none\nb: 'none'\nc: ~\nd: \"~\"", "f.yaml");
  EXPECT_FALSE(root.find("a")->quoted);
  EXPECT_TRUE(root.find("b")->quoted);
  EXPECT_EQ(root.find("c")->type, Node::Type::null);
  EXPECT_EQ(root.find("d")->type, Node::Type::scalar);
}

TEST(Document, KeepsTheEndOfBlockText) {
  EXPECT_EQ(parse("a: |\n  x\n", "f").find("a")->scalar, "x\n");
  EXPECT_EQ(parse("a: |-\n  x\n", "f").find("a")->scalar, "x");
  EXPECT_EQ(parse("a: |+\n  x\n\n", "f").find("a")->scalar, "x\n\n");
  EXPECT_EQ(parse("a: x\n...\n", "f").find("a")->scalar, "x");
}

TEST(Document, ReadsUtf16AndByteOrderMarks) {
  EXPECT_EQ(parse(std::string_view("\xFF\xFE"
                                   "a\0:\0 \0"
                                   "1\0",
                                   10),
                  "f")
                .find("a")
                ->scalar,
            "1");
  EXPECT_EQ(parse("\xEF\xBB\xBF"
                  "a: 1",
                  "f")
                .find("a")
                ->scalar,
            "1");
}

TEST(Document, IsNothingWhenEmpty) {
  for (const char* text : {"", "\n\n", "# comment", "---"})
    EXPECT_EQ(parse(text, "f.yaml").type, Node::Type::null) << text;
}

TEST(Document, ReportsRepeatsInEveryBlock) {
  std::vector<Issue> issues;
  report_repeats(parse("a: 1\nb: [{c: 1, c: 2}]\na: 3\na: 4\n", "f"), "", issues);
  ASSERT_EQ(issues.size(), 3u);
  EXPECT_EQ(issues[0].path, "b[0].c");
  EXPECT_EQ(issues[1].path, "a");
  EXPECT_EQ(at(issues[1].where), "3:1");
  EXPECT_EQ(issues[2].hint, "first given on line 1");
}

TEST(Document, RefusesBrokenYamlWithItsPlace) {
  EXPECT_EQ(message_of("rate: 1\nname: 'x\n"), R"(1 problem in s.yaml

s.yaml:2:1: (document): a quotation mark after this is never closed
    2 | name: 'x
      | ^
      = add it)");
  EXPECT_EQ(message_of("name: \"x"), R"(1 problem in s.yaml

s.yaml:1:1: (document): a quotation mark after this is never closed
    1 | name: "x
      | ^
      = add it)");
  EXPECT_EQ(message_of("rate: a: b"), R"(1 problem in s.yaml

s.yaml:1:8: (document): illegal map value
    1 | rate: a: b
      |        ^
      = this is not valid YAML)");
}

TEST(Document, NamesTabs) {
  EXPECT_EQ(message_of("inner:\n\tweight: 1\n"), R"(1 problem in s.yaml

s.yaml:2:1: (document): a tab stands in the margin
    2 |  weight: 1
      | ^
      = YAML is indented with spaces)");
}

TEST(Document, RefusesASecondDocument) {
  EXPECT_EQ(message_of("rate: 1\n---\nrate: 2\n"), R"(1 problem in s.yaml

s.yaml:3:1: (document): a second document starts here
    3 | rate: 2
      | ^
      = one file holds one document; remove the line `---`)");
}

TEST(Document, RefusesAListOrAWordAsStudy) {
  EXPECT_EQ(message_of("- 1"), R"(1 problem in s.yaml

s.yaml:1:1: (document): a study is a block of `name: value` lines, got a list
    1 | - 1
      | ^
      = the first line could be `femto: 1`)");
}

TEST(Document, RefusesKeysThatAreNotText) {
  EXPECT_EQ(message_of("? [1]\n: 2"), R"(1 problem in s.yaml

s.yaml:1:3: (document): a key must be text, not a list
    1 | ? [1]
      |   ^
      = write `key: value`)");
}

std::string reason_of(const std::string& text) {
  try {
    parse(text, "f");
  } catch (const ConfigError& e) {
    return e.issues().front().what;
  }
  return "(no error)";
}

TEST(Document, SurvivesDeepNesting) {
  EXPECT_EQ(reason_of(std::string(100'000, '[')), "nested more than 64 levels deep");
  std::string block;
  for (int i = 0; i < 300; ++i)
    block += std::string(static_cast<std::size_t>(i), ' ') + "a:\n";
  EXPECT_EQ(reason_of(block), "nested more than 64 levels deep");
}

TEST(Document, SurvivesAliasesThatMultiply) {
  std::string text = "a: &a [1, 1, 1, 1, 1, 1, 1, 1, 1, 1]\n";
  for (char c = 'b'; c < 'k'; ++c) {
    text += std::string(1, c) + ": &" + c + " [";
    for (int i = 0; i < 10; ++i)
      text += std::string(i ? ", *" : "*") + static_cast<char>(c - 1);
    text += "]\n";
  }
  EXPECT_EQ(reason_of(text), "more than 1000000 values");
  EXPECT_EQ(reason_of("a: &x [*x]"), "an alias inside its own anchor has no end");
  std::string deep = "a0: &a0 [1]\n";
  for (int i = 1; i < 100; ++i) {
    const auto n = std::to_string(i);
    deep += "a" + n + ": &a" + n + " [*a" + std::to_string(i - 1) + "]\n";
  }
  EXPECT_EQ(reason_of(deep), "nested more than 64 levels deep");
}

TEST(Document, RefusesWhatIsTooLarge) {
  EXPECT_EQ(reason_of("a: " + std::string((16u << 20) - 2, 'x')),
            "16777217 bytes are too many for a study file");
}

TEST(Document, SurvivesBinaryFiles) {
  for (int seed = 0; seed < 50; ++seed) {
    std::string bytes;
    unsigned x = static_cast<unsigned>(seed) * 2654435761u + 1;
    for (int i = 0; i < 200; ++i) {
      x = x * 1664525u + 1013904223u;
      bytes += static_cast<char>(x >> 24);
    }
    EXPECT_NE(message_of(bytes), "(no error)");
  }
}

}  // namespace
}  // namespace femto::config
