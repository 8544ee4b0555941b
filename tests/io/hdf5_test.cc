// HDF5 event files written by h5py, whole and damaged.
#include "tests/io/sample_files.h"
#include <gtest/gtest.h>

#include "femto/core/files.h"

using namespace femto::io;
using namespace femto::io::test;

TEST(Hdf5, ReadsAChunkedCompressedTable) {
  for (const auto* name : {"", "run/events", "/run/events"}) {
    auto options = expecting({"a", "b", "c"});
    options.dataset = name;
    options.chunk_rows = 11;
    const auto t = read_all(reference("chunked.h5"), options);
    ASSERT_EQ(t.rows(), 50u);
    for (std::size_t i = 0; i < 50; ++i)
      for (std::size_t j = 0; j < 3; ++j)
        EXPECT_EQ(t.column(j)[i], reference_value(i, j));
  }
}

TEST(Hdf5, ReadsAGroupOfColumnsInTheirOrderWithUnits) {
  const auto t = read_all(reference("group.h5"));
  EXPECT_EQ(t.columns(), (std::vector<Column>{{"z", "GeV"}, {"x", "GeV"}, {"y", "GeV"}}));
  for (std::size_t i = 0; i < 50; ++i) EXPECT_EQ(t.column("x")[i], reference_value(i, 1));
  EXPECT_EQ(open_events(reference("group.h5"))->info().dataset, "/events");
}

TEST(Hdf5, SaysWhatIsThereWhenTheChoiceIsOpenOrWrong) {
  const auto path = reference("mixed.h5");
  EXPECT_TRUE(mentions(
      refusal(path),
      {"several tables", "/table float64 little-endian (50, 3)", "data.dataset"}));
  EXPECT_TRUE(
      mentions(refusal(path, dataset("tabel")), {"'/tabel'", "did you mean '/table'"}));
  EXPECT_TRUE(
      mentions(refusal(path, dataset("nothing")), {"'/nothing'", "/table", "/ragged"}));
  EXPECT_EQ(read_all(path, dataset("other")).rows(), 5u);
}

TEST(Hdf5, RefusesWhatIsNoTable) {
  const auto path = reference("mixed.h5");
  EXPECT_TRUE(mentions(refusal(path, dataset("cube")), {"3 dimensions", "(2, 2, 2)"}));
  EXPECT_TRUE(mentions(refusal(path, dataset("scalar")), {"0 dimensions"}));
  EXPECT_TRUE(mentions(refusal(path, dataset("record")), {"compound records"}));
  EXPECT_TRUE(mentions(refusal(path, dataset("text")), {"strings"}));
  EXPECT_TRUE(mentions(refusal(path, dataset("flags")), {"bool"}));
  EXPECT_TRUE(mentions(refusal(path, dataset("empty")), {"table is empty", "(0, 2)"}));
  EXPECT_TRUE(
      mentions(refusal(path, dataset("ragged")), {"equal length", "/ragged/a", "(5)"}));
  EXPECT_TRUE(mentions(refusal(path, dataset("unwritten")),
                       {"1000 rows", "not all of them were ever written"}));
}

TEST(Hdf5, RefusesABomb) {
  EXPECT_TRUE(mentions(refusal(reference("bomb.h5")),
                       {"'/events'", "96000000 bytes", "200 to 1"}));
}

TEST(Hdf5, RefusesTruncatedFilesWithoutPrinting) {
  const TempFolder folder;
  const auto bytes = femto::read_file(reference("chunked.h5"));
  testing::internal::CaptureStderr();
  for (std::size_t n = 8; n < bytes.size(); n += 97)
    EXPECT_TRUE(mentions(refusal(folder.put("cut.h5", bytes.substr(0, n))),
                         {"truncated or corrupt"}))
        << n;
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
}

TEST(Hdf5, RefusesDamagedChunks) {
  const TempFolder folder;
  auto bytes = femto::read_file(reference("chunked.h5"));
  const auto zlib = bytes.find("\x78\x5e");  // the first deflated chunk
  ASSERT_NE(zlib, std::string::npos);
  for (std::size_t i = 2; i < 12; ++i) bytes[zlib + i] = '\xff';
  EXPECT_TRUE(
      mentions(refusal(folder.put("bad.h5", bytes)), {"rows 0 to 49", "corrupt"}));
}

TEST(Hdf5, RefusesAFileWithoutDatasets) {
  const TempFolder folder;
  EXPECT_TRUE(mentions(refusal(folder.put("not.h5", "this is text, not HDF5\n")),
                       {"no event file", ".h5"}));
}
