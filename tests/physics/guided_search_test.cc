// Cells of uniform numbers: by bisection and by guide, against counting.
#include "femto/physics/guided_search.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace femto {
namespace {

RC_GTEST_PROP(GuidedSearch, FindsTheCellThatCountingFinds, ()) {
  const auto cells = *rc::gen::inRange<std::size_t>(1, 3000);
  auto weight = *rc::gen::container<std::vector<int>>(cells, rc::gen::inRange(0, 4));
  weight[*rc::gen::inRange<std::size_t>(0, cells)] = 1;
  std::vector<double> sums{0.0};
  for (const int w : weight) sums.push_back(sums.back() + w);
  const GuidedSearch search(sums);
  std::vector<double> u{0x1p-53, 1 - 0x1p-53};
  for (const int k :
       *rc::gen::container<std::vector<int>>(50, rc::gen::inRange(1, 10000)))
    u.push_back(k / 10000.0);
  std::vector<std::int32_t> bisected(u.size()), guided(u.size());
  search.find(1, u.size(), u.data(), bisected.data());
  search.find(1'000'000, u.size(), u.data(), guided.data());
  for (std::size_t i = 0; i < u.size(); ++i) {
    std::int32_t k = 0;  // cells that end at or below the point
    while (sums[static_cast<std::size_t>(k) + 1] <= u[i] * sums.back()) ++k;
    RC_ASSERT(bisected[i] == k && guided[i] == k);
    RC_ASSERT(weight[static_cast<std::size_t>(k)] > 0);
  }
}

}  // namespace
}  // namespace femto
