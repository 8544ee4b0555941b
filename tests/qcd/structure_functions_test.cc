// Structure functions against published densities and direct integration.
#include "femto/qcd/structure_functions.h"

#include <cmath>
#include <numbers>

#include "tests/qcd/reference_table.h"
#include <boost/math/quadrature/tanh_sinh.hpp>
#include <gtest/gtest.h>

#include "femto/core/error.h"
#include "femto/qcd/dis_coefficients.h"
#include "femto/qcd/toy_input.h"

namespace femto::qcd {
namespace {

const std::vector<double> some_x = {1e-4, 3e-3, 0.1, 0.35, 0.7};

struct Values {
  std::vector<double> f2, fl;
};

Values values(const StructureFunctions& s, std::span<const double> start) {
  Values v{std::vector<double>(s.scales() * s.x().size()), {}};
  v.fl = v.f2;
  s.apply(start, v.f2, v.fl);
  return v;
}

TEST(StructureFunctions, LeadingOrderFollowsFromThePublishedDensities) {
  const testing::ReferenceTable table("les_houches_f2.csv");
  std::vector<double> x;
  for (const auto& row : table.rows) x.push_back(row[0]);
  for (const auto scheme : {LesHouchesScheme::fixed, LesHouchesScheme::variable}) {
    const Evolution evolution(les_houches_evolution(scheme, Order::lo, {2, 1e4}));
    const StructureFunctions s(evolution, x, Target::proton);
    const auto v = values(s, les_houches_input(evolution.grid()));
    for (std::size_t i = 0; i < x.size(); ++i) {
      const double input = table.at(i, "input");
      const double end =
          table.at(i, scheme == LesHouchesScheme::fixed ? "lo_ffns" : "lo_vfns");
      // the toy input is printed with five digits, x = 0.7 with four
      EXPECT_NEAR(v.f2[i], input, 1e-4 * input + 5e-6);
      EXPECT_NEAR(v.f2[x.size() + i], end, 1e-4 * end + 5e-6);
      EXPECT_EQ(v.fl[i], 0);
    }
  }
}

/// sum e_q^2 {...} from evolved densities by adaptive quadrature over z.
Values integrate(const Evolution& evolution,
                 std::span<const double> start,
                 std::size_t scale,
                 double x) {
  const auto& grid = evolution.grid();
  std::vector<double> all(evolution.scales() * start.size());
  evolution.evolve(start, all);
  const auto f = std::span(all).subspan(scale * start.size(), start.size());
  std::vector<double> quarks(grid.size()), gluon(grid.size());
  for (std::size_t j = 0; j < grid.size(); ++j) {
    for (int q = 1; q <= 6; ++q)
      for (const int id : {q, -q})
        quarks[j] += (q % 2 ? 1.0 : 4.0) / 9 * f[flavour_row(id) * grid.size() + j];
    double charges = 0;
    for (int q = 1; q <= evolution.flavours(scale); ++q)
      charges += (q % 2 ? 1.0 : 4.0) / 9;
    gluon[j] = charges * f[flavour_row(0) * grid.size() + j];
  }
  boost::math::quadrature::tanh_sinh<double> rule(12);
  const double q_at_x = grid.interpolate(quarks, x);
  const auto convolve = [&](Coefficient c, const std::vector<double>& density) {
    const auto s = singular_part(c);
    const double at_x = c == Coefficient::f2_quark ? q_at_x : 0;
    const auto integrand = [&](double t) {  // z = x^t, towards 1 at t = 0
      const double l = t * std::log(x);
      const double z = std::exp(l), y = -std::expm1(l);
      if (y < 1e-11) return 0.0;
      std::array<double, coefficient_count> k;
      evaluate_coefficients(z, y, k);
      return -std::log(x) * z *
             (k[static_cast<std::size_t>(c)] *
                  grid.interpolate(density, std::min(1.0, x / z)) -
              (s.plus + s.log_plus * std::log(y)) / y * at_x);
    };
    double sum = 0;  // the interpolation has kinks: many small pieces
    for (int piece = 0; piece < 40; ++piece)
      sum += rule.integrate(integrand, piece / 40.0, (piece + 1) / 40.0, 1e-8);
    const double rest = std::log1p(-x);
    return sum + at_x * (s.plus * rest + s.log_plus * rest * rest / 2 + s.delta);
  };
  const StrongCoupling coupling(evolution.settings().coupling);
  const double a =
      coupling.at(evolution.settings().mu2_gev2[scale]) / (2 * std::numbers::pi);
  return {{q_at_x + a * (convolve(Coefficient::f2_quark, quarks) +
                         convolve(Coefficient::f2_gluon, gluon))},
          {a * (convolve(Coefficient::fl_quark, quarks) +
                convolve(Coefficient::fl_gluon, gluon))}};
}

TEST(StructureFunctions, NextToLeadingOrderIsTheConvolution) {
  const Evolution evolution(
      les_houches_evolution(LesHouchesScheme::variable, Order::nlo, {4, 1e3}));
  const auto start = les_houches_input(evolution.grid());
  const StructureFunctions s(evolution, some_x, Target::proton);
  const auto v = values(s, start);
  for (std::size_t k = 0; k < 2; ++k)
    for (std::size_t i = 0; i < some_x.size(); ++i) {
      const auto exact = integrate(evolution, start, k, some_x[i]);
      EXPECT_NEAR(v.f2[k * some_x.size() + i], exact.f2[0], 2e-6 * exact.f2[0])
          << "x = " << some_x[i];
      EXPECT_NEAR(v.fl[k * some_x.size() + i], exact.fl[0], 2e-6 * exact.fl[0])
          << "x = " << some_x[i];
    }
}

TEST(StructureFunctions, NeutronIsTheProtonWithUpAndDownExchanged) {
  const Evolution evolution(
      les_houches_evolution(LesHouchesScheme::variable, Order::nlo, {10, 200}));
  const auto start = les_houches_input(evolution.grid());
  const std::size_t n = evolution.grid().size();
  auto exchanged = start;
  for (const int sign : {1, -1})
    for (std::size_t j = 0; j < n; ++j)
      std::swap(exchanged[flavour_row(sign) * n + j],
                exchanged[flavour_row(2 * sign) * n + j]);
  const StructureFunctions proton(evolution, some_x, Target::proton);
  const auto p = values(proton, start), swapped = values(proton, exchanged);
  const auto neutron =
      values(StructureFunctions(evolution, some_x, Target::neutron), start);
  const auto deuteron =
      values(StructureFunctions(evolution, some_x, Target::deuteron), start);
  for (std::size_t i = 0; i < p.f2.size(); ++i) {
    EXPECT_NEAR(neutron.f2[i], swapped.f2[i], 1e-13);
    EXPECT_NEAR(neutron.fl[i], swapped.fl[i], 1e-13);
    EXPECT_NEAR(deuteron.f2[i], 0.5 * (p.f2[i] + neutron.f2[i]), 1e-13);
  }
}

TEST(StructureFunctions, TakesManyDirectionsAndPullsBack) {
  const Evolution evolution(
      les_houches_evolution(LesHouchesScheme::variable, Order::nlo, {10, 200, 5e3}));
  const StructureFunctions s(evolution, some_x, Target::proton);
  const std::size_t size = flavour_rows * evolution.grid().size(), points = 3 * 5;
  std::vector<double> starts(4 * size);
  for (std::size_t i = 0; i < starts.size(); ++i) {
    const auto row = i / evolution.grid().size() % flavour_rows;
    if (row >= flavour_row(-4) && row <= flavour_row(4))
      starts[i] = std::sin(0.7 * static_cast<double>(i));
  }
  std::vector<double> f2(4 * points), fl(4 * points), g2(points), gl(points), back(size);
  s.apply(starts, f2, fl);
  for (std::size_t i = 0; i < points; ++i) {
    g2[i] = std::cos(static_cast<double>(i));
    gl[i] = std::sin(2.0 * static_cast<double>(i));
  }
  s.pull_back(g2, gl, back);
  for (std::size_t d = 0; d < 4; ++d) {
    const auto start = std::span(starts).subspan(d * size, size);
    const auto one = values(s, start);
    double forward = 0, backward = 0;
    for (std::size_t i = 0; i < points; ++i) {
      EXPECT_EQ(one.f2[i], f2[d * points + i]);
      EXPECT_EQ(one.fl[i], fl[d * points + i]);
      forward += f2[d * points + i] * g2[i] + fl[d * points + i] * gl[i];
    }
    for (std::size_t i = 0; i < size; ++i) backward += start[i] * back[i];
    EXPECT_NEAR(forward, backward, 1e-11 * (1 + std::abs(forward)));
  }
}

TEST(StructureFunctions, RefusesPointsOutsideTheGrid) {
  auto settings = les_houches_evolution(LesHouchesScheme::fixed, Order::lo, {10});
  settings.grid.nodes = 20;
  const Evolution evolution(settings);
  EXPECT_THROW(StructureFunctions(evolution, {1e-8}, Target::proton), Error);
  EXPECT_THROW(StructureFunctions(evolution, {1.0}, Target::proton), Error);
}

}  // namespace
}  // namespace femto::qcd
