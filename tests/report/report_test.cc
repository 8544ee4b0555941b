// The page as text: complete, escaped, without addresses; states of a run in words.
#include "femto/report/report.h"

#include <array>

#include "tests/report/fixture.h"
#include <gtest/gtest.h>

#include "femto/core/error.h"
#include "femto/core/files.h"

namespace femto {
namespace {

namespace fs = std::filesystem;

class Report : public ::testing::Test {
 protected:
  void TearDown() override { fs::remove_all(folder); }

  /// The page of one run without the library, which is a text of its own.
  std::string page_of(const testing::RunFixture& fixture) const {
    testing::write_run(folder / "run", fixture);
    write_report(std::array{folder / "run"});
    return read(folder / "run/report.html");
  }

  static std::string read(const fs::path& file) {
    const std::string html = read_file(file);
    return html.substr(0, html.find("<footer>"));
  }

  fs::path folder = testing::temporary_folder("report");
};

bool has(const std::string& page, const std::string& text) {
  return page.find(text) != std::string::npos;
}

TEST_F(Report, ShowsParametersAndWhatIsUnknown) {
  const std::string page = page_of({});
  EXPECT_TRUE(has(page, "<th scope=\"row\">N_u</th><td>not determined</td>"));
  EXPECT_TRUE(has(page,
                  "N_u and N_d cannot be told apart with these data: moving along "
                  "0.894 N_u + 0.447 N_d leaves"));
  EXPECT_TRUE(has(page, "n·λ_min = 2.5 is below 25"));
  EXPECT_TRUE(has(page, "About 1,000,000 records"));
  EXPECT_TRUE(has(page, "5 of 7 quantities from 100,000 measured records"));
}

TEST_F(Report, SectionsComeInOrder) {
  const std::string page = page_of({});
  std::size_t last = 0;
  for (const char* id : {"parameters",
                         "identifiability",
                         "fit",
                         "densities",
                         "pairs",
                         "profiles",
                         "convergence",
                         "ensemble",
                         "quality",
                         "goodness",
                         "events",
                         "notes",
                         "run",
                         "study"}) {
    const auto at = page.find(std::string("<section id=\"") + id + "\">");
    ASSERT_NE(at, std::string::npos) << id;
    EXPECT_GT(at, last) << id;
    last = at;
  }
}

TEST_F(Report, NamesOfUsersStayText) {
  const std::string page =
      page_of({.study = "</title><script>alert(1)</script>{{body}}"});
  EXPECT_FALSE(has(page, "<script>alert"));
  EXPECT_TRUE(has(page, "&lt;script&gt;alert(1)&lt;/script&gt;{{body}}"));
}

TEST_F(Report, InterruptedAndFailedRunsSaySo) {
  testing::RunFixture f{.status = "interrupted", .arrays = false, .result = false};
  std::string page = page_of(f);
  EXPECT_TRUE(has(page, "This run was interrupted at 40 %"));
  EXPECT_TRUE(has(page, "arrays.h5 is missing"));
  f.status = "failed";
  page = page_of(f);
  EXPECT_TRUE(has(page, "failed at 40 %: the likelihood is not finite at start 3"));
}

TEST_F(Report, SeveralRunsSideBySide) {
  testing::write_run(folder / "a/run", {.iterations = 40});
  testing::write_run(folder / "b/run", {.shift = 1, .iterations = 25});
  const fs::path out = folder / "both.html";
  write_report(std::array{folder / "a/run", folder / "b/run"}, out);
  const std::string page = read(out);
  EXPECT_TRUE(has(page, "<th scope=\"col\">a/run</th><th scope=\"col\">b/run</th>"));
  EXPECT_TRUE(has(page, "<th scope=\"row\">solver.starts</th><td>40</td><td>25</td>"));
  EXPECT_FALSE(has(page, "<th scope=\"row\">data.path</th>"));
  EXPECT_TRUE(has(page, "data-figure=\"compared-densities\""));
}

TEST_F(Report, SameRunsGiveTheSamePage) {
  const std::string first = page_of({});
  EXPECT_EQ(first, page_of({}));
}

TEST_F(Report, RefusesWhatIsNoRun) {
  EXPECT_THROW(write_report(std::array{folder}), Error);
}

}  // namespace
}  // namespace femto
