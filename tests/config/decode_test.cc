// Reading values of every type: what is accepted, and the message for what is not.
#include <cmath>

#include "tests/config/sample.h"
#include <gtest/gtest.h>

namespace femto::config::sample {
namespace {

TEST(Decode, ReadsEveryType) {
  const auto value = loaded(R"(flag: true
small: -9
large: -9223372036854775808
seed: 18446744073709551615
rate: 2.5e-3
coarse: .5
limit: .inf
name: yes
colour: dark_green
start: [1, +2, 3e0]
rows: [[1, 2], []]
range: [-1, 1]
label: "none"
width: 3
truth: {b: 2, a: 1}
parts: {u: {weight: 0.25}}
inner: {note: "a: b # c"}
inners: [{}, {weight: 1}]
)")
                         .value;
  EXPECT_TRUE(value.flag);
  EXPECT_EQ(value.small, -9);
  EXPECT_EQ(value.large, INT64_MIN);
  EXPECT_EQ(value.seed, UINT64_MAX);
  EXPECT_EQ(value.rate, 2.5e-3);
  EXPECT_EQ(value.coarse, 0.5F);
  EXPECT_EQ(value.limit, HUGE_VAL);
  EXPECT_EQ(value.name, "yes");
  EXPECT_EQ(value.colour, Colour::dark_green);
  EXPECT_EQ(value.start, (std::vector<double>{1, 2, 3}));
  EXPECT_EQ(value.rows, (std::vector<std::vector<int>>{{1, 2}, {}}));
  EXPECT_EQ(value.range, (std::array<double, 2>{-1, 1}));
  EXPECT_EQ(value.label, "none");
  EXPECT_EQ(value.width, 3);
  EXPECT_EQ(value.truth, (std::map<std::string, double>{{"a", 1}, {"b", 2}}));
  EXPECT_EQ(value.parts.at("u").weight, 0.25);
  EXPECT_EQ(value.inner.note, "a: b # c");
  EXPECT_EQ(value.inners.size(), 2u);
  EXPECT_EQ(value.inners[1].weight, 1);
}

TEST(Decode, LeavesDefaultsWhereNothingIsGiven) {
  for (const char* text : {"", "{}", "# only a comment\n", "---\n", "~"}) {
    const auto value = loaded(text).value;
    EXPECT_EQ(value.small, 3) << text;
    EXPECT_EQ(value.name, "none given") << text;
    EXPECT_FALSE(value.label.has_value()) << text;
    EXPECT_EQ(value.start.size(), 2u) << text;
  }
}

TEST(Decode, ReadsNothingIntoAnOptional) {
  for (const char* text : {"width: none", "width:", "width: ~", "width: null"})
    EXPECT_FALSE(loaded(text).value.width.has_value()) << text;
}

TEST(Decode, TakesWholeNumbersInDecimalForm) {
  EXPECT_EQ(loaded("seed: 1e6").value.seed, 1'000'000u);
  EXPECT_EQ(loaded("large: -2.5e3").value.large, -2500);
  EXPECT_EQ(loaded("small: 3.0").value.small, 3);
  EXPECT_EQ(loaded("seed: 9007199254740992.0").value.seed, 1ull << 53);
}

TEST(Decode, FollowsAnchors) {
  const auto value = loaded("inner: &i {weight: 0.25}\ninners: [*i, *i]").value;
  EXPECT_EQ(value.inners, (std::vector<Inner>{value.inner, value.inner}));
}

struct Case {
  const char* text;
  const char* message;
};

class Refuses : public testing::TestWithParam<Case> {};

TEST_P(Refuses, WithTheReason) {
  EXPECT_EQ(short_message_of(GetParam().text), GetParam().message) << GetParam().text;
}

INSTANTIATE_TEST_SUITE_P(
    Scalars,
    Refuses,
    testing::Values(
        Case{"flag: yes", "flag: expected true or false, got 'yes'"},
        Case{"flag: 1", "flag: expected true or false, got '1'"},
        Case{"flag: \"true\"", "flag: expected true or false, got 'true'"},
        Case{"flag:",
             "flag: expected true or false, got nothing (leave the line out to use the "
             "default)"},
        Case{"small: 12abc", "small: expected a whole number, got '12abc'"},
        Case{"small: 1.5", "small: expected a whole number, got '1.5'"},
        Case{"small: '3'", "small: expected a whole number, got '3'"},
        Case{"small: 0x10", "small: expected a whole number, got '0x10'"},
        Case{"seed: 100_000",
             "seed: expected a whole number, got '100_000' (write 100000)"},
        Case{"small: [1]", "small: expected a whole number, got a list"},
        Case{"small: 10", "small: 10 must be between -9 and 9 (a small number)"},
        Case{"small: 3000000000",
             "small: 3000000000 must be between -2147483648 and 2147483647"},
        Case{"seed: -1", "seed: -1 must be between 0 and 18446744073709551615"},
        Case{"seed: 18446744073709551616",
             "seed: 18446744073709551616 must be between 0 and 18446744073709551615"},
        Case{"large: 9223372036854775808",
             "large: 9223372036854775808 must be between -9223372036854775808 and "
             "9223372036854775807"},
        Case{"seed: 1e30", "seed: expected a whole number, got '1e30'"},
        Case{"small: -", "(document): illegal block entry (this is not valid YAML)"},
        Case{"rate: fast", "rate: expected a number, got 'fast'"},
        Case{"rate: 1e-4x", "rate: expected a number, got '1e-4x'"},
        Case{"rate: 1,5", "rate: expected a number, got '1,5' (write 15)"},
        Case{"rate: +-1", "rate: expected a number, got '+-1'"},
        Case{"rate: {a: 1}", "rate: expected a number, got a block"},
        Case{"rate: 0", "rate: 0 must be positive (step size)"},
        Case{"rate: nan", "rate: nan must be a finite number (step size)"},
        Case{"rate: .inf", "rate: .inf must be a finite number (step size)"},
        Case{"limit: .nan", "limit: .nan must be a number (may have no end)"},
        Case{"name: [a]", "name: expected text, got a list"},
        Case{"name:", "name: expected text, got nothing (an empty text is written \"\")"},
        Case{"name: ''", "name: must not be empty (a name)"},
        Case{"colour: rad", "colour: unknown choice 'rad' (did you mean 'red'?)"},
        Case{"colour: blue", "colour: unknown choice 'blue' (choices: red, dark_green)"},
        Case{"colour: [red]", "colour: expected one of red, dark_green, got a list"}));

INSTANTIATE_TEST_SUITE_P(
    Containers,
    Refuses,
    testing::Values(
        Case{"start: 1",
             "start: expected a list, got '1' (a list of one entry is written [1])"},
        Case{"start: {a: 1}", "start: expected a list, got a block"},
        Case{"start: [1, two]", "start[1]: expected a number, got 'two'"},
        Case{"start: [1, -1]", "start[1]: -1 must be at least 0 (first values)"},
        Case{"rows: [[1], [2, x]]", "rows[1][1]: expected a whole number, got 'x'"},
        Case{"range: [1]", "range: expected a list of 2 entries, got 1"},
        Case{"width: -1", "width: -1 must be positive (a width)"},
        Case{"truth: [1]", "truth: expected a block of `name: value`, got a list"},
        Case{"truth: {a: x}", "truth.a: expected a number, got 'x'"},
        Case{"parts: {u: {wieght: 1}}",
             "parts.u.wieght: unknown setting (did you mean 'weight'?)"},
        Case{"inner: 3", "inner: expected a block of settings, got '3'"},
        Case{"inner: {weight: 2}", "inner.weight: 2 must be between 0 and 1 (share)"},
        Case{"inner: {zzzzz: 2}",
             "inner.zzzzz: unknown setting (settings here: weight, note)"},
        Case{"inners: [{}, {weight: x}]", "inners[1].weight: expected a number, got 'x'"},
        Case{"rate: 1\nspeed: 2",
             "speed: given twice, here and as 'rate' ('speed' is the old name of "
             "'rate')"}));

TEST(Decode, ShortensLongTextInMessages) {
  const auto message = short_message_of("rate: " + std::string(500, 'x'));
  EXPECT_EQ(message, "rate: expected a number, got '" + std::string(57, 'x') + "...'");
}

TEST(Decode, KeepsMessagesOnOneLine) {
  EXPECT_EQ(short_message_of("rate: \"a\\nb\""), "rate: expected a number, got 'a b'");
}

}  // namespace
}  // namespace femto::config::sample
