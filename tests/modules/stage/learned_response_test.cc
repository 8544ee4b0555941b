// Responses that are learnt against the closed forms that the pairs were drawn from.
#include <cmath>
#include <filesystem>
#include <fstream>
#include <functional>

#include "tests/support/fits.h"
#include "tests/support/proxies.h"
#include "tests/support/steps.h"
#include <gtest/gtest.h>

#include "femto/core/random.h"
#include "femto/core/threads.h"
#include "femto/pipeline/annotated.h"
#include "femto/stats/linear.h"

namespace femto {
namespace {

using testing::Records;
using testing::step;

double normal_below(double z) {
  return 0.5 * std::erfc(-z / M_SQRT2);
}

/// A conditional distribution: the measured value from two uniforms and a normal deviate,
/// and its distribution function.
struct Law {
  std::function<double(double x, double u, double z)> draw;
  std::function<double(double y, double x)> below;
};

const Law relative{
    [](double x, double, double z) { return 0.02 + x + 0.05 * x * z; },
    [](double y, double x) { return normal_below((y - 0.02 - x) / (0.05 * x)); }};

/// Seven of ten around the true value, the others shifted and wider.
const Law skewed{[](double x, double u, double z) {
                   return u < 0.7 ? x + 0.04 * z : x + 0.1 + 0.08 * z;
                 },
                 [](double y, double x) {
                   return 0.7 * normal_below((y - x) / 0.04) +
                          0.3 * normal_below((y - x - 0.1) / 0.08);
                 }};

double turn_on(double x) {
  return 0.95 / (1 + std::exp(-(x - 0.35) / 0.06));
}

/// Pairs of one law, flat in the true value, as a file.
std::string pairs_of(const Law& law, std::size_t n, const std::string& name) {
  const auto path = std::filesystem::temp_directory_path() / ("femto_" + name + ".csv");
  std::ofstream file(path);
  file.precision(9);
  file << "x1_true,x1,seen\n";
  for (std::size_t i = 0; i < n; ++i) {
    const double x = 0.1 + 0.9 * random::uniform({11, 1}, i);
    const double y =
        law.draw(x, random::uniform({11, 2}, i), random::normal_pair({11, 3}, i)[0]);
    file << x << ',' << y << ',' << (random::uniform({11, 4}, i) < turn_on(x)) << '\n';
  }
  return path.string();
}

std::string learned(const std::string& file, const std::string& more = "") {
  return "{type: learned_response, column: x1, epochs: 8, batch: 256, pairs: " + file +
         more + "}";
}

/// The largest distance between learnt and true distribution functions of y at a node of
/// the true axis: what the fold makes of all probability at that node.
double distance(const Step& s, const Law& law) {
  const auto panels = [&](const std::string&, double lo, double hi) {
    return refined({lo, hi}, [&](double x) { return s.panel("x1", x); });
  };
  const auto from = panels("x1", 0.1, 1);
  double worst = 0;
  for (std::size_t j = 0; j < from.nodes(); j += from.nodes() / 12) {
    Intensity in({from}, 1);
    in.values(0, j) = 1 / from.weight[j];
    const auto out = s.fold({in, in}, {{}, 1, panels})[0];
    const auto& axis = out.axes[0];
    double sum = 0;
    for (std::size_t p = 0; p < axis.count(); ++p) {
      for (std::size_t k = p * Panels::order; k < (p + 1) * Panels::order; ++k)
        sum += out.values(0, k) * axis.weight[k];
      worst = std::max(worst, std::fabs(sum - law.below(axis.edges[p + 1], from.x[j])));
    }
    EXPECT_NEAR(sum, 1, 1e-6);
  }
  return worst;
}

TEST(LearnedResponseStage, LearnsAShiftedRelativeResolution) {
  const std::size_t n = 40'000;
  const auto s = step(learned(pairs_of(relative, n, "relative")));
  EXPECT_FALSE(s->loses());
  // Eight of ten pairs are learnt from; a place of the true axis is known from at least
  // the tenth of them that is nearest: four standard errors of the middle of an
  // empirical distribution function.
  EXPECT_LT(distance(*s, relative), 4 * 0.5 / std::sqrt(0.08 * n));
  ASSERT_EQ(notes_of(*s).size(), 2u);
  EXPECT_NE(notes_of(*s)[0].find("32000 pairs"), std::string::npos) << notes_of(*s)[0];
  EXPECT_NE(notes_of(*s)[1].find("4000 held-out pairs"), std::string::npos)
      << notes_of(*s)[1];
}

TEST(LearnedResponseStage, LearnsATailOnOneSide) {
  const std::size_t n = 40'000;
  const auto s = step(learned(pairs_of(skewed, n, "skewed")));
  EXPECT_LT(distance(*s, skewed), 4 * 0.5 / std::sqrt(0.08 * n));
}

TEST(LearnedResponseStage, ABootstrapSampleMovesItWithinItsErrors) {
  const std::size_t n = 20'000;
  const auto file = pairs_of(relative, n, "bootstrap");
  const auto first = distance(*step(learned(file, ", bootstrap: 1")), relative);
  EXPECT_NE(first, distance(*step(learned(file, ", bootstrap: 2")), relative));
  // The sample's errors and as much again from sampling it.
  EXPECT_LT(first, 4 * 0.5 / std::sqrt(0.08 * n / 2));
}

TEST(LearnedResponseStage, LearnsWhatIsLost) {
  const std::size_t n = 40'000;
  const auto s = step(learned(pairs_of(relative, n, "turn_on"), ", detected: seen"));
  EXPECT_TRUE(s->loses());
  std::vector<double> x;
  for (int i = 0; i <= 30; ++i) x.push_back(0.1 + 0.03 * i);
  Records r(x);
  r.pass(*s);
  for (std::size_t i = 0; i < x.size(); ++i) {
    const double e = turn_on(x[i]);
    // As above, of a probability; a turn-on of width 0.06 leaves a twentieth of the
    // pairs.
    EXPECT_NEAR(r.survival[i], e, 4 * std::sqrt((e * (1 - e) + 1e-4) / (0.04 * n)))
        << x[i];
  }
}

TEST(LearnedResponseStage, LosesWhatIsMeasuredBeyondItsRange) {
  const auto s =
      step(learned(pairs_of(relative, 20'000, "range"), ", measured_range: [0.1, 0.8]"));
  EXPECT_TRUE(s->loses());
  EXPECT_EQ(s->channels()[0].axes[0].hi, 0.8);
  Records r({0.5, 0.78, 0.95});
  r.pass(*s);
  const double half = 0.5, n = 20'000;
  EXPECT_NEAR(r.survival[0], 1, 0.01);
  EXPECT_NEAR(r.survival[1], half, 4 * 0.5 / std::sqrt(0.04 * n));
  EXPECT_NEAR(r.survival[2], 0, 0.01);
  for (const double y : r.x1) EXPECT_LE(y, 0.8);
}

TEST(LearnedResponseStage, EventsMoveAsDifferencesSay) {
  const auto s = step(learned(pairs_of(skewed, 5'000, "slopes")));
  const std::size_t n = 200;
  std::vector<double> x(n), up(n), down(n), ones(n, 1.0), other(n, 1.0);
  constexpr double h = 1e-5;
  for (std::size_t i = 0; i < n; ++i) {
    x[i] = 0.15 + 0.8 * (static_cast<double>(i) + 0.37) / n;
    up[i] = x[i] + h;
    down[i] = x[i] - h;
  }
  Records above(up), below(down);
  above.pass(*s);
  below.pass(*s);
  const double* before[] = {x.data(), x.data()};
  double* upstream[] = {ones.data(), other.data()};
  s->backward({random::Stream{9, 3}, 0}, {}, n, before, upstream);
  for (std::size_t i = 0; i < n; ++i)
    EXPECT_NEAR(ones[i], (above.x1[i] - below.x1[i]) / (2 * h), 1e-4) << x[i];
  EXPECT_EQ(other, std::vector<double>(n, 1.0));
}

TEST(LearnedResponseStage, HasTheSameBitsForAnyThreads) {
  const auto file = pairs_of(skewed, 5'000, "threads");
  const auto measured = [&](int threads) {
    set_threads(threads);
    Records r(std::vector<double>{0.1, 0.2, 0.5, 0.9, 1});
    const auto s = step(learned(file, ", detected: seen"));
    r.pass(*s);
    auto out = r.x1;
    out.insert(out.end(), r.survival.begin(), r.survival.end());
    return std::pair(out, notes_of(*s));
  };
  const auto one = measured(1), two = measured(2);
  set_threads(0);
  EXPECT_EQ(one, two);
}

/// The 1-D proxy behind a stage for x1 and windows, as a theory of what is measured.
struct Behind {
  std::unique_ptr<Theory> truth = testing::build<Theory>("proxy1d");
  Experiment experiment;

  explicit Behind(const std::string& stage)
      : experiment(*truth,
                   *testing::build<Detector>(
                       "{type: chain, stages: [" + stage +
                       ", {type: window, column: x1, min: 0.14, max: 0.95}]}")) {}
};

TEST(LearnedResponseStage, FitsLikeTheResponseItLearnt) {
  const Behind exact(
      "{type: resolution, columns: [x1], relative: [0.05], offset: {value: 0.02}}");
  const Behind learnt(learned(pairs_of(relative, 40'000, "fit")));
  const std::size_t n = 10'000;
  const auto sampler = testing::build<Sampler>("inverse_cdf");
  const auto plan = sampler->plan(*exact.truth);
  const auto events = [&](const Theory&) {
    return Dataset(simulated(
        exact.experiment, *plan->at(testing::truth1d), testing::truth1d, {5, 0}, n));
  };
  std::vector<std::vector<double>> found;
  for (const auto* behind : {&exact, &learnt}) {
    testing::Problem problem(
        behind->experiment.instrument().measured(), events, "likelihood");
    // The shape of one quark; the others are known.
    problem.setup.fixed = {true, false, false, true, true, true};
    for (std::size_t j = 0; j < 6; ++j)
      problem.setup.parameters[j].start = testing::truth1d[j];
    const auto fit = problem.solve("{type: fisher_scoring, starts: 1}");
    EXPECT_EQ(fit.outcome, Outcome::converged);
    found.push_back({fit.theta[1], fit.theta[2]});
  }
  const Density density(exact.experiment.measured());
  const std::vector<std::size_t> free{1, 2};
  const auto inverse = stats::cholesky_inverse(
      stats::submatrix(density.information(testing::truth1d), free));
  for (std::size_t k = 0; k < 2; ++k) {
    const double sd = std::sqrt((*inverse)(k, k) / n);
    EXPECT_NEAR(found[0][k], testing::truth1d[free[k]], 4 * sd);
    // Pairs are eight tenths of four times the events, and the response takes no more
    // from them than the fit from those.
    EXPECT_NEAR(found[1][k], found[0][k], sd * 4 / std::sqrt(3.2) / 2) << k;
  }
}

TEST(LearnedResponseStage, SaysWhatIsWrongWithPairs) {
  const auto path = std::filesystem::temp_directory_path() / "femto_learned_wrong.csv";
  const auto refused = [&](const std::string& rows,
                           const std::string& more,
                           const std::string& what) {
    std::ofstream(path) << rows;
    try {
      step(learned(path.string(), more));
      ADD_FAILURE() << "not refused: " << what;
    } catch (const std::exception& error) {
      EXPECT_NE(std::string(error.what()).find(what), std::string::npos) << error.what();
    }
  };
  const auto pairs = [](double lo, double hi, int n) {
    std::string out = "x1_true,x1\n";
    for (int i = 0; i < n; ++i) {
      const double x = lo + (hi - lo) * (i + 0.5) / n;
      out += fmt::format("{},{}\n", x, x + 0.01 * (i % 7 - 3));
    }
    return out;
  };
  refused(pairs(0.1, 1, 500), "", "holds 500 measured pairs with true x1 in [0.1, 1]");
  refused(pairs(0.1, 0.8, 2000), "", "no event with true x1 in [0.82, 0.85]");
  refused(pairs(0.1, 1, 2000) + "nan,0.5\n", "", "row 2000, counting from 0");
  refused(pairs(0.1, 1, 2000), ", measured: y", "y");
  refused(pairs(0.1, 1, 2000), ", detected: seen", "seen");
  refused(pairs(0.1, 1, 2000), ", measured_range: [1, 0]", "two ascending numbers");
  refused(pairs(0.1, 1, 2000) + "0.5,-0.1\n", ", space: log", "has no logarithm");
}

}  // namespace
}  // namespace femto
