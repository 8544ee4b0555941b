// Figures hold the numbers of the run; absent arrays leave their figure out.
#include "femto/report/figures.h"

#include <cmath>

#include <gtest/gtest.h>

#include "femto/report/curves.h"
#include "femto/report/sections.h"

namespace femto::report {
namespace {

using nlohmann::json;

io::Array array(const std::string& name,
                std::vector<std::size_t> shape,
                std::vector<double> values) {
  return {name, std::move(shape), std::move(values), "GeV", {}, "made by hand"};
}

void put(Record& r, io::Array a) {
  r.arrays[a.name] = std::move(a);
}

TEST(Figures, EmptyRecordHasNone) {
  const Record r;
  for (const auto draw : {corner,
                          component_spectrum,
                          data_and_fit,
                          densities,
                          density_ratios,
                          eigenvalues,
                          ensemble,
                          errors_over_floors,
                          gradient_norm,
                          image,
                          image_spectrum,
                          belt,
                          contours,
                          impacts,
                          loss,
                          nuisance_pulls,
                          profiles,
                          pulls,
                          trajectories,
                          unfolded,
                          unfolded_correlation})
    EXPECT_FALSE(draw(r).has_value());
}

TEST(Figures, ImpactsAreSharesOfTheErrors) {
  Record r;
  r.result["impacts"] = {
      {"nuisances",
       {{{"name", "scale"}, {"pull", 0.5}, {"constraint", 0.2}}, {{"name", "free"}}}},
      {"quantities",
       {{{"name", "a"}, {"std", 2.0}, {"impacts", {{"scale", -1.0}, {"free", 0.5}}}}}}};
  const auto figure = impacts(r);
  ASSERT_TRUE(figure.has_value());
  const auto& rows = figure->tables[0].rows;
  ASSERT_EQ(rows.size(), 2U);
  for (const auto& row : rows) {
    EXPECT_EQ(row[1], "a");
    EXPECT_DOUBLE_EQ(row[2].get<double>(), row[0] == "scale" ? -0.5 : 0.25);
  }
  const auto pulled = nuisance_pulls(r);
  ASSERT_TRUE(pulled.has_value());
  ASSERT_EQ(pulled->tables[0].rows.size(), 1U);
  EXPECT_DOUBLE_EQ(pulled->tables[0].rows[0][2].get<double>(), 0.3);
  EXPECT_DOUBLE_EQ(pulled->tables[0].rows[0][3].get<double>(), 0.7);
}

TEST(Figures, ContoursDrawEveryPieceAndTheEstimate) {
  Record r;
  r.result["contours"] = {{{"x", "a"}, {"y", "b"}, {"arrays", "contour/a_b"}}};
  r.result["parameters"] = {{{"name", "a"}, {"value", 1.0}},
                            {{"name", "b"}, {"value", 2.0}}};
  put(r, array("contour/a_b/contour68", {1, 4}, {0, 1, 2, 3}));
  put(r, array("contour/a_b/contour95", {2, 4}, {4, 5, 6, 7, 8, 9, 10, 11}));
  const auto figure = contours(r);
  ASSERT_TRUE(figure.has_value());
  const auto& rows = figure->tables[0].rows;
  ASSERT_EQ(rows.size(), 3U);
  EXPECT_EQ(rows[2][1], "95 %");
  EXPECT_EQ(rows[2][4], 10.0);
  EXPECT_EQ(figure->spec.at("concat").at(0).at("layer").size(), 3U);  // no truth
}

TEST(Figures, BeltHasARowForEveryPoint) {
  Record r;
  r.result["parameters"] = {{{"name", "a"}, {"value", 1.0}}};
  EXPECT_FALSE(belt(r).has_value());
  for (const char* key : {"value", "delta2nll", "critical68", "critical95"})
    put(r, array(std::string("belt/a/") + key, {2}, {1, 2}));
  const auto figure = belt(r);
  ASSERT_TRUE(figure.has_value());
  EXPECT_EQ(figure->tables[0].rows.size(), 2U);
}

TEST(Figures, ImageHasAPixelForEveryValue) {
  Record r;
  r.result = {{"image",
               {{"x_label", "x"},
                {"y_label", "xi"},
                {"pictures", json::array({{{"label", "H"}}})}}}};
  put(r, array("image/x", {3}, {-0.5, 0, 0.5}));
  put(r, array("image/y", {2}, {0.1, 0.3}));
  put(r, array("image/mean", {2, 3}, {1, 2, 3, 4, 5, 6}));
  put(r, array("image/sd", {2, 3}, {1, 1, 1, 1, 1, 0.5}));
  put(r, array("image/prior_sd", {2, 3}, {2, 2, 2, 2, 2, 2}));
  const auto figure = image(r);
  ASSERT_TRUE(figure.has_value());
  EXPECT_EQ(figure->spec.at("concat").size(), 3U);  // mean, width, width left
  const auto& rows = figure->tables[0].rows;
  ASSERT_EQ(rows.size(), 6U);
  EXPECT_DOUBLE_EQ(rows[0][0].get<double>(), -0.75);
  EXPECT_DOUBLE_EQ(rows[5][1].get<double>(), 0.75);
  EXPECT_DOUBLE_EQ(rows[5][3].get<double>(), 0.4);
  EXPECT_DOUBLE_EQ(rows[5][6].get<double>(), 0.25);
  put(r, array("image/truth", {2, 3}, {1, 2, 3, 4, 5, 5}));
  EXPECT_EQ(image(r)->spec.at("concat").size(), 5U);
  EXPECT_DOUBLE_EQ(image(r)->tables[0].rows[5][8].get<double>(), 2);
  put(r, array("image/truth", {2}, {1, 2}));
  EXPECT_FALSE(image(r).has_value());
  put(r, array("image/truth", {2, 3}, {1, 2, 3, 4, 5, 5}));
  // A second picture has panels of its own.
  for (const char* name : {"mean", "sd", "prior_sd", "truth"})
    put(r, array(std::string("image/") + name, {2, 2, 3}, std::vector<double>(12, 1.0)));
  EXPECT_EQ(image(r)->spec.at("concat").size(), 10U);
  EXPECT_EQ(image(r)->tables.size(), 2U);
  put(r, array("image/information", {3}, {10, 0.1, 0}));
  EXPECT_EQ(image_spectrum(r)->tables[0].rows.size(), 2U);
}

TEST(Figures, ResidualsAreInUnitsOfTheExpectedError) {
  Record r;
  put(r, array("histograms/x/edges", {4}, {0, 1, 2, 3}));
  put(r, array("histograms/x/data", {3}, {110, 0, 2}));
  put(r, array("histograms/x/fit", {3}, {100, 4, 0.25}));
  const auto figure = data_and_fit(r);
  ASSERT_TRUE(figure.has_value());
  const auto& rows = figure->tables[0].rows;
  ASSERT_EQ(rows.size(), 4U);  // three bins and the last edge
  const std::size_t residual = 7, middle = 2;
  EXPECT_DOUBLE_EQ(rows[0][residual].get<double>(), 1.0);
  EXPECT_DOUBLE_EQ(rows[1][residual].get<double>(), -2.0);
  EXPECT_TRUE(rows[2][residual].is_null());
  EXPECT_DOUBLE_EQ(rows[1][middle].get<double>(), 1.5);
  EXPECT_NE(figure->spec.dump().find("x [GeV]"), std::string::npos);
}

TEST(Figures, UnfoldedBinsHaveErrorsAndTruth) {
  Record r;
  put(r, array("unfolded/x/edges", {3}, {0, 1, 3}));
  put(r, array("unfolded/x/value", {2}, {100, 50}));
  put(r, array("unfolded/x/error", {2}, {12, 8}));
  put(r, array("unfolded/x/truth", {2}, {90, 60}));
  put(r, array("unfolded_covariance", {2, 2}, {144, 48, 48, 64}));
  const auto figure = unfolded(r);
  ASSERT_TRUE(figure.has_value());
  const auto& rows = figure->tables[0].rows;
  ASSERT_EQ(rows.size(), 3U);  // two bins and the last edge
  EXPECT_EQ(rows[1], json({"x", 1.0, 2.0, 50.0, 42.0, 58.0, nullptr, 60.0}));
  const auto correlation = unfolded_correlation(r);
  ASSERT_TRUE(correlation.has_value());
  EXPECT_EQ(correlation->tables[0].rows[1], json({0, 1, 0.5}));
}

TEST(Figures, HistogramOfWrongLengthIsLeftOut) {
  Record r;
  put(r, array("histograms/x/edges", {3}, {0, 1, 2}));
  put(r, array("histograms/x/data", {3}, {1, 2, 3}));
  put(r, array("histograms/x/fit", {3}, {1, 2, 3}));
  EXPECT_FALSE(data_and_fit(r).has_value());
}

TEST(Figures, CornerSkipsWhatIsNotIdentified) {
  Record r;
  r.result = {{"parameters",
               {{{"name", "a"}, {"value", 0}},
                {{"name", "n"}, {"value", 0}, {"identified", false}},
                {{"name", "b"}, {"value", 0}}}}};
  put(r, array("samples/parameters", {4, 3}, {1, 9, 2, 2, 8, 4, 3, 7, 6, 4, 6, 8}));
  const auto figure = corner(r);
  ASSERT_TRUE(figure.has_value());
  EXPECT_EQ(figure->columns, 2);
  EXPECT_EQ(figure->spec["concat"].size(), 4U);
  ASSERT_EQ(figure->tables[0].columns.size(), 2U);
  EXPECT_EQ(figure->tables[0].columns[1].title, "b");
  // b = 2 a: the correlation is one.
  EXPECT_DOUBLE_EQ(figure->spec["concat"][1]["data"]["values"][0]["r"].get<double>(),
                   1.0);
}

TEST(Figures, EllipseOf68PercentHoldsThatShare) {
  Record r;
  r.result = {{"parameters", {{{"name", "a"}}, {{"name", "b"}}}}};
  put(r, array("samples/parameters", {4, 2}, {-1, -1, -1, 1, 1, -1, 1, 1}));
  const auto figure = corner(r);
  ASSERT_TRUE(figure.has_value());
  const double sd = std::sqrt(4.0 / 3.0);
  for (const json& row : figure->tables[2].rows) {
    const double level = row[1] == "68 %" ? 0.68 : 0.95;
    const double x = row[3].get<double>() / sd, y = row[4].get<double>() / sd;
    // P(r < R) of two independent standard normals is 1 - exp(-R^2/2).
    EXPECT_NEAR(1 - std::exp(-(x * x + y * y) / 2), level, 1e-3);
  }
}

TEST(Figures, EigenvaluesLeaveOutNullDirections) {
  Record r;
  r.result = {{"identifiability", {{"eigenvalues", {0.0, 1e-3, 2.0}}}}};
  const auto figure = eigenvalues(r);
  ASSERT_TRUE(figure.has_value());
  EXPECT_EQ(figure->tables[0].rows.size(), 2U);
  EXPECT_NE(figure->caption.find("not drawn: 1"), std::string::npos);
}

TEST(Figures, CaptionOfDensitiesSaysWhatTheCurveIs) {
  Record r;
  put(r, array("bands/u/x", {2}, {0, 1}));
  put(r, array("bands/u/value", {2}, {2, 1}));
  const auto figure = densities(r);
  ASSERT_TRUE(figure.has_value());
  EXPECT_NE(figure->caption.find("made by hand"), std::string::npos);
  EXPECT_TRUE(figure->tables[0].rows[0][3].is_null());  // no band was given
}

TEST(Figures, DensitiesOnALogarithmicGridWithThePriorAndOverTheTruth) {
  Record r;
  const std::vector<double> x = {0.001, 0.01, 0.1, 1};
  for (const std::string group : {"bands/u/", "ratios/u/"}) {
    put(r, array(group + "x", {4}, x));
    put(r, array(group + "value", {4}, {1, 2, 3, 4}));
    put(r, array(group + "truth", {4}, {1, 1, 1, 1}));
    put(r, array(group + "prior_lo", {4}, {0, 1, 2, 3}));
    put(r, array(group + "prior_hi", {4}, {2, 3, 4, 5}));
  }
  const auto bands = densities(r), ratios = density_ratios(r);
  ASSERT_TRUE(bands && ratios);
  for (const auto* figure : {&*bands, &*ratios}) {
    const auto text = figure->spec.dump();
    EXPECT_NE(text.find("\"type\":\"log\""), text.npos);
    EXPECT_NE(text.find("prior_hi"), text.npos);
    EXPECT_EQ(figure->tables[0].rows[1].back(), 3);
  }
  EXPECT_EQ(bands->spec.dump().find("[0,2]"), std::string::npos);
  EXPECT_NE(ratios->spec.dump().find("[0,2]"), std::string::npos);
}

TEST(Figures, TextsSayWhatPriorsHold) {
  Record r;
  r.result = {
      {"parameters", {{{"name", "a"}, {"value", 1.0}, {"std", 0.5}, {"crb", 0.5}}}},
      {"identifiability",
       {{"origin",
         {{"by_data", 12},
          {"by_prior", 11},
          {"null", 17},
          {"sentence", "put in, not measured"}}}}}};
  EXPECT_NE(summary(r).find("12 components are determined by data, 11 mostly and 17"),
            std::string::npos);
  EXPECT_EQ(summary(r).find("smallest that these data allow"), std::string::npos);
  EXPECT_EQ(parameter_table(r).find("unbiased"), std::string::npos);
  EXPECT_NE(identifiability_text(r).find("put in, not measured"), std::string::npos);
}

TEST(Figures, TextsCompareErrorsWithFloorsBothWays) {
  const auto said = [](double first, double second, const char* words) {
    Record r;
    r.result = {{"parameters",
                 {{{"name", "a"}, {"value", 1.0}, {"std", first}, {"crb", 0.5}},
                  {{"name", "b"}, {"value", 1.0}, {"std", second}, {"crb", 0.5}}}}};
    return summary(r).find(words) != std::string::npos;
  };
  EXPECT_TRUE(said(0.5, 0.6, "All errors are near the smallest"));
  EXPECT_FALSE(said(0.5, 0.6, "below the"));
  EXPECT_TRUE(said(0.5, 1.0, "Some errors are well above the smallest"));
  // No unbiased estimate is that good: something else than the data bounds it.
  EXPECT_TRUE(said(0.5, 0.2, "Some errors are below the"));
  EXPECT_FALSE(said(0.5, 0.2, "near the smallest"));
  EXPECT_TRUE(said(1.0, 0.2, "well above"));
  EXPECT_TRUE(said(1.0, 0.2, "below the"));
}

TEST(Figures, ComponentsAboveRoundingAreDrawn) {
  Record r;
  put(r, array("components/information", {3}, {50, 0.5, 1e-12}));
  const auto figure = component_spectrum(r);
  ASSERT_TRUE(figure.has_value());
  EXPECT_EQ(figure->tables[0].rows.size(), 2U);
}

TEST(Figures, ProfileStandsBesideItsParabola) {
  Record r;
  r.result = {{"parameters", {{{"name", "a"}, {"value", 1.0}, {"std", 0.5}}}}};
  put(r, array("profile/a/value", {3}, {0, 1, 3}));
  put(r, array("profile/a/delta2nll", {3}, {5, 0, 9}));
  const auto figure = profiles(r);
  ASSERT_TRUE(figure.has_value());
  EXPECT_DOUBLE_EQ(figure->tables[0].rows[0][3].get<double>(), 4.0);
  EXPECT_DOUBLE_EQ(figure->tables[0].rows[2][3].get<double>(), 16.0);
}

TEST(Figures, LossIsSplitByMemberAndThinned) {
  Record r;
  for (int i = 0; i < 9000; ++i)
    r.metrics.push_back({{"step", "train"},
                         {"member", i % 2},
                         {"iteration", i / 2},
                         {"loss_generator", i == 5000 ? 77.0 : 1.0}});
  EXPECT_EQ(series(r, "loss_generator").size(), 2U);
  const auto figure = loss(r);
  ASSERT_TRUE(figure.has_value());
  const auto& rows = figure->tables[0].rows;
  EXPECT_LE(rows.size(), 2000U);
  const auto is_spike = [](const json& row) { return row[3] == 77.0; };
  EXPECT_TRUE(std::ranges::any_of(rows, is_spike));
}

TEST(Figures, PanelsOfParametersOnTheWay) {
  Record r;
  r.metrics = {{{"iteration", 0}, {"theta", {{"a", 1.0}}}},
               {{"iteration", 1}, {"theta", {{"a", 2.0}}}}};
  const auto figure = trajectories(r);
  ASSERT_TRUE(figure.has_value());
  EXPECT_EQ(figure->tables[0].rows[1], json({"a", "run", 1.0, 2.0}));
}

TEST(Figures, NotFiniteNumbersBecomeNull) {
  Table t{"t", {{"x", "x"}}, {}};
  t.add({NAN});
  t.add({1.0 / 3});
  EXPECT_TRUE(t.rows[0][0].is_null());
  EXPECT_DOUBLE_EQ(t.rows[1][0].get<double>(), 0.333333);
}

}  // namespace
}  // namespace femto::report
