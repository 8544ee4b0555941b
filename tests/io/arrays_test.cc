// Arrays of a run: round trip with unit, dims and sentence.
#include "femto/io/arrays.h"

#include "tests/io/sample_files.h"
#include <gtest/gtest.h>

#include "femto/core/files.h"

using namespace femto::io;
using namespace femto::io::test;

namespace {

Array curve(std::string name,
            std::vector<std::size_t> shape,
            std::vector<std::string> dims) {
  Array a{std::move(name),
          std::move(shape),
          {},
          "1/GeV",
          std::move(dims),
          "A band, 68 % wide."};
  std::size_t n = 1;
  for (const auto s : a.shape) n *= s;
  for (std::size_t i = 0; i < n; ++i) a.values.push_back(static_cast<double>(i) / 3 - 5);
  return a;
}

}  // namespace

TEST(Arrays, RoundTrip) {
  const TempFolder folder;
  const std::vector<Array> arrays{curve("bands/u/value", {200}, {"x"}),
                                  curve("chain", {3000, 2, 3}, {"draw", "a", "b"}),
                                  curve("empty", {0, 4}, {"row", "column"}),
                                  curve("scalar", {}, {})};
  write_arrays(folder / "arrays.h5", arrays);
  EXPECT_EQ(read_arrays(folder / "arrays.h5"), arrays);
  EXPECT_FALSE(std::filesystem::exists(folder / "arrays.h5.part"));
  write_arrays(folder / "arrays.h5", std::span(arrays).first(1));
  EXPECT_EQ(read_arrays(folder / "arrays.h5").size(), 1u);
}

TEST(Arrays, KeepsNotANumber) {
  const TempFolder folder;
  const Array a{"x", {2}, {std::nan(""), -INFINITY}, "1", {"i"}, ""};
  write_arrays(folder / "a.h5", std::span(&a, 1));
  const auto back = read_arrays(folder / "a.h5");
  EXPECT_TRUE(std::isnan(back.at(0).values[0]));
  EXPECT_EQ(back.at(0).values[1], -INFINITY);
}

TEST(Arrays, BreaksNoPromise) {
  const TempFolder folder;
  auto bad = curve("a", {3}, {"x"});
  bad.values.pop_back();
  EXPECT_THROW(write_arrays(folder / "a.h5", std::span(&bad, 1)), femto::Bug);
  const std::vector<Array> twice{curve("a", {3}, {"x"}), curve("a", {3}, {"x"})};
  EXPECT_THROW(write_arrays(folder / "a.h5", twice), femto::Bug);
  const auto nameless = curve("a", {3}, {});
  EXPECT_THROW(write_arrays(folder / "a.h5", std::span(&nameless, 1)), femto::Bug);
  EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
}

TEST(Arrays, RefusesDamage) {
  const TempFolder folder;
  EXPECT_THROW(read_arrays(folder / "none.h5"), femto::DataError);
  EXPECT_THROW(read_arrays(folder.put("text.h5", "text")), femto::DataError);
  const auto a = curve("a", {3000}, {"x"});
  write_arrays(folder / "a.h5", std::span(&a, 1));
  const auto bytes = femto::read_file(folder / "a.h5");
  EXPECT_THROW(read_arrays(folder.put("cut.h5", bytes.substr(0, bytes.size() / 2))),
               femto::DataError);
}

TEST(Arrays, CannotBeWrittenIntoNoFolder) {
  const TempFolder folder;
  EXPECT_THROW(write_arrays(folder / "none" / "a.h5", {}), femto::Error);
}
