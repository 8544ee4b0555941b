// Legendre products against Boost's polynomials.
#include "femto/stats/legendre.h"

#include <algorithm>

#include <boost/math/special_functions/legendre.hpp>
#include <gtest/gtest.h>

using namespace femto::stats;

TEST(LegendreProducts, AreProductsOfAllDegreesUpToTheTotal) {
  const LegendreProducts f({{0, 2}, {-3, 1}}, 4);
  EXPECT_EQ(f.axes(), 2U);
  ASSERT_EQ(f.count(), 14U);  // 5 * 6 / 2 pairs of degrees, without the constant
  const std::vector<double> x{1.7, -2.2};
  std::vector<double> found(f.count()), expected;
  f.evaluate(x, found);
  for (int i = 0; i <= 4; ++i)
    for (int j = 0; i + j <= 4; ++j)
      if (i + j > 0)
        expected.push_back(boost::math::legendre_p(i, 0.7) *
                           boost::math::legendre_p(j, -0.6));
  std::ranges::sort(found);
  std::ranges::sort(expected);
  for (std::size_t t = 0; t < found.size(); ++t)
    EXPECT_NEAR(found[t], expected[t], 1e-14);
}
