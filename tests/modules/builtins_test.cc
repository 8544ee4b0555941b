// The registry that the build writes from the list of files.
#include "femto/modules/builtins.h"

#include <gtest/gtest.h>

namespace femto {
namespace {

TEST(Builtins, HoldTheProxiesAndTheirExactSampler) {
  const auto registry = builtin_registry();
  for (const auto* theory : {"proxy1d", "proxy2d", "gaussian_experiments"})
    EXPECT_EQ(registry.shelf("theory").count(theory), 1u) << theory;
  for (const auto* sampler : {"inverse_cdf", "loits"})
    EXPECT_EQ(registry.shelf("sampler").count(sampler), 1u) << sampler;
  EXPECT_EQ(registry.shelf("detector").count("identity"), 1u);
  EXPECT_EQ(registry.shelf("analysis").count("sampler_bias"), 1u);
}

}  // namespace
}  // namespace femto
