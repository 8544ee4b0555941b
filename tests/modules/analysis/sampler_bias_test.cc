// The analysis of sampler bias reports the meter at the size of the data.
#include "tests/support/proxies.h"
#include "tests/support/tasks.h"
#include <gtest/gtest.h>

#include "femto/pipeline/analysis.h"

namespace femto {
namespace {

using testing::build;
using testing::truth1d;
using testing::Workshop;

Findings examine(const std::string& settings) {
  Workshop w(build<Theory>("proxy1d"));
  w.take(w.drawn(truth1d, 500, 1));
  const Task task = w.task();
  const Fit fit{.theta = truth1d};
  const std::vector<Fit> members{fit};
  const Fitted fitted{task, fit, members, truth1d, Matrix(6, 6), {}};
  SilentMonitor monitor;
  return build<Analysis>("{type: sampler_bias, simulated: 20000" + settings + "}")
      ->examine(fitted, monitor);
}

TEST(SamplerBiasAnalysis, IsGreenForTheExactSamplerAndFewRecords) {
  const auto found = examine("");
  EXPECT_EQ(found.key, "sampler_bias");
  EXPECT_EQ(found.result["records"], 500.0);  // those of the data
  EXPECT_EQ(found.result["verdict"], "green");
  EXPECT_EQ(found.result["method"], "quadrature");
  ASSERT_EQ(found.notes.size(), 1u);
  EXPECT_NE(found.notes[0].find("green"), std::string::npos);
}

TEST(SamplerBiasAnalysis, IsRedForMoreRecordsThanTheGridCanServe) {
  const double safe = examine("").result["safe_records"];
  EXPECT_GT(safe, 1e5);  // 2000 nodes serve the shipped data
  const auto found = examine(fmt::format(", records: {}", 2 * safe));
  EXPECT_EQ(found.result["verdict"], "red");
  EXPECT_NEAR(found.result["safe_records"], safe, 1e-6 * safe);
}

}  // namespace
}  // namespace femto
