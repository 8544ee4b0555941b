// Stages in a chain: their order, the place of an error, derivatives through all of them.
#include <cmath>

#include "tests/support/build.h"
#include "tests/support/proxies.h"
#include <gtest/gtest.h>

namespace femto {
namespace {

using testing::build;

const std::string chain =
    "{type: chain, stages: [{type: resolution, columns: [x1], relative: [0.1], scale: "
    "{value: 1.1, sd: 0.01}}, {type: resolution, columns: [x1, x2], constant: [0.02]}, "
    "{type: window, column: x1, min: 0.2}]}";

TEST(ChainDetector, KnowsWhatComesOut) {
  const auto theory = build<Theory>("proxy1d");
  const Experiment experiment(*theory, *build<Detector>(chain));
  const auto& instrument = experiment.instrument();
  EXPECT_TRUE(instrument.loses());
  ASSERT_EQ(instrument.nuisances().size(), 1u);
  EXPECT_EQ(instrument.nuisances()[0].parameter.name, "scale_x1");
  EXPECT_EQ(experiment.measured().parameters().size(), 7u);
  EXPECT_EQ(columns_of(experiment.measured()), columns_of(*theory));
  EXPECT_EQ(experiment.measured().channels()[0].axes[0].lo, 0.2);
}

TEST(ChainDetector, DerivativesGoThroughEveryStage) {
  const auto theory = build<Theory>("proxy1d");
  const Experiment experiment(*theory, *build<Detector>(chain));
  const auto& instrument = experiment.instrument();
  const std::vector<double> nu{1.05}, x{0.2, 0.5, 0.7};
  const Draw which{random::Stream{4, 4}, 10};
  const auto measured = [&](std::vector<double> x1) {
    auto x2 = x;
    double* record[] = {x1.data(), x2.data()};
    instrument.apply(which, nu, x1.size(), record, nullptr);
    return x1;
  };
  std::vector<double> up1(3, 1.0), up2(3, 1.0);
  const double* truth[] = {x.data(), x.data()};
  double* upstream[] = {up1.data(), up2.data()};
  instrument.backward(which, nu, 3, truth, upstream);
  const double h = 1e-6;
  for (std::size_t i = 0; i < 3; ++i) {
    auto above = x, below = x;
    above[i] += h;
    below[i] -= h;
    EXPECT_NEAR(up1[i], (measured(above)[i] - measured(below)[i]) / (2 * h), 1e-8);
    EXPECT_EQ(up2[i], 1.0);  // a constant error has slope one
  }
}

TEST(ChainDetector, AnErrorNamesItsStage) {
  const auto theory = build<Theory>("proxy1d");
  try {
    const Experiment experiment(
        *theory,
        *build<Detector>("{type: chain, stages: [{type: window, column: x1, max: 0.5}, "
                         "{type: window, column: x1, min: 0.6}]}"));
    FAIL() << "not refused";
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("stages[1]: nothing survives"),
              std::string::npos)
        << error.what();
  }
}

}  // namespace
}  // namespace femto
