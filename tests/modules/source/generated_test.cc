// Events drawn from the theory itself.
#include "tests/pipeline/sample_study.h"
#include "tests/support/build.h"
#include <gtest/gtest.h>

#include "femto/core/threads.h"

namespace femto {
namespace {

const std::string settings = R"(events: 70000
seed: 3
at: {N_u: 2.1875, a_u: -0.5, b_u: 3, N_d: 1.09375, a_d: -0.5, b_d: 4}
)";

std::vector<double> first_column(const Source& source, const Theory& theory) {
  std::vector<double> out;
  source.read(testing::bare(theory),
              [&](std::uint64_t first, const io::EventTable& chunk) {
                EXPECT_EQ(first, out.size());
                out.insert(out.end(), chunk.column(0).begin(), chunk.column(0).end());
              });
  return out;
}

TEST(GeneratedSource, DrawsWhatItSays) {
  const auto registry = builtin_registry();
  const auto theory = registry.build<Theory>("proxy1d");
  const auto source = registry.build<Source>("generated", settings);
  EXPECT_EQ(source->inspect(testing::bare(*theory)).rows, 70000u);
  EXPECT_NE(source->inspect(testing::bare(*theory)).label.find("inverse crime"),
            std::string::npos);
  const auto x = first_column(*source, *theory);
  ASSERT_EQ(x.size(), 70000u);
  double sum = 0;
  for (const double value : x) sum += value;
  // Mean and variance of channel 1 at the truth (proxy applications, table 1.3);
  // band: 5 standard errors of the mean.
  const double band = 5 * std::sqrt(0.0172293359924 / 70000);
  EXPECT_NEAR(sum / 70000, 0.2441631348649, band);
}

TEST(GeneratedSource, IsTheSameForAnyThreads) {
  const auto registry = builtin_registry();
  const auto theory = registry.build<Theory>("proxy1d");
  const auto source = registry.build<Source>("generated", settings);
  set_threads(1);
  const auto one = first_column(*source, *theory);
  set_threads(2);
  EXPECT_EQ(one, first_column(*source, *theory));
}

TEST(GeneratedSource, NeedsEveryParameter) {
  const auto registry = builtin_registry();
  const auto theory = registry.build<Theory>("proxy1d");
  EXPECT_THROW(registry.build<Source>("generated", "at: {N_u: 1}")
                   ->inspect(testing::bare(*theory)),
               Error);
  const auto other = registry.build<Theory>("proxy2d");
  EXPECT_THROW(registry.build<Source>("generated", settings + "\n")
                   ->inspect(testing::bare(*other)),
               Error);
}

TEST(GeneratedSource, DrawsFromAnotherTheoryThanTheFittedOne) {
  const auto registry = builtin_registry();
  const std::string dis = "type: dis, order: lo, ";
  const auto fitted = testing::build<Theory>("{" + dis + "densities: gaussian_process}");
  const auto truth = testing::build<Theory>("{" + dis + "free: [up_valence_a]}");
  const std::string at = "events: 500\nseed: 4\nat: {up_valence_a: 0.7}\n";
  const auto source = registry.build<Source>(
      "generated",
      at + "detector: identity\ntheory: {" + dis + "free: [up_valence_a]}\n");
  EXPECT_NE(source->inspect(testing::bare(*fitted)).label.find("another theory"),
            std::string::npos);
  const auto own = registry.build<Source>("generated", at);
  EXPECT_EQ(first_column(*source, *fitted), first_column(*own, *truth));
  EXPECT_THROW(registry.build<Source>("generated", at + "theory: {" + dis + "}\n"),
               Error);
  const auto other = registry.build<Theory>("proxy1d");
  EXPECT_THROW(source->inspect(testing::bare(*other)), Error);
}

}  // namespace
}  // namespace femto
