// LOITS of the kernels against a plain transcription of the published recipe.
#include "tests/cuda/machine.h"
#include <gtest/gtest.h>

namespace femto {
namespace {

using cuda::LoitsVariant;
using testing::Host;
using testing::LoitsCase;

const LoitsCase cases[] = {{LoitsVariant::lite, 1, 3, 500, 9, 5},
                           {LoitsVariant::lite, 2, 2, 500, 4, 10},
                           {LoitsVariant::corner, 1, 3, 500, 9, 5},
                           {LoitsVariant::corner, 2, 2, 500, 4, 10}};

struct Event {
  double x = 0, y = 0;
};

/// The curve of a cell along one axis, written down from the description: values at the
/// points, whatever the layout of the kernels.
std::vector<double> curve(
    const LoitsCase& c, std::size_t set, std::size_t i, std::size_t j, bool along_x) {
  const auto cells = static_cast<std::size_t>(c.cells), nodes = cells + 1;
  const auto k = static_cast<std::size_t>(c.points) - 1, fine = cells * k + 1;
  const bool lite = c.variant == LoitsVariant::lite;
  const std::size_t size = (lite ? fine : nodes) * (c.axes == 2 ? nodes : 1);
  const auto grid =
      c.densities(along_x || !lite ? 0 : 1, size * static_cast<std::size_t>(c.sets));
  const double* s = &grid[set * size];
  std::vector<double> out;
  for (std::size_t t = 0; t <= k; ++t) {
    const double f = static_cast<double>(t) / static_cast<double>(k);
    if (lite && c.axes == 1)
      out.push_back(s[i * k + t]);
    else if (lite)
      out.push_back(along_x ? s[(i * k + t) * nodes + j] : s[i * fine + j * k + t]);
    else if (c.axes == 1)
      out.push_back((1 - f) * s[i] + f * s[i + 1]);
    else if (along_x)
      out.push_back((1 - f) * 0.5 * (s[i * nodes + j] + s[i * nodes + j + 1]) +
                    f * 0.5 * (s[(i + 1) * nodes + j] + s[(i + 1) * nodes + j + 1]));
    else
      out.push_back((1 - f) * 0.5 * (s[i * nodes + j] + s[(i + 1) * nodes + j]) +
                    f * 0.5 * (s[i * nodes + j + 1] + s[(i + 1) * nodes + j + 1]));
  }
  return out;
}

/// Steps 3 and 5 of the recipe; the result in units of the curve's spacing.
double place(const std::vector<double>& value, double u) {
  std::vector<double> c{0};
  for (std::size_t t = 1; t < value.size(); ++t)
    c.push_back(c.back() + 0.5 * (value[t - 1] + value[t]));
  const double total = c.back();
  std::ptrdiff_t below = 0;
  for (double& v : c) {
    v /= total;
    below += v <= u;
  }
  const auto t = static_cast<std::size_t>(
      std::clamp<std::ptrdiff_t>(below - 1, 0, std::ssize(c) - 2));
  return static_cast<double>(t) + (u - c[t]) / (c[t + 1] - c[t] + 1e-5);
}

double weight(const LoitsCase& c, std::size_t set, std::size_t i, std::size_t j) {
  const auto cells = static_cast<std::size_t>(c.cells), nodes = cells + 1;
  const std::size_t all = c.axes == 2 ? cells * cells : cells;
  if (c.variant == LoitsVariant::lite)
    return testing::some(
        22, all * static_cast<std::size_t>(c.sets))[set * all + i * (all / cells) + j];
  const std::size_t size = c.axes == 2 ? nodes * nodes : nodes;
  const auto grid = c.densities(0, size * static_cast<std::size_t>(c.sets));
  const double* s = &grid[set * size];
  if (c.axes == 1) return (s[i] + s[i + 1]) / 2;
  return (s[i * nodes + j] + s[i * nodes + j + 1] + s[(i + 1) * nodes + j] +
          s[(i + 1) * nodes + j + 1]) /
         4;
}

Event published(const LoitsCase& c, std::size_t set, std::size_t event) {
  const auto cells = static_cast<std::size_t>(c.cells);
  const auto which = c.which();
  const auto index = which.first + set * static_cast<std::size_t>(c.events) + event;
  const auto u = random::uniform_pair(which.stream, index);
  const double pick = random::uniform_pair(which.stream, index, 1)[0];
  double total = 0;
  const std::size_t across = c.axes == 2 ? cells : 1;
  for (std::size_t i = 0; i < cells; ++i)
    for (std::size_t j = 0; j < across; ++j) total += weight(c, set, i, j);
  double sum = 0;
  for (std::size_t i = 0; i < cells; ++i)
    for (std::size_t j = 0; j < across; ++j) {
      sum += weight(c, set, i, j);
      if (sum <= pick * total) continue;
      const double k = c.points - 1;
      const double step_x = 1.5 / (static_cast<double>(cells) * k);
      const double step_y = 2.0 / (static_cast<double>(cells) * k);
      Event out;
      out.x = 0.5 + step_x * (static_cast<double>(i) * k +
                              place(curve(c, set, i, j, true), u[0]));
      if (c.axes == 2)
        out.y = -1 + step_y * (static_cast<double>(j) * k +
                               place(curve(c, set, i, j, false), u[1]));
      return out;
    }
  return {};
}

TEST(CudaLoits, EventsAreThoseOfTheRecipe) {
  for (const auto& c : cases) {
    const auto drawn = testing::run_loits<double>(Host{}, c);
    for (std::size_t e = 0; e < drawn.x.size(); e += 17) {
      const auto n = static_cast<std::size_t>(c.events);
      const auto wanted = published(c, e / n, e % n);
      // round-off, at most 1e5 times larger where a curve is flat
      ASSERT_NEAR(drawn.x[e], wanted.x, 1e-11);
      ASSERT_NEAR(drawn.y[e], wanted.y, 1e-11);
    }
  }
}

TEST(CudaLoits, SlopesAreFiniteDifferencesAtFixedCells) {
  for (auto c : cases) {
    c.events = 40;
    const auto slope = testing::run_loits<double>(Host{}, c).slope;
    const auto up_x = c.upstream(0), up_y = c.upstream(1);
    const auto loss = [&](double move) {
      c.move = move;
      double sum = 0;
      for (std::size_t e = 0; e < up_x.size(); ++e) {
        const auto n = static_cast<std::size_t>(c.events);
        const auto at = published(c, e / n, e % n);
        sum += up_x[e] * at.x + up_y[e] * at.y;
      }
      return sum;
    };
    // so small that no event changes its cell or segment
    const double h = 1e-7;
    const std::size_t size = slope.size() / 2;
    const bool both = c.variant == LoitsVariant::lite && c.axes == 2;
    for (std::size_t i = 0; i < (both ? 2 : 1) * size; i += 1 + size / 29) {
      c.moved_grid = i / size;
      c.moved_point = i % size;
      // round-off 1e-16 / h times 120 events
      EXPECT_NEAR(slope[i], (loss(h) - loss(-h)) / (2 * h), 1e-6) << i;
    }
  }
}

TEST(CudaLoits, SinglePrecisionFollowsDouble) {
  for (const auto& c : cases) {
    const auto full = testing::run_loits<double>(Host{}, c);
    const auto single = testing::run_loits<float>(Host{}, c);
    int other_cell = 0;
    for (std::size_t e = 0; e < full.x.size(); ++e)
      other_cell += std::abs(full.x[e] - single.x[e]) > 1e-4 ||
                    std::abs(full.y[e] - single.y[e]) > 1e-4;
    // A uniform within 2^-22 of a border between cells may fall on the other side: of
    // 16 borders and 1,500 events less than one is expected.
    EXPECT_LE(other_cell, 1);
  }
}

TEST(CudaLoits, ThreadsOfABlockDoNotDependOnTheirOrder) {
  for (const auto& c : cases) {
    const auto a = testing::run_loits<float>(Host{}, c);
    const auto b = testing::run_loits<float>(testing::backwards, c);
    EXPECT_EQ(a.x, b.x);
    EXPECT_EQ(a.slope, b.slope);
  }
}

}  // namespace
}  // namespace femto
