// What a plan finds wrong before anything runs, and what it settles.
#include "femto/pipeline/plan.h"

#include "tests/pipeline/sample_study.h"
#include <gtest/gtest.h>

#include "femto/core/hash.h"
#include "femto/pipeline/parameters.h"
#include "femto/pipeline/wires.h"

namespace femto {
namespace {

using test::Folder;
using test::plan_of;
using test::write_pairs;

const std::string study = R"(data: {path: pairs.npy}
theory: proxy1d
)";

/// The message of the ConfigError that the study gives.
std::string problems(const std::string& text, std::vector<std::string> overrides = {}) {
  const Folder folder;
  write_pairs(folder / "pairs.npy");
  try {
    plan_of(folder / "", text, std::move(overrides));
  } catch (const config::ConfigError& error) {
    return error.what();
  }
  return "nothing";
}

void expect_in(const std::string& part, const std::string& text) {
  EXPECT_NE(text.find(part), std::string::npos) << "no '" << part << "' in\n" << text;
}

TEST(Plan, BuildsEveryComponentOfASmallStudy) {
  const Folder folder;
  write_pairs(folder / "pairs.npy", 123);
  const auto plan = plan_of(folder / "", study);
  EXPECT_EQ(plan.study.name, "study");
  EXPECT_EQ(plan.info.rows, 123u);
  EXPECT_EQ(plan.info.checksum, file_checksum(folder / "pairs.npy"));
  EXPECT_EQ(plan.setup.parameters.size(), 6u);
  EXPECT_TRUE(plan.truth.empty());
  EXPECT_EQ(plan.generator, nullptr);
  EXPECT_TRUE(plan.solver && plan.objective && plan.sampler && plan.detector);
}

TEST(Plan, ResolvedTextCanBeRunFromAnywhere) {
  const Folder folder, elsewhere;
  write_pairs(folder / "pairs.npy");
  const auto plan = plan_of(folder / "", study, {"seed=7"});
  const auto again = plan_of(elsewhere / "", plan.resolved);
  EXPECT_EQ(again.info.checksum, plan.info.checksum);
  EXPECT_EQ(again.study.seed, 7u);
  EXPECT_EQ(again.resolved, plan.resolved);
}

TEST(Plan, ReportsAllProblemsTogether) {
  const auto text = problems(study + R"(parameters:
  N_v: {min: 0}
  a_u: {min: 2, max: 1}
  b_u: {start: 99}
truth: {N_u: 1}
ensemble: {members: 2, only: 2}
)");
  expect_in("5 problems", text);
  expect_in("theory 'proxy1d' has no parameter 'N_v'", text);
  expect_in("did you mean 'N_u'?", text);
  expect_in("the box [2, 1] is empty", text);
  expect_in("99 is not inside the box", text);
  expect_in("misses a_u, b_u, N_d, a_d, b_d", text);
  expect_in("there is no member 2 among 2", text);
}

TEST(Plan, PointsAtLineAndColumn) {
  expect_in("study.yaml:4:8: parameters.N_v",
            problems(study + "parameters:\n  N_v: {min: 0}\n"));
  expect_in("command line:1:", problems(study, {"parameters.N_v.min=0"}));
}

TEST(Plan, RefusesSideInformationOfTheWrongSize) {
  expect_in("data.norms: has 1 numbers, the theory has 2 channels",
            problems(study, {"data.norms=[1]", "data.norm_uncertainties=[0.1]"}));
}

TEST(Plan, RefusesAStudyWithoutFreeParameters) {
  std::vector<std::string> all;
  for (const char* name : {"N_u", "a_u", "b_u", "N_d", "a_d", "b_d"})
    all.push_back(std::string("parameters.") + name + ".fixed=0.5");
  expect_in("every parameter is fixed", problems(study, all));
}

TEST(Plan, WrongDataAloneAreADataError) {
  const Folder folder;
  EXPECT_THROW(plan_of(folder / "", study), DataError);
  EXPECT_EQ(plan_of(folder / "", study, {}, DataUse::optional).info.rows, 0u);
}

TEST(Plan, WrongDataAreReportedWithTheOtherProblems) {
  const Folder folder;
  try {
    plan_of(folder / "", study, {"parameters.N_v.min=0"});
    FAIL() << "accepted";
  } catch (const config::ConfigError& error) {
    expect_in("2 problems", error.what());
    expect_in("pairs.npy", error.what());
  }
}

TEST(Plan, EditsTheParametersOfTheTheory) {
  const Folder folder;
  write_pairs(folder / "pairs.npy");
  const auto plan =
      plan_of(folder / "", study, {"parameters.b_u.max=4", "parameters.a_d.fixed=-0.25"});
  const auto b_u = static_cast<std::size_t>(parameter_index(*plan.theory, "b_u"));
  const auto a_d = static_cast<std::size_t>(parameter_index(*plan.theory, "a_d"));
  EXPECT_EQ(plan.setup.parameters[b_u].hi, 4);
  EXPECT_TRUE(plan.setup.fixed[a_d]);
  EXPECT_EQ(plan.setup.parameters[a_d].start, -0.25);
  EXPECT_FALSE(plan.setup.fixed[b_u]);
}

TEST(Plan, ListsWiresFromDataToSolver) {
  const Folder folder;
  write_pairs(folder / "pairs.npy", 50);
  const auto table = wire_table(plan_of(folder / "", study, {"analyses=[]"}).wires);
  expect_in("data[50; x1, x2]", table);
  expect_in("theta[6]", table);
  expect_in("theta[6], 6 free", table);
}

TEST(ParameterValues, AreReadByName) {
  const auto theory = builtin_registry().build<Theory>("proxy1d");
  const std::vector<double> rest = {1, 2, 3, 4, 5, 6};
  EXPECT_EQ(parameter_values(*theory, {"b_u=-1e-3"}, rest),
            (std::vector<double>{1, 2, -1e-3, 4, 5, 6}));
  EXPECT_THROW(parameter_values(*theory, {"b_x=1"}, rest), Error);
  EXPECT_THROW(parameter_values(*theory, {"b_u"}, rest), Error);
  EXPECT_THROW(parameter_values(*theory, {"b_u=1x"}, rest), Error);
  EXPECT_THROW(parameter_values(*theory, {"b_u=nan"}, rest), Error);
}

}  // namespace
}  // namespace femto
