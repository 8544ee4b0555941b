// Text tables: dialects, and every error with its line.
#include <cmath>

#include "tests/io/sample_files.h"
#include <gtest/gtest.h>

using namespace femto::io;
using namespace femto::io::test;
using Doubles = std::vector<double>;

TEST(Csv, ReadsEverySeparator) {
  const TempFolder folder;
  for (const auto* text : {"x,y\n1,2.5\n-3e2,4\n",
                           "x;y\n1;2.5\n-3e2;4\n",
                           "x\ty\n1\t2.5\n-3e2\t4\n",
                           "x y\n1   2.5\n  -3e2 \t 4\n",
                           "x , y\r\n1, 2.5\r\n-300,4\r\n"}) {
    const auto t = read_all(folder.put("a.csv", text));
    EXPECT_EQ(values(t.column("x")), (Doubles{1, -300})) << text;
    EXPECT_EQ(values(t.column("y")), (Doubles{2.5, 4})) << text;
  }
}

TEST(Csv, ReadsCommentsQuotesUnitsBomAndNoLastNewline) {
  const TempFolder folder;
  const auto t = read_all(folder.put(
      "a.dat",
      "\xEF\xBB\xBF# made by hand\r\n\r\n\"x, first [GeV]\",\"say \"\"y\"\"\"\r\n# between\r\n\"1\",+2\r\n\r\n3,.5"));
  ASSERT_EQ(t.columns(), (std::vector<Column>{{"x, first", "GeV"}, {"say \"y\"", "1"}}));
  EXPECT_EQ(values(t.column(0)), (Doubles{1, 3}));
  EXPECT_EQ(values(t.column(1)), (Doubles{2, 0.5}));
}

TEST(Csv, ReadsNotANumberForTheCheckToJudge) {
  const TempFolder folder;
  const auto t = read_all(folder.put("a.csv", "x\nnan\n-inf\n"));
  EXPECT_TRUE(std::isnan(t.column(0)[0]));
  EXPECT_EQ(t.column(0)[1], -INFINITY);
}

TEST(Csv, NamesLineRowColumnAndToken) {
  const TempFolder folder;
  const auto say = [&](const char* text) { return refusal(folder.put("a.csv", text)); };
  EXPECT_TRUE(mentions(
      say("x,y\n1,2\n3,4x\n"),
      {"line 3", "row 1 (counting from 0)", "column 'y'", "'4x' is not a number"}));
  EXPECT_TRUE(
      mentions(say("# c\nx,y\n\n1,two\n"), {"line 4", "row 0", "column 'y'", "'two'"}));
  EXPECT_TRUE(mentions(say("x,y\n1,\n"), {"line 2", "column 'y'", "empty"}));
  EXPECT_TRUE(
      mentions(say("x,y\n1,1e999\n"), {"line 2", "'1e999'", "does not fit a double"}));
  EXPECT_TRUE(mentions(say("x;y\n1,5;2,5\n"), {"'1,5'", "decimals with a point"}));
  EXPECT_TRUE(mentions(say("x,y\n1,+-2\n"), {"'+-2'"}));
  EXPECT_TRUE(mentions(say("x,y\n1,0x10\n"), {"'0x10'"}));
  EXPECT_TRUE(mentions(say("x,y\n1,2\n3\n"),
                       {"line 3", "row 1", "1 cells", "header has 2", "truncated"}));
  EXPECT_TRUE(mentions(say("x,y\n1,2,3\n"), {"line 2", "3 cells"}));
  EXPECT_TRUE(mentions(say("x,y\n\"1,2\n"), {"line 2", "quote"}));
  EXPECT_TRUE(mentions(say("x,y\n\"1\"2,2\n"), {"line 2", "quote"}));
  EXPECT_TRUE(mentions(say("x,y\n1,a\x01\x02 b\n"), {"not"}));
}

TEST(Csv, RefusesHeadersThatAreNone) {
  const TempFolder folder;
  const auto say = [&](const char* text) { return refusal(folder.put("a.csv", text)); };
  EXPECT_TRUE(mentions(say("# x y\n0.1,0.2\n0.3,0.4\n"),
                       {"line 2", "header is missing", "without #"}));
  EXPECT_TRUE(mentions(say("x,,y\n1,2,3\n"), {"line 1", "column 2 has no name"}));
  EXPECT_TRUE(mentions(say("x,x\n1,2\n"), {"two columns are called 'x'"}));
  EXPECT_TRUE(mentions(say("x,y\n# nothing\n"), {"table is empty"}));
  EXPECT_TRUE(mentions(say("# only\n\n"), {"no lines"}));
  EXPECT_TRUE(mentions(say("\"x,y\n1,2\n"), {"line 1", "quote is not closed"}));
  const std::string endless(3 << 20, 'x');
  EXPECT_TRUE(mentions(say(endless.c_str()), {"line 1", "longer than"}));
}

TEST(Csv, CountsLinesAfterASeek) {
  const TempFolder folder;
  std::string text = "x\n";
  constexpr std::size_t rows = 40000;
  for (std::size_t i = 0; i < rows; ++i)
    text += (i % 7 == 0 ? "# c\n" : "") + std::to_string(i) + "\n";
  const auto path = folder.put("long.csv", text);
  const auto reader = open_events(path, in_chunks(3));
  EXPECT_EQ(reader->info().rows, rows);
  EventTable chunk;
  for (const std::size_t row : {39990u, 5u, 16384u, 16383u, 0u}) {
    reader->seek(row);
    ASSERT_TRUE(reader->next(chunk));
    EXPECT_EQ(chunk.column(0)[2], static_cast<double>(row + 2));
  }
  EXPECT_TRUE(
      mentions(refusal(folder.put("bad.csv", text + "oops\n")),
               {"line 45717", "row 40000", "'oops'"}));  // 1 + 40000 + 5715 comments + 1
}
