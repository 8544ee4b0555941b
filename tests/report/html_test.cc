// Whatever stands in a user's file must stay text on the page.
#include "femto/report/html.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace femto::report {
namespace {

TEST(Html, EscapesMarkup) {
  EXPECT_EQ(escaped("<a href=\"x\">&'"), "&lt;a href=&quot;x&quot;&gt;&amp;&#39;");
  EXPECT_EQ(paragraph("1 < 2"), "<p>1 &lt; 2</p>\n");
}

RC_GTEST_PROP(Html, EscapedTextHoldsNoMarkup, (const std::string& text)) {
  const std::string out = escaped(text);
  RC_ASSERT(out.find_first_of("<>\"'") == std::string::npos);
}

TEST(Html, ScriptJsonCannotEndItsElement) {
  const nlohmann::json value = {{"name", "</script><!--<script>"}};
  const std::string text = script_json(value);
  EXPECT_EQ(text.find('<'), std::string::npos);
  EXPECT_EQ(nlohmann::json::parse(text), value);
}

TEST(Html, BrokenUtf8IsReplaced) {
  EXPECT_EQ(script_json("a\xff"), "\"a\xEF\xBF\xBD\"");
}

TEST(Html, TableHeadsRowsAndEscapesCells) {
  const std::string text = table({"a", "b"}, {{"<x>", "1"}});
  EXPECT_NE(text.find("<th scope=\"row\">&lt;x&gt;</th><td>1</td>"), std::string::npos);
}

TEST(Html, FactsLeaveOutWhatIsEmpty) {
  EXPECT_EQ(facts({{"a", ""}}), "");
  EXPECT_EQ(facts({{"a", "1"}, {"b", ""}}).find(">b<"), std::string::npos);
}

TEST(Html, NamesAreEnumerated) {
  EXPECT_EQ(enumerated({"a"}), "a");
  EXPECT_EQ(enumerated({"a", "b", "c"}), "a, b and c");
}

TEST(Html, ValuesAsShortText) {
  EXPECT_EQ(shown_value({{"seed", 1}, {"list", {1, 2}}}), "list 1, 2, seed 1");
  EXPECT_EQ(shown_value(nullptr), "–");
  EXPECT_EQ(shown_value(0.123456789), "0.1235");
}

}  // namespace
}  // namespace femto::report
