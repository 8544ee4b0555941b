// Impacts against refits with the nuisance parameter fixed or moved.
#include <cmath>

#include "tests/support/proxies.h"
#include "tests/support/tasks.h"
#include <gtest/gtest.h>

#include "femto/pipeline/analysis.h"
#include "femto/pipeline/spectrum.h"
#include "femto/stats/linear.h"

namespace femto {
namespace {

using testing::build;
using testing::truth1d;
using testing::Workshop;

constexpr std::size_t b_u = 2;

struct Scene {
  Workshop w{build<Theory>("{type: proxy1d}")};
  Matrix information;
  nlohmann::ordered_json found;

  explicit Scene(bool known) {
    w.take(w.drawn(truth1d, 1000, 1));
    w.setup.fixed[0] = true;  // the common scale
    if (known) {
      Matrix variance(1, 1);
      variance(0, 0) = 0.04 * 0.04;
      w.side.constraints.push_back({ConstraintForm::gaussian, {b_u}, {3.1}, variance, 1});
    }
    const Task task = w.task();
    information = expected_information(*w.density, w.side, 1000, truth1d);
    const auto covariance = spectrum(information, w.setup.fixed).inverse;
    Fit fit;
    fit.theta = truth1d;
    const std::vector<Fit> members{fit};
    const Fitted fitted{task, fit, members, truth1d, covariance, truth1d};
    SilentMonitor monitor;
    auto findings = build<Analysis>("impacts")->examine(fitted, monitor);
    EXPECT_EQ(findings.key, known ? "impacts" : "");
    found = std::move(findings.result);
  }

  /// Of the information among these parameters alone.
  Matrix inverse(const std::vector<std::size_t>& free) const {
    Matrix part(free.size(), free.size());
    for (std::size_t i = 0; i < free.size(); ++i)
      for (std::size_t j = 0; j < free.size(); ++j)
        part(i, j) = information(free[i], free[j]);
    return *stats::cholesky_inverse(part);
  }
};

TEST(Impacts, AreWhatRefitsWouldShow) {
  const Scene s(true);
  const std::vector<std::size_t> others{1, 3, 4, 5};
  const Matrix all = s.inverse({1, 2, 3, 4, 5}), fixed = s.inverse(others);
  const double sd_b = std::sqrt(all(1, 1));
  // The others at their minimum when b_u has moved: -I_oo^-1 I_ob sd_b.
  std::vector<double> cross;
  for (const auto j : others) cross.push_back(s.information(j, b_u));
  const auto moved = stats::multiply(fixed, cross);
  const auto& rows = s.found["quantities"];
  ASSERT_EQ(rows.size(), 5u);  // a_u, N_d, a_d, b_d and ln_ratio
  for (std::size_t i = 0; i < others.size(); ++i) {
    const auto& row = rows[i];
    EXPECT_EQ(row["name"], s.w.setup.parameters[others[i]].name);
    const double shift = -moved[i] * sd_b;
    EXPECT_NEAR(row["impacts"]["b_u"].get<double>() / shift, 1, 1e-6);
    EXPECT_NEAR(row["statistical"].get<double>() / std::sqrt(fixed(i, i)), 1, 1e-6);
    EXPECT_NEAR(
        std::hypot(row["statistical"].get<double>(), row["systematic"].get<double>()),
        row["std"].get<double>(),
        1e-9);
  }
  const auto& nuisance = s.found["nuisances"][0];
  EXPECT_EQ(nuisance["name"], "b_u");
  EXPECT_NEAR(nuisance["pull"].get<double>(), (3 - 3.1) / 0.04, 1e-12);
  EXPECT_NEAR(nuisance["constraint"].get<double>(), sd_b / 0.04, 1e-9);
}

TEST(Impacts, AreNotThereWithoutNuisances) {
  EXPECT_TRUE(Scene(false).found.is_null());
}

}  // namespace
}  // namespace femto
