// .npz archives: what NumPy writes, and archives damaged or made to deceive.
#include <array>

#include "tests/io/sample_files.h"
#include <gtest/gtest.h>

#include "femto/core/files.h"

using namespace femto::io;
using namespace femto::io::test;

namespace {

/// CRC-32 of ISO 3309, bit by bit.
std::uint32_t crc32(std::string_view bytes) {
  std::uint32_t crc = ~0u;
  for (const char c : bytes) {
    crc ^= static_cast<unsigned char>(c);
    for (int k = 0; k < 8; ++k) crc = (crc >> 1) ^ ((crc & 1) != 0 ? 0xEDB88320u : 0u);
  }
  return ~crc;
}

struct Entry {
  std::string name;
  std::string content;
  std::uint16_t method = 0;         ///< 0 stored, 8 deflate
  std::uint32_t declared_size = 0;  ///< 0: the true one
  std::uint32_t declared_crc = 0;   ///< 0: the true one
};

/// Deflate with stored blocks only (RFC 1951 section 3.2.4).
std::string deflated(std::string_view bytes) {
  std::string out;
  do {
    const auto n = static_cast<std::uint16_t>(std::min<std::size_t>(bytes.size(), 65535));
    out += static_cast<char>(n == bytes.size() ? 1 : 0);
    out += raw(n) + raw(static_cast<std::uint16_t>(~n)) + std::string(bytes.substr(0, n));
    bytes.remove_prefix(n);
  } while (!bytes.empty());
  return out;
}

/// A zip archive (APPNOTE 4.3) of the entries.
std::string zip(const std::vector<Entry>& entries) {
  std::string out, directory;
  for (const auto& e : entries) {
    const auto packed = e.method == 8 ? deflated(e.content) : e.content;
    const auto size = e.declared_size != 0 ? e.declared_size
                                           : static_cast<std::uint32_t>(e.content.size());
    const auto crc = e.declared_crc != 0 ? e.declared_crc : crc32(e.content);
    const auto common = raw<std::uint16_t>(20) + raw<std::uint16_t>(0) + raw(e.method) +
                        raw<std::uint32_t>(0x00210000) + raw(crc) +
                        raw(static_cast<std::uint32_t>(packed.size())) + raw(size) +
                        raw(static_cast<std::uint16_t>(e.name.size())) +
                        raw<std::uint16_t>(0);
    directory += "PK\x01\x02" + raw<std::uint16_t>(20) + common + std::string(10, '\0') +
                 raw(static_cast<std::uint32_t>(out.size())) + e.name;
    out += "PK\x03\x04" + common + e.name + packed;
  }
  const auto at = static_cast<std::uint32_t>(out.size());
  const auto n = static_cast<std::uint16_t>(entries.size());
  return out + directory + "PK\x05\x06" + std::string(4, '\0') + raw(n) + raw(n) +
         raw(static_cast<std::uint32_t>(directory.size())) + raw(at) +
         raw<std::uint16_t>(0);
}

}  // namespace

TEST(Npz, ReadsWhatNumPyWrites) {
  const auto t = read_all(reference("columns.npz"), columns({"z", "x"}));
  const auto f = read_all(reference("fortran.npz"), expecting({"a", "b", "c"}));
  ASSERT_EQ(t.rows(), 50u);
  for (std::size_t i = 0; i < 50; ++i) {
    EXPECT_EQ(t.column("z")[i], reference_value(i, 2));
    EXPECT_EQ(t.column("x")[i], reference_value(i, 0));
    EXPECT_EQ(f.column("b")[i], reference_value(i, 1));
  }
}

TEST(Npz, ChoosesAnArrayByItsKey) {
  EXPECT_TRUE(mentions(refusal(reference("two_tables.npz")),
                       {"'first' (50, 3)", "'second' (10, 3)", "data.dataset"}));
  EXPECT_EQ(read_all(reference("two_tables.npz"), dataset("second")).column(0)[9],
            2 * reference_value(9, 0));
  EXPECT_TRUE(mentions(refusal(reference("two_tables.npz"), dataset("secnd")),
                       {"'secnd'", "did you mean 'second'"}));
}

TEST(Npz, ReadsStoredAndDeflatedMembers) {
  const TempFolder folder;
  for (const std::uint16_t method : {0, 8}) {
    const auto t = read_all(folder.put(
        "a.npz",
        zip({{.name = "x.npy", .content = npy_doubles("(2,)", {1, 2}), .method = method},
             {.name = "../../y.npy",
              .content = npy_doubles("(2,)", {3, 4}),
              .method = method},
             {.name = "note.txt", .content = "hello"}})));
    EXPECT_EQ(values(t.column("x")), (std::vector<double>{1, 2}));
    EXPECT_EQ(values(t.column("../../y")), (std::vector<double>{3, 4}));
  }
}

TEST(Npz, RefusesDamage) {
  const TempFolder folder;
  const auto array = npy_doubles("(2,)", {1, 2});
  const auto good = zip({{.name = "x.npy", .content = array, .method = 8}});
  EXPECT_TRUE(mentions(
      refusal(folder.put(
          "crc.npz",
          zip({{.name = "x.npy", .content = array, .method = 8, .declared_crc = 7}}))),
      {"array 'x'", "corrupt"}));
  auto flipped = good;
  flipped[good.find("\x93NUMPY") + 90] ^= 1;
  EXPECT_TRUE(
      mentions(refusal(folder.put("flip.npz", flipped)), {"array 'x'", "corrupt"}));
  auto block = good;
  block[good.find("\x93NUMPY") - 5] = 7;  // an invalid deflate block type
  EXPECT_TRUE(mentions(refusal(folder.put("block.npz", block)), {"corrupt"}));
  for (const std::size_t cut : {std::size_t{10}, good.size() / 2, good.size() - 1})
    EXPECT_TRUE(mentions(refusal(folder.put("cut.npz", good.substr(0, cut))),
                         {"truncated or corrupt"}))
        << cut;
}

TEST(Npz, RefusesBombsAndLies) {
  const TempFolder folder;
  const auto huge = npy_doubles("(500000000,)", {0});
  EXPECT_TRUE(mentions(refusal(folder.put("ratio.npz",
                                          zip({{.name = "x.npy",
                                                .content = huge,
                                                .method = 8,
                                                .declared_size = 4000000128u}}))),
                       {"array 'x'", "4000000128 bytes", "200 to 1"}));
  const auto array = npy_doubles("(3,)", {1, 2, 3});
  EXPECT_TRUE(mentions(
      refusal(folder.put("limit.npz",
                         zip({{.name = "x.npy", .content = array, .method = 8}})),
              unpacking_at_most(100)),
      {"more than the limit of 100"}));
  const auto longer = array + std::string(100000, '\0');
  EXPECT_TRUE(
      mentions(refusal(folder.put(
                   "more.npz",
                   zip({{.name = "x.npy",
                         .content = longer,
                         .method = 8,
                         .declared_size = static_cast<std::uint32_t>(array.size())}}))),
               {"array 'x'", "corrupt"}));
  EXPECT_TRUE(
      mentions(refusal(folder.put(
                   "less.npz",
                   zip({{.name = "x.npy",
                         .content = array.substr(0, 96),
                         .method = 8,
                         .declared_size = static_cast<std::uint32_t>(array.size())}}))),
               {"array 'x'"}));
}

TEST(Npz, RefusesArchivesWithoutATable) {
  const TempFolder folder;
  EXPECT_TRUE(
      mentions(refusal(folder.put("none.npz", zip({{.name = "a.txt", .content = "a"}}))),
               {"no .npy array"}));
  EXPECT_TRUE(mentions(refusal(folder.put("empty.npz", zip({}))), {"no .npy array"}));
  EXPECT_TRUE(mentions(
      refusal(folder.put("ragged.npz",
                         zip({{.name = "x.npy", .content = npy_doubles("(2,)", {1, 2})},
                              {.name = "y.npy", .content = npy_doubles("(1,)", {1})}}))),
      {"equal length", "'x' (2)", "'y' (1)"}));
  EXPECT_TRUE(mentions(
      refusal(folder.put("object.npz",
                         zip({{.name = "x.npy",
                               .content = npy(npy_dict("'|O'", "(1,)"), "12345678")}}))),
      {"array 'x'", "pickled"}));
}

TEST(Npz, SurvivesEveryFlippedByte) {
  const TempFolder folder;
  const auto bytes = femto::read_file(reference("fortran.npz"));
  const auto whole = read_all(reference("fortran.npz"));
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    auto flipped = bytes;
    flipped[i] = static_cast<char>(flipped[i] ^ 0x41);
    try {
      const auto t = read_all(folder.put("a.npz", flipped));
      ASSERT_EQ(t.rows(), whole.rows()) << i;
      for (std::size_t j = 0; j < 3; ++j)
        EXPECT_EQ(values(t.column(j)), values(whole.column(j))) << i;
    } catch (const femto::DataError&) {
      continue;
    }
  }
}
