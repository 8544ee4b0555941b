// Components in a study: chosen by name, checked early, built late.
#include "tests/config/sample.h"
#include <gtest/gtest.h>

namespace femto::config::sample {
namespace {

TEST(Slot, BuildsWhatItSays) {
  const auto value = loaded("shape: {type: rectangle, width: 3, height: 2}").value;
  EXPECT_EQ(value.shape.type, "rectangle");
  EXPECT_EQ(value.shape.build()->area(), 6);
}

TEST(Slot, TakesABareName) {
  EXPECT_EQ(loaded("shape: doubled").value.shape.build()->area(), 24);
  EXPECT_EQ(loaded("maybe: circle").value.maybe->build()->area(), 12);
}

TEST(Slot, UsesItsDefaultComponent) {
  EXPECT_EQ(loaded("").value.shape.build()->area(), 12);
  EXPECT_EQ(loaded("shape:").value.shape.build()->area(), 12);
  EXPECT_EQ(loaded("shape: {radius: 1}").value.shape.build()->area(), 3);
}

TEST(Slot, MayBeNoneOrMany) {
  const auto value = loaded("more: [circle, {type: doubled, of: {radius: 1}}]").value;
  EXPECT_FALSE(value.maybe.has_value());
  ASSERT_EQ(value.more.size(), 2u);
  EXPECT_EQ(value.more[1].build()->area(), 6);
}

TEST(Slot, KeepsItsSettings) {
  const auto value = loaded("shape: {radius: 7}").value;
  EXPECT_EQ(std::any_cast<const Circle::Config&>(*value.shape.settings).radius, 7);
}

TEST(Slot, ReportsUnknownNames) {
  EXPECT_EQ(short_message_of("shape: cirle"),
            "shape.type: no shape is called 'cirle' (did you mean 'circle'?)");
  EXPECT_EQ(short_message_of("maybe: {type: hexahedron}"),
            "maybe.type: no shape is called 'hexahedron' (known: circle, doubled, "
            "rectangle)");
}

TEST(Slot, ReportsAMissingOrWrongType) {
  EXPECT_EQ(short_message_of("maybe: {radius: 2}"),
            "maybe: needs a 'type:' that names the shape (known: circle, doubled, "
            "rectangle)");
  EXPECT_EQ(short_message_of("maybe: {type: [circle]}"),
            "maybe.type: expected the name of a shape, got a list");
  EXPECT_EQ(short_message_of("maybe: [circle]"),
            "maybe: expected the name of a shape or a block with 'type:', got a list");
}

TEST(Slot, ReportsProblemsOfTheComponent) {
  EXPECT_EQ(short_message_of("shape: {type: circle, radius: 0, raduis: 2}"),
            "shape.radius: 0 must be positive (distance from the middle)\n"
            "shape.raduis: unknown setting (did you mean 'radius'?)");
  EXPECT_EQ(short_message_of("shape: {type: doubled, of: {type: rectangle}}"),
            "shape.of.height: is required but missing (along y)");
}

TEST(Slot, RunsTheComponentsOwnCheck) {
  EXPECT_EQ(message_of("shape:\n  type: rectangle\n  height: 2\n  width: 1\n"),
            R"(1 problem in s.yaml

s.yaml:4:10: shape.width: is smaller than the height
    4 |   width: 1
      |          ^
      = turn the rectangle)");
  EXPECT_EQ(message_of("shape: {type: rectangle, height: 2}"), R"(1 problem in s.yaml

s.yaml:1:8: shape.width: is smaller than the height
    1 | shape: {type: rectangle, height: 2}
      |        ^
      = turn the rectangle)");
}

class Endless final : public Shape2d {
 public:
  struct Config {
    Slot<Shape2d> inner{"endless"};

    static constexpr auto fields() {
      return std::tuple{field<&Config::inner>({.doc = "itself"})};
    }
  };

  explicit Endless(const Config&) {}

  double area() const override { return 0; }
};

TEST(Slot, RefusesAComponentInsideItselfWithoutEnd) {
  auto r = registry();
  r.add<Shape2d, Endless>({.name = "endless", .summary = "Never ends."});
  try {
    r.build<Shape2d>("endless");
    FAIL() << "no error";
  } catch (const ConfigError& e) {
    EXPECT_EQ(e.issues().front().what, "shape 'endless' contains itself");
  }
}

TEST(Registry, BuildsOneComponentFromText) {
  EXPECT_EQ(registry().build<Shape2d>("circle")->area(), 12);
  EXPECT_EQ(registry().build<Shape2d>("circle", "radius: 1")->area(), 3);
  EXPECT_THROW(registry().build<Shape2d>("circle", "{radius: 1, radius: 2}"),
               ConfigError);
  try {
    registry().build<Shape2d>("circel");
    FAIL() << "no error";
  } catch (const Error& e) {
    EXPECT_STREQ(e.what(), "no shape is called 'circel'");
    EXPECT_EQ(e.hint(), "did you mean 'circle'?");
  }
}

TEST(Registry, ListsItsShelves) {
  const auto r = registry();
  EXPECT_EQ(r.shelves().size(), 1u);
  EXPECT_EQ(r.shelf("shape").size(), 3u);
  EXPECT_TRUE(r.shelf("colour").empty());
}

TEST(Registry, RoundTripsComponentsWithoutKnowingTheirTypes) {
  const auto r = registry();
  for (const auto& [name, entry] : r.shelf("shape")) {
    const auto yaml = name == "rectangle" ? "{width: 4, height: 3}" : "";
    const auto node = entry.encode(r.decode_alone(entry, yaml));
    EXPECT_EQ(entry.encode(r.decode_alone(entry, to_yaml(node))), node) << name;
  }
}

TEST(Registry, RefusesTheSameNameTwice) {
  auto r = registry();
  EXPECT_THROW((r.add<Shape2d, Circle>({.name = "circle", .summary = "Again."})), Bug);
}

class Typed final : public Shape2d {
 public:
  struct Config {
    std::string type;

    static constexpr auto fields() {
      return std::tuple{field<&Config::type>({.doc = "taken"})};
    }
  };

  explicit Typed(const Config&) {}

  double area() const override { return 0; }
};

TEST(Registry, RefusesASettingCalledType) {
  Registry r;
  EXPECT_THROW((r.add<Shape2d, Typed>({.name = "typed", .summary = "No."})), Bug);
}

}  // namespace
}  // namespace femto::config::sample
