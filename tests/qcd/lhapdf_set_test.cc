// Sets of fitted densities: errors by the readers' formulas, sum rules, thresholds.
#include "femto/qcd/lhapdf_set.h"

#include <cmath>
#include <numbers>

#include <gtest/gtest.h>
#include <unistd.h>

#include "femto/core/error.h"
#include "femto/qcd/initial_scale.h"
#include "femto/qcd/toy_input.h"

namespace femto::qcd {
namespace {

constexpr std::size_t gluon_a = 8, anti_up_amplitude = 12;

class LhapdfFit : public ::testing::Test {
 protected:
  static EvolutionSettings settings() {
    return lhapdf_evolution(
        les_houches_evolution(LesHouchesScheme::variable, Order::nlo, {}), 1e-6, 100);
  }

  static std::vector<double> toy() {
    const auto p = les_houches_parameters();
    return {p.begin(), p.end()};
  }

  /// Two shifts that mix three parameters.
  static LhapdfMembers hessian() {
    std::vector<double> one(toy().size()), two(toy().size());
    one[0] = 0.03;
    one[gluon_a] = -0.02;
    two[gluon_a] = 0.01;
    two[anti_up_amplitude] = 0.015;
    return {MemberKind::hessian, toy(), {one, two}};
  }

  LhapdfSet written(const LhapdfMembers& members) {
    auto set = lhapdf_set(evolution_, model_, members);
    for (const auto* key : {"SetDesc", "SetIndex", "Authors", "Reference", "DataVersion"})
      set.info.set(key, "1");
    const auto folder = std::filesystem::temp_directory_path() /
                        ("femto-lhapdf-set-test-" + std::to_string(::getpid()));
    write_lhapdf_set(folder, "Fit", set);
    auto read = read_lhapdf_set(folder / "Fit");
    std::filesystem::remove_all(folder);
    return read;
  }

  Evolution evolution_{settings()};
  InitialScale model_{evolution_.grid()};
};

TEST_F(LhapdfFit, HasErrorsThatReadersComputeAsTheFitDoes) {
  const auto members = hessian();
  const auto set = written(members);
  ASSERT_EQ(set.members.size(), 3u);
  EXPECT_EQ(set.info.text("ErrorType"), "symmhessian");
  EXPECT_EQ(set.members[0].type, "central");
  EXPECT_EQ(set.members[2].type, "error");
  // Linear propagation on another grid, straight to the scales, by finite differences.
  auto other = settings();
  other.grid.nodes = 130;
  other.mu2_gev2 = {2, 11, 400, 9000};
  const Evolution direct(other);
  const InitialScale model(direct.grid());
  const std::size_t nodes = other.grid.nodes, size = flavour_rows * nodes;
  const auto evolved = [&](std::size_t shift, double step) {
    auto p = members.estimate;
    for (std::size_t k = 0; k < p.size(); ++k) p[k] += step * members.others[shift][k];
    std::vector<double> start(size), out(4 * size);
    model.densities(p, start);
    direct.evolve(start, out);
    return out;
  };
  const std::vector<std::vector<double>> up = {evolved(0, 0.01), evolved(1, 0.01)};
  const std::vector<std::vector<double>> down = {evolved(0, -0.01), evolved(1, -0.01)};
  for (std::size_t k = 0; k < 4; ++k)
    for (const double x : {3e-5, 1e-3, 0.04, 0.2, 0.6})
      for (const int id : {-2, -1, 0, 1, 2, 3}) {
        const auto at = [&](const std::vector<double>& table) {
          return direct.grid().interpolate(
              std::span(table).subspan(k * size + flavour_row(id) * nodes, nodes), x);
        };
        double variance = 0, published = 0;
        const double mu2 = other.mu2_gev2[k], centre = set.members[0].xf(id, x, mu2);
        for (std::size_t s = 0; s < 2; ++s) {
          const double slope = (at(up[s]) - at(down[s])) / 0.02;
          const double change = set.members[s + 1].xf(id, x, mu2) - centre;
          variance += slope * slope;
          published += change * change;
        }
        const double error = std::sqrt(variance);
        EXPECT_NEAR(std::sqrt(published), error, 2e-3 * error + 1e-7)
            << "x = " << x << ", mu2 = " << mu2 << ", flavour " << id;
      }
}

TEST_F(LhapdfFit, KeepsNumberAndMomentumInEveryMember) {
  const auto set = written(hessian());
  for (const auto& member : set.members)
    for (const double q : {1.5, 4.5, 60.0}) {
      // Simpson's rule in ln x below 0.1 and in x above.
      const auto sum = [&](double weight, const std::function<double(double)>& f) {
        double total = 0;
        const int steps = 400;
        const double range = std::log(0.1 / 1e-6);
        for (int i = 0; i <= steps; ++i) {
          const double w = (i == 0 || i == steps ? 1 : i % 2 ? 4 : 2) / 3.0 / steps;
          const double low = i == 0       ? 1e-6
                             : i == steps ? 0.1
                                          : 0.1 * std::exp(range * (1.0 * i / steps - 1));
          const double high = i == steps ? 1 : 0.1 + 0.9 * i / steps;
          total += w * range * low * std::pow(low, weight) * f(low);
          total += w * 0.9 * std::pow(high, weight) * f(high);
        }
        return total;
      };
      const auto xf = [&](int id, double x) { return member.xf(id, x, q * q); };
      EXPECT_NEAR(sum(-1, [&](double x) { return xf(2, x) - xf(-2, x); }), 2, 1e-3);
      EXPECT_NEAR(sum(-1, [&](double x) { return xf(1, x) - xf(-1, x); }), 1, 1e-3);
      const double momentum = sum(0, [&](double x) {
        double all = xf(21, x);
        for (int id = 1; id <= 5; ++id) all += xf(id, x) + xf(-id, x);
        return all;
      });
      EXPECT_NEAR(momentum, 1, 1e-3) << "Q = " << q;
    }
}

TEST_F(LhapdfFit, MakesReplicasWhoseMeanIsTheFirstMember) {
  LhapdfMembers members{MemberKind::replicas, toy(), {}};
  for (const double a : {-0.15, -0.1, -0.02, 0.03}) {
    members.others.push_back(toy());
    members.others.back()[gluon_a] = a;
  }
  const auto set = written(members);
  EXPECT_EQ(set.info.text("ErrorType"), "replicas");
  ASSERT_EQ(set.members.size(), 5u);
  EXPECT_EQ(set.members[4].type, "replica");
  std::vector<double> start(flavour_rows * evolution_.grid().size());
  const double x = evolution_.grid().x()[60];
  double mean = 0;
  for (std::size_t r = 0; r < 4; ++r) {
    model_.densities(members.others[r], start);
    const double gluon = start[flavour_row(0) * evolution_.grid().size() + 60];
    EXPECT_NEAR(set.members[r + 1].xf(21, x, 2), gluon, 1e-8 * gluon);
    mean += gluon / 4;
  }
  EXPECT_NEAR(set.members[0].xf(21, x, 2), mean, 1e-8 * mean);
}

TEST_F(LhapdfFit, EndsASubgridAtEveryThresholdAndStandsAlone) {
  const auto set = written({MemberKind::none, toy(), {}});
  ASSERT_EQ(set.members.size(), 1u);
  EXPECT_EQ(set.info.text("ErrorType"), "unknown");
  ASSERT_EQ(set.members[0].subgrids.size(), 2u);
  EXPECT_NEAR(set.members[0].subgrids[0].q_gev.front(), std::numbers::sqrt2, 1e-9);
  EXPECT_EQ(set.members[0].subgrids[0].q_gev.back(), 4.5);
  EXPECT_EQ(set.members[0].subgrids[1].q_gev.back(), 100);
  EXPECT_EQ(set.members[0].subgrids[0].x.back(), 1);
  EXPECT_THROW(lhapdf_evolution(settings(), 1e-6, 1.2), Error);
}

}  // namespace
}  // namespace femto::qcd
