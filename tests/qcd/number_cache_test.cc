// Tables kept on disk: read back when whole, replaced when damaged.
#include "femto/qcd/number_cache.h"

#include <fstream>

#include <gtest/gtest.h>
#include <unistd.h>

#include "femto/core/error.h"
#include "femto/core/files.h"

namespace femto::qcd {
namespace {

class NumberCache : public ::testing::Test {
 protected:
  void SetUp() override {
    folder_ = std::filesystem::temp_directory_path() /
              ("femto-cache-test-" + std::to_string(::getpid()));
    std::filesystem::remove_all(folder_);
  }

  void TearDown() override { std::filesystem::remove_all(folder_); }

  std::vector<double> get(const std::string& description = "three numbers") {
    return cached_numbers(folder_, "table", description, 3, [&] {
      ++built_;
      return std::vector{1.0, 2.5, -3.0};
    });
  }

  std::filesystem::path file() const {
    return cache_file(folder_, "table", "three numbers");
  }

  std::filesystem::path folder_;
  int built_ = 0;
};

TEST_F(NumberCache, BuildsOnceAndReadsAfterwards) {
  const std::vector<double> expected{1.0, 2.5, -3.0};
  EXPECT_EQ(get(), expected);
  EXPECT_EQ(get(), expected);
  EXPECT_EQ(built_, 1);
  EXPECT_EQ(get("others"), expected);
  EXPECT_EQ(built_, 2);
}

TEST_F(NumberCache, ReplacesEveryDamagedFile) {
  get();
  const auto good = read_file(file());
  // Each byte in turn, a file too short and one too long.
  int expected = 1;
  for (std::size_t i = 0; i < good.size(); ++i) {
    auto bad = good;
    bad[i] = static_cast<char>(bad[i] ^ 0x10);
    write_file_atomically(file(), bad);
    ::testing::internal::CaptureStderr();
    EXPECT_EQ(get()[1], 2.5);
    EXPECT_NE(::testing::internal::GetCapturedStderr().find(file().string()),
              std::string::npos);
    EXPECT_EQ(built_, ++expected) << "byte " << i;
    EXPECT_EQ(read_file(file()), good);
  }
  for (const auto& bad : {good.substr(0, good.size() - 1), good + "x", std::string()}) {
    write_file_atomically(file(), bad);
    ::testing::internal::CaptureStderr();
    get();
    EXPECT_NE(::testing::internal::GetCapturedStderr(), "");
    EXPECT_EQ(built_, ++expected);
  }
}

TEST_F(NumberCache, KeepsNothingWithoutAFolder) {
  folder_.clear();
  get(), get();
  EXPECT_EQ(built_, 2);
}

TEST_F(NumberCache, SaysWhenItCannotWrite) {
  std::filesystem::create_directories(folder_);
  std::ofstream(folder_ / "file") << "in the way";
  folder_ /= "file/inside";
  EXPECT_THROW(get(), Error);
  folder_ = folder_.parent_path().parent_path();
}

}  // namespace
}  // namespace femto::qcd
