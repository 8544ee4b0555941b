// The Duke-Owens toy: published values, moments, momentum sum, derivatives.
#include "femto/qcd/duke_owens.h"

#include <cmath>

#include <boost/math/quadrature/tanh_sinh.hpp>
#include <gtest/gtest.h>

#include "femto/core/error.h"
#include "femto/qcd/flavours.h"

namespace femto::qcd {
namespace {

/// Q2, then u and d at x = 0.1, 0.3, 0.5, then their momenta; computed independently from
/// the coefficients, five digits.
constexpr double golden[3][9] = {
    {10, 6.73100, 1.87304, 0.50743, 4.47228, 0.84326, 0.13282, 0.3039, 0.1530},
    {100, 6.51258, 1.56041, 0.35700, 4.18029, 0.65602, 0.09163, 0.2638, 0.1360},
    {1000, 6.33228, 1.33906, 0.27454, 4.01467, 0.54606, 0.06785, 0.2394, 0.1266}};

TEST(DukeOwens, HasThePublishedValues) {
  constexpr double x[] = {0.1, 0.3, 0.5};
  for (const auto& row : golden) {
    const auto toy = DukeOwens::at(row[0]);
    for (int k = 0; k < 3; ++k) {
      EXPECT_NEAR(toy.up(x[k]), row[1 + k], 5.1e-6) << row[0];
      EXPECT_NEAR(toy.down(x[k]), row[4 + k], 5.1e-6) << row[0];
    }
    EXPECT_NEAR(toy.up.moment(2).value, row[7], 5.1e-5);
    EXPECT_NEAR(toy.down.moment(2).value, row[8], 5.1e-5);
  }
  EXPECT_THROW(DukeOwens::at(9.9), Error);
}

TEST(DukeOwens, MomentsAreTheIntegrals) {
  const auto toy = DukeOwens::at(30);
  boost::math::quadrature::tanh_sinh<double> rule(15);
  for (const auto& f : {toy.up, toy.down})
    for (const double n : {2.0, 3.0, 4.5}) {
      const auto integral = [&](const DukeOwensShape& g) {
        const double p = g.a + n;  // in w = x^p nothing is infinite
        return rule.integrate(
            [&](double w) {
              const double x = std::pow(w, 1 / p);
              return DukeOwensShape{g.amplitude / p, 0, g.b, g.c, g.d, g.e}(x);
            },
            0.,
            1.);
      };
      const auto m = f.moment(n);
      EXPECT_NEAR(m.value, integral(f), 1e-10);
      double DukeOwensShape::* const fields[] = {&DukeOwensShape::amplitude,
                                                 &DukeOwensShape::a,
                                                 &DukeOwensShape::b,
                                                 &DukeOwensShape::c,
                                                 &DukeOwensShape::d,
                                                 &DukeOwensShape::e};
      for (int k = 0; k < 6; ++k) {
        constexpr double h = 1e-5;
        auto up = f, down = f;
        up.*fields[k] += h, down.*fields[k] -= h;
        EXPECT_NEAR(m.slopes[k], (integral(up) - integral(down)) / (2 * h), 1e-7) << k;
      }
    }
  EXPECT_THROW(DukeOwensShape{.a = -1.1}.moment(1), NumericalError);
}

struct Start {
  XGrid grid{{.nodes = 40, .x_min = 1e-5}};
  DukeOwensStart model{grid, 10};
  std::vector<double> p;

  Start() {
    for (const auto& one : model.parameters()) p.push_back(one.value);
  }

  std::vector<double> densities(const std::vector<double>& at) const {
    std::vector<double> out(flavour_rows * grid.size());
    model.densities(at, out);
    return out;
  }
};

TEST(DukeOwens, StartCarriesTheWholeMomentum) {
  const Start s;
  const auto f = s.densities(s.p);
  // Gluon x^-0.1 (1 - x)^5 with the momentum that the published one of the quarks leaves.
  const double gluon = f[flavour_row(0) * 40 + 20], x = s.grid.x()[20];
  boost::math::quadrature::tanh_sinh<double> rule(15);
  const auto shape = [](double z) { return std::pow(z, -0.1) * std::pow(1 - z, 5); };
  EXPECT_NEAR(
      gluon / shape(x) * rule.integrate(shape, 0., 1.), 1 - 0.3039 - 0.1530, 1e-4);
  EXPECT_NEAR(f[flavour_row(2) * 40 + 20], x * DukeOwens::at(10).up(x), 1e-12);
  EXPECT_EQ(f[flavour_row(-2) * 40 + 20], 0);
  for (const double v : f) EXPECT_GE(v, 0);
  // What clipping adds: the momentum of the negative down quarks.
  const double clipped = rule.integrate(
      [](double z) { return z * std::min(0., DukeOwens::at(10).down(z)); }, 0.5, 1.);
  EXPECT_LT(clipped, 0);
  EXPECT_GT(clipped, -1e-5);
}

TEST(DukeOwens, SlopesOfTheStartAreFiniteDifferences) {
  const Start s;
  const std::size_t size = flavour_rows * s.grid.size();
  std::vector<double> slopes(s.p.size() * size);
  s.model.jacobian(s.p, slopes);
  for (std::size_t k = 0; k < s.p.size(); ++k) {
    constexpr double h = 1e-6;
    auto up = s.p, down = s.p;
    up[k] += h, down[k] -= h;
    const auto above = s.densities(up), below = s.densities(down);
    for (std::size_t i = 0; i < size; ++i) {
      const bool near_clipping = s.grid.x()[i % s.grid.size()] > 0.7;
      if (!near_clipping) {
        EXPECT_NEAR(slopes[k * size + i],
                    (above[i] - below[i]) / (2 * h),
                    1e-6 * (1 + std::abs(slopes[k * size + i])))
            << s.model.parameters()[k].name;
      }
    }
  }
}

}  // namespace
}  // namespace femto::qcd
