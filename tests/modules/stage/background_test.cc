// Shares and shapes of background against counting and closed forms.
#include <cmath>
#include <filesystem>
#include <fstream>

#include "tests/support/steps.h"
#include <gtest/gtest.h>

namespace femto {
namespace {

using testing::Records;
using testing::step;

// Bands: 5 binomial standard errors and 5 standard errors of the mean.
TEST(BackgroundStage, ReplacesItsShare) {
  const auto background = step(
      "{type: background, column: x1, fraction: {value: 0.2, sd: 0.05}, slope: 3, min: "
      "0.3, max: 0.9}");
  const std::size_t n = 50'000;
  Records r(std::vector<double>(n, 0.15));
  r.pass(*background, {0.3});
  double replaced = 0, sum = 0;
  for (const double x : r.x1) {
    if (x == 0.15) continue;
    ++replaced;
    sum += x;
    EXPECT_TRUE(x >= 0.3 && x <= 0.9);
  }
  EXPECT_NEAR(replaced / n, 0.3, 5 * std::sqrt(0.21 / n));
  // Mean of exp(-3 x) on [0, 0.6] by parts, moved by 0.3.
  const double e = std::exp(-1.8);
  const double mean = 0.3 + 1.0 / 3 - 0.6 * e / (1 - e);
  EXPECT_NEAR(sum / replaced, mean, 5 * 0.2 / std::sqrt(replaced));
  EXPECT_EQ(r.survival, std::vector<double>(n, 1.0));
  EXPECT_EQ(r.x2, std::vector<double>(n, 0.15));
}

// out = in + b / (1 - b) * total * density: its integral is total / (1 - b).
TEST(BackgroundStage, FoldsIntoAShareOfTheTotal) {
  const auto background =
      step("{type: background, column: x2, fraction: {value: 0.2, sd: 0.05}}");
  std::vector<Intensity> in;
  for (int c = 0; c < 2; ++c) {
    Intensity channel({Panels({0.1, 0.4, 1})}, 2);
    for (std::size_t i = 0; i < channel.values.cols; ++i)
      channel.values(0, i) = channel.axes[0].x[i];
    in.push_back(std::move(channel));
  }
  const double nu[] = {0.25};
  const auto out = background->fold(in, {nu, 1, {}});
  const double total = (1 - 0.01) / 2;  // int_0.1^1 x dx
  EXPECT_NEAR(integrated(out[1], 0)(0, 0), total / 0.75, 1e-14);
  EXPECT_NEAR(integrated(out[1], 0)(1, 0), total / (0.75 * 0.75), 1e-14);
  EXPECT_EQ(out[0].values, in[0].values);
}

/// A file of one column.
std::string file_of(const std::string& name, const std::string& text) {
  const auto path = std::filesystem::temp_directory_path() / name;
  std::ofstream(path) << text;
  return path.string();
}

// 1, 2 and 5 events in three bins of [0.1, 1].
TEST(BackgroundStage, HasTheHistogramOfAFileAsDensity) {
  const auto path = file_of("femto_background.csv",
                            "x1\n0.2\n0.5\n0.6\n0.75\n0.8\n0.85\n0.9\n0.95\n1.7\n");
  const auto background = step(
      "{type: background, column: x1, fraction: {value: 0.5}, bins: 3, events: " + path +
      "}");
  EXPECT_EQ(background->breaks("x1").size(), 4u);
  Intensity channel({Panels({0.1, 0.4, 0.7, 1})}, 1);
  for (std::size_t i = 0; i < channel.values.cols; ++i) channel.values(0, i) = 2 / 0.9;
  std::vector<Intensity> in{channel, channel};
  const auto out = background->fold(in, {{}, 1, {}});
  const auto& x = out[0].axes[0].x;
  for (std::size_t i = 0; i < x.size(); ++i) {
    const double share = x[i] < 0.4 ? 1 : x[i] < 0.7 ? 2 : 5;
    EXPECT_NEAR(out[0].values(0, i), 2 / 0.9 + 2 * share / 8 / 0.3, 1e-12);
  }
  const std::size_t n = 40'000;
  Records r(std::vector<double>(n, 0.15));
  r.pass(*background, {});
  double counts[3] = {0, 0, 0}, replaced = 0;
  for (const double v : r.x1) {
    if (v == 0.15) continue;
    ++replaced;
    ++counts[v < 0.4 ? 0 : v < 0.7 ? 1 : 2];
  }
  for (int k = 0; k < 3; ++k) {
    const double p = (k == 0 ? 1 : k == 1 ? 2 : 5) / 8.0;
    EXPECT_NEAR(counts[k] / replaced, p, 5 * std::sqrt(p * (1 - p) / replaced));
  }
}

TEST(BackgroundStage, SaysWhatIsWrongWithAFile) {
  const auto refused = [](const std::string& settings, const std::string& what) {
    try {
      step("{type: background, column: x1, " + settings + "}");
      ADD_FAILURE() << "not refused: " << settings;
    } catch (const std::exception& error) {
      EXPECT_NE(std::string(error.what()).find(what), std::string::npos) << error.what();
    }
  };
  const auto far = file_of("femto_far.csv", "x1\n3\n4\n");
  refused("events: " + far, "none of the 2 background events");
  const auto signs = file_of("femto_signs.csv", "x1,w\n0.2,1\n0.8,-1\n0.9,2\n0.75,-3\n");
  refused("bins: 2, weight: w, events: " + signs, "bin 2");
  refused("events: " + file_of("femto_other.csv", "y\n0.5\n"), "x1");
  refused("slope: 1, events: " + far, "histogram");
}

TEST(BackgroundStage, RefusesSupportsOutsideTheColumn) {
  EXPECT_THROW(step("{type: background, column: x1, min: 0}"), Error);
  EXPECT_THROW(step("{type: background, column: x1, fraction: {value: 1.5}}"), Error);
}

}  // namespace
}  // namespace femto
