// The plugin's components: files, tests, pages and sources; what the runtime is set to.
#include "tests/support/catalogue.h"

#include <filesystem>
#include <iterator>
#include <thread>

#include <ATen/Functions.h>
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

namespace {

std::ptrdiff_t threads_of_process() {
  const std::filesystem::directory_iterator tasks("/proc/self/task");
  return std::distance(begin(tasks), end(tasks));
}

}  // namespace

TEST(NeuralRuntime, TensorsStartNoThreads) {
  neural::prepare_runtime();
  auto text = neural::runtime_text();  // of libtorch and, where it is in use, OpenBLAS
  for (const std::string_view counted = "(threads: "; text.find(counted) != text.npos;) {
    text = text.substr(text.find(counted) + counted.size());
    EXPECT_TRUE(text.starts_with("1)")) << text;
  }
  const auto operate = [] {
    const auto a = at::ones({600, 600}), b = at::mm(a, a);  // BLAS
    at::linear(b, a).tanh_().sum();                         // and elements, a sum
  };
  const auto before = threads_of_process();
  operate();
  EXPECT_EQ(threads_of_process(), before);
  std::thread([&] {  // as in a piece of a parallel loop
    operate();
    EXPECT_EQ(threads_of_process(), before + 1);
  })
      .join();
}
