// Opening event files: by content, with columns chosen, in chunks of any size.
#include "femto/io/events.h"

#include "tests/io/sample_files.h"
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>
#include <sys/stat.h>

#include "femto/core/hash.h"

using namespace femto::io;
using namespace femto::io::test;
using Doubles = std::vector<double>;

namespace {

/// Acts as an ordinary user for a while where the tests run as root.
class OrdinaryUser {
 public:
  OrdinaryUser() : root_(::geteuid() == 0 && ::seteuid(65534) == 0) {}

  OrdinaryUser(const OrdinaryUser&) = delete;
  OrdinaryUser& operator=(const OrdinaryUser&) = delete;

  ~OrdinaryUser() {
    if (root_ && ::seteuid(0) != 0) std::abort();
  }

 private:
  bool root_;
};

}  // namespace

TEST(OpenEvents, RefusesWhatCannotBeRead) {
  const TempFolder folder;
  EXPECT_TRUE(mentions(refusal(folder / "none.npy"), {"no such file"}));
  EXPECT_TRUE(mentions(refusal(folder.path()), {"is a folder"}));
  EXPECT_TRUE(mentions(refusal("/dev/null"), {"not a regular file"}));
  EXPECT_TRUE(mentions(refusal(folder.put("empty.npy", "")), {"the file is empty"}));
  const auto locked = folder.put("locked.npy", npy_doubles("(1,)", {1}));
  ::chmod(folder.path().c_str(), 0755);
  ::chmod(locked.c_str(), 0000);
  const OrdinaryUser user;
  EXPECT_TRUE(mentions(refusal(locked), {"cannot be opened", "Permission denied"}));
}

TEST(OpenEvents, RecognisesFormatsByContentNotByName) {
  const TempFolder folder;
  const auto format = [&](const std::string& name, std::string_view bytes) {
    return open_events(folder.put(name, bytes))->info().format;
  };
  EXPECT_EQ(format("a.csv", npy_doubles("(1,)", {1})), "npy");
  EXPECT_EQ(format("a.txt", "x\n1\n"), "csv");
  EXPECT_TRUE(mentions(refusal(folder.put("b.npy", "x,y\n1,2\n")),
                       {"no event file", ".npy", "'x,y"}));
  EXPECT_TRUE(mentions(refusal(folder.put("c.dat", std::string_view("\x00\x01\x02", 3))),
                       {"no event file"}));
  EXPECT_TRUE(mentions(refusal(folder.put("d.npy", "\x80\x04\x95pickle")),
                       {"Python pickle", "run code"}));
  EXPECT_TRUE(mentions(refusal(folder.put("e.csv.gz", "\x1f\x8b\x08\x05")), {"gzip"}));
}

TEST(OpenEvents, TellsWhatIsInTheFile) {
  const TempFolder folder;
  const auto path = folder.put("a.npy", npy_doubles("(2, 2)", {1, 2, 3, 4}));
  const auto info = inspect_events(path, expecting({"x1", "x2"}));
  EXPECT_EQ(info.format, "npy");
  EXPECT_EQ(info.rows, 2u);
  EXPECT_EQ(info.columns, (std::vector<Column>{{"x1"}, {"x2"}}));
  EXPECT_EQ(info.dtype, "float64 little-endian, C order");
  EXPECT_EQ(info.bytes, std::filesystem::file_size(path));
  EXPECT_EQ(info.checksum, femto::file_checksum(path));
}

TEST(OpenEvents, ChoosesColumnsAndWeight) {
  const TempFolder folder;
  const auto path = folder.put("a.csv", "x1,q,x2,w\n1,2,3,0.5\n4,5,6,2\n");
  EXPECT_EQ(read_all(path).columns().size(), 4u);
  const auto two = read_all(path, columns({"x2", "x1"}, "w"));
  EXPECT_EQ(values(two.column(0)), (Doubles{3, 6}));
  EXPECT_EQ(values(two.column(1)), (Doubles{1, 4}));
  EXPECT_EQ(values(two.weights()), (Doubles{0.5, 2}));
  const auto expected = read_all(path, expecting({"x1", "x2"}));
  EXPECT_EQ(values(expected.column(1)), (Doubles{3, 6}));
  EXPECT_FALSE(expected.weighted());
  EXPECT_TRUE(
      mentions(refusal(path, columns({"x3"})), {"no column 'x3'", "did you mean 'x"}));
  EXPECT_TRUE(mentions(refusal(path, columns({"energy"})),
                       {"no column 'energy'", "x1, q, x2, w"}));
  EXPECT_TRUE(
      mentions(refusal(path, columns({"x1"}, "weight")), {"no weight column 'weight'"}));
  EXPECT_TRUE(mentions(refusal(path, expecting({"a", "b"}, "w")),
                       {"3 columns (x1, q, x2)", "expected 2 (a, b)", "data.columns"}));
}

TEST(OpenEvents, TakesOtherNamesInOrderWhenTheNumberFits) {
  const TempFolder folder;
  const auto t = read_all(folder.put("a.csv", "e,f\n1,2\n"), expecting({"x1", "x2"}));
  EXPECT_EQ(t.columns(), (std::vector<Column>{{"e"}, {"f"}}));
}

RC_GTEST_PROP(Streaming, ReadsTheSameInChunksOfAnySize, ()) {
  static const std::vector<std::filesystem::path> files{
      reference("plain.npy"),
      reference("fortran_big_endian.npy"),
      reference("record.npy"),
      reference("columns.npz"),
      reference("fortran.npz"),
      reference("chunked.h5"),
      reference("group.h5")};
  const auto& path = *rc::gen::elementOf(files);
  const auto whole = read_all(path);
  const auto size = *rc::gen::inRange<std::size_t>(1, 60);
  const auto reader = open_events(path, in_chunks(size));
  const auto from = *rc::gen::inRange<std::uint64_t>(0, 51);
  EventTable chunk;
  reader->next(chunk);  // a seek backwards after reading must work too
  reader->seek(from);
  auto at = static_cast<std::size_t>(from);
  while (reader->next(chunk)) {
    RC_ASSERT(chunk.rows() <= size);
    for (std::size_t j = 0; j < whole.columns().size(); ++j)
      for (std::size_t r = 0; r < chunk.rows(); ++r)
        RC_ASSERT(chunk.column(j)[r] == whole.column(j)[at + r]);
    at += chunk.rows();
  }
  RC_ASSERT(at == whole.rows());
  RC_ASSERT(chunk.rows() == 0u);
}

TEST(EventTable, FindsColumnsAndSuggests) {
  const EventTable t({{"x1"}, {"x2"}}, 2, Weighted::yes);
  EXPECT_EQ(t.find("x2"), 1u);
  EXPECT_EQ(t.find("y"), std::nullopt);
  EXPECT_EQ(values(t.weights()), (Doubles{1, 1}));
  try {
    t.column("x3");
    FAIL();
  } catch (const femto::DataError& e) {
    EXPECT_TRUE(mentions(e.what(), {"no column 'x3'"}));
    EXPECT_TRUE(mentions(e.hint(), {"did you mean 'x"}));
  }
}
