// The exact samplers of the kernels against the CPU's classes, their own integral, and
// finite differences.
#include "tests/cuda/machine.h"
#include <gtest/gtest.h>

#include "femto/physics/grid_density.h"

namespace femto {
namespace {

using testing::Host;
using testing::line_case;
using testing::plane_case;
using testing::SamplerCase;

constexpr double close = 1e-12;  // round-off of a few hundred terms, over a density

/// Events and slopes of femto/physics, set by set.
testing::Drawn<double> on_cpu(const SamplerCase& c) {
  GridNodes nodes{c.x};
  if (!c.y.empty()) nodes.push_back(c.y);
  const std::size_t n = static_cast<std::size_t>(c.events), sets = c.count() / n;
  const std::size_t size = c.value.size() / sets;
  testing::Drawn<double> out{std::vector<double>(c.count()),
                             std::vector<double>(c.count()),
                             std::vector<double>(c.value.size())};
  const auto up_x = c.upstream(0), up_y = c.upstream(1);
  for (std::size_t s = 0; s < sets; ++s) {
    const Uniforms uniforms =
        [&](std::size_t first, std::size_t count, double* const* u) {
          for (std::size_t e = 0; e < count; ++e) {
            const auto pair = random::uniform_pair(c.stream, c.first + s * n + first + e);
            for (std::size_t a = 0; a < nodes.size(); ++a) u[a][e] = pair[a];
          }
        };
    std::vector<double> u(n), v(n);
    double* fill[] = {u.data(), v.data()};
    uniforms(0, n, fill);
    const auto* from = c.value.data() + s * size;
    const auto density = make_grid_density(nodes, {from, from + size});
    double* to[] = {&out.x[s * n], &out.y[s * n]};
    density->draw(n, fill, to);
    const double* up[] = {&up_x[s * n], &up_y[s * n]};
    density->backward(n, uniforms, up, &out.slope[s * size]);
  }
  return out;
}

template <class Real>
double largest(const std::vector<Real>& v) {
  double top = 0;
  for (const Real x : v) top = std::max(top, std::abs(static_cast<double>(x)));
  return top;
}

template <class Real>
void expect_close(const std::vector<Real>& found,
                  const std::vector<double>& wanted,
                  double tolerance) {
  ASSERT_EQ(found.size(), wanted.size());
  for (std::size_t i = 0; i < found.size(); ++i)
    ASSERT_NEAR(found[i], wanted[i], tolerance) << "entry " << i;
}

/// dL/d(value[j]) of L = sum upstream * event, by central differences.
template <class Run>
double difference(const Run& run, SamplerCase c, std::size_t j) {
  const double h = 1e-6;
  const auto up_x = c.upstream(0), up_y = c.upstream(1);
  const auto loss = [&](double shift) {
    auto moved = c;
    moved.value[j] += shift;
    const auto drawn = run(moved);
    double sum = 0;
    for (std::size_t i = 0; i < c.count(); ++i)
      sum += up_x[i] * drawn.x[i] + (c.y.empty() ? 0 : up_y[i] * drawn.y[i]);
    return sum;
  };
  return (loss(h) - loss(-h)) / (2 * h);
}

const SamplerCase lines[] = {
    line_case(1, 5000, 30), line_case(7, 100, 101), line_case(300, 3, 2)};
const SamplerCase planes[] = {
    plane_case(1, 5000, 6, 9), plane_case(5, 300, 20, 3), plane_case(40, 1, 2, 2)};

TEST(CudaSampler, LinesAreThoseOfThePhysicsLayer) {
  for (const auto& c : lines) {
    const auto wanted = on_cpu(c);
    const auto found = testing::run_line<double>(Host{}, c);
    expect_close(found.x, wanted.x, close);
    expect_close(found.slope, wanted.slope, close * (1 + largest(wanted.slope)));
  }
}

TEST(CudaSampler, PlanesAreThoseOfThePhysicsLayer) {
  for (const auto& c : planes) {
    const auto wanted = on_cpu(c);
    const auto found = testing::run_plane<double>(Host{}, c);
    expect_close(found.x, wanted.x, close);
    // the second coordinate inherits the error of the first over the density
    expect_close(found.y, wanted.y, 10 * close);
    expect_close(found.slope, wanted.slope, 10 * close * (1 + largest(wanted.slope)));
  }
}

TEST(CudaSampler, SinglePrecisionFollowsDouble) {
  // Uniforms differ by 2^-24 and integrals by a few of them; where the density is small
  // this counts several times over.
  auto line = lines[1], plane = planes[1];
  for (double& v : line.value) v += 0.2;
  for (double& v : plane.value) v += 0.2;
  const auto full = on_cpu(line), full_plane = on_cpu(plane);
  const auto one = testing::run_line<float>(Host{}, line);
  const auto two = testing::run_plane<float>(Host{}, plane);
  expect_close(one.x, full.x, 3e-6);
  expect_close(one.slope, full.slope, 1e-4 * largest(full.slope));
  expect_close(two.x, full_plane.x, 3e-6);
  expect_close(two.y, full_plane.y, 1e-5);
  expect_close(two.slope, full_plane.slope, 1e-4 * largest(full_plane.slope));
}

TEST(CudaSampler, LinesInvertTheirOwnIntegral) {
  const auto& c = lines[1];
  const auto drawn = testing::run_line<double>(Host{}, c);
  for (std::size_t i = 0; i < c.count(); ++i) {
    const double* s = &c.value[i / 100 * c.x.size()];
    double below = 0, total = 0;  // trapezoids, the last one cut at the event
    for (std::size_t k = 0; k + 1 < c.x.size(); ++k) {
      const double h = c.x[k + 1] - c.x[k];
      const double t = std::clamp((drawn.x[i] - c.x[k]) / h, 0.0, 1.0);
      below += h * t * (s[k] + 0.5 * t * (s[k + 1] - s[k]));
      total += h * 0.5 * (s[k] + s[k + 1]);
    }
    ASSERT_NEAR(below / total, random::uniform(c.stream, c.first + i), 1e-13);
  }
}

TEST(CudaSampler, SlopesAreFiniteDifferences) {
  auto line = line_case(2, 40, 5);
  auto plane = plane_case(2, 40, 3, 4);
  for (double& v : line.value) v += 0.2;  // away from the square root's end
  for (double& v : plane.value) v += 0.2;
  const auto draw_line = [](const SamplerCase& c) {
    return testing::run_line<double>(Host{}, c);
  };
  const auto draw_plane = [](const SamplerCase& c) {
    return testing::run_plane<double>(Host{}, c);
  };
  // truncation h^2 times third derivatives and round-off 1e-16 / h, 40 events
  const auto one = draw_line(line).slope, two = draw_plane(plane).slope;
  for (std::size_t j = 0; j < one.size(); ++j)
    EXPECT_NEAR(one[j], difference(draw_line, line, j), 1e-7);
  for (std::size_t j = 0; j < two.size(); ++j)
    EXPECT_NEAR(two[j], difference(draw_plane, plane, j), 1e-7);
}

TEST(CudaSampler, ThreadsOfABlockDoNotDependOnTheirOrder) {
  for (const auto& c : lines) {
    const auto a = testing::run_line<float>(Host{}, c);
    const auto b = testing::run_line<float>(testing::backwards, c);
    EXPECT_EQ(a.x, b.x);
    EXPECT_EQ(a.slope, b.slope);
  }
  for (const auto& c : planes) {
    const auto a = testing::run_plane<float>(Host{}, c);
    const auto b = testing::run_plane<float>(testing::backwards, c);
    EXPECT_EQ(a.y, b.y);
    EXPECT_EQ(a.slope, b.slope);
  }
}

TEST(CudaSampler, GivesNoEventsWhereTheDensityIsZero) {
  SamplerCase line{1, 3000, {0, 1, 2, 3, 4, 5}, {}, {0, 0, 1, 0, 0, 0}};
  for (const double x : testing::run_line<double>(Host{}, line).x)
    ASSERT_TRUE(x > 1 && x < 3) << x;
  SamplerCase plane{1, 3000, {0, 1, 2, 3}, {0, 1, 2, 3}, std::vector<double>(16, 0.0)};
  plane.value[5] = 1;  // a pyramid over [0, 2]^2
  const auto drawn = testing::run_plane<double>(Host{}, plane);
  for (std::size_t i = 0; i < 3000; ++i)
    ASSERT_TRUE(drawn.x[i] > 0 && drawn.x[i] < 2 && drawn.y[i] > 0 && drawn.y[i] < 2);
}

}  // namespace
}  // namespace femto
