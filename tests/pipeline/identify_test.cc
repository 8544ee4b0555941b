// Ranks, null directions, eigenvalues and floors against the tables of the proxies.
#include <cmath>

#include "tests/support/build.h"
#include "tests/support/proxies.h"
#include <gtest/gtest.h>

#include "femto/pipeline/inference.h"

namespace femto {
namespace {

using testing::build;
using testing::truth1d;
using testing::truth2d;

struct Proxy {
  std::unique_ptr<Theory> theory;
  Density density;
  ParameterSetup setup;

  explicit Proxy(const std::string& name)
      : theory(build<Theory>("{type: " + name + "}")), density(*theory) {
    setup.parameters = theory->parameters();
    setup.fixed.assign(setup.parameters.size(), false);
  }

  Identifiability at(const std::vector<double>& theta,
                     double records,
                     const SideInformation& side = {}) const {
    return identify(density, side, setup, theta, records);
  }
};

void expect_relative(const std::vector<double>& found,
                     const std::vector<double>& expected,
                     double tolerance) {
  ASSERT_EQ(found.size(), expected.size());
  for (std::size_t i = 0; i < found.size(); ++i)
    EXPECT_NEAR(found[i], expected[i], tolerance * std::fabs(expected[i])) << i;
}

double coefficient(const Direction& d, const std::string& name) {
  for (const auto& [n, c] : d.combination)
    if (n == name) return c;
  return 0;
}

/// Exact norms: a relative uncertainty far below anything the shapes can say.
SideInformation exact_norms(const Proxy& p) {
  SideInformation side;
  for (const double log_norm : p.density.norms(truth1d).log_norm)
    side.norms.push_back(std::exp(log_norm));
  side.norm_uncertainties = {1e-5, 1e-5};
  return side;
}

/// Expected Poisson counts at the truth for n pairs: the larger channel has n events in
/// the mean of both, as in the table (2 n events in all).
SideInformation counts(const Proxy& p, double n, double luminosity_uncertainty) {
  SideInformation side;
  const auto norms = p.density.norms(truth1d).log_norm;
  const double sum = std::exp(norms[0]) + std::exp(norms[1]);
  side.luminosity = 2 * n / sum;
  side.luminosity_uncertainty = luminosity_uncertainty;
  for (const double log_norm : norms)
    side.counts.push_back(side.luminosity * std::exp(log_norm));
  return side;
}

// Expected values: proxy applications reference, sections 1.4, 5 and 6 (quadrature made
// elsewhere).
TEST(Identify, FindsTheNullDirectionOfTheOneDimensionalProxy) {
  const Proxy p("proxy1d");
  const auto i = p.at(truth1d, 1e5);
  EXPECT_EQ(i.rank, 5);
  EXPECT_EQ(i.n_parameters, 6);
  ASSERT_EQ(i.null_directions.size(), 1u);
  const auto& null = i.null_directions[0];
  ASSERT_EQ(null.combination.size(), 2u);
  EXPECT_NEAR(coefficient(null, "N_u"), 2 / std::sqrt(5.0), 1e-8);
  EXPECT_NEAR(coefficient(null, "N_d"), 1 / std::sqrt(5.0), 1e-8);
}

TEST(Identify, GivesTheEigenvaluesOfTheReducedCoordinates) {
  const Proxy p("proxy1d");
  const auto i = p.at(truth1d, 1e5);
  EXPECT_EQ(i.coordinates,
            (std::vector<std::string>{"a_u", "b_u", "a_d", "b_d", "ln_ratio"}));
  expect_relative(
      i.eigenvalues, {2.49376e-5, 4.43202e-4, 9.82680e-3, 8.03888e-2, 2.92575e-1}, 1e-5);
  EXPECT_NEAR(i.n_lambda_min, 2.494, 0.001);
  ASSERT_EQ(i.eigenvalues_parameters.size(), 6u);
  EXPECT_EQ(i.eigenvalues_parameters[0], 0);
  expect_relative({i.eigenvalues_parameters.begin() + 1, i.eigenvalues_parameters.end()},
                  {2.56e-5, 4.50e-4, 9.83e-3, 8.04e-2, 2.926e-1},
                  2e-3);
}

TEST(Identify, NamesTheSloppyDirection) {
  const Proxy p("proxy1d");
  const auto i = p.at(truth1d, 1e5);
  ASSERT_FALSE(i.sloppy_directions.empty());
  const auto& d = i.sloppy_directions[0];
  EXPECT_NEAR(coefficient(d, "a_u"), 0.00005, 1e-5);
  EXPECT_NEAR(coefficient(d, "b_u"), -0.0466, 1e-4);
  EXPECT_NEAR(coefficient(d, "ln_ratio"), 0.7873, 1e-4);
  EXPECT_NEAR(coefficient(d, "a_d"), -0.0623, 1e-4);
  EXPECT_NEAR(coefficient(d, "b_d"), -0.6116, 1e-4);
  EXPECT_NEAR(d.sd, 1 / std::sqrt(2.49376), 1e-4);
}

TEST(Identify, GivesTheFloorsOfShapesOnly) {
  const Proxy p("proxy1d");
  const auto i = p.at(truth1d, 1e5);
  EXPECT_EQ(i.identified, (std::vector<bool>{false, true, true, false, true, true}));
  EXPECT_TRUE(std::isnan(i.floors[0]));
  EXPECT_TRUE(std::isnan(i.floors[3]));
  expect_relative({i.floors[1], i.floors[2], i.floors[4], i.floors[5]},
                  {0.01736, 0.04753, 0.05470, 0.40336},
                  3e-4);
  ASSERT_EQ(i.derived_floors.size(), 1u);
  EXPECT_TRUE(i.derived_identified[0]);
  EXPECT_NEAR(i.derived_floors[0], 0.50644, 1e-5);
}

TEST(Identify, NeedsTenThousandTimesTheRecordsForAHundredthOfTheError) {
  const Proxy p("proxy1d");
  const auto i = p.at(truth1d, 1e5);
  EXPECT_NEAR(records_for(i, 5, 0.0040336) / 1e9, 1, 1e-3);
  EXPECT_NEAR(records_for(i, 6, 0.050644) / 1e7, 1, 1e-4);
  EXPECT_TRUE(std::isinf(records_for(i, 0, 0.1)));
}

TEST(Identify, KnownNormsMakeTheScalesIdentified) {
  const Proxy p("proxy1d");
  const auto i = p.at(truth1d, 1e5, exact_norms(p));
  EXPECT_EQ(i.rank, 6);
  EXPECT_TRUE(i.null_directions.empty());
  expect_relative(i.floors, {0.08171, 0.01733, 0.03865, 0.09253, 0.03650, 0.10243}, 5e-4);
}

TEST(Identify, CountsWithKnownLuminosityMakeTheScalesIdentified) {
  const Proxy p("proxy1d");
  const auto i = p.at(truth1d, 1e5, counts(p, 1e5, 0));
  EXPECT_EQ(i.rank, 6);
  expect_relative(i.floors, {0.08214, 0.01733, 0.03865, 0.09264, 0.03650, 0.10256}, 2e-3);
}

TEST(Identify, CountsWithFreeLuminosityFixTheRatioOnly) {
  const Proxy p("proxy1d");
  const auto i = p.at(truth1d, 1e5, counts(p, 1e5, -1));
  EXPECT_EQ(i.rank, 5);
  EXPECT_EQ(i.null_directions.size(), 1u);
  expect_relative({i.floors[1], i.floors[2], i.floors[4], i.floors[5]},
                  {0.01733, 0.03865, 0.03650, 0.10256},
                  2e-3);
  EXPECT_NEAR(i.derived_floors[0], 0.10788, 3e-4);
}

TEST(Identify, UncertainLuminosityWidensTheScales) {
  const Proxy p("proxy1d");
  const auto i = p.at(truth1d, 1e5, counts(p, 1e5, 0.01));
  EXPECT_NEAR(i.floors[0], 0.0850, 2e-4);
  EXPECT_NEAR(i.floors[3], 0.0933, 2e-4);
}

TEST(Identify, HoldingOneScaleFixedIdentifiesTheOther) {
  Proxy p("proxy1d");
  p.setup.fixed[0] = true;
  const auto i = p.at(truth1d, 1e5);
  EXPECT_EQ(i.n_parameters, 5);
  EXPECT_EQ(i.rank, 5);
  EXPECT_NEAR(i.floors[3], 0.554, 1e-3);
  p.setup.fixed[3] = true;
  const auto both = p.at(truth1d, 1e5);
  expect_relative({both.floors[1], both.floors[2], both.floors[4], both.floors[5]},
                  {0.01728, 0.03422, 0.04405, 0.17896},
                  1e-3);
}

TEST(Identify, ReportsEveryParameterOfTheTwoDimensionalProxy) {
  const Proxy p("proxy2d");
  const auto i = p.at(truth2d, 1e5);
  EXPECT_EQ(i.rank, 5);
  expect_relative(
      i.eigenvalues, {4.6719e-4, 1.8348e-2, 2.8848e-2, 7.7907e-1, 9.6042e-1}, 5e-5);
  expect_relative(i.floors, {0.006506, 0.021119, 0.005646, 0.029111, 0.144747}, 2e-4);
  ASSERT_FALSE(i.sloppy_directions.empty());
  EXPECT_NEAR(coefficient(i.sloppy_directions[0], "p4"), 0.989, 1e-3);
}

TEST(Identify, SaysWhenTheBoxBoundsAParameter) {
  const Proxy p("proxy2d");
  bool said = false;
  for (const auto& s : p.at(truth2d, 1e4).sentences)
    said = said || s.starts_with("The box of p4");
  EXPECT_TRUE(said);
}

TEST(Identify, SaysWhatCannotBeKnownAndWhatWouldHelp) {
  const Proxy p("proxy1d");
  const auto i = p.at(truth1d, 1e5);
  ASSERT_FALSE(i.sentences.empty());
  EXPECT_EQ(i.sentences[0],
            "Event shapes fix only the ratio of N_u and N_d: scaling both leaves every "
            "density unchanged, so no number of events determines them. Known norms or "
            "counts (data.norms, data.counts) would.");
}

TEST(Identify, NearlySingularIsNotSingular) {
  const Proxy p("proxy1d");
  // Section 5: at (1, 0.5, 3; 1, 0.5, 3.2) the floor of ln_ratio is 15.2 at 1e5.
  const auto i = p.at({1, 0.5, 3, 1, 0.5, 3.2}, 1e5);
  EXPECT_EQ(i.rank, 5);
  EXPECT_NEAR(i.derived_floors[0], 15.2, 0.05);
}

TEST(Identify, EqualShapesHideTheRatioToo) {
  const Proxy p("proxy1d");
  const auto i = p.at({1, 0.5, 3, 1, 0.5, 3}, 1e5);
  EXPECT_EQ(i.rank, 4);
  EXPECT_FALSE(i.derived_identified[0]);
  EXPECT_EQ(i.identified, (std::vector<bool>{false, true, true, false, true, true}));
}

TEST(Identify, WritesNullForWhatIsNotKnown) {
  const Proxy p("proxy1d");
  const auto json = to_json(p.at(truth1d, 1e5), *p.theory);
  EXPECT_EQ(json["rank"], 5);
  EXPECT_TRUE(json["floors"]["N_u"].is_null());
  EXPECT_NEAR(
      json["null_directions"][0]["combination"]["N_u"].get<double>(), 0.8944, 1e-4);
  EXPECT_EQ(json.dump().find("nan"), std::string::npos);
}

}  // namespace
}  // namespace femto
