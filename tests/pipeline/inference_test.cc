// Values, errors and intervals of the one-dimensional proxy from measured events.
#include "femto/pipeline/inference.h"

#include <cmath>
#include <cstdlib>

#include "tests/support/proxies.h"
#include "tests/support/tasks.h"
#include <gtest/gtest.h>

#include "femto/pipeline/compress.h"
#include "femto/pipeline/problem.h"
#include "femto/stats/distributions.h"

namespace femto {
namespace {

using testing::build;
using testing::truth1d;
using testing::Workshop;

/// 40,000 pairs, unbinned: n lambda_min = 1, deep in the sloppy regime.
const Workshop& sloppy() {
  static const Workshop made = [] {
    Workshop w(build<Theory>("{type: proxy1d}"));
    w.take(w.drawn(truth1d, 40'000, 11));
    return w;
  }();
  return made;
}

Fit fitted(const Workshop& w, std::vector<double> start) {
  const auto p = problem_of(w.task(), start);
  const auto m = stats::minimise(p.f, start, p.box);
  Fit fit;
  fit.theta = m.x;
  fit.value = m.at.value;
  fit.at_bound = m.at_bound;
  return fit;
}

const Inference& inferred() {
  static const Inference made = [] {
    SilentMonitor monitor;
    return infer(
        sloppy().task(), {fitted(sloppy(), truth1d)}, false, {{}, truth1d}, monitor);
  }();
  return made;
}

const nlohmann::ordered_json& row(const Inference& i, const std::string& name) {
  for (const auto* list : {&i.parameters, &i.derived})
    for (const auto& r : *list)
      if (r["name"] == name) return r;
  throw Bug("no row called " + name);
}

TEST(Inference, LeavesTheScalesWithoutErrors) {
  for (const char* name : {"N_u", "N_d"}) {
    const auto& r = row(inferred(), name);
    EXPECT_EQ(r["identified"], false);
    EXPECT_TRUE(r["std"].is_null());
    EXPECT_TRUE(r["crb"].is_null());
    EXPECT_TRUE(r["interval68"].is_null());
    EXPECT_EQ(r["interval_method"], "none");
  }
}

TEST(Inference, SwitchesToProfilesWhenTheDataAreFew) {
  EXPECT_LT(inferred().identifiability.n_lambda_min, 25);
  for (const char* name : {"a_u", "b_u", "a_d", "b_d", "ln_ratio"}) {
    const auto& r = row(inferred(), name);
    EXPECT_EQ(r["interval_method"], "profile") << name;
    EXPECT_LE(std::fabs(r["residual_in_floors"].get<double>()), 4) << name;
    EXPECT_GT(r["interval95"][1].get<double>(), r["interval68"][1].get<double>() - 1e-12);
    EXPECT_LT(r["interval68"][0].get<double>(), r["value"].get<double>());
  }
}

TEST(Inference, WritesNoNumberThatIsNotFinite) {
  for (const auto* list : {&inferred().parameters, &inferred().derived}) {
    EXPECT_EQ(list->dump().find("nan"), std::string::npos);
    EXPECT_EQ(list->dump().find("inf"), std::string::npos);
  }
  for (const auto& a : inferred().arrays) {
    std::size_t size = 1;
    for (const auto n : a.shape) size *= n;
    EXPECT_EQ(size, a.values.size()) << a.name;
    for (const double x : a.values) ASSERT_TRUE(std::isfinite(x)) << a.name;
  }
}

/// The constrained minimum by another algorithm: 2 [min f on h = end - min f]. With
/// 200,000 pairs of this seed there is one minimum, so every end belongs to it.
TEST(Inference, ProfileEndsAreWhereTheConstrainedMinimumRises) {
  Workshop w(build<Theory>("{type: proxy1d}"), "{type: likelihood, form: binned}");
  w.take(w.drawn(truth1d, 200'000, 12));
  SilentMonitor monitor;
  const auto made = infer(w.task(), {fitted(w, truth1d)}, false, {}, monitor);
  for (const auto& note : made.notes)
    ASSERT_EQ(note.find("other minim"), note.npos) << note;
  const auto p = problem_of(w.task(), made.theta);
  for (const auto& q : quantities_of(*w.theory)) {
    const auto& r = row(made, q.name);
    if (r["interval_method"] != "profile") continue;
    ASSERT_FALSE(r.contains("open_ends")) << q.name;
    for (const auto& [level, key] :
         {std::pair{0.6827, "interval68"}, std::pair{0.95, "interval95"}}) {
      for (const std::size_t side : {0u, 1u}) {
        const double end = r[key][side].get<double>();
        const auto m =
            stats::minimise_on(p.f, {q.value, q.gradient, end}, p.theta, p.box, {});
        EXPECT_NEAR(
            2 * (m.at.value - p.f_min), stats::chi_square_quantile(level, 1), 0.01)
            << q.name << ' ' << key << ' ' << side;
      }
    }
  }
}

TEST(Inference, DoesNotDependOnTheStart) {
  auto other = truth1d;
  other[0] *= 0.4;
  other[3] *= 0.4;
  SilentMonitor monitor;
  const auto again =
      infer(sloppy().task(), {fitted(sloppy(), other)}, false, {}, monitor);
  EXPECT_GT(std::fabs(again.theta[0] - inferred().theta[0]), 0.1);  // another gauge
  for (const char* name : {"a_u", "b_u", "a_d", "b_d", "ln_ratio"}) {
    const auto& a = row(inferred(), name);
    const auto& b = row(again, name);
    const double sd = a["std"].get<double>();
    EXPECT_NEAR(a["value"].get<double>(), b["value"].get<double>(), 1e-3 * sd) << name;
    EXPECT_NEAR(sd, b["std"].get<double>(), 5e-3 * sd) << name;
  }
}

TEST(Inference, BootstrapMembersGiveMeanAndSpread) {
  std::vector<Fit> members(4);
  for (std::size_t m = 0; m < 4; ++m) {
    members[m].theta = truth1d;
    members[m].theta[1] += 0.01 * static_cast<double>(m);  // mean +0.015, sd 0.01291
  }
  SilentMonitor monitor;
  const auto made = infer(sloppy().task(), members, true, {}, monitor);
  const auto& r = row(made, "a_u");
  EXPECT_EQ(r["interval_method"], "ensemble");
  EXPECT_NEAR(r["value"].get<double>(), -0.485, 1e-12);
  EXPECT_NEAR(r["std"].get<double>(), std::sqrt(5.0 / 3) * 0.01, 1e-12);
  // Student's t with 3 degrees of freedom: 3.18245 at 97.5 %.
  EXPECT_NEAR(r["interval95"][1].get<double>(),
              -0.485 + 3.182446 * std::sqrt(5.0 / 3) * 0.01 * std::sqrt(1.25),
              1e-7);
}

TEST(Inference, CompressedEventsKeepTheLikelihood) {
  const auto& w = sloppy();
  const auto small = compressed(*w.theory, *w.data);
  ASSERT_TRUE(small.has_value());
  EXPECT_LT(small->rows(), w.data->rows() / 8);
  double weight = 0, mean = 0, all = 0;
  for (std::size_t i = 0; i < small->rows(); ++i) {
    weight += small->weights()[i];
    mean += small->weights()[i] * small->column(0)[i];
  }
  for (const double x : w.data->table()->column(0)) all += x;
  EXPECT_DOUBLE_EQ(weight, 40'000);
  EXPECT_NEAR(mean, all, 1e-7);
  const auto p = problem_of(w.task(), truth1d);
  auto far = truth1d;
  far[2] += 0.2;
  far[5] -= 1;
  EXPECT_NEAR(p.f(far).value - p.f(truth1d).value,
              p.quick(far).value - p.quick(truth1d).value,
              0.05);
}

}  // namespace
}  // namespace femto
