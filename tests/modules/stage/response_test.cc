// Responses from tables and from pairs of another simulation, against sums and integrals.
#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>

#include "tests/support/steps.h"
#include <gtest/gtest.h>

#include "femto/core/random.h"

namespace femto {
namespace {

using testing::Records;
using testing::step;

constexpr const char* table =
    "{type: response, column: x1, true_edges: [0.1, 0.55, 1], measured_edges: [0, 0.5, "
    "1.1], probability: [[0.7, 0.2], [0.1, 0.9]]}";

Panels panels_of(const Step& s, double lo, double hi) {
  std::vector<double> edges = s.breaks("x1");
  edges.insert(edges.end(), {lo, hi});
  std::erase_if(edges, [&](double e) { return e < lo || e > hi; });
  std::ranges::sort(edges);
  edges.erase(std::ranges::unique(edges).begin(), edges.end());
  return Panels(edges);
}

/// A true density of 2 x on [0.1, 1], folded.
Intensity folded_line(const Step& s) {
  Intensity channel({panels_of(s, 0.1, 1)}, 1);
  for (std::size_t i = 0; i < channel.values.cols; ++i)
    channel.values(0, i) = 2 * channel.axes[0].x[i];
  return s.fold({channel, channel},
                {{}, 1, [&](const std::string&, double lo, double hi) {
                   return panels_of(s, lo, hi);
                 }})[0];
}

TEST(ResponseStage, FoldsLikeATransitionMatrixBetweenMiddles) {
  const auto s = step(table);
  EXPECT_TRUE(s->loses());
  EXPECT_EQ(s->channels()[0].axes[0].hi, 1.1);
  const auto out = folded_line(*s);
  // Weight of the upper bin: 0 to 0.325, 1 from 0.775, linear between. int 2 x = x^2;
  // int 2 x (x - a) / (b - a) over [a, b] = (b - a) (a + 2 b) / 3 ... by primitive.
  const double a = 0.325, b = 0.775;
  const auto primitive = [&](double x) {
    return (2 * x * x * x / 3 - a * x * x) / (b - a);
  };
  const double upper = primitive(b) - primitive(a) + 1 - b * b;
  const double lower = 1 - 0.01 - upper;
  EXPECT_NEAR(integrated(out, 0)(0, 0), 0.9 * lower + 1.0 * upper, 1e-12);
  for (std::size_t i = 0; i < out.axes[0].nodes(); ++i) {
    const bool first = out.axes[0].x[i] < 0.5;
    const double expected =
        first ? (0.7 * lower + 0.1 * upper) / 0.5 : (0.2 * lower + 0.9 * upper) / 0.6;
    EXPECT_NEAR(out.values(0, i), expected, 1e-11);
  }
}

TEST(ResponseStage, SimulatesWhatItFolds) {
  const auto s = step(table);
  const std::size_t n = 50'000;
  std::vector<double> x(n);
  for (std::size_t i = 0; i < n; ++i)  // density 2 x / 0.99 on [0.1, 1]
    x[i] = std::sqrt(0.01 + 0.99 * random::uniform({5, 6}, i));
  Records r(x);
  r.pass(*s);
  double low = 0, all = 0;
  for (std::size_t i = 0; i < n; ++i) {
    all += r.survival[i];
    low += r.x1[i] < 0.5 ? r.survival[i] : 0;
  }
  const auto out = folded_line(*s);
  double part = 0;
  for (std::size_t i = 0; i < out.axes[0].nodes(); ++i)
    if (out.axes[0].x[i] < 0.5) part += out.values(0, i) * out.axes[0].weight[i];
  EXPECT_NEAR(all / n, integrated(out, 0)(0, 0) / 0.99, 5 * 0.05 / std::sqrt(n));
  EXPECT_NEAR(low / n, part / 0.99, 5 * 0.5 / std::sqrt(n));
}

/// Pairs of a Gaussian smear of width 0.05 with one event in ten lost.
std::string gaussian_pairs(std::size_t n) {
  const auto path = std::filesystem::temp_directory_path() / "femto_response_pairs.csv";
  std::ofstream file(path);
  file << "x1_true,x1,seen\n";
  for (std::size_t i = 0; i < n; ++i) {
    const double truth = 0.1 + 0.9 * random::uniform({7, 8}, i, 1);
    const bool seen = random::uniform({7, 8}, i, 2) < 0.9;
    file << truth << ',' << truth + 0.05 * random::normal_pair({7, 9}, i)[0] << ','
         << (seen ? 1 : 0) << '\n';
  }
  return path.string();
}

TEST(ResponseStage, LearnsAGaussianSmearFromPairs) {
  const std::size_t n = 60'000;
  const auto s = step(
      "{type: response, column: x1, detected: seen, true_bins: 30, "
      "measured_bins: 40, pairs: " +
      gaussian_pairs(n) + "}");
  const auto out = folded_line(*s);
  // Exact: 0.9 int 2 x phi((y - x) / 0.05) / 0.05 dx, here at y in the middle.
  const auto exact = [](double lo, double hi) {
    double sum = 0;
    constexpr int steps = 400;
    for (int i = 0; i < steps; ++i) {
      const double x = 0.1 + 0.9 * (i + 0.5) / steps;
      const auto cdf = [&](double y) {
        return 0.5 * std::erfc((x - y) / 0.05 / M_SQRT2);
      };
      sum += 0.9 * 2 * x * (cdf(hi) - cdf(lo)) * 0.9 / steps;
    }
    return sum;
  };
  const auto& axis = out.axes[0];
  for (const double from : {0.2, 0.4, 0.6, 0.8}) {
    double part = 0;
    double lo = axis.hi(), hi = axis.lo();
    for (std::size_t p = 0; p < axis.count(); ++p) {
      if (axis.edges[p] < from || axis.edges[p + 1] > from + 0.15) continue;
      lo = std::min(lo, axis.edges[p]), hi = std::max(hi, axis.edges[p + 1]);
      for (std::size_t k = p * Panels::order; k < (p + 1) * Panels::order; ++k)
        part += out.values(0, k) * axis.weight[k];
    }
    // some 9,000 pairs reach it: five standard errors, and half a per cent for bins of
    // 0.03 that stand for a smear of 0.05
    EXPECT_NEAR(part / exact(lo, hi), 1, 5 / std::sqrt(9'000.0) + 0.005) << from;
  }
}

TEST(ResponseStage, SaysWhatIsMissing) {
  const auto refused = [](const std::string& settings, const std::string& what) {
    try {
      step("{type: response, column: x1, " + settings + "}");
      ADD_FAILURE() << "not refused: " << settings;
    } catch (const std::exception& error) {
      EXPECT_NE(std::string(error.what()).find(what), std::string::npos) << error.what();
    }
  };
  refused("true_edges: [0.2, 1], measured_edges: [0, 1], probability: [[1]]",
          "the true bins of the response cover [0.2, 1]");
  refused("true_edges: [0.1, 1], measured_edges: [0, 1], probability: [[1.5]]",
          "holds no probabilities");
  refused("true_edges: [0.1, 1], measured_edges: [0, 1], probability: [[1], [1]]",
          "2 rows for 2 edges");
  refused("true_bins: 3", "either pairs or a table");
  const auto path = std::filesystem::temp_directory_path() / "femto_response_short.csv";
  std::ofstream(path) << "x1_true,x1\n0.2,0.3\n0.3,0.2\n0.25,0.4\n";
  refused("true_bins: 2, pairs: " + path.string(), "no event with true x1 in [0.55, 1]");
}

}  // namespace
}  // namespace femto
