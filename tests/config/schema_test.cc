// JSON Schema: ranges, choices, components, and what may be left out.
#include "femto/config/schema.h"

#include "tests/config/sample.h"
#include <gtest/gtest.h>

namespace femto::config::sample {
namespace {

using nlohmann::json;

const json& study_schema() {
  static const json schema_of_study = schema<Everything>(registry(), "sample");
  return schema_of_study;
}

void expect_setting(const char* name, const char* expected) {
  EXPECT_EQ(study_schema()["properties"][name], json::parse(expected)) << name;
}

TEST(Schema, HasAHead) {
  const auto& s = study_schema();
  EXPECT_EQ(s["$schema"], "https://json-schema.org/draft/2020-12/schema");
  EXPECT_EQ(s["title"], "sample");
  EXPECT_EQ(s["type"], "object");
  EXPECT_EQ(s["additionalProperties"], false);
  EXPECT_FALSE(s.contains("required"));
}

TEST(Schema, StatesTypesRangesAndDefaults) {
  expect_setting("flag", R"({"type":"boolean","default":false,"description":"a flag"})");
  expect_setting("small",
                 R"({"type":"integer","minimum":-9,"maximum":9,"default":3,
                     "description":"a small number"})");
  expect_setting("seed",
                 R"({"type":"integer","minimum":0,"maximum":18446744073709551615,
                     "default":1,"description":"key of random numbers"})");
  expect_setting("rate",
                 R"({"type":"number","exclusiveMinimum":0,"default":1e-4,
                     "description":"step size [1/s]"})");
  expect_setting("speed",
                 R"({"type":"number","exclusiveMinimum":0,"default":1e-4,
                     "description":"step size [1/s]","deprecated":true})");
  expect_setting("name",
                 R"({"type":"string","minLength":1,"default":"none given",
                     "description":"a name"})");
  expect_setting("colour",
                 R"({"enum":["red","dark_green"],"default":"red",
                     "description":"a colour"})");
  expect_setting("file",
                 R"({"type":"string","default":"events.npy","description":"events"})");
  expect_setting("start",
                 R"({"type":"array","items":{"type":"number","minimum":0},
                     "default":[0.5,1],"description":"first values"})");
  expect_setting("range",
                 R"({"type":"array","items":{"type":"number"},"minItems":2,"maxItems":2,
                     "default":[0,1],"description":"from and to"})");
  expect_setting("width",
                 R"({"anyOf":[{"type":"number","exclusiveMinimum":0},
                              {"enum":["none",null]}],
                     "default":"none","description":"a width"})");
  expect_setting("truth",
                 R"({"type":"object","additionalProperties":{"type":"number"},
                     "default":{},"description":"values by name"})");
}

TEST(Schema, NestsBlocks) {
  expect_setting("inner",
                 R"({"type":"object","additionalProperties":false,
                     "description":"a block","properties":{
                       "weight":{"type":"number","minimum":0,"maximum":1,"default":0.5,
                                 "description":"share"},
                       "note":{"type":"string","default":"",
                               "description":"free text"}}})");
}

TEST(Schema, OffersTheComponentsOfASlot) {
  expect_setting("shape",
                 R"({"oneOf":[{"$ref":"#/$defs/shape.circle"},
                              {"$ref":"#/$defs/shape.doubled","required":["type"]},
                              {"$ref":"#/$defs/shape.rectangle","required":["type"]},
                              {"enum":["circle","doubled","rectangle"]}],
                     "description":"a component"})");
  EXPECT_EQ(study_schema()["$defs"]["shape.rectangle"], json::parse(R"({
    "title":"shape/rectangle","description":"Four corners.","type":"object",
    "additionalProperties":false,"required":["height"],"properties":{
      "type":{"const":"rectangle"},
      "width":{"type":"number","default":1,"description":"along x"},
      "height":{"type":"number","exclusiveMinimum":0,"description":"along y"}}})"));
}

TEST(Schema, DescribesOneComponentAlone) {
  const auto r = registry();
  const auto s = schema_of(r.entry("shape", "doubled"), r);
  EXPECT_EQ(s["properties"]["type"]["const"], "doubled");
  EXPECT_EQ(s["$defs"].size(), 3u);  // it may hold any shape, itself too
}

}  // namespace
}  // namespace femto::config::sample
