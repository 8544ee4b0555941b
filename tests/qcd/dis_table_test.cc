// The table of the reduced cross-section against structure functions on a finer grid.
#include "femto/qcd/dis_table.h"

#include <cmath>

#include <gtest/gtest.h>

#include "femto/core/error.h"
#include "femto/qcd/initial_scale.h"
#include "femto/qcd/toy_input.h"

namespace femto::qcd {
namespace {

const DisWindow window;  // the default

/// No point is a node of the table.
std::vector<double> some_x() {
  std::vector<double> x = {window.x_min, 0.65, 0.69, window.x_max};
  for (double at = 0.0061; at < 0.6; at *= 1.37) x.push_back(at);
  return x;
}

const std::vector<double> some_q2 = {10, 10.7, 12.3, 21.1, 44.7, 80.3, 86.2, 90};

std::vector<double> curved() {
  return {0.7, 3.2, 0.5, 1.5, 0.9,  4.1, -0.4, 2.0, -0.15, 5.5,  -0.8, 0.7, 0.15, -0.2,
          7,   0.3, 0.2, 0.2, -0.1, 6.5, 0.1,  0.4, 0.05,  -0.1, 8,    0.6, -0.3};
}

std::vector<double> toy() {
  const auto p = les_houches_parameters();
  return {p.begin(), p.end()};
}

double fl_factor(double x, double q2) {
  const double y = q2 / (x * 19800);
  return y * y / (1 + std::pow(1 - y, 2));
}

/// sigma_r [Q2, x] by an evolution of its own to exactly these scales, on more nodes.
class Direct {
 public:
  Direct(Order order, Target target)
      : evolution_([&] {
          auto settings = les_houches_evolution(LesHouchesScheme::fixed, order, some_q2);
          settings.grid = {.nodes = 140, .x_min = 1e-3};
          return settings;
        }()),
        structure_(evolution_, some_x(), target) {}

  std::vector<double> operator()(std::span<const double> parameters) const {
    std::vector<double> start(flavour_rows * evolution_.grid().size());
    InitialScale(evolution_.grid()).densities(parameters, start);
    const auto x = some_x();
    std::vector<double> f2(x.size() * some_q2.size()), fl(f2.size());
    structure_.apply(start, f2, fl);
    for (std::size_t k = 0; k < some_q2.size(); ++k)
      for (std::size_t i = 0; i < x.size(); ++i)
        f2[k * x.size() + i] -= fl_factor(x[i], some_q2[k]) * fl[k * x.size() + i];
    return f2;
  }

 private:
  Evolution evolution_;
  StructureFunctions structure_;
};

struct Evaluated {
  std::vector<double> value;               // [Q2, x]
  std::vector<std::vector<double>> slope;  // [parameter][Q2, x]
};

Evaluated evaluate(const DisTable& table,
                   std::size_t target,
                   std::span<const double> parameters,
                   std::span<const std::size_t> slopes) {
  std::vector<double> at_x, at_q2, factor;
  for (const double q2 : some_q2)
    for (const double x : some_x()) {
      at_x.push_back(table.x_position(x));
      at_q2.push_back(table.q2_position(q2));
      factor.push_back(fl_factor(x, q2));
    }
  Evaluated out;
  out.value.resize(at_x.size());
  out.slope.assign(slopes.size(), out.value);
  std::vector<double*> to;
  for (auto& column : out.slope) to.push_back(column.data());
  const auto values = table.at(parameters, slopes);
  table.evaluate(values,
                 target,
                 at_x.size(),
                 at_x.data(),
                 at_q2.data(),
                 factor.data(),
                 out.value.data(),
                 to.data());
  return out;
}

std::unique_ptr<StartModel> powers(const XGrid& grid) {
  return std::make_unique<InitialScale>(grid);
}

DisTable make_table(Order order, std::vector<Target> targets) {
  return {window,
          les_houches_evolution(LesHouchesScheme::fixed, order, {2}),
          powers,
          targets};
}

TEST(DisTable, AgreesWithStructureFunctionsBetweenItsNodes) {
  const std::vector<Target> targets = {Target::proton, Target::deuteron};
  for (const auto order : {Order::lo, Order::nlo}) {
    const auto table = make_table(order, targets);
    for (std::size_t t = 0; t < 2; ++t) {
      const Direct direct(order, targets[t]);
      for (const auto& parameters : {curved(), toy()}) {
        const auto exact = direct(parameters);
        const auto found = evaluate(table, t, parameters, {});
        for (std::size_t i = 0; i < exact.size(); ++i)
          EXPECT_NEAR(found.value[i] / exact[i], 1, 1e-6) << i;
      }
    }
  }
}

TEST(DisTable, SlopesAreThoseOfTheDirectCalculation) {
  const auto table = make_table(Order::nlo, {Target::proton});
  const Direct direct(Order::nlo, Target::proton);
  const std::vector<std::size_t> slopes = {0, 1, 3, 8, 9, 12, 13, 19, 26};
  auto p = curved();
  const auto found = evaluate(table, 0, p, slopes);
  for (std::size_t k = 0; k < slopes.size(); ++k) {
    const double h = 1e-3, here = p[slopes[k]];
    p[slopes[k]] = here + h;
    const auto up = direct(p);
    p[slopes[k]] = here - h;
    const auto down = direct(p);
    p[slopes[k]] = here;
    for (std::size_t i = 0; i < up.size(); ++i)
      EXPECT_NEAR(found.slope[k][i],
                  (up[i] - down[i]) / (2 * h),
                  1e-5 * (found.value[i] + std::abs(found.slope[k][i])))
          << slopes[k] << " " << i;
  }
}

TEST(DisTable, RefusesAWindowThatIsNone) {
  const auto evolution = les_houches_evolution(LesHouchesScheme::fixed, Order::lo, {2});
  const std::vector<Target> targets = {Target::proton};
  for (const auto& wrong : {DisWindow{0.1, 0.1},
                            DisWindow{0.1, 1},
                            DisWindow{0, 0.5},
                            DisWindow{0.1, 0.5, 20, 10}})
    EXPECT_THROW(DisTable(wrong, evolution, powers, targets), Error);
}

}  // namespace
}  // namespace femto::qcd
