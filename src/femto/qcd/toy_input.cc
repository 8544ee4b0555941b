#include "femto/qcd/toy_input.h"

#include <cmath>
#include <limits>

namespace femto::qcd {

std::vector<double> les_houches_input(const XGrid& grid) {
  const std::size_t n = grid.size();
  std::vector<double> f(flavour_rows * n);
  for (std::size_t i = 0; i < n; ++i) {
    const double x = grid.x()[i], y = 1 - x;
    const double up_valence = 5.107200 * std::pow(x, 0.8) * std::pow(y, 3);
    const double down_valence = 3.064320 * std::pow(x, 0.8) * std::pow(y, 4);
    const double anti_down = 0.1939875 * std::pow(x, -0.1) * std::pow(y, 6);
    const double anti_up = y * anti_down;
    const double strange = 0.2 * (anti_up + anti_down);
    const auto set = [&](int id, double value) { f[flavour_row(id) * n + i] = value; };
    set(0, 1.7 * std::pow(x, -0.1) * std::pow(y, 5));
    set(1, down_valence + anti_down);
    set(2, up_valence + anti_up);
    set(3, strange);
    set(-1, anti_down);
    set(-2, anti_up);
    set(-3, strange);
  }
  return f;
}

std::array<double, InitialScale::parameter_count> les_houches_parameters() {
  constexpr double sea = 0.1939875;
  return {0.8,       3,    0, 0,         // up_valence: a, b, c, d
          0.8,       4,    0, 0,         // down_valence
          -0.1,      5,    0, 0,         // gluon
          sea,       -0.1, 7, 0, 0,      // anti_up: amplitude, a, b, c, d
          sea,       -0.1, 6, 0, 0,      // anti_down
          0.4 * sea, -0.1, 6, 0, -0.5};  // strange
}

EvolutionSettings les_houches_evolution(LesHouchesScheme scheme,
                                        Order order,
                                        const std::vector<double>& mu2_gev2) {
  constexpr double never = std::numeric_limits<double>::infinity();
  EvolutionSettings s;
  s.order = order;
  s.coupling = {.alpha = 0.35,
                .mu2_gev2 = 2,
                .loops = order == Order::lo ? 1 : 2,
                .flavours = scheme == LesHouchesScheme::fixed
                                ? FlavourScheme::fixed(4)
                                : FlavourScheme::variable(1, 4.5, never)};
  s.start_mu2_gev2 = 2;
  s.mu2_gev2 = mu2_gev2;
  return s;
}

}  // namespace femto::qcd
