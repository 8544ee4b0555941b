// Cuts by expression: the same for events and for densities.
#include <cmath>

#include "tests/support/steps.h"
#include <boost/math/quadrature/gauss_kronrod.hpp>
#include <gtest/gtest.h>

#include "femto/physics/beta.h"
#include "femto/pipeline/compress.h"
#include "femto/pipeline/folded.h"
#include "femto/pipeline/marginal.h"
#include "femto/pipeline/objective.h"
#include "femto/pipeline/simulate.h"

namespace femto {
namespace {

using testing::Records;
using testing::step;

std::string refusal(const std::string& where) {
  try {
    step("{type: selection, where: \"" + where + "\"}");
  } catch (const Error& error) {
    return error.what();
  }
  return "none";
}

TEST(SelectionStage, KeepsWhatFulfilsEveryCondition) {
  const auto cut =
      step("{type: selection, where: x1 > 0.2 && (x1 < 0.4 || x1^2 >= 0.25)}");
  const auto& axis = cut->channels()[0].axes[0];
  EXPECT_NEAR(axis.lo, 0.2, 1e-15);
  EXPECT_EQ(axis.hi, 1);
  EXPECT_EQ(cut->channels()[1].axes[0].lo, 0.1);
  const auto breaks = cut->breaks("x1");
  ASSERT_EQ(breaks.size(), 4u);
  EXPECT_NEAR(breaks[1], 0.4, 1e-15);
  EXPECT_NEAR(breaks[2], 0.5, 1e-15);
  Records r({0.15, 0.3, 0.45, 0.5, 0.9});
  r.pass(*cut);
  EXPECT_EQ(r.survival, (std::vector<double>{0, 1, 0, 1, 1}));
}

TEST(SelectionStage, DensitiesVanishBetweenTheIntervals) {
  const auto cut = step("{type: selection, where: abs(x2 - 0.4) > 0.1}");
  std::vector<Intensity> in;
  for (int c = 0; c < 2; ++c) {
    Intensity channel({Panels({0.1, 0.3, 0.5, 1})}, 1);
    for (std::size_t i = 0; i < channel.values.cols; ++i)
      channel.values(0, i) = channel.axes[0].x[i];
    in.push_back(std::move(channel));
  }
  const auto out = cut->fold(in, {});
  // int x dx without [0.3, 0.5]
  EXPECT_NEAR(integrated(out[1], 0)(0, 0), (1 - 0.01 - (0.25 - 0.09)) / 2, 1e-14);
  EXPECT_EQ(out[0].values, in[0].values);
}

// The norm leaves the gap out, and no mean of neighbouring events lies in it.
TEST(SelectionStage, NormsAndSummariesKnowGaps) {
  const auto theory = testing::build<Theory>("proxy1d");
  const auto detector = testing::build<Detector>(
      "{type: chain, stages: [{type: selection, where: x1 < 0.3 || x1 >= 0.45}]}");
  const Experiment experiment(*theory, *detector);
  const Density density(experiment.measured());
  const std::vector<double> theta{2.1875, -0.5, 3, 1.09375, -0.5, 4};
  const double kept =
      8.75 * (beta_integral(0.1, 0.3, -0.5, 3) + beta_integral(0.45, 0.99999, -0.5, 3)) +
      1.09375 *
          (beta_integral(0.1, 0.3, -0.5, 4) + beta_integral(0.45, 0.99999, -0.5, 4));
  EXPECT_NEAR(std::exp(density.norms(theta).log_norm[0]) / kept, 1, 1e-7);
  io::EventTable events({{"x1", "1"}, {"x2", "1"}}, 30000);
  for (std::size_t i = 0; i < events.rows(); ++i) {
    const double t = 0.4 * static_cast<double>(i) / 30000;
    events.column(0)[i] = t < 0.2 ? 0.1 + t : 0.25 + t;
    events.column(1)[i] = 0.1 + 2 * t;
  }
  events.column(0)[0] = 0.45;
  const auto quick = compressed(experiment.measured(), Dataset(events));
  ASSERT_TRUE(quick);
  for (const double x : quick->column(0)) EXPECT_TRUE(x < 0.3 || x >= 0.45) << x;
  const Dataset data(std::move(events));
  const auto likelihood = testing::build<Objective>("likelihood")->bind({density, data});
  const double value = likelihood->evaluate(theta).value;
  EXPECT_TRUE(std::isfinite(value));
}

// Both columns must survive: the product of incomplete beta functions.
TEST(SelectionStage, SurvivalIsAnIntegralOfTheDensities) {
  const auto theory = testing::build<Theory>("proxy1d");
  const auto detector = testing::build<Detector>(
      "{type: chain, stages: [{type: selection, where: x1 > 0.2 && x2 < 0.5}]}");
  const auto instrument = detector->on(*theory);
  const std::vector<double> theta{2.1875, -0.5, 3, 1.09375, -0.5, 4};
  const auto norm = [](double up, double down, double lo, double hi) {
    return up * 2.1875 * beta_integral(lo, hi, -0.5, 3) +
           down * 1.09375 * beta_integral(lo, hi, -0.5, 4);
  };
  const double kept = norm(4, 1, 0.2, 0.99999) / norm(4, 1, 0.1, 0.99999) *
                      norm(1, 4, 0.1, 0.5) / norm(1, 4, 0.1, 0.99999);
  const auto survival = instrument->survival(theta);
  ASSERT_EQ(survival.size(), 1u);
  EXPECT_EQ(survival[0].stage, "stages[0] selection");
  EXPECT_NEAR(survival[0].kept, kept, 1e-9);
}

using Rule = boost::math::quadrature::gauss_kronrod<double, 31>;

const std::vector<double> reference{2.1875, -0.5, 3, 1.09375, -0.5, 4};

/// sigma of x1 (4 u + d) or x2 (u + 4 d) of the proxy at the reference, by its formula.
double sigma(int column, double x) {
  const double u = 2.1875 * std::pow(x, -0.5) * std::pow(1 - x, 3);
  const double d = 1.09375 * std::pow(x, -0.5) * std::pow(1 - x, 4);
  return column == 1 ? 4 * u + d : u + 4 * d;
}

double integral(int column, double lo, double hi) {
  const double u = 2.1875 * beta_integral(lo, hi, -0.5, 3);
  const double d = 1.09375 * beta_integral(lo, hi, -0.5, 4);
  return hi <= lo ? 0 : (column == 1 ? 4 * u + d : u + 4 * d);
}

/// The proxy behind stages.
struct Cut {
  std::unique_ptr<Theory> theory = testing::build<Theory>("proxy1d");
  Experiment experiment;
  Density density;

  explicit Cut(const std::string& stages)
      : experiment(*theory,
                   *testing::build<Detector>("{type: chain, stages: [" + stages + "]}")),
        density(experiment.measured()) {}
};

// x1 > x2 alone, and with further conditions on the same two columns.
TEST(SelectionStage, NormsOfTiedColumnsAreNestedIntegrals) {
  const Cut tied("{type: selection, where: x1 > x2}");
  ASSERT_EQ(tied.experiment.measured().channels().size(), 1u);
  const double whole = integral(1, 0.1, 0.99999) * integral(2, 0.1, 0.99999);
  const double above = Rule::integrate(
      [](double x) { return sigma(1, x) * integral(2, 0.1, x); }, 0.1, 0.99999);
  const auto norms = tied.density.norms(reference);
  EXPECT_NEAR(std::exp(norms.log_norm[0]) / above, 1, 1e-6);
  EXPECT_NEAR(tied.experiment.instrument().survival(reference)[0].kept / (above / whole),
              1,
              1e-6);
  for (std::size_t k = 0; k < reference.size(); ++k) {
    auto up = reference, down = reference;
    up[k] += 1e-4;
    down[k] -= 1e-4;
    EXPECT_NEAR(
        norms.slope(0, k),
        (tied.density.norms(up).log_norm[0] - tied.density.norms(down).log_norm[0]) /
            2e-4,
        1e-6);
  }
  const Cut more(
      "{type: selection, where: x1 > x2 && x1 < 0.8 && x1 * x2 < 0.1 && x2 > 0.15}");
  // x2 < min(x1, 0.1 / x1): the border bends at sqrt(0.1).
  const auto strip = [](double x) {
    return sigma(1, x) * integral(2, 0.15, std::min(x, 0.1 / x));
  };
  const double both = Rule::integrate(strip, 0.15, std::sqrt(0.1)) +
                      Rule::integrate(strip, std::sqrt(0.1), 0.1 / 0.15);
  // A bend inside a panel of 1/40 of the range: its second difference over 12.
  EXPECT_NEAR(std::exp(more.density.norms(reference).log_norm[0]) / both, 1, 5e-5);
}

TEST(SelectionStage, BinsOfTiedColumnsAreCutToo) {
  const Cut tied("{type: selection, where: x1 > x2}");
  const std::vector<double> edges{0.1, 0.2, 0.4, 0.99999};
  const auto shares = bin_shares(tied.density, 0, reference, {edges, edges});
  const double above = std::exp(tied.density.norms(reference).log_norm[0]);
  const auto half = [&](double lo, double hi) {
    return Rule::integrate(
        [&](double x) { return sigma(1, x) * integral(2, lo, x); }, lo, hi);
  };
  EXPECT_NEAR(shares[0] / (half(0.1, 0.2) / above), 1, 2e-4);
  EXPECT_NEAR(shares[4] / (half(0.2, 0.4) / above), 1, 2e-4);
  EXPECT_NEAR(
      shares[3] / (integral(1, 0.2, 0.4) * integral(2, 0.1, 0.2) / above), 1, 2e-4);
  EXPECT_EQ(shares[1], 0);
}

// Events of the same detector: the right share survives, and both likelihoods are
// smallest where they were made.
TEST(SelectionStage, TiedColumnsAreFittedAsTheyAreCut) {
  const Cut tied("{type: selection, where: x1 > x2}");
  const auto sampler = testing::build<Sampler>("{type: inverse_cdf}");
  const auto plan = sampler->plan(tied.experiment.truth());
  const auto table = plan->at(reference);
  const std::size_t n = 20'000;
  Dataset data(simulated(tied.experiment, *table, reference, {7, 0}, n));
  for (std::size_t i = 0; i < n; ++i)
    ASSERT_GT(data.own_table()->column(0)[i], data.own_table()->column(1)[i]);
  const auto& theory = tied.experiment.measured();
  for (const char* how : {"{type: likelihood}", "{type: likelihood, form: binned}"}) {
    const auto likelihood = testing::build<Objective>(how)->bind({tied.density, data});
    const auto here = likelihood->evaluate(reference);
    // The gradient at the truth has the curvature as covariance.
    for (std::size_t k = 0; k < theory.parameters().size(); ++k)
      EXPECT_LT(std::fabs(here.gradient[k]), 4 * std::sqrt(here.curvature(k, k)))
          << how << theory.parameters()[k].name;
  }
}

TEST(SelectionStage, SaysWhatCannotBeTied) {
  const auto refused = [](const std::string& stages, const std::string& what) {
    try {
      const Cut cut(stages);
      ADD_FAILURE() << "not refused: " << stages;
    } catch (const Error& error) {
      EXPECT_NE(std::string(error.what()).find(what), std::string::npos) << error.what();
    }
  };
  refused("{type: selection, where: x1 > x2 + 1}", "leaves no pair of x1 and x2");
  refused(
      "{type: selection, where: x1 > x2}, {type: resolution, columns: [x1], "
      "relative: [0.05]}",
      "stages[1] resolution: comes after a selection that ties two columns");
}

TEST(SelectionStage, WhatCannotBeKeptIsNamed) {
  EXPECT_NE(refusal("x1 > 0.5 && x1 < 0.4").find("nothing survives"), std::string::npos);
  EXPECT_NE(refusal("x3 > 0.1").find("there is no column 'x3'"), std::string::npos);
  EXPECT_NE(refusal("1 < 2").find("names no column"), std::string::npos);
}

}  // namespace
}  // namespace femto
