// Deep-inelastic scattering through flavour thresholds against evolutions with fixed
// flavours, one after the other.
#include <cmath>

#include <gtest/gtest.h>

#include "femto/qcd/dis_table.h"
#include "femto/qcd/initial_scale.h"
#include "femto/qcd/toy_input.h"

namespace femto::qcd {
namespace {

constexpr double charm2 = 1.4 * 1.4, bottom2 = 4.5 * 4.5;
constexpr std::size_t nodes = 110;

StrongCoupling::Settings coupling_of(Order order, FlavourScheme scheme) {
  return {.alpha = 0.36,
          .mu2_gev2 = 1.5,
          .loops = order == Order::lo ? 1 : 2,
          .flavours = scheme};
}

/// From densities at one scale to those at another with a number of flavours.
std::vector<double> evolved(
    Order order, int flavours, double from, double to, std::span<const double> start) {
  EvolutionSettings s;
  s.grid = {.nodes = nodes, .x_min = 1e-3};
  s.order = order;
  // The coupling runs on through the thresholds.
  const auto variable = FlavourScheme::variable(1.4, 4.5, 173);
  s.coupling = {.alpha = StrongCoupling(coupling_of(order, variable)).at(from),
                .mu2_gev2 = from,
                .loops = order == Order::lo ? 1 : 2,
                .flavours = FlavourScheme::fixed(flavours)};
  s.start_mu2_gev2 = from;
  s.mu2_gev2 = {to};
  std::vector<double> out(start.size());
  Evolution(s).evolve(start, out);
  return out;
}

/// F2 and FL of densities at a scale where `flavours` are active, at each x.
std::pair<std::vector<double>, std::vector<double>> structure(
    Order order,
    int flavours,
    double q2,
    std::span<const double> densities,
    const std::vector<double>& x) {
  EvolutionSettings s;
  s.grid = {.nodes = nodes, .x_min = 1e-3};
  s.order = order;
  const auto variable = FlavourScheme::variable(1.4, 4.5, 173);
  s.coupling = {.alpha = StrongCoupling(coupling_of(order, variable)).at(q2, flavours),
                .mu2_gev2 = q2,
                .loops = order == Order::lo ? 1 : 2,
                .flavours = FlavourScheme::fixed(flavours)};
  s.start_mu2_gev2 = q2;
  s.mu2_gev2 = {q2};
  const Evolution none(s);
  std::vector<double> f2(x.size()), fl(x.size());
  StructureFunctions(none, x, Target::proton).apply(densities, f2, fl);
  return {f2, fl};
}

class DisThresholds : public ::testing::TestWithParam<Order> {};

TEST_P(DisThresholds, AreCrossedByOneFlavourAfterAnother) {
  const auto order = GetParam();
  EvolutionSettings s;
  s.order = order;
  s.coupling = coupling_of(order, FlavourScheme::variable(1.4, 4.5, 173));
  s.start_mu2_gev2 = 1.5;
  const DisWindow window{.x_min = 0.01, .x_max = 0.7, .q2_min = 1.8, .q2_max = 90};
  const std::vector<Target> targets = {Target::proton};
  const DisTable table(
      window,
      s,
      [](const XGrid& grid) { return std::make_unique<InitialScale>(grid); },
      targets);
  ASSERT_EQ(table.thresholds().size(), 2u);
  EXPECT_NEAR(table.thresholds()[0], charm2, 1e-14);
  EXPECT_NEAR(table.thresholds()[1], bottom2, 1e-14);
  const auto toy = les_houches_parameters();
  const auto values = table.at(toy, {});
  const XGrid grid({.nodes = nodes, .x_min = 1e-3});
  std::vector<double> start(flavour_rows * nodes);
  InitialScale(grid).densities(toy, start);
  const auto at_charm = evolved(order, 3, 1.5, charm2, start);
  const auto at_bottom = evolved(order, 4, charm2, bottom2, at_charm);
  const auto check = [&](double q2, int flavours, std::span<const double> densities) {
    const std::vector<double> x = {0.02, 0.1, 0.4};
    const auto [f2, fl] = structure(order, flavours, q2, densities, x);
    for (std::size_t i = 0; i < x.size(); ++i) {
      const double at_x = table.x_position(x[i]), factor = 0.3;
      // Just below a threshold a position is that of the piece below.
      const double at_q2 = table.q2_position(q2);
      double sigma = 0;
      table.evaluate(values, 0, 1, &at_x, &at_q2, &factor, &sigma, nullptr);
      EXPECT_NEAR(sigma, f2[i] - factor * fl[i], 2e-6 * sigma)
          << "x = " << x[i] << ", Q2 = " << q2;
    }
  };
  check(1.85, 3, evolved(order, 3, 1.5, 1.85, start));
  check(charm2 * (1 - 1e-12), 3, at_charm);
  check(charm2, 4, at_charm);
  check(11, 4, evolved(order, 4, charm2, 11, at_charm));
  check(bottom2 * (1 - 1e-12), 4, at_bottom);
  check(bottom2, 5, at_bottom);
  check(77, 5, evolved(order, 5, bottom2, 77, at_bottom));
}

TEST_P(DisThresholds, ChargesAreThoseOfTheActiveFlavours) {
  // At leading order F2 is the sum of e^2 x f over what is there.
  if (GetParam() != Order::lo) return;
  const XGrid grid({.nodes = nodes, .x_min = 1e-3});
  std::vector<double> f(flavour_rows * nodes);
  for (int id = -5; id <= 5; ++id)
    for (std::size_t j = 0; j < nodes; ++j)
      f[flavour_row(id) * nodes + j] =
          (id == 0 ? 2.0 : 1.0 + 0.1 * id) * std::pow(1 - grid.x()[j], 4);
  constexpr double ninth[] = {0, 1.0 / 9, 4.0 / 9, 1.0 / 9, 4.0 / 9, 1.0 / 9};
  for (int flavours = 3; flavours <= 5; ++flavours) {
    double expected = 0;
    for (int q = 1; q <= flavours; ++q) expected += ninth[q] * 2 * std::pow(1 - 0.3, 4);
    auto active = f;
    for (int q = flavours + 1; q <= 5; ++q)
      for (const int id : {q, -q})
        std::fill_n(active.begin() + static_cast<std::ptrdiff_t>(flavour_row(id) * nodes),
                    nodes,
                    0.0);
    EXPECT_NEAR(
        structure(Order::lo, flavours, 30, active, {0.3}).first[0], expected, 1e-9);
  }
}

INSTANTIATE_TEST_SUITE_P(Orders, DisThresholds, ::testing::Values(Order::lo, Order::nlo));

}  // namespace
}  // namespace femto::qcd
