// .npy files of every accepted kind, and every refused one.
#include "tests/io/sample_files.h"
#include <gtest/gtest.h>

#include "femto/core/files.h"

using namespace femto::io;
using namespace femto::io::test;
using Doubles = std::vector<double>;

TEST(Npy, ReadsEveryHeaderVersion) {
  const TempFolder folder;
  std::string data;
  for (const double v : {1.5, 2.5, -3.0, 4.0}) data += raw(v);
  for (const int version : {1, 2, 3}) {
    const auto path =
        folder.put("a.npy", npy(npy_dict("'<f8'", "(2, 2)"), data, version));
    const auto t = read_all(path);
    ASSERT_EQ(t.rows(), 2u);
    EXPECT_EQ(values(t.column(0)), (Doubles{1.5, -3.0}));
    EXPECT_EQ(values(t.column(1)), (Doubles{2.5, 4.0}));
    EXPECT_EQ(t.columns()[1].name, "column2");
  }
}

template <class T>
void check_type(const std::string& type, T first, T second) {
  const TempFolder folder;
  const Doubles wanted{static_cast<double>(first), static_cast<double>(second)};
  const auto little = folder.put(
      "l.npy", npy(npy_dict("'<" + type + "'", "(2, 1)"), raw(first) + raw(second)));
  EXPECT_EQ(values(read_all(little).column(0)), wanted) << type;
  const auto big = folder.put(
      "b.npy",
      npy(npy_dict("'>" + type + "'", "(2,)"), reversed(first) + reversed(second)));
  EXPECT_EQ(values(read_all(big).column(0)), wanted) << type;
}

TEST(Npy, ReadsEveryRealTypeInBothByteOrders) {
  check_type<double>("f8", -1.25e-300, 7e300);
  check_type<float>("f4", 0.1F, -3e38F);
  check_type<std::int8_t>("i1", -128, 127);
  check_type<std::uint8_t>("u1", 0, 255);
  check_type<std::int16_t>("i2", -32768, 258);
  check_type<std::uint16_t>("u2", 258, 65535);
  check_type<std::int32_t>("i4", -2147483647, 16909060);
  check_type<std::uint32_t>("u4", 16909060, 4294967295u);
  check_type<std::int64_t>("i8", -9007199254740992, 72057594037927936);
  check_type<std::uint64_t>("u8", 9007199254740992u, 1);
}

TEST(Npy, ReadsFortranOrder) {
  const TempFolder folder;
  std::string data;
  for (const double v : {1.0, 2.0, 3.0, 10.0, 20.0, 30.0}) data += raw(v);
  const auto t =
      read_all(folder.put("f.npy", npy(npy_dict("'<f8'", "(3, 2)", true), data)));
  EXPECT_EQ(values(t.column(0)), (Doubles{1, 2, 3}));
  EXPECT_EQ(values(t.column(1)), (Doubles{10, 20, 30}));
}

TEST(Npy, ReadsRecordsByName) {
  const TempFolder folder;
  const auto one = [](float x, std::int16_t n) {
    return raw(x) + "\x7f\x7f" + reversed(n);
  };
  const auto path =
      folder.put("r.npy",
                 npy(npy_dict("[('x', '<f4'), ('', '|V2'), ('n', '>i2')]", "(2,)"),
                     one(1.5F, 7) + one(-2.5F, -300)));
  const auto t = read_all(path, columns({"n", "x"}));
  EXPECT_EQ(values(t.column("n")), (Doubles{7, -300}));
  EXPECT_EQ(values(t.column("x")), (Doubles{1.5, -2.5}));
}

TEST(Npy, ReadsWhatNumPyWrites) {
  for (const auto* name : {"plain.npy", "fortran_big_endian.npy"}) {
    const auto t = read_all(reference(name));
    ASSERT_EQ(t.rows(), 50u);
    ASSERT_EQ(t.columns().size(), 3u);
    for (std::size_t i = 0; i < 50; ++i)
      for (std::size_t j = 0; j < 3; ++j)
        EXPECT_EQ(t.column(j)[i], reference_value(i, j)) << name;
  }
  const auto r = read_all(reference("record.npy"));
  for (std::size_t i = 0; i < 50; ++i) {
    EXPECT_EQ(r.column("x")[i], reference_value(i, 0));
    EXPECT_EQ(r.column("n")[i], static_cast<double>(i));
    EXPECT_EQ(r.column("y")[i], reference_value(i, 1));
  }
}

TEST(Npy, RefusesTypesThatAreNotRealNumbers) {
  const TempFolder folder;
  const std::vector<std::pair<std::string, std::string>> cases{{"'|O'", "pickled"},
                                                               {"'<c16'", "complex"},
                                                               {"'<U5'", "strings"},
                                                               {"'|S3'", "strings"},
                                                               {"'|b1'", "truth values"},
                                                               {"'<M8[s]'", "dates"},
                                                               {"'<f2'", "unusual size"}};
  for (const auto& [type, word] : cases)
    EXPECT_TRUE(
        mentions(refusal(folder.put(
                     "t.npy", npy(npy_dict(type, "(1, 1)"), std::string(16, '\0')))),
                 {word, "astype(float)"}));
  EXPECT_TRUE(
      mentions(refusal(reference("objects.npy")), {"pickled Python objects", "never"}));
  EXPECT_TRUE(mentions(
      refusal(folder.put(
          "n.npy", npy(npy_dict("[('a', '<f8', (2,))]", "(1,)"), std::string(16, '\0')))),
      {"field 'a'", "itself an array"}));
}

TEST(Npy, RefusesShapesThatAreNoTable) {
  const TempFolder folder;
  EXPECT_TRUE(mentions(refusal(folder.put("0.npy", npy_doubles("()", {1}))),
                       {"0 dimensions", "two-dimensional"}));
  EXPECT_TRUE(mentions(refusal(folder.put("3.npy", npy_doubles("(1, 2, 1)", {1, 2}))),
                       {"3 dimensions", "(1, 2, 1)"}));
  EXPECT_TRUE(mentions(refusal(folder.put("e.npy", npy_doubles("(0, 2)", {}))),
                       {"empty", "(0, 2)"}));
  EXPECT_TRUE(
      mentions(refusal(folder.put("w.npy", npy_doubles("(1, 70000)", Doubles(70000)))),
               {"transposed"}));
}

TEST(Npy, RefusesSizesThatDoNotFit) {
  const TempFolder folder;
  const auto whole = npy_doubles("(3, 2)", {1, 2, 3, 4, 5, 6});
  EXPECT_TRUE(
      mentions(refusal(folder.put("t.npy", whole.substr(0, whole.size() - 8))),
               {"truncated", "declares 3 rows (48 bytes)", "40 bytes", "(2 rows)"}));
  EXPECT_TRUE(mentions(refusal(folder.put("g.npy", whole + "extra")),
                       {"garbage after the last row", "53 bytes"}));
  EXPECT_TRUE(
      mentions(refusal(folder.put("o.npy", npy_doubles("(4611686018427387904, 4)", {1}))),
               {"truncated"}));
  for (const std::size_t n : {7, 11, 30, 60})
    EXPECT_TRUE(mentions(refusal(folder.put("h.npy", whole.substr(0, n))), {"truncated"}))
        << n;
}

TEST(Npy, RefusesCorruptHeaders) {
  const TempFolder folder;
  const std::vector<std::string> dicts{
      "nonsense",
      "{'descr': '<f8'}",
      "{'descr': '<f8', 'fortran_order': False, 'shape': (1, -1), }",
      "{'descr': '<f8', 'fortran_order': False, 'shape': (1, 'a'), }",
      "{'descr': '<f8', 'fortran_order': 3, 'shape': (1, 1), }",
      "{'descr': 5, 'fortran_order': False, 'shape': (1, 1), }",
      "{'descr': [], 'fortran_order': False, 'shape': (1,), }",
      "{'descr': '<f8', 'fortran_order': False, 'shape': (1, 1), } + os.system('x')",
      "((((((((((((((((((((((((((((",
      "{'descr': '<f8', 'fortran_order': False, 'shape': (99999999999999999999, 1), }"};
  for (const auto& dict : dicts)
    EXPECT_TRUE(mentions(refusal(folder.put("c.npy", npy(dict, "12345678"))),
                         {"npy header is corrupt"}))
        << dict;
  EXPECT_TRUE(mentions(
      refusal(folder.put("v.npy", npy(npy_dict("'<f8'", "(1,)"), "12345678", 9))),
      {"format 9"}));
}

TEST(Npy, RefusesTheWrongNumberOfColumnsStatingBoth) {
  const TempFolder folder;
  const auto path = folder.put("a.npy", npy_doubles("(1, 3)", {1, 2, 3}));
  EXPECT_TRUE(mentions(refusal(path, expecting({"x1", "x2"})),
                       {"3 columns", "expected 2 (x1, x2)"}));
  EXPECT_EQ(read_all(path, expecting({"x1", "x2"}, "w")).weights()[0], 3.0);
}

TEST(Npy, SurvivesEveryFlippedHeaderByte) {
  const TempFolder folder;
  const auto bytes = femto::read_file(reference("plain.npy"));
  for (std::size_t i = 0; i < 128; ++i)
    for (const char mask : {0x01, 0x10, 0x41}) {
      auto flipped = bytes;
      flipped[i] = static_cast<char>(flipped[i] ^ mask);
      try {
        EXPECT_EQ(read_all(folder.put("a.npy", flipped)).rows(), 50u) << i;
      } catch (const femto::DataError& e) {
        EXPECT_NE(std::string(e.what()), "");
      }
    }
}
