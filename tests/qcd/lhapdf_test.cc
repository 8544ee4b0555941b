// LHAPDF6 sets: written, read back, interpolated, damaged.
#include "femto/qcd/lhapdf.h"

#include <algorithm>
#include <cmath>
#include <fstream>

#include <gtest/gtest.h>
#include <unistd.h>

#include "femto/core/error.h"
#include "femto/core/files.h"
#include "femto/qcd/toy_input.h"

namespace femto::qcd {
namespace {

class Lhapdf : public ::testing::Test {
 protected:
  void SetUp() override {
    folder_ = std::filesystem::temp_directory_path() /
              ("femto-lhapdf-test-" + std::to_string(::getpid()));
    std::filesystem::remove_all(folder_);
  }

  void TearDown() override { std::filesystem::remove_all(folder_); }

  /// Les Houches densities with 1 and 1.05 times the strange sea, from 2 GeV2 on.
  LhapdfSet toy_set() {
    std::vector<double> x, start = les_houches_input(evolution_.grid());
    for (int i = 0; i < 60; ++i) x.push_back(std::pow(10, -5 + 4 * i / 59.0));
    for (int i = 1; i <= 36; ++i) x.push_back(0.1 + 0.025 * i);
    x.back() = 1;
    LhapdfSet set{lhapdf_info(evolution_), {}};
    for (const auto* type : {"central", "replica"}) {
      values_.resize(start.size() * evolution_.scales());
      evolution_.evolve(start, values_);
      set.members.push_back(lhapdf_member(evolution_, values_, x, type));
      for (const int id : {-3, 3})
        for (std::size_t j = 0; j < 100; ++j) start[flavour_row(id) * 100 + j] *= 1.05;
    }
    set.info.set("SetDesc", "Toy densities: for tests");
    set.info.set("SetIndex", "0");
    set.info.set("Authors", "nobody");
    set.info.set("Reference", "hep-ph/0204316");
    set.info.set("DataVersion", "1");
    set.info.set("ErrorType", "replicas");
    return set;
  }

  static std::vector<double> scales() {
    std::vector<double> mu2;
    for (int k = 0; k <= 7; ++k) mu2.push_back(2 * std::pow(20.25 / 2, k / 7.0));
    mu2.back() = 20.25;
    for (int k = 1; k <= 15; ++k) mu2.push_back(20.25 * std::pow(1e4 / 20.25, k / 15.0));
    mu2.back() = 1e4;
    return mu2;
  }

  void write(const std::string& file, const std::string& text) {
    std::ofstream(folder_ / "Toy" / file) << text;
  }

  std::filesystem::path folder_;
  Evolution evolution_{
      les_houches_evolution(LesHouchesScheme::variable, Order::nlo, scales())};
  std::vector<double> values_;
};

TEST_F(Lhapdf, ComesBackToThePrintedDigits) {
  const auto written = toy_set();
  write_lhapdf_set(folder_, "Toy", written);
  const auto read = read_lhapdf_set(folder_ / "Toy");
  ASSERT_EQ(read.members.size(), 2u);
  EXPECT_EQ(read.members[1].type, "replica");
  for (std::size_t m = 0; m < 2; ++m) {
    ASSERT_EQ(read.members[m].subgrids.size(), 2u);
    for (std::size_t g = 0; g < 2; ++g) {
      const auto &a = written.members[m].subgrids[g], &b = read.members[m].subgrids[g];
      ASSERT_EQ(a.xf.size(), b.xf.size());
      EXPECT_EQ(a.flavours, b.flavours);
      for (std::size_t i = 0; i < a.xf.size(); ++i)
        EXPECT_NEAR(a.xf[i], b.xf[i], 1e-9 * std::abs(a.xf[i]));
    }
  }
  // What was read and written again is the same text.
  write_lhapdf_set(folder_ / "again", "Toy", read);
  for (const auto* file : {"Toy.info", "Toy_0000.dat", "Toy_0001.dat"})
    EXPECT_EQ(read_file(folder_ / "Toy" / file), read_file(folder_ / "again/Toy" / file));
}

TEST_F(Lhapdf, HasEveryRequiredKeyAndTheRightLayout) {
  write_lhapdf_set(folder_, "Toy", toy_set());
  const auto info = read_lhapdf_set(folder_ / "Toy").info;
  for (const auto key : lhapdf_required_keys()) EXPECT_TRUE(info.has(key)) << key;
  EXPECT_EQ(info.text("SetDesc"), "Toy densities: for tests");
  EXPECT_EQ(info.number("NumMembers"), 2);
  EXPECT_EQ(info.number("NumFlavors"), 5);
  EXPECT_EQ(info.text("FlavorScheme"), "variable");
  EXPECT_NEAR(info.number("QMin"), std::sqrt(2.0), 1e-9);
  EXPECT_EQ(info.number("QMax"), 100);
  EXPECT_EQ(info.number("XMax"), 1);
  EXPECT_EQ(info.number("MBottom"), 4.5);
  EXPECT_EQ(info.numbers("Flavors"),
            (std::vector<double>{-5, -4, -3, -2, -1, 1, 2, 3, 4, 5, 21}));
  const auto q = info.numbers("AlphaS_Qs"), alpha = info.numbers("AlphaS_Vals");
  ASSERT_EQ(q.size(), alpha.size());
  EXPECT_EQ(std::count(q.begin(), q.end(), 4.5), 2);  // a threshold is given twice
  EXPECT_NEAR(alpha.front(), 0.35, 1e-9);
  EXPECT_NEAR(alpha.back(), 0.1160315, 5e-8);
  std::ifstream dat(folder_ / "Toy/Toy_0000.dat");
  std::string line;
  for (const auto* expected : {"PdfType: central", "Format: lhagrid1", "---"}) {
    std::getline(dat, line);
    EXPECT_EQ(line, expected);
  }
  std::size_t separators = 0;
  for (std::string next; std::getline(dat, next); line = next)
    separators += next == "---";
  EXPECT_EQ(separators, 2u);
  EXPECT_EQ(line, "---");
}

TEST_F(Lhapdf, InterpolatesTheEvolution) {
  const auto set = toy_set();
  const auto start = les_houches_input(evolution_.grid());
  const Evolution between(les_houches_evolution(
      LesHouchesScheme::variable, Order::nlo, {2, 7, 20.25, 777, 1e4}));
  std::vector<double> exact(start.size() * 5);
  between.evolve(start, exact);
  for (std::size_t k = 0; k < 5; ++k)
    for (const double x : {2.3e-5, 1e-3, 0.037, 0.21, 0.52})
      for (const int id : {-2, 0, 1, 2, 4}) {
        const auto row =
            std::span(exact).subspan(k * start.size() + flavour_row(id) * 100, 100);
        const double f = between.grid().interpolate(row, x);
        EXPECT_NEAR(set.members[0].xf(id, x, between.settings().mu2_gev2[k]),
                    f,
                    1e-3 * std::abs(f) + 1e-6)
            << "x = " << x << ", scale " << k << ", flavour " << id;
      }
  EXPECT_EQ(set.members[0].xf(6, 0.1, 100), 0);
  EXPECT_EQ(set.members[0].xf(21, 0.1, 100), set.members[0].xf(0, 0.1, 100));
  EXPECT_THROW(set.members[0].xf(1, 1e-6, 100), Error);
  EXPECT_THROW(set.members[0].xf(1, 0.1, 1.9), Error);
}

TEST(LhapdfInterpolation, IsExactForQuadraticsInTheLogarithms) {
  LhapdfSubgrid grid;
  const auto f = [](double x, double q) {
    const double l = std::log(x), m = std::log(q);
    return 1 + 0.3 * l + 0.1 * l * l - 0.2 * m + 0.05 * m * m + 0.07 * l * m;
  };
  for (int i = 0; i <= 10; ++i) grid.x.push_back(std::exp(-10.0 + i));
  for (int i = 0; i <= 6; ++i) grid.q_gev.push_back(std::exp(0.5 * i));
  grid.flavours = {2};
  for (const double x : grid.x)
    for (const double q : grid.q_gev) grid.xf.push_back(f(x, q));
  const LhapdfMember member{"central", {grid}};
  for (const double x : {1.7e-4, 0.01, 0.2})
    for (const double q : {1.9, 4.0, 9.0})
      EXPECT_NEAR(member.xf(2, x, q * q), f(x, q), 1e-13);
}

TEST_F(Lhapdf, NamesWhatIsDamaged) {
  write_lhapdf_set(folder_, "Toy", toy_set());
  const auto dat = read_file(folder_ / "Toy/Toy_0001.dat");
  const auto info = read_file(folder_ / "Toy/Toy.info");
  const auto message = [&] {
    try {
      read_lhapdf_set(folder_ / "Toy");
    } catch (const DataError& e) {
      return std::string(e.what());
    }
    return std::string("no error");
  };
  const auto expect_in_dat = [&](const std::string& text, const std::string& part) {
    write("Toy_0001.dat", text);
    const auto m = message();
    EXPECT_NE(m.find("Toy_0001.dat:"), std::string::npos) << m;
    EXPECT_NE(m.find(part), std::string::npos) << m;
  };
  const auto replaced =
      [&](std::string text, const std::string& a, const std::string& b) {
        const auto at = text.find(a);
        EXPECT_NE(at, std::string::npos) << a;
        return text.replace(at, a.size(), b);
      };
  expect_in_dat(dat.substr(0, dat.size() - 4), "---");  // the last separator
  expect_in_dat(dat.substr(0, dat.size() / 2), "");     // cut anywhere
  expect_in_dat(dat.substr(0, 20), "");
  expect_in_dat("", "");
  expect_in_dat(replaced(dat, "lhagrid1", "lhagrid2"), "lhagrid2");
  expect_in_dat(replaced(dat, "PdfType: replica\n", ""), "PdfType");
  expect_in_dat(replaced(dat, "-4 -3", "-4.5 -3"), "-4.5");
  expect_in_dat(replaced(dat, "-4 -3", "-3"), "11 densities in a row, but 10 flavours");
  expect_in_dat(replaced(dat, "1.000000000e-05 ", "1.000000000e-05x "), "is no number");
  expect_in_dat(replaced(dat, "1.000000000e-05 ", "nan "), "is no number");
  expect_in_dat(replaced(dat, "1.000000000e-05 ", "1.000000000e+05 "), "ascend");
  expect_in_dat(replaced(dat, "---\n1.", "---\n0 1."), "positive");
  expect_in_dat(dat + dat.substr(dat.find("---\n") + 4), "does not begin where");
  std::filesystem::remove(folder_ / "Toy/Toy_0001.dat");
  EXPECT_NE(message().find("Toy_0001.dat"), std::string::npos);
  write("Toy_0001.dat", dat);
  EXPECT_EQ(message(), "no error");

  const auto expect_in_info = [&](const std::string& text, const std::string& part) {
    write("Toy.info", text);
    const auto m = message();
    EXPECT_NE(m.find("Toy.info"), std::string::npos) << m;
    EXPECT_NE(m.find(part), std::string::npos) << m;
  };
  expect_in_info(replaced(info, "NumMembers", "NumMember"), "NumMembers is missing");
  expect_in_info(replaced(info, "NumMembers: 2", "NumMembers: two"),
                 "'two' is no number");
  expect_in_info(replaced(info, "NumMembers: 2", "NumMembers: 0"), "NumMembers is 0");
  expect_in_info(replaced(info, "lhagrid1", "hdf5"), "hdf5");
  expect_in_info(info + "DataVersion: 1\n", "DataVersion is given twice");
  expect_in_info(info + "a line without meaning\n", "Key: value");
  expect_in_info(info + "List: [1, 2\n", "the end of a list");
  // Lists may go over several lines and texts stand in quotes.
  write("Toy.info", info + "List: [1, 2,\n  3]\nText: \"a: b\"\n# a remark\n");
  const auto read = read_lhapdf_set(folder_ / "Toy").info;
  EXPECT_EQ(read.numbers("List"), (std::vector<double>{1, 2, 3}));
  EXPECT_EQ(read.text("Text"), "a: b");
}

TEST_F(Lhapdf, RefusesToWriteWhatNobodyCouldUse) {
  auto set = toy_set();
  auto other = set;
  other.members[1].subgrids[0].x[3] *= 1.01;
  EXPECT_THROW(write_lhapdf_set(folder_, "Toy", other), Error);
  other = set;
  other.members[0].subgrids[0].xf[5] = std::nan("");
  EXPECT_THROW(write_lhapdf_set(folder_, "Toy", other), NumericalError);
  EXPECT_THROW(write_lhapdf_set(folder_, "Toy", {set.info, {}}), Error);
  LhapdfInfo none;
  EXPECT_THROW(write_lhapdf_set(folder_, "Toy", {none, set.members}), Error);
  // Scales on both sides of a threshold, none at it.
  const Evolution gap(
      les_houches_evolution(LesHouchesScheme::variable, Order::lo, {2, 10, 30, 100}));
  std::vector<double> values(4 * flavour_rows * 100);
  const std::vector<double> x = {0.1, 0.5};
  EXPECT_THROW(lhapdf_member(gap, values, x), Error);
}

}  // namespace
}  // namespace femto::qcd
