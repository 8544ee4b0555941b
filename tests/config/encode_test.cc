// Typed values back to YAML: what it looks like, and that nothing is lost.
#include <cmath>
#include <cstring>

#include "tests/config/sample.h"
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace femto::config::sample {
namespace {

TEST(Encode, WritesEveryValueWithItsMeaning) {
  auto text = to_yaml(encode(loaded(R"(name: "yes"
truth: {b: 0.1, a: 1e300}
rows: [[1], []]
file: /data/events.npy
more: [{type: rectangle, height: 1, width: 2}]
inners: [{note: "two\nlines"}]
)")
                                 .value));
  EXPECT_EQ(text, R"(flag: false  # a flag
small: 3  # a small number
large: -4  # a large number
seed: 1  # key of random numbers
rate: 0.0001  # step size [1/s]
coarse: 0.25  # single precision
limit: 1  # may have no end
name: "yes"  # a name
colour: red  # a colour
file: /data/events.npy  # events
start: [0.5, 1]  # first values
rows: [[1], []]  # a table of numbers
range: [0, 1]  # from and to
label: none  # a label
width: none  # a width
truth:  # values by name
  a: 1e+300
  b: 0.1
parts: {}  # blocks by name
inner:  # a block
  weight: 0.5  # share
  note: ""  # free text
inners:  # several blocks
  - weight: 0.5  # share
    note: "two\nlines"  # free text
shape:  # a component
  type: circle
  radius: 2  # distance from the middle [fm]
more:  # several components
  - type: rectangle
    width: 2  # along x
    height: 1  # along y
maybe: none  # a component or none
)");
}

TEST(Encode, QuotesTextThatCouldBeMistaken) {
  for (const char* text :
       {"",     "no", "True", "null", "~",  "12", "1e5", ".5",  "-",  "- a", "a: b",
        "a #b", "#",  "'",    "\"",   "[",  "{}", "*x",  "&x",  "!x", "%",   "@",
        "`",    "|",  ">",    "?",    "a ", " a", "---", "...", "\t"}) {
    const auto yaml = to_inline_yaml(text_node(text));
    EXPECT_EQ(yaml.front(), '"') << yaml;
    EXPECT_EQ(parse("a: " + yaml, "f").find("a")->scalar, text);
    EXPECT_EQ(parse("a: [" + yaml + "]", "f").find("a")->list[0].scalar, text);
  }
  for (const char* text : {"a", "two words", "/data/x.npy", "../x", "N_u", "power_law"})
    EXPECT_EQ(to_inline_yaml(text_node(text)), text);
}

TEST(Encode, KeepsAComponentThatWasNotDecoded) {
  EXPECT_EQ(to_inline_yaml(encode(Slot<Shape2d>{"circle"})), "{type: circle}");
  EXPECT_EQ(encode(Slot<Shape2d>{}).type, Node::Type::null);
}

const std::vector<std::string> pieces = {"a", "B",  "0", "_", " ", "\n",   "\t",   "\"",
                                         "'", "\\", ":", "#", "-", "none", "null", ",",
                                         "[", "]",  "{", "}", "é", "×",    "\x01", "~",
                                         "&", "*",  "!", "%", "|", ">",    "@",    "."};

rc::Gen<std::string> any_text() {
  return rc::gen::map(
      rc::gen::container<std::vector<std::string>>(rc::gen::elementOf(pieces)),
      [](const std::vector<std::string>& parts) {
        std::string out;
        for (const auto& part : parts) out += part;
        return out;
      });
}

rc::Gen<double> any_finite() {
  return rc::gen::suchThat(rc::gen::map(rc::gen::arbitrary<std::uint64_t>(),
                                        [](std::uint64_t bits) {
                                          double x = 0;
                                          std::memcpy(&x, &bits, sizeof x);
                                          return x;
                                        }),
                           [](double x) { return std::isfinite(x); });
}

double any_fraction() {
  return *rc::gen::inRange(0, 1'000'001) / 1e6;
}

Inner any_inner() {
  Inner inner;
  inner.weight = any_fraction();
  inner.note = *any_text();
  return inner;
}

std::string any_shape(int depth) {
  const auto number = std::abs(*any_finite()) + 1e-300;
  switch (*rc::gen::inRange(0, depth > 0 ? 3 : 2)) {
    case 0:
      return fmt::format("{{type: circle, radius: {}}}", number);
    case 1:
      return fmt::format("{{type: rectangle, width: {0}, height: {0}}}", number);
    default:
      return "{type: doubled, of: " + any_shape(depth - 1) + "}";
  }
}

template <class F>
auto some(F make) {
  std::vector<decltype(make())> out;
  for (int i = *rc::gen::inRange(0, 4); i > 0; --i) out.push_back(make());
  return out;
}

Everything any_value() {
  std::string slots = "shape: " + any_shape(2) + "\nmore: [";
  for (const auto& shape : some([] { return any_shape(1); })) slots += shape + ", ";
  slots += "]\n";
  if (*rc::gen::arbitrary<bool>()) slots += "maybe: " + any_shape(1) + "\n";
  auto out = loaded(slots).value;
  out.flag = *rc::gen::arbitrary<bool>();
  out.small = *rc::gen::inRange(-9, 10);
  out.large = *rc::gen::arbitrary<std::int64_t>();
  out.seed = *rc::gen::arbitrary<std::uint64_t>();
  out.rate = std::abs(*any_finite()) + 1e-300;
  out.coarse = static_cast<float>(any_fraction() / 3);
  out.limit = *rc::gen::element(HUGE_VAL, -HUGE_VAL, 0.0, 1.0);
  out.name = "n" + *any_text();
  out.colour = *rc::gen::element(Colour::red, Colour::dark_green);
  out.file = resolved("f" + *any_text(), "here/s.yaml");
  out.start = some([] { return std::abs(*any_finite()); });
  out.rows = some([] { return some([] { return *rc::gen::arbitrary<int>(); }); });
  out.range = {*any_finite(), *any_finite()};
  if (*rc::gen::arbitrary<bool>()) out.label = *any_text();
  if (*rc::gen::arbitrary<bool>()) out.width = 1 + any_fraction();
  for (const auto& name : some([] { return *any_text(); }))
    out.truth[name] = *any_finite();
  for (const auto& name : some([] { return *any_text(); })) out.parts[name] = any_inner();
  out.inner = any_inner();
  out.inners = some([] { return any_inner(); });
  return out;
}

RC_GTEST_PROP(Encode, LosesNothing, ()) {
  const auto value = any_value();
  const auto text = to_yaml(encode(value));
  const auto back = loaded(text, {}, "elsewhere/s.yaml").value;
  RC_ASSERT(back == value);
  RC_ASSERT(to_yaml(encode(back)) == text);
}

}  // namespace
}  // namespace femto::config::sample
