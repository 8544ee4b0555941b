// Theory dis with flavours that join at their masses: jumps, events, settings.
#include <algorithm>
#include <cmath>

#include "tests/support/build.h"
#include "tests/support/tasks.h"
#include <gtest/gtest.h>

#include "femto/core/error.h"
#include "femto/pipeline/density.h"

namespace femto {
namespace {

using testing::build;
using testing::Workshop;

const double ln_bottom2 = 2 * std::log(4.5);

std::unique_ptr<Theory> dis(const std::string& order) {
  return build<Theory>("{type: dis, order: " + order +
                       ", scheme: variable, start_q2: 1.9, curve_q2: [50]}");
}

/// sigma at ln x and ln Q2, and d ln sigma/d theta.
double sigma(const Theory& theory,
             std::span<const double> theta,
             double ln_x,
             double ln_q2,
             std::vector<double>* slopes = nullptr) {
  const double* x[] = {&ln_x, &ln_q2};
  std::vector<double> f(theory.feature_count(0));
  std::vector<double*> out;
  std::vector<const double*> in;
  for (auto& one : f) out.push_back(&one), in.push_back(&one);
  theory.features(0, 1, x, out.data());
  double log_sigma = 0;
  std::vector<double*> to;
  if (slopes) {
    slopes->resize(theta.size());
    for (auto& one : *slopes) to.push_back(&one);
  }
  theory.evaluate(0, theta, 1, in.data(), &log_sigma, slopes ? to.data() : nullptr);
  return std::exp(log_sigma);
}

TEST(DisScheme, JumpsWhereAFlavourJoinsBeyondLeadingOrder) {
  const std::vector<double> theta = {0.8, 3, -0.1, 0.19};
  for (const std::string order : {"lo", "nlo"}) {
    const auto theory = dis(order);
    const auto& axis = theory->channels()[0].axes[1];
    ASSERT_EQ(axis.breaks.size(), 1u);
    EXPECT_NEAR(axis.breaks[0], ln_bottom2, 1e-12);
    EXPECT_EQ(std::ranges::count(axis.panels, axis.breaks[0]), 1);
    const double below = sigma(*theory, theta, std::log(0.02), ln_bottom2 - 1e-9);
    const double above = sigma(*theory, theta, std::log(0.02), ln_bottom2 + 1e-9);
    const double jump = above / below - 1;
    // The gluon's coefficient, for one more charge of 1/9 beside 10/9.
    if (order == "lo")
      EXPECT_LT(std::abs(jump), 1e-7);
    else
      EXPECT_TRUE(std::abs(jump) > 1e-3 && std::abs(jump) < 0.05) << jump;
    for (const double at : {ln_bottom2 - 0.01, ln_bottom2 + 0.01}) {
      std::vector<double> slopes;
      sigma(*theory, theta, std::log(0.1), at, &slopes);
      for (std::size_t k = 0; k < theta.size(); ++k) {
        auto up = theta, down = theta;
        up[k] += 1e-4;
        down[k] -= 1e-4;
        const double slope = std::log(sigma(*theory, up, std::log(0.1), at) /
                                      sigma(*theory, down, std::log(0.1), at)) /
                             2e-4;
        EXPECT_NEAR(slopes[k], slope, 1e-5 * (1 + std::abs(slope)));
      }
    }
  }
}

TEST(DisScheme, DrawsHeavyFlavoursAndEventsOnBothSides) {
  const std::vector<double> theta = {0.8, 3, -0.1, 0.19};
  Workshop w(dis("nlo"));
  std::vector<std::string> heavy;
  for (const auto& c : w.theory->curves())
    if (c.name.starts_with("charm") || c.name.starts_with("bottom")) {
      heavy.push_back(c.name);
      EXPECT_GT(c.value(0.05, theta), 0);
    }
  EXPECT_EQ(heavy, (std::vector<std::string>{"charm_at_50", "bottom_at_50"}));
  // The share of events above the threshold against Simpson's rule on either side.
  const auto& axes = w.theory->channels()[0].axes;
  const auto integral = [&](double from, double to) {
    const int n = 24;
    double sum = 0;
    for (int i = 0; i <= n; ++i)
      for (int j = 0; j <= n; ++j) {
        const auto weight = [&](int k) { return k == 0 || k == n ? 1 : k % 2 ? 4 : 2; };
        const double a = axes[0].lo + (axes[0].hi - axes[0].lo) * i / n;
        const double b = from + (to - from) * (j == 0 ? 1e-9 : j == n ? n - 1e-9 : j) / n;
        sum += weight(i) * weight(j) * sigma(*w.theory, theta, a, b);
      }
    return sum * (to - from);
  };
  const double below = integral(axes[1].lo, ln_bottom2),
               above = integral(ln_bottom2, axes[1].hi);
  constexpr std::size_t records = 50'000;
  const auto events = w.drawn(theta, records, 4);
  double count = 0;
  for (std::size_t i = 0; i < records; ++i) count += events.column(1)[i] > ln_bottom2;
  const double share = above / (above + below);
  EXPECT_NEAR(count / records, share, 4 * std::sqrt(share * (1 - share) / records));
}

TEST(DisScheme, RefusesMassesThatMakeNoSense) {
  for (const char* wrong :
       {"bottom_mass: 1.3", "start_q2: 25", "start_q2: 3, q2_min: 12, curve_q2: [1.5]"})
    EXPECT_THROW(
        build<Theory>(std::string("{type: dis, scheme: variable, ") + wrong + "}"), Error)
        << wrong;
}

}  // namespace
}  // namespace femto
