// Settings in words.
#include "femto/config/describe.h"

#include "tests/config/sample.h"
#include <gtest/gtest.h>

namespace femto::config::sample {
namespace {

TEST(Describe, MakesATable) {
  EXPECT_EQ(settings_table<Everything>(), R"(| setting | what | default | unit | meaning |
|---|---|---|---|---|
| `flag` | true/false | false |  | a flag |
| `small` | whole number, between -9 and 9 | 3 |  | a small number |
| `large` | whole number | -4 |  | a large number |
| `seed` | whole number | 1 |  | key of random numbers |
| `rate` | number, positive | 0.0001 | 1/s | step size |
| `coarse` | number | 0.25 |  | single precision |
| `limit` | number, may be infinite | 1 |  | may have no end |
| `name` | text, not empty | none given |  | a name |
| `colour` | red \| dark_green | red |  | a colour |
| `file` | path | events.npy |  | events |
| `start` | list of numbers, at least 0 | [0.5, 1] |  | first values |
| `rows` | list of list of whole numbers | [] |  | a table of numbers |
| `range` | list of 2 numbers | [0, 1] |  | from and to |
| `label` | text, or none | none |  | a label |
| `width` | number, positive, or none | none |  | a width |
| `truth` | table of numbers | {} |  | values by name |
| `parts` | table of blocks | {} |  | blocks by name |
| `inner` | block |  |  | a block |
| `inner.weight` | number, between 0 and 1 | 0.5 |  | share |
| `inner.note` | text | "" |  | free text |
| `inners` | list of blocks | [] |  | several blocks |
| `shape` | shape | circle |  | a component |
| `more` | list of shape | [] |  | several components |
| `maybe` | shape, or none | none |  | a component or none |
)");
}

TEST(Describe, MarksWhatIsRequired) {
  const auto r = registry();
  EXPECT_EQ(r.entry("shape", "rectangle").table(),
            "| setting | what | default | unit | meaning |\n|---|---|---|---|---|\n"
            "| `width` | number | 1 |  | along x |\n"
            "| `height` | number, positive | **required** |  | along y |\n");
}

TEST(Describe, SpeaksPlainlyOnATerminal) {
  const auto r = registry();
  EXPECT_EQ(r.entry("shape", "circle").describe(), R"(shape/circle
  Round.
  source: Euclid

  radius: number, positive [fm], default 2
    distance from the middle
)");
  EXPECT_EQ(r.entry("shape", "rectangle").describe(), R"(shape/rectangle
  Four corners.

  width: number, default 1
    along x
  height: number, positive, required
    along y
)");
}

struct Nothing {
  static constexpr auto fields() { return std::tuple{}; }
};

TEST(Describe, SaysWhenThereAreNoSettings) {
  EXPECT_EQ(settings_table<Nothing>(), "No settings.\n");
}

}  // namespace
}  // namespace femto::config::sample
