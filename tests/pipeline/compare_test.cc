// Objectives side by side: names, agreement with single fits, toys against predictions.
#include "femto/pipeline/compare.h"

#include <cmath>
#include <fstream>

#include "tests/support/build.h"
#include <gtest/gtest.h>

#include "femto/core/error.h"
#include "femto/core/files.h"
#include "femto/core/threads.h"

namespace femto {
namespace {

namespace fs = std::filesystem;

/// A study with the reference point E of the efficiency tables: its toys are regular.
const std::string study = R"(
data: {type: generated, events: 20000, seed: 5,
       at: {N_u: 1, a_u: -0.5, b_u: 3, N_d: 1, a_d: 0.5, b_d: 1}}
theory: proxy1d
solver: {type: fisher_scoring, starts: 1}
parameters: {b_d: {fixed: 1}, a_u: {fixed: -0.5}}
intervals: {method: profile}
ensemble: {members: 3, bootstrap: true}
analyses: []
)";
const std::string truth =
    "truth: {N_u: 1, a_u: -0.5, b_u: 3, N_d: 1, a_d: 0.5, b_d: 1}\n";

struct Bench {
  Components components{builtin_registry()};
  Plan plan;
  std::unique_ptr<Density> density;
  std::unique_ptr<Dataset> data;

  explicit Bench(const std::string& text) {
    const auto file = fs::temp_directory_path() /
                      ("femto_compare_test_" + std::to_string(::getpid()) + ".yaml");
    write_file_atomically(file, text);
    plan = make_plan({.file = file}, components);
    fs::remove(file);
    density = std::make_unique<Density>(plan.fitted());
    data = std::make_unique<Dataset>(*plan.source, *plan.experiment);
  }

  Comparison run(const std::string& labels, int toys = 0) {
    std::vector<Contender> all;
    for (const auto& label : split_objectives(labels))
      all.push_back(contender(label, plan, components.registry()));
    CompareOptions options;
    options.toys = toys;
    return compare(plan, *density, *data, all, options);
  }
};

TEST(Compare, SettingsStayWithTheirObjective) {
  const std::vector<std::string> expected{
      "likelihood:form=binned,bins=50", "mmd", "moments:order=4"};
  EXPECT_EQ(split_objectives("likelihood:form=binned,bins=50,mmd,moments:order=4"),
            expected);
  EXPECT_TRUE(split_objectives(",").empty());
}

TEST(Compare, UnknownNamesAndSettingsAreRefused) {
  Bench b(study);
  EXPECT_THROW(b.run("likelyhood"), Error);
  EXPECT_THROW(b.run("likelihood:bin=50"), Error);
  EXPECT_THROW(b.run("likelihood:bins"), Error);
}

TEST(Compare, RowsAreTheSameDataUnderEachObjective) {
  Bench b(study + truth);
  const auto found = b.run(
      "likelihood,likelihood:form=binned,moments,energy_distance,mmd:bandwidth=0.2");
  ASSERT_EQ(found.objectives.size(), 5u);
  EXPECT_EQ(found.records, 20000u);
  for (const auto& o : found.objectives) {
    EXPECT_EQ(o.outcome, "converged") << o.label << ": " << o.message;
    ASSERT_EQ(o.quantities.size(), 3u) << o.label;  // b_u, a_d, ln_ratio
    for (const auto& q : o.quantities) {
      ASSERT_TRUE(q.std && q.floor && q.residual_in_floors) << o.label << " " << q.name;
      // The observed curvature of a likelihood scatters around the expected one.
      const double least = o.label.starts_with("likelihood") ? 0.95 : 0.999;
      EXPECT_GT(*q.std, least * *q.floor) << o.label << " " << q.name;
      EXPECT_LT(*q.std, 2 * *q.floor) << o.label << " " << q.name;
      EXPECT_LT(std::abs(*q.residual_in_floors), 5) << o.label << " " << q.name;
    }
  }
  // 1,000 bins see what single events tell.
  const auto &one = found.objectives[0], &two = found.objectives[1];
  for (std::size_t i = 0; i < 3; ++i)
    EXPECT_NEAR(
        one.quantities[i].value, two.quantities[i].value, 0.1 * *one.quantities[i].floor);
}

TEST(Compare, SpreadOfToysIsThePredictedError) {
  // 40 toys: a ratio of standard deviations is known to 1 / sqrt(78) = 11 %.
  Bench b(study + truth);
  const auto found = b.run("energy_distance,sliced_wasserstein", 40);
  for (const auto& o : found.objectives) {
    EXPECT_EQ(o.toys, 40) << o.label;
    for (const auto& q : o.quantities) {
      ASSERT_TRUE(q.toy_sd && q.toy_predicted) << o.label << " " << q.name;
      const double ratio = *q.toy_sd / *q.toy_predicted;
      EXPECT_NEAR(ratio, 1, 3.5 / std::sqrt(78.0)) << o.label << " " << q.name;
      EXPECT_NEAR(*q.toy_mean / *q.toy_predicted, 0, 3.5 / std::sqrt(40.0))
          << o.label << " " << q.name;
    }
  }
  const auto json = to_json(found);
  EXPECT_EQ(json["objectives"][0]["toys"]["fitted"], 40);
  EXPECT_TRUE(
      json["objectives"][1]["parameters"][0]["toys"].contains("sd_over_predicted"));
}

TEST(Compare, WithoutATruthToysComeFromTheFirstEstimate) {
  Bench b(study);
  const auto found = b.run("likelihood:form=binned", 2);
  EXPECT_FALSE(found.truth_known);
  EXPECT_FALSE(found.objectives[0].quantities[0].truth);
  EXPECT_EQ(found.objectives[0].toys, 2);
}

TEST(Compare, StudiesWithDetectorsAndConstraintsAreNoDifferent) {
  Bench b(study + truth + R"(
constraints: [{parameters: [a_d], values: [0.5], sd: [0.02]}]
detector:
  type: chain
  stages:
    - {type: resolution, columns: [x1, x2], relative: [0.05, 0.12]}
    - {type: window, column: x1, min: 0.1, max: 1}
    - {type: window, column: x2, min: 0.1, max: 1}
)");
  const auto found = b.run("likelihood:form=binned,energy_distance,moments");
  for (const auto& o : found.objectives) {
    EXPECT_EQ(o.outcome, "converged") << o.label << ": " << o.message;
    for (const auto& q : o.quantities) {
      EXPECT_GT(*q.std, 0.98 * *q.floor) << o.label << " " << q.name;
      EXPECT_LT(std::abs(*q.residual_in_floors), 5) << o.label << " " << q.name;
      // The constraint alone knows a_d to 0.02, and a bad objective cannot spoil that
      // much.
      EXPECT_LT(*q.std, q.name == "a_d" ? 0.025 : 1) << o.label;
    }
  }
}

}  // namespace
}  // namespace femto
