// Running integrals: right to round-off, never decreasing, whatever the number of nodes.
#include "tests/cuda/machine.h"
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace femto {
namespace {

using testing::Host;

std::vector<double> integrate(const Host& host,
                              const std::vector<double>& x,
                              const std::vector<double>& value) {
  Host::Array<double> nodes(x), values(value), out(x.size());
  const auto n = static_cast<std::int64_t>(x.size());
  cuda::launch(
      cuda::RunningIntegral<double>{1, n, nodes.data(), values.data(), n, 1, out.data()},
      host.where);
  return out.values();
}

RC_GTEST_PROP(CudaScan, IntegralIsTheSumOfTrapezoids, ()) {
  const auto size = *rc::gen::inRange<std::size_t>(2, 1500);
  const auto x = testing::some_nodes(size, size);
  auto value = testing::some(size + 1, size);
  for (double& v : value) v = v < 0.3 ? 0 : std::exp(40 * v - 30);  // zeros and tails
  const auto found = integrate({}, x, value);
  RC_ASSERT(found == integrate(testing::backwards, x, value));
  long double sum = 0;
  RC_ASSERT(found[0] == 0);
  for (std::size_t k = 0; k + 1 < size; ++k) {
    sum += (static_cast<long double>(x[k + 1]) - x[k]) * 0.5L *
           (static_cast<long double>(value[k]) + value[k + 1]);
    RC_ASSERT(found[k + 1] >= found[k]);
    // one rounding for each of at most 12 + 16 + 8 additions, and of each term
    RC_ASSERT(std::abs(static_cast<double>(found[k + 1] - sum)) <=
              40 * 1.2e-16 * static_cast<double>(sum));
  }
}

TEST(CudaScan, PartsAreAddedInOrder) {
  // 1e16 - 1e16 + 1 = 1, but 1e16 + 1 - 1e16 = 0
  const std::vector<double> parts = {1e16, 5, -1e16, 6, 1, 7, 1e16, 1, 1, 2, -1e16, 3};
  Host::Array<double> in(parts), out(4);
  cuda::launch(cuda::FoldParts<double>{2, 3, 2, in.data(), out.data(), 2},
               cuda::OnHost{});
  EXPECT_EQ(out.values(), (std::vector<double>{1, 18, 0, 6}));
}

}  // namespace
}  // namespace femto
