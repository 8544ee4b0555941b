// Adam of the kernels against the algorithm as printed, in double precision.
#include "tests/cuda/machine.h"
#include <gtest/gtest.h>

namespace femto {
namespace {

using testing::Host;

TEST(CudaAdam, TakesThePublishedSteps) {
  constexpr std::size_t n = 300;
  const cuda::AdamRates rates{0.01, 0.5, 0.99, 1e-8};
  Host::Array<double> p(testing::some(1, n, -1, 1)), m(n), v(n);
  auto wanted = p.values();
  std::vector<double> mean(n), square(n);
  for (int t = 1; t <= 20; ++t) {
    const auto g = testing::some(static_cast<std::uint64_t>(t), n, -1, 1);
    Host::Array<double> gradient(g);
    cuda::launch(cuda::AdamStep<double>(
                     n, p.data(), m.data(), v.data(), gradient.data(), t, rates),
                 cuda::OnHost{});
    for (std::size_t i = 0; i < n; ++i) {  // Kingma:2015, algorithm 1
      mean[i] = 0.5 * mean[i] + (1 - 0.5) * g[i];
      square[i] = 0.99 * square[i] + (1 - 0.99) * g[i] * g[i];
      const double mean_hat = mean[i] / (1 - std::pow(0.5, t));
      const double square_hat = square[i] / (1 - std::pow(0.99, t));
      wanted[i] -= 0.01 * mean_hat / (std::sqrt(square_hat) + 1e-8);
    }
  }
  for (std::size_t i = 0; i < n; ++i) EXPECT_NEAR(p.values()[i], wanted[i], 1e-14);
}

}  // namespace
}  // namespace femto
