// The plugin's components: files, tests, pages and sources; what the runtime is set to.
#include "tests/support/catalogue.h"

#include <gtest/gtest.h>

#include "femto/config/registry.h"
#include "femto/neural/runtime.h"

extern "C" void femto_register(femto::Registry& r);

using namespace femto;

TEST(NeuralCatalogue, IsComplete) {
  Registry registry;
  femto_register(registry);
  test::check_catalogue(registry, "src/femto/neural", "tests/neural");
  EXPECT_TRUE(registry.shelf("solver").contains("gan"));
  EXPECT_TRUE(registry.shelf("objective").contains("adversarial"));
  EXPECT_TRUE(registry.shelf("analysis").contains("classifier_test"));
}

TEST(NeuralCatalogue, RuntimeNamesItsParts) {
  const auto text = neural::runtime_text();
  EXPECT_NE(text.find("libtorch"), std::string::npos) << text;
  EXPECT_NE(text.find("BLAS"), std::string::npos) << text;
}
