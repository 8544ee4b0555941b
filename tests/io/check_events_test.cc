// Every value checked: the policies error and drop.
#include <cmath>

#include "tests/io/sample_files.h"
#include <gtest/gtest.h>

using namespace femto::io;
using namespace femto::io::test;
using Doubles = std::vector<double>;

namespace {

const double not_a_number = std::nan("");
const std::vector<Support> unit_square{{0, 1}, {0, 1}};

std::string error_of(const std::filesystem::path& path,
                     const ReadOptions& options,
                     const std::vector<Support>& supports,
                     Invalid invalid = Invalid::error) {
  try {
    load_events(path, options, supports, invalid);
  } catch (const femto::DataError& e) {
    return std::string(e.what()) + "\n" + e.hint();
  }
  ADD_FAILURE() << "accepted";
  return {};
}

}  // namespace

TEST(CheckEvents, NamesFileRowColumnAndValue) {
  const TempFolder folder;
  const auto o = [](std::size_t chunk) {
    auto out = expecting({"x1", "x2"});
    out.chunk_rows = chunk;
    return out;
  };
  const auto path = folder.put(
      "a.npy", npy_doubles("(4, 2)", {0.1, 0.2, 0.3, 0.4, 0.5, not_a_number, 2, 0.1}));
  for (const std::size_t chunk : {1u, 2u, 3u, 100u})
    EXPECT_TRUE(mentions(error_of(path, o(chunk), unit_square),
                         {"a.npy",
                          "row 2 (counting from 0)",
                          "column 'x2'",
                          "nan is not finite",
                          "data.invalid: drop"}));
  const auto inf = folder.put("i.npy", npy_doubles("(2, 2)", {0, 1, INFINITY, 0}));
  EXPECT_TRUE(
      mentions(error_of(inf, o(9), {}), {"row 1", "column 'x1'", "inf is not finite"}));
  const auto out = folder.put("o.npy", npy_doubles("(2, 2)", {0, 1, 0.5, 1.25}));
  EXPECT_TRUE(mentions(error_of(out, o(9), unit_square),
                       {"row 1", "column 'x2'", "1.25 is outside the support [0, 1]"}));
}

TEST(CheckEvents, IncludesTheEndsOfTheSupport) {
  const TempFolder folder;
  const auto path = folder.put("a.npy", npy_doubles("(2, 2)", {0, 1, 1, -0.0}));
  EXPECT_EQ(load_events(path, {}, unit_square).rows(), 2u);
}

TEST(CheckEvents, DropsAndCountsByColumnAndReason) {
  const TempFolder folder;
  const auto path = folder.put(
      "a.npy",
      npy_doubles(
          "(6, 2)",
          {0.5, 0.5, not_a_number, 3, -1, 0.5, 0.25, 0.75, not_a_number, 0.5, 0.5, 1.5}));
  for (const std::size_t chunk : {1u, 2u, 4u, 100u}) {
    auto options = expecting({"x1", "x2"});
    options.chunk_rows = chunk;
    Dropped d;
    const auto t = load_events(path, options, unit_square, Invalid::drop, &d);
    EXPECT_EQ(values(t.column(0)), (Doubles{0.5, 0.25}));
    EXPECT_EQ(values(t.column(1)), (Doubles{0.5, 0.75}));
    EXPECT_EQ(d.rows_read, 6u);
    EXPECT_EQ(d.rows_dropped, 4u);
    ASSERT_EQ(d.entries.size(), 3u);
    EXPECT_TRUE(mentions(d.text(),
                         {"4 of 6 rows dropped",
                          "column 'x1': 2 values not finite, the first in row 1",
                          "column 'x2': 2 values above the support, the first in row 1",
                          "column 'x1': 1 value below the support, the first in row 2"}));
  }
}

TEST(CheckEvents, DropsNothingSilently) {
  const TempFolder folder;
  Dropped d;
  load_events(folder.put("a.npy", npy_doubles("(1, 2)", {0.5, 0.5})),
              {},
              unit_square,
              Invalid::drop,
              &d);
  EXPECT_EQ(d.rows_dropped, 0u);
  EXPECT_EQ(d.text(), "");
  const auto all_bad = folder.put("b.npy", npy_doubles("(2, 2)", {5, 5, 6, 6}));
  EXPECT_TRUE(mentions(error_of(all_bad, {}, unit_square, Invalid::drop),
                       {"no row is left", "all 2", "above the support"}));
}

TEST(CheckEvents, ChecksWeights) {
  const TempFolder folder;
  const auto path = folder.put("a.csv", "x,w\n0.5,1\n0.5,inf\n0.5,-2\n");
  EXPECT_TRUE(mentions(error_of(path, columns({"x"}, "w"), {}),
                       {"row 1", "column 'w'", "inf is not finite"}));
  Dropped d;
  EXPECT_EQ(
      values(load_events(path, columns({"x"}, "w"), {}, Invalid::drop, &d).weights()),
      (Doubles{1, -2}));
  EXPECT_EQ(d.entries.at(0).column, "w");
}

TEST(CheckEvents, VisitsKeptRowsWithTheirPosition) {
  const TempFolder folder;
  std::string text = "x\n";
  for (int i = 0; i < 100; ++i) text += i % 10 == 3 ? "nan\n" : std::to_string(i) + "\n";
  std::vector<double> seen;
  const auto kept = for_each_chunk(folder.put("a.csv", text),
                                   in_chunks(7),
                                   {},
                                   Invalid::drop,
                                   nullptr,
                                   [&](const EventTable& chunk, std::uint64_t before) {
                                     EXPECT_EQ(before, seen.size());
                                     for (const double v : chunk.column(0))
                                       seen.push_back(v);
                                   });
  ASSERT_EQ(kept, 90u);
  EXPECT_EQ(seen[3], 4.0);
  EXPECT_EQ(seen.back(), 99.0);
}

TEST(CheckEvents, RefusesMoreColumnsThanSupports) {
  const TempFolder folder;
  const auto path = folder.put("a.npy", npy_doubles("(1, 3)", {0, 0, 0}));
  EXPECT_TRUE(mentions(error_of(path, {}, unit_square), {"3 columns", "2 are expected"}));
}
