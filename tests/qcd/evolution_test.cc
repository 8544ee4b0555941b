// Evolution against the Les Houches tables, conservation laws and its own structure.
#include "femto/qcd/evolution.h"

#include <cmath>

#include "tests/qcd/reference_table.h"
#include <gtest/gtest.h>
#include <unistd.h>

#include "femto/core/error.h"
#include "femto/core/threads.h"
#include "femto/qcd/toy_input.h"

namespace femto::qcd {
namespace {

/// One scale of a result, in the combinations of the benchmark.
struct Densities {
  const XGrid& grid;
  std::span<const double> values;

  std::vector<double> row(int id) const {
    const auto r = values.subspan(flavour_row(id) * grid.size(), grid.size());
    return {r.begin(), r.end()};
  }

  double at(int id, double x) const { return grid.interpolate(row(id), x); }

  double named(const std::string& name, double x) const {
    if (name == "u_v") return at(2, x) - at(-2, x);
    if (name == "d_v") return at(1, x) - at(-1, x);
    if (name == "L_m") return at(-1, x) - at(-2, x);
    if (name == "L_p") return 2 * (at(-1, x) + at(-2, x));
    if (name == "s_p") return at(3, x) + at(-3, x);
    if (name == "c_p") return at(4, x) + at(-4, x);
    if (name == "b_p") return at(5, x) + at(-5, x);
    return at(0, x);
  }

  double moment(const std::vector<std::pair<int, double>>& sum, double n) const {
    std::vector<double> total(grid.size());
    for (const auto& [id, factor] : sum)
      for (std::size_t j = 0; j < total.size(); ++j) total[j] += factor * row(id)[j];
    return grid.moment(total, n).total();
  }
};

std::vector<double> evolved(const Evolution& evolution, std::span<const double> start) {
  std::vector<double> out(evolution.scales() * start.size());
  evolution.evolve(start, out);
  return out;
}

void compare_with_table(LesHouchesScheme scheme, Order order, const std::string& file) {
  const testing::ReferenceTable table(file);
  const Evolution evolution(les_houches_evolution(scheme, order, {1e4}));
  const auto values = evolved(evolution, les_houches_input(evolution.grid()));
  const Densities f{evolution.grid(), values};
  for (std::size_t r = 0; r < table.rows.size(); ++r)
    for (std::size_t c = 1; c < table.names.size(); ++c) {
      const double x = table.rows[r][0], published = table.rows[r][c];
      double tolerance = (x > 0.8 ? 1e-3 : 1e-4) * std::abs(published);
      // Charm at x = 0.9 passes through zero at NLO: its parts are a hundred times
      // larger.
      if (x > 0.8 && table.names[c] == "c_p" && order == Order::nlo) tolerance *= 10;
      EXPECT_NEAR(f.named(table.names[c], x), published, tolerance)
          << file << ", x = " << x << ", " << table.names[c];
    }
}

TEST(LesHouches, LeadingOrderFixedFlavours) {
  compare_with_table(LesHouchesScheme::fixed, Order::lo, "les_houches_lo_ffns.csv");
}

TEST(LesHouches, LeadingOrderVariableFlavours) {
  compare_with_table(LesHouchesScheme::variable, Order::lo, "les_houches_lo_vfns.csv");
}

TEST(LesHouches, NextToLeadingOrderFixedFlavours) {
  compare_with_table(LesHouchesScheme::fixed, Order::nlo, "les_houches_nlo_ffns.csv");
}

TEST(LesHouches, NextToLeadingOrderVariableFlavours) {
  compare_with_table(LesHouchesScheme::variable, Order::nlo, "les_houches_nlo_vfns.csv");
}

/// All flavours at several scales around the thresholds, and one below the start.
EvolutionSettings through_thresholds(Order order) {
  auto s = les_houches_evolution(
      LesHouchesScheme::variable, order, {1.5, 2, 3, 20.25, 100, 1e4, 1e6});
  s.coupling.flavours = FlavourScheme::variable(1.6, 4.5, 173);
  return s;
}

TEST(Evolution, BeginsWithTheInput) {
  const Evolution evolution(through_thresholds(Order::nlo));
  const auto start = les_houches_input(evolution.grid());
  const auto values = evolved(evolution, start);
  for (std::size_t i = 0; i < start.size(); ++i)
    EXPECT_NEAR(values[start.size() + i], start[i], 1e-15 * (1 + start[i]));
}

TEST(Evolution, ConservesMomentumAndQuarkNumbers) {
  for (const Order order : {Order::lo, Order::nlo}) {
    const Evolution evolution(through_thresholds(order));
    const auto start = les_houches_input(evolution.grid());
    const auto values = evolved(evolution, start);
    std::vector<std::pair<int, double>> all;
    for (int id = -6; id <= 6; ++id) all.emplace_back(id, 1);
    const double momentum = Densities{evolution.grid(), start}.moment(all, 2);
    for (std::size_t k = 0; k < 6; ++k) {  // to 1e4 GeV2
      const Densities f{evolution.grid(),
                        std::span(values).subspan(k * start.size(), start.size())};
      EXPECT_NEAR(f.moment(all, 2), momentum, 1e-6) << "scale " << k;
      EXPECT_NEAR(f.moment({{2, 1}, {-2, -1}}, 1), 2, 1e-6) << "scale " << k;
      EXPECT_NEAR(f.moment({{1, 1}, {-1, -1}}, 1), 1, 1e-6) << "scale " << k;
    }
  }
}

TEST(Evolution, ConservesMomentumFurtherOnAWiderGrid) {
  auto s = through_thresholds(Order::nlo);
  s.grid = {.nodes = 115, .x_min = 1e-9};
  const Evolution evolution(s);
  const auto start = les_houches_input(evolution.grid());
  const auto values = evolved(evolution, start);
  std::vector<std::pair<int, double>> all;
  for (int id = -6; id <= 6; ++id) all.emplace_back(id, 1);
  const double momentum = Densities{evolution.grid(), start}.moment(all, 2);
  const auto last = std::span(values).last(start.size());  // 1e6 GeV2, six flavours
  EXPECT_NEAR((Densities{evolution.grid(), last}.moment(all, 2)), momentum, 1e-7);
}

TEST(Evolution, ComposesAcrossEveryThreshold) {
  for (const Order order : {Order::lo, Order::nlo}) {
    auto s = through_thresholds(order);
    s.grid.nodes = 60;
    const Evolution direct(s);
    const std::size_t n = direct.grid().size(), size = flavour_rows * n;
    const auto start = les_houches_input(direct.grid());
    const auto expected = evolved(direct, start);
    for (std::size_t k = 2; k < 6; ++k) {
      auto rest = s;
      rest.start_mu2_gev2 = s.mu2_gev2[k];
      rest.mu2_gev2.erase(rest.mu2_gev2.begin(),
                          rest.mu2_gev2.begin() + static_cast<std::ptrdiff_t>(k));
      const Evolution second(rest);
      const auto values = evolved(second, std::span(expected).subspan(k * size, size));
      for (std::size_t i = 0; i < values.size(); ++i) {
        const double x = direct.grid().x()[i % n], f = expected[k * size + i];
        if (x > 0.9) continue;
        // Where a density passes through zero, compare with the others at that x.
        double largest = 0;
        for (std::size_t q = 0; q < flavour_rows; ++q)
          largest = std::max(
              largest, std::abs(expected[k * size + i / size * size + q * n + i % n]));
        EXPECT_NEAR(values[i], f, 1e-6 * std::abs(f) + 1e-9 * largest)
            << "from scale " << k << ", x = " << x << ", row " << i / n % flavour_rows;
      }
    }
  }
}

TEST(Evolution, GoesBackToWhereItCameFrom) {
  auto s = through_thresholds(Order::nlo);
  s.mu2_gev2 = {1.2, 2.5};
  const Evolution there(s);
  const auto start = les_houches_input(there.grid());
  const auto values = evolved(there, start);
  s.start_mu2_gev2 = 1.2;
  s.mu2_gev2 = {2};
  const Evolution back(s);
  const auto again = evolved(back, std::span(values).first(start.size()));
  for (std::size_t i = 0; i < start.size(); ++i)
    if (back.grid().x()[i % 100] < 0.9) {
      EXPECT_NEAR(again[i], start[i], 1e-6 * std::abs(start[i]) + 1e-9);
    }
}

TEST(Evolution, RefinementChangesLittle) {
  auto s = les_houches_evolution(LesHouchesScheme::variable, Order::nlo, {1e4});
  const Evolution coarse(s);
  s.grid.nodes = 200;
  const Evolution fine(s);
  const auto a = evolved(coarse, les_houches_input(coarse.grid()));
  const auto b = evolved(fine, les_houches_input(fine.grid()));
  for (const double x : {1e-7, 1e-5, 1e-3, 0.1, 0.3, 0.5, 0.7})
    for (int id = -5; id <= 5; ++id) {
      const double f = Densities{fine.grid(), b}.at(id, x);
      EXPECT_NEAR((Densities{coarse.grid(), a}.at(id, x)), f, 1e-5 * std::abs(f));
    }
}

TEST(Evolution, PullBackIsTheTransposed) {
  auto s = through_thresholds(Order::nlo);
  s.grid.nodes = 60;
  const Evolution evolution(s);
  const std::size_t size = flavour_rows * evolution.grid().size();
  std::vector<double> start(size), gradient(evolution.scales() * size), back(size);
  for (std::size_t i = 0; i < size; ++i) {
    const auto row = i / evolution.grid().size();
    const bool active = row >= flavour_row(-3) && row <= flavour_row(3);
    start[i] = active ? std::sin(1.7 * static_cast<double>(i)) : 0;
  }
  for (std::size_t i = 0; i < gradient.size(); ++i)
    gradient[i] =
        std::cos(0.3 * static_cast<double>(i) + 0.01 * static_cast<double>(i % 7));
  const auto values = evolved(evolution, start);
  evolution.pull_back(gradient, back);
  double forward = 0, backward = 0, scale = 0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    forward += values[i] * gradient[i];
    scale += std::abs(values[i] * gradient[i]);
  }
  for (std::size_t i = 0; i < size; ++i) backward += start[i] * back[i];
  EXPECT_NEAR(forward, backward, 1e-12 * scale);
  // One entry against the column it stands for.
  const std::size_t entry = flavour_row(-2) * evolution.grid().size() + 37;
  std::vector<double> unit(size);
  unit[entry] = 1;
  const auto column = evolved(evolution, unit);
  double expected = 0;
  for (std::size_t i = 0; i < column.size(); ++i) expected += column[i] * gradient[i];
  EXPECT_NEAR(back[entry], expected, 1e-11 * std::abs(expected) + 1e-11);
}

TEST(Evolution, IsTheSameForAnyNumberOfThreads) {
  const auto run = [](int threads) {
    set_threads(threads);
    auto s = through_thresholds(Order::nlo);
    s.grid.nodes = 40;
    const Evolution evolution(s);
    auto out = evolved(evolution, les_houches_input(evolution.grid()));
    std::vector<double> back(flavour_rows * 40);
    evolution.pull_back(out, back);
    out.insert(out.end(), back.begin(), back.end());
    return out;
  };
  const auto one = run(1), three = run(3);
  set_threads(0);
  EXPECT_EQ(one, three);
}

TEST(Evolution, ComesBackFromDisk) {
  const auto folder = std::filesystem::temp_directory_path() /
                      ("femto-evolution-test-" + std::to_string(::getpid()));
  auto s = through_thresholds(Order::nlo);
  s.grid.nodes = 40;
  const Evolution built(s, folder), read(s, folder), apart(s);
  const auto start = les_houches_input(built.grid());
  EXPECT_EQ(evolved(built, start), evolved(read, start));
  EXPECT_EQ(evolved(built, start), evolved(apart, start));
  std::size_t files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    EXPECT_EQ(entry.path().extension(), ".bin");
    ++files;
  }
  EXPECT_EQ(files, 2);  // kernels and operators
  // Anything that matters makes another file.
  auto other = s;
  other.coupling.alpha = 0.36;
  const Evolution changed(other, folder);
  EXPECT_NE(evolved(built, start), evolved(changed, start));
  std::filesystem::remove_all(folder);
}

TEST(Evolution, RefusesWhatHasNoAnswer) {
  auto s = through_thresholds(Order::lo);
  s.grid.nodes = 20;
  const Evolution evolution(s);
  std::vector<double> start(flavour_rows * 20), out(start.size() * evolution.scales());
  start[flavour_row(-4) * 20 + 3] = 0.1;
  EXPECT_THROW(evolution.evolve(start, out), Error);  // charm below its mass
  s.mu2_gev2 = {10, 5};
  EXPECT_THROW(Evolution{s}, Error);
  s.mu2_gev2 = {-1};
  EXPECT_THROW(Evolution{s}, Error);
  s.start_mu2_gev2 = 100;
  s.mu2_gev2 = {10, 200};
  EXPECT_THROW(Evolution{s}, Error);  // down through the bottom threshold
}

}  // namespace
}  // namespace femto::qcd
