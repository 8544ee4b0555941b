// Coefficient functions of deep-inelastic scattering against their published moments.
#include "femto/qcd/dis_coefficients.h"

#include <array>
#include <cmath>
#include <numbers>

#include "tests/qcd/reference_table.h"
#include <boost/math/quadrature/tanh_sinh.hpp>
#include <gtest/gtest.h>

#include "femto/qcd/splitting.h"

namespace femto::qcd {
namespace {

double moment(Coefficient coefficient, double n) {
  boost::math::quadrature::tanh_sinh<double> rule(15);
  const auto s = singular_part(coefficient);
  const auto integrand = [&](double z, double to_end) {
    const double y = z > 0.5 ? std::abs(to_end) : 1 - z;
    std::array<double, coefficient_count> values;
    evaluate_coefficients(z, y, values);
    const double k = values[static_cast<std::size_t>(coefficient)];
    const double less = std::expm1((n - 1) * (z > 0.5 ? std::log1p(-y) : std::log(z)));
    return (k - (s.plus + s.log_plus * std::log(y)) / y) + less * k;
  };
  return rule.integrate(integrand, 0.0, 1.0, 1e-13) + s.delta;
}

TEST(Coefficients, HaveThePublishedMoments) {
  const testing::ReferenceTable table("dis_moments.csv");
  for (std::size_t r = 0; r < table.rows.size(); ++r) {
    const double n = table.at(r, "n");
    EXPECT_NEAR(2 * moment(Coefficient::f2_quark, n),
                table.at(r, "quark"),
                1.1 * table.half_digits[r][1] + 1e-10);
    EXPECT_NEAR(2 * moment(Coefficient::f2_gluon, n),
                table.at(r, "gluon"),
                1.1 * table.half_digits[r][2] + 1e-10);
  }
}

TEST(Coefficients, HaveTheMomentsOfTheClosedForms) {
  for (int n = 1; n <= 12; ++n) {
    const double N = n;
    double s1 = 0, s2 = 0;
    for (int k = 1; k <= n; ++k) s1 += 1.0 / k, s2 += 1.0 / (k * k);
    EXPECT_NEAR(2 * moment(Coefficient::f2_quark, N),
                colour_f * (2 * s1 * s1 - 2 * s2 + 3 * s1 - 2 * s1 / (N * (N + 1)) +
                            3 / N + 4 / (N + 1) + 2 / (N * N) - 9),
                1e-9);
    EXPECT_NEAR(moment(Coefficient::fl_quark, N), 2 * colour_f / (N + 1), 1e-11);
    EXPECT_NEAR(moment(Coefficient::fl_gluon, N), 4 / ((N + 1) * (N + 2)), 1e-11);
  }
}

}  // namespace
}  // namespace femto::qcd
