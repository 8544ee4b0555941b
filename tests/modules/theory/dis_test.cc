// Deep-inelastic events: cross-section, slopes, norm, events, window, cuts.
#include <cmath>
#include <numeric>

#include "tests/support/build.h"
#include "tests/support/proxies.h"
#include <boost/math/quadrature/gauss.hpp>
#include <gtest/gtest.h>

#include "femto/core/error.h"
#include "femto/core/threads.h"
#include "femto/pipeline/sampler.h"
#include "femto/qcd/alpha_em.h"
#include "femto/qcd/kinematics.h"
#include "femto/qcd/structure_functions.h"
#include "femto/qcd/toy_input.h"

namespace femto {
namespace {

using qcd::Order;
using qcd::Target;
using testing::build;
using testing::evaluate_at;

constexpr double s_minus_m2 = 2 * 18 * (275 + 274.99839937);  // 2 E_l (E + p)

/// u_v a, u_v b, gluon a, anti_up amplitude.
const std::vector<double> truth = {0.8, 3, -0.1, 0.1939875};

/// x Q2 d2 sigma/(dx dQ2), [Q2, x], by an evolution of its own to these scales.
std::vector<double> direct(std::span<const double> theta,
                           const std::vector<double>& x,
                           const std::vector<double>& q2,
                           Order order = Order::nlo,
                           Target target = Target::proton) {
  auto settings = qcd::les_houches_evolution(qcd::LesHouchesScheme::fixed, order, q2);
  settings.grid = {.nodes = 140, .x_min = 1e-3};
  const qcd::Evolution evolution(settings);
  const qcd::StructureFunctions s(evolution, x, target);
  auto all = qcd::les_houches_parameters();
  all[0] = theta[0], all[1] = theta[1], all[8] = theta[2], all[12] = theta[3];
  std::vector<double> start(qcd::flavour_rows * evolution.grid().size());
  qcd::InitialScale(evolution.grid()).densities(all, start);
  std::vector<double> out(x.size() * q2.size()), fl(out.size());
  s.apply(start, out, fl);
  for (std::size_t k = 0; k < q2.size(); ++k)
    for (std::size_t i = 0; i < x.size(); ++i) {
      const std::size_t at = k * x.size() + i;
      const double y = q2[k] / (x[i] * s_minus_m2);
      out[at] = x[i] * q2[k] *
                qcd::cross_section(
                    x[i], q2[k], y, out[at], fl[at], qcd::running_alpha_em(q2[k]));
    }
  return out;
}

double log_sigma(const Theory& theory,
                 std::span<const double> theta,
                 double x,
                 double q2,
                 std::size_t channel = 0) {
  return evaluate_at(theory, channel, theta, {std::log(x), std::log(q2)}).log_sigma;
}

TEST(Dis, IsTheCrossSectionOfTheStructureFunctions) {
  const std::vector<double> x = {0.005, 0.0123, 0.11, 0.47, 0.7}, q2 = {10, 23.4, 88};
  for (const auto order : {Order::lo, Order::nlo})
    for (const auto target : {Target::proton, Target::neutron}) {
      const auto theory =
          build<Theory>(fmt::format("{{type: dis, order: {}, targets: [{}]}}",
                                    order == Order::lo ? "lo" : "nlo",
                                    target == Target::proton ? "proton" : "neutron"));
      const auto exact = direct(truth, x, q2, order, target);
      for (std::size_t k = 0; k < q2.size(); ++k)
        for (std::size_t i = 0; i < x.size(); ++i)
          EXPECT_NEAR(log_sigma(*theory, truth, x[i], q2[k]),
                      std::log(exact[k * x.size() + i]),
                      1e-6);
    }
}

TEST(Dis, SlopesAreThoseOfTheStructureFunctions) {
  const auto theory = build<Theory>("dis");
  const std::vector<double> x = {0.006, 0.05, 0.6}, q2 = {11, 70};
  for (std::size_t p = 0; p < truth.size(); ++p) {
    const double h = 1e-3;
    auto up = truth, down = truth;
    up[p] += h, down[p] -= h;
    const auto above = direct(up, x, q2), below = direct(down, x, q2);
    for (std::size_t k = 0; k < q2.size(); ++k)
      for (std::size_t i = 0; i < x.size(); ++i) {
        const std::size_t at = k * x.size() + i;
        const double slope = (std::log(above[at]) - std::log(below[at])) / (2 * h);
        EXPECT_NEAR(
            evaluate_at(*theory, 0, truth, {std::log(x[i]), std::log(q2[k])}).slope[p],
            slope,
            1e-5 * (1 + std::abs(slope)));
      }
  }
}

/// Points and weights of one rule on [lo, hi].
struct Rule {
  std::vector<double> at, weight;
};

Rule rule_on(double lo, double hi) {
  using Gauss = boost::math::quadrature::gauss<double, 30>;
  Rule rule;
  for (std::size_t k = 0; k < Gauss::abscissa().size(); ++k)
    for (const double sign : {-1.0, 1.0}) {
      const double half = (hi - lo) / 2;
      rule.at.push_back((lo + hi) / 2 + sign * half * Gauss::abscissa()[k]);
      rule.weight.push_back(half * Gauss::weights()[k]);
    }
  return rule;
}

/// Norm and means of (ln x, ln Q2) from the direct cross-section.
struct Moments {
  double norm = 0, x = 0, q2 = 0, x2 = 0, q4 = 0;
};

Moments moments() {
  auto rx = rule_on(std::log(0.005), std::log(0.7));
  auto rq = rule_on(std::log(10), std::log(90));
  std::vector<std::size_t> order(rq.at.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::sort(order, {}, [&](std::size_t k) { return rq.at[k]; });
  std::vector<double> x, q2;
  for (const double l : rx.at) x.push_back(std::exp(l));
  for (const auto k : order) q2.push_back(std::exp(rq.at[k]));
  const auto sigma = direct(truth, x, q2);
  Moments m;
  for (std::size_t k = 0; k < q2.size(); ++k)
    for (std::size_t i = 0; i < x.size(); ++i) {
      const double w = rq.weight[order[k]] * rx.weight[i] * sigma[k * x.size() + i];
      const double lx = std::log(x[i]), lq = std::log(q2[k]);
      m.norm += w, m.x += w * lx, m.q2 += w * lq, m.x2 += w * lx * lx,
          m.q4 += w * lq * lq;
    }
  m.x /= m.norm, m.q2 /= m.norm, m.x2 /= m.norm, m.q4 /= m.norm;
  return m;
}

TEST(Dis, NormAndEventsFollowTheCrossSection) {
  const auto theory = build<Theory>("dis");
  const auto exact = moments();
  EXPECT_NEAR(Density(*theory).norms(truth).log_norm[0], std::log(exact.norm), 1e-6);
  const std::size_t n = 200000;
  std::vector<double> x(n), q2(n);
  double* out[] = {x.data(), q2.data()};
  const auto plan = build<Sampler>("inverse_cdf")->plan(*theory);
  plan->at(truth)->draw(0, {event_stream(5, 0), 0}, n, out);
  const auto mean = [n](const std::vector<double>& v) {
    return std::accumulate(v.begin(), v.end(), 0.0) / static_cast<double>(n);
  };
  const double count = static_cast<double>(n);
  EXPECT_NEAR(mean(x), exact.x, 4 * std::sqrt((exact.x2 - exact.x * exact.x) / count));
  EXPECT_NEAR(
      mean(q2), exact.q2, 4 * std::sqrt((exact.q4 - exact.q2 * exact.q2) / count));
  for (std::size_t i = 0; i < n; ++i) {
    const double y = std::exp(q2[i] - x[i]) / s_minus_m2;
    ASSERT_GT(y, 0);
    ASSERT_LE(y, 0.95);
  }
}

TEST(Dis, TheDeuteronIsTheMeanOfProtonAndNeutron) {
  const auto theory =
      build<Theory>("{type: dis, order: lo, targets: [proton, neutron, deuteron]}");
  EXPECT_EQ(columns_of(*theory),
            (std::vector<std::string>{
                "ln_x_p", "ln_Q2_p", "ln_x_n", "ln_Q2_n", "ln_x_d", "ln_Q2_d"}));
  const auto sigma = [&](std::size_t channel) {
    return std::exp(log_sigma(*theory, truth, 0.2, 30, channel));
  };
  EXPECT_NEAR(sigma(2), 0.5 * (sigma(0) + sigma(1)), 1e-12 * sigma(2));
  EXPECT_LT(sigma(1), sigma(0));
}

TEST(Dis, TheElectromagneticCouplingRunsOrNot) {
  const auto runs = build<Theory>("{type: dis, order: lo}");
  const auto fixed = build<Theory>("{type: dis, order: lo, alpha_em: constant}");
  const double ratio = qcd::running_alpha_em(50) * 137.035999;
  EXPECT_NEAR(log_sigma(*runs, truth, 0.1, 50) - log_sigma(*fixed, truth, 0.1, 50),
              2 * std::log(ratio),
              1e-12);
}

TEST(Dis, ParametersThatAreNotFreeKeepTheirValues) {
  const auto theory = build<Theory>(
      "{type: dis, order: lo, free: [gluon_b, strange_d], values: {gluon_a: 0.1}}");
  const auto other =
      build<Theory>("{type: dis, order: lo, free: [gluon_a, strange_amplitude]}");
  ASSERT_EQ(theory->parameters().size(), 2u);
  EXPECT_EQ(theory->parameters()[1].name, "strange_d");
  const std::vector<double> here = {5, -0.5}, there = {0.1, 0.077595};
  EXPECT_NEAR(
      log_sigma(*theory, here, 0.02, 40), log_sigma(*other, there, 0.02, 40), 1e-12);
}

TEST(Dis, ADensityBelowZeroCountsAsZero) {
  const auto theory =
      build<Theory>("{type: dis, order: lo, free: [strange_amplitude, gluon_b]}");
  const std::vector<double> theta = {-50, 5};
  const auto at = evaluate_at(*theory, 0, theta, {std::log(0.006), std::log(10.0)});
  EXPECT_EQ(at.log_sigma, -std::numeric_limits<double>::infinity());
  for (const double slope : at.slope) EXPECT_EQ(slope, 0);
}

TEST(Dis, ManyThreadsAtManyPointsSeeTheirOwnValues) {
  const auto theory = build<Theory>("{type: dis, order: lo}");
  const auto point = [](std::size_t i) {
    auto theta = truth;
    theta[1] += 0.01 * static_cast<double>(i % 13);
    return theta;
  };
  std::vector<double> alone, together(200);
  for (std::size_t i = 0; i < 13; ++i)
    alone.push_back(log_sigma(*theory, point(i), 0.3, 20));
  set_threads(4);
  parallel_for(together.size(), [&](std::size_t i) {
    together[i] = log_sigma(*theory, point(i), 0.3, 20);
  });
  set_threads(0);
  for (std::size_t i = 0; i < together.size(); ++i) EXPECT_EQ(together[i], alone[i % 13]);
}

TEST(Dis, CurvesAreTheInitialDensities) {
  const auto theory = build<Theory>("{type: dis, order: lo}");
  for (const auto& curve : theory->curves()) {
    if (curve.name == "gluon") {
      EXPECT_NEAR(
          curve.value(0.2, truth), 1.7 * std::pow(0.2, -0.1) * std::pow(0.8, 5), 1e-6);
    }
    if (curve.name == "up_valence") {
      EXPECT_NEAR(
          curve.value(0.2, truth), 5.1072 * std::pow(0.2, 0.8) * std::pow(0.8, 3), 1e-6);
    }
    const auto slope = curve.gradient(0.2, truth);
    for (std::size_t p = 0; p < truth.size(); ++p) {
      const double h = 1e-4;
      auto up = truth, down = truth;
      up[p] += h, down[p] -= h;
      EXPECT_NEAR(
          slope[p], (curve.value(0.2, up) - curve.value(0.2, down)) / (2 * h), 1e-6)
          << curve.name;
    }
  }
}

/// What is said of a theory with these settings; empty if nothing is wrong.
std::string complaint(const std::string& settings) {
  try {
    build<Theory>("{type: dis, order: lo, " + settings + "}");
  } catch (const Error& e) {
    return e.what() + (" " + e.hint());
  }
  return {};
}

TEST(Dis, AWindowBeyondTheCutsIsRefusedWithOneThatKeepsThem) {
  const auto high_y = complaint("q2_max: 200");
  EXPECT_NE(high_y.find("y = 2.02"), high_y.npos) << high_y;
  EXPECT_NE(high_y.find("q2_max <= 94.05"), high_y.npos) << high_y;
  EXPECT_EQ(complaint("q2_max: 94"), "");
  const auto low_w = complaint("x_max: 0.8");
  EXPECT_NE(low_w.find("W2 = 3.38"), low_w.npos) << low_w;
  EXPECT_NE(low_w.find("x_max <= 0.7622"), low_w.npos) << low_w;
  EXPECT_EQ(complaint("x_max: 0.762"), "");
  EXPECT_NE(complaint("y_min: 0.01").find("below y_min"), std::string::npos);
  EXPECT_NE(complaint("x_min: 0.8").find("empty"), std::string::npos);
}

TEST(Dis, NamesThatAreNoneAreRefused) {
  EXPECT_NE(complaint("free: [gluon_e]").find("no parameter 'gluon_e'"),
            std::string::npos);
  EXPECT_NE(complaint("values: {gluon: 1}").find("no parameter"), std::string::npos);
  EXPECT_NE(complaint("values: {gluon_a: 0}").find("is free"), std::string::npos);
  EXPECT_NE(complaint("free: [gluon_a, gluon_a]").find("twice"), std::string::npos);
  EXPECT_NE(complaint("targets: [proton, proton]").find("twice"), std::string::npos);
}

}  // namespace
}  // namespace femto
