// Events from files: names, supports, policies and side information.
#include <fstream>

#include "tests/pipeline/sample_study.h"
#include "tests/support/build.h"
#include <gtest/gtest.h>

namespace femto {
namespace {

using test::Folder;

/// Rows of both columns that a source gives.
std::vector<std::vector<double>> rows_of(const Source& source, const Theory& theory) {
  std::vector<std::vector<double>> rows;
  source.read(testing::bare(theory),
              [&](std::uint64_t first, const io::EventTable& chunk) {
                EXPECT_EQ(first, rows.size());
                for (std::size_t i = 0; i < chunk.rows(); ++i)
                  rows.push_back({chunk.column("x1")[i], chunk.column("x2")[i]});
              });
  return rows;
}

struct Scene {
  Registry registry = builtin_registry();
  std::unique_ptr<Theory> theory = registry.build<Theory>("proxy1d");
  Folder folder;

  std::unique_ptr<Source> source(const std::string& name,
                                 const std::string& content,
                                 const std::string& more = "") const {
    std::ofstream(folder / name) << content;
    return registry.build<Source>("file",
                                  "path: " + (folder / name).string() + "\n" + more);
  }
};

TEST(FileSource, ReadsColumnsByName) {
  const Scene s;
  const auto source = s.source("a.csv", "x2,other,x1\n0.2,9,0.3\n0.4,9,0.5\n");
  EXPECT_EQ(source->inspect(testing::bare(*s.theory)).rows, 2u);
  EXPECT_EQ(rows_of(*source, *s.theory),
            (std::vector<std::vector<double>>{{0.3, 0.2}, {0.5, 0.4}}));
}

TEST(FileSource, RenamesColumns) {
  const Scene s;
  const auto source = s.source("a.csv", "p,q\n0.2,0.3\n", "columns: [q, p]\n");
  EXPECT_EQ(rows_of(*source, *s.theory), (std::vector<std::vector<double>>{{0.3, 0.2}}));
}

TEST(FileSource, SelectsRowsByAnyColumn) {
  const Scene s;
  const auto source =
      s.source("a.csv",
               "x2,quality,x1\n0.2,1,0.3\n7,0,0.5\n0.3,1,0.05\n0.6,1,0.7\n",
               "where: quality == 1 && x1 > 0.1\n");
  EXPECT_EQ(rows_of(*source, *s.theory),
            (std::vector<std::vector<double>>{{0.3, 0.2}, {0.7, 0.6}}));
  const auto dropped = source->read(testing::bare(*s.theory), [](auto, const auto&) {});
  EXPECT_EQ(dropped.rows_read, 4u);
  EXPECT_EQ(dropped.rows_cut, 2u);
  EXPECT_EQ(dropped.text(), "the selection keeps 2 of 4 rows");
}

TEST(FileSource, ReadsWeights) {
  const Scene s;
  const auto source =
      s.source("a.csv", "w,p,q\n-2,0.2,0.3\n1,0.4,0.5\n", "columns: [q, p]\nweight: w\n");
  std::vector<double> weights;
  source->read(testing::bare(*s.theory), [&](auto, const io::EventTable& chunk) {
    weights.insert(weights.end(), chunk.weights().begin(), chunk.weights().end());
  });
  EXPECT_EQ(weights, (std::vector<double>{-2, 1}));
}

TEST(FileSource, RowsOfErrorsAreThoseOfTheFile) {
  const Scene s;
  const auto source =
      s.source("a.csv", "x1,x2\n0.05,1\n0.3,0.2\n0.4,7\n", "where: x1 > 0.1\n");
  try {
    rows_of(*source, *s.theory);
    FAIL() << "not refused";
  } catch (const DataError& error) {
    EXPECT_NE(std::string(error.what()).find("row 2 (counting from 0), column 'x2'"),
              std::string::npos)
        << error.what();
  }
}

TEST(FileSource, MistakesOfSelectionsAreFoundBeforeReading) {
  const Scene s;
  const auto source = s.source("a.csv", "x1,x2\n0.3,0.2\n", "where: x1 > 0.1 && x9\n");
  EXPECT_THROW(source->inspect(testing::bare(*s.theory)), Error);
  const auto none = s.source("b.csv", "x1,x2\n0.3,0.2\n", "where: x1 > 0.5\n");
  EXPECT_THROW(rows_of(*none, *s.theory), DataError);
}

TEST(FileSource, WantsOneColumnForEachOfTheTheory) {
  const Scene s;
  const auto source = s.source("a.csv", "p,q\n0.2,0.3\n", "columns: [q]\n");
  EXPECT_THROW(source->inspect(testing::bare(*s.theory)), Error);
}

TEST(FileSource, MissingColumnsAreADataError) {
  const Scene s;
  EXPECT_THROW(s.source("a.csv", "x1,y\n0.2,0.3\n")->inspect(testing::bare(*s.theory)),
               DataError);
}

TEST(FileSource, ValuesOutsideTheSupportAreErrorsOrDropped) {
  const Scene s;
  const std::string text = "x1,x2\n0.2,0.3\n0.05,0.3\n0.4,nan\n0.5,0.6\n";
  EXPECT_THROW(rows_of(*s.source("a.csv", text), *s.theory), DataError);
  const auto source = s.source("a.csv", text, "invalid: drop\n");
  EXPECT_EQ(rows_of(*source, *s.theory),
            (std::vector<std::vector<double>>{{0.2, 0.3}, {0.5, 0.6}}));
  const auto dropped =
      source->read(testing::bare(*s.theory), [](std::uint64_t, const auto&) {});
  EXPECT_EQ(dropped.rows_dropped, 2u);
}

TEST(FileSource, GivesSideInformation) {
  const Scene s;
  const auto side = s.source("a.csv",
                             "x1,x2\n0.2,0.3\n",
                             "norms: [3, 2]\nnorm_uncertainties: [0.1, 0.2]\n"
                             "counts: [5, 6]\nluminosity: 2\n"
                             "luminosity_uncertainty: inf\n")
                        ->side(testing::bare(*s.theory));
  EXPECT_EQ(side.norms, (std::vector<double>{3, 2}));
  EXPECT_EQ(side.norm_uncertainties, (std::vector<double>{0.1, 0.2}));
  EXPECT_EQ(side.counts, (std::vector<double>{5, 6}));
  EXPECT_EQ(side.luminosity, 2);
  EXPECT_LT(side.luminosity_uncertainty, 0);
}

TEST(FileSource, EachNormNeedsAnUncertainty) {
  const Scene s;
  EXPECT_THROW(s.source("a.csv", "x1,x2\n0.2,0.3\n", "norms: [3, 2]\n"),
               config::ConfigError);
}

}  // namespace
}  // namespace femto
