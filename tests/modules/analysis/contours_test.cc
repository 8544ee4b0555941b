// Contours of a likelihood that is a parabola are ellipses.
#include <cmath>

#include "tests/support/two_gaussians.h"
#include <gtest/gtest.h>

#include "femto/core/error.h"

namespace femto {
namespace {

using testing::build;
using testing::TwoGaussians;

const io::Array& array(const Findings& found, const std::string& name) {
  for (const auto& a : found.arrays)
    if (a.name == name) return a;
  throw std::runtime_error("no array " + name);
}

TEST(Contours, OfAParabolaAreEllipses) {
  const TwoGaussians g;
  const auto found =
      g.examined("{type: contours, pairs: [[theta1, theta2]], points: 41}");
  ASSERT_EQ(found.result.size(), 1u);
  EXPECT_EQ(found.result[0]["x"], "theta1");
  for (const auto& [name, level] :
       {std::pair{"contour/theta1_theta2/contour68", -2 * std::log(1 - 0.6827)},
        std::pair{"contour/theta1_theta2/contour95", -2 * std::log(0.05)}}) {
    const auto& lines = array(found, name);
    ASSERT_GT(lines.values.size(), 100u);
    // 2 Delta NLL is taken linear between points h apart: off by h^2 / 8 of its second
    // derivative
    const auto& x = array(found, "contour/theta1_theta2/x").values;
    const double h = x[1] - x[0], off = 2 * g.information(0, 0) * h * h / 8;
    for (std::size_t i = 0; i < lines.values.size(); i += 2)
      EXPECT_NEAR(g.rise(lines.values[i], lines.values[i + 1]), level, off + 1e-3);
  }
}

TEST(Contours, AreRefusedBeforeTheFit) {
  const TwoGaussians g;
  const auto analysis = build<Analysis>("{type: contours, pairs: [[theta1, gamma]]}");
  try {
    analysis->check(*g.w.theory, *g.w.objective);
    FAIL() << "not refused";
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("gamma"), std::string::npos);
    EXPECT_NE(error.hint().find("theta1, theta2"), std::string::npos);
  }
  EXPECT_THROW(build<Analysis>("{type: contours, pairs: [[theta1, theta1]]}")
                   ->check(*g.w.theory, *g.w.objective),
               Error);
  const auto moments = build<Objective>("moments");
  EXPECT_THROW(build<Analysis>("{type: contours, pairs: [[theta1, theta2]]}")
                   ->check(*g.w.theory, *moments),
               Error);
}

}  // namespace
}  // namespace femto
