// Writing event files: exact round trips, atomic files, nothing overwritten.
#include <bit>
#include <limits>

#include "tests/io/sample_files.h"
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "femto/core/files.h"

using namespace femto::io;
using namespace femto::io::test;

namespace {

const std::vector<std::string> formats{"a.npy", "a.npz", "a.h5", "a.hdf5", "a.csv"};

std::uint64_t bits(double v) {
  return std::bit_cast<std::uint64_t>(v);
}

EventTable table(const std::vector<double>& x, Weighted weighted = Weighted::no) {
  EventTable t({{"x1", "GeV"}, {"x2"}}, x.size(), weighted);
  for (std::size_t i = 0; i < x.size(); ++i) {
    t.column(0)[i] = x[i];
    t.column(1)[i] = -x[x.size() - 1 - i];
    if (t.weighted()) t.weights()[i] = 0.5 + static_cast<double>(i);
  }
  return t;
}

bool same(const EventTable& a, const EventTable& b) {
  bool equal = a.rows() == b.rows() && a.columns().size() == b.columns().size() &&
               a.weighted() == b.weighted();
  for (std::size_t j = 0; equal && j < a.columns().size(); ++j)
    for (std::size_t i = 0; i < a.rows(); ++i)
      equal = equal && bits(a.column(j)[i]) == bits(b.column(j)[i]);
  return equal && values(a.weights()) == values(b.weights());
}

}  // namespace

RC_GTEST_PROP(WriteEvents, RoundTripsEveryFiniteDoubleBitForBit, ()) {
  using Limits = std::numeric_limits<double>;
  const auto any_bits =
      rc::gen::map(rc::gen::arbitrary<std::uint64_t>(), [](std::uint64_t b) {
        const double v = std::bit_cast<double>(b);
        return std::isfinite(v) ? v : 0.1;
      });
  const auto special = rc::gen::element(-0.0,
                                        Limits::denorm_min(),
                                        -Limits::denorm_min(),
                                        Limits::min(),
                                        Limits::max(),
                                        Limits::lowest(),
                                        0.1,
                                        1e22,
                                        1e-5);
  const auto x = *rc::gen::nonEmpty(
      rc::gen::container<std::vector<double>>(rc::gen::oneOf(any_bits, special)));
  const auto weighted = *rc::gen::element(Weighted::no, Weighted::yes);
  const auto name = *rc::gen::elementOf(formats);
  const TempFolder folder;
  const auto t = table(x, weighted);
  write_events(folder / name, t);
  auto options = expecting({"x1", "x2"}, weighted == Weighted::yes ? "weight" : "");
  RC_ASSERT(same(read_all(folder / name, options), t));
}

TEST(WriteEvents, KeepsNamesAndUnitsWhereTheFormatCan) {
  const TempFolder folder;
  const auto t = table({1, 2});
  for (const auto* name : {"a.h5", "a.csv"}) {
    write_events(folder / name, t);
    EXPECT_EQ(open_events(folder / name)->columns(), t.columns()) << name;
  }
  write_events(folder / "a.npz", t);
  EXPECT_EQ(open_events(folder / "a.npz")->columns()[0].name, "x1");
}

TEST(WriteEvents, WritesTheSameInPiecesAsWhole) {
  const TempFolder folder;
  std::vector<double> x;
  for (int i = 0; i < 40000; ++i) x.push_back(i / 7.0);
  const auto t = table(x);
  for (const auto& name : formats) {
    write_events(folder / ("whole" + name), t);
    const auto writer = create_events(folder / name, t.columns());
    const auto reader = open_events(folder / ("whole" + name), in_chunks(1777));
    EventTable chunk;
    while (reader->next(chunk)) {
      EventTable piece(t.columns(), chunk.rows());
      for (std::size_t j = 0; j < 2; ++j)
        std::copy(
            chunk.column(j).begin(), chunk.column(j).end(), piece.column(j).begin());
      writer->append(piece);
    }
    EXPECT_FALSE(std::filesystem::exists(folder / name));
    writer->close();
    EXPECT_TRUE(same(read_all(folder / name), t)) << name;
    if (name != "a.h5" && name != "a.hdf5") {
      EXPECT_EQ(femto::read_file(folder / name),
                femto::read_file(folder / ("whole" + name)));
    }
  }
}

TEST(WriteEvents, LeavesNothingBehindWithoutClose) {
  const TempFolder folder;
  for (const auto& name : formats)
    create_events(folder / name, {{"x1"}, {"x2"}})->append(table({1}));
  EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
  for (const auto& name : formats) write_events(folder / name, table({1}));
  std::size_t files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder.path()))
    files += entry.exists();
  EXPECT_EQ(files, formats.size());
}

TEST(WriteEvents, RefusesToOverwriteUnlessTold) {
  const TempFolder folder;
  const auto path = folder.put("a.npy", "precious");
  try {
    write_events(path, table({1}));
    FAIL();
  } catch (const femto::Error& e) {
    EXPECT_EQ(e.code(), femto::Exit::usage);
    EXPECT_TRUE(mentions(e.what(), {path.string(), "exists already"}));
  }
  EXPECT_EQ(femto::read_file(path), "precious");
  WriteOptions o;
  o.existing = Existing::overwrite;
  write_events(path, table({1}), o);
  EXPECT_EQ(read_all(path).rows(), 1u);
}

TEST(WriteEvents, RefusesWhatCannotBeWritten) {
  const TempFolder folder;
  const auto say = [&](const std::filesystem::path& path,
                       const std::vector<Column>& columns) -> std::string {
    try {
      create_events(path, columns);
    } catch (const femto::Error& e) {
      return e.what() + e.hint();
    }
    return {};
  };
  EXPECT_TRUE(mentions(say(folder / "a.root", {{"x"}}), {"extension '.root'", ".npz"}));
  EXPECT_TRUE(
      mentions(say(folder / "none" / "a.npy", {{"x"}}), {"folder does not exist"}));
  EXPECT_TRUE(
      mentions(say(folder / "a.npy", {{"x"}, {"x"}}), {"two columns are called 'x'"}));
  EXPECT_THROW(create_events(folder / "a.npy", {{"y"}, {"x2"}})->append(table({1})),
               femto::Bug);
}

TEST(WriteEvents, NumPyLayoutIsExact) {
  const TempFolder folder;
  EventTable t({{"x"}, {"y"}}, 1);
  t.column(0)[0] = 1.5;
  t.column(1)[0] = -2;
  write_events(folder / "a.npy", t);
  const auto bytes = femto::read_file(folder / "a.npy");
  ASSERT_EQ(bytes.size(), 128u + 16u);
  EXPECT_TRUE(bytes.starts_with("\x93NUMPY\x01"));
  EXPECT_EQ(static_cast<int>(bytes[8]), 118);
  EXPECT_EQ(bytes[127], '\n');
  EXPECT_TRUE(
      mentions(bytes, {"{'descr': '<f8', 'fortran_order': False, 'shape': (1, 2), }"}));
  EXPECT_EQ(bytes.substr(128), raw(1.5) + raw(-2.0));
}
