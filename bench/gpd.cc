// Evolution of generalised parton distributions: time and peak memory of forward and
// reverse, beside reverse mode through every quadrature point.
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <fstream>
#include <string>
#include <vector>

#include "bench/support.h"

#include "femto/core/threads.h"
#include "femto/qcd/flavours.h"
#include "femto/qcd/gauss.h"
#include "femto/qcd/gpd_evolution.h"

namespace femto::bench {
namespace {
using namespace qcd;

/// The largest resident memory since the last reset, in MB; 0 where /proc does not tell.
class Peak {
 public:
  Peak() {
    std::ofstream("/proc/self/clear_refs") << "5";
    before_ = resident("VmRSS:");
  }

  double grown_mb() const { return resident("VmHWM:") - before_; }

 private:
  static double resident(const std::string& what) {
    std::ifstream in("/proc/self/status");
    for (std::string key; in >> key;)
      if (double kb = 0; key == what && in >> kb) return kb / 1024;
    return 0;
  }

  double before_ = 0;
};

/// 60 pixels in -1 < x < 1, `skewnesses` xi, 20 scales from 4 to 100 GeV2.
GpdEvolutionSettings settings(int skewnesses, Order order = Order::lo) {
  GpdEvolutionSettings s{
      .order = order,
      .nodes = 30,
      .coupling = {.loops = order == Order::lo ? 1 : 2,
                   .flavours = FlavourScheme::variable(1.29, 4.18, 173)}};
  for (int k = 0; k < skewnesses; ++k)
    s.xi.push_back(0.02 + 0.9 * k / std::max(1, skewnesses - 1));
  for (int k = 1; k <= 20; ++k) s.mu2_gev2.push_back(4 * std::pow(25.0, k / 20.0));
  return s;
}

/// Matrices from nothing, one evolution and one pull back: all of forward and reverse.
template <Order order>
void whole(benchmark::State& state) {
  set_threads(static_cast<int>(state.range(0)));
  const auto s = settings(100, order);
  double peak = 0;
  for (auto _ : state) {
    const Peak memory;
    const GpdEvolution e(s);
    const std::size_t size = e.skewnesses() * flavour_rows * s.nodes;
    std::vector<double> start(size, 0.0), out(20 * size), back(size);
    e.evolve(start, out);
    e.pull_back(out, back);
    benchmark::DoNotOptimize(back.data());
    peak = std::max(peak, memory.grown_mb());
  }
  report(state, {.items = 2000});
  state.counters["peak_mb"] = peak;
}

struct World {
  GpdEvolution evolution{settings(100)};
  std::size_t size = 100 * flavour_rows * 30;
  std::vector<double> start = std::vector<double>(size),
                      out = std::vector<double>(20 * size);
};

World& world() {
  static World one;
  return one;
}

void forward(benchmark::State& state) {
  set_threads(static_cast<int>(state.range(0)));
  auto& w = world();
  for (auto _ : state) {
    w.evolution.evolve(w.start, w.out);
    benchmark::DoNotOptimize(w.out.data());
  }
  report(state, {.items = 2000});
}

void reverse(benchmark::State& state) {
  set_threads(static_cast<int>(state.range(0)));
  auto& w = world();
  for (auto _ : state) {
    w.evolution.pull_back(w.out, w.start);
    benchmark::DoNotOptimize(w.start.data());
  }
  report(state, {.items = 2000, .plain = "gpd/evolve/" + std::to_string(state.range(0))});
}

/// What reverse mode keeps of sums of products: for each term a factor and where the
/// other one came from.
class Tape {
 public:
  struct Edge {
    double factor;
    std::uint32_t from;
  };

  std::uint32_t leaf(double value) { return close(value); }

  void add(double factor, std::uint32_t from) {
    edges_.push_back({factor, from});
    sum_ += factor * values_[from];
  }

  std::uint32_t close() { return close(std::exchange(sum_, 0.0)); }

  double value(std::uint32_t node) const { return values_[node]; }

  /// d node / d leaf
  double slope(std::uint32_t node, std::uint32_t leaf) const {
    std::vector<double> bar(values_.size(), 0.0);
    bar[node] = 1;
    for (std::size_t n = node + 1; n-- > 0;)
      for (std::size_t e = n == 0 ? 0 : ends_[n - 1]; e < ends_[n]; ++e)
        bar[edges_[e].from] += bar[n] * edges_[e].factor;
    return bar[leaf];
  }

 private:
  std::uint32_t close(double value) {
    values_.push_back(value);
    ends_.push_back(edges_.size());
    return static_cast<std::uint32_t>(values_.size() - 1);
  }

  std::vector<Edge> edges_;
  std::vector<double> values_;
  std::vector<std::size_t> ends_;
  double sum_ = 0;
};

/// The quarks' kernel through six-point interpolation on 60 equal pixels, 16 quadrature
/// points in each of six regions, Runge-Kutta steps of fourth order, one for each of 20
/// scales; everything on the tape, as automatic differentiation does it. One skewness and
/// one of six channels of what `whole` does.
class Plain {
 public:
  static constexpr std::size_t pixels = 60;

  std::vector<std::uint32_t> slope(Tape& tape,
                                   const std::vector<std::uint32_t>& h) const {
    std::vector<std::uint32_t> out;
    for (std::size_t i = 0; i < pixels; ++i) {
      const double x = at(i);
      double edges[] = {-1, -xi_, -std::abs(x), 0, std::abs(x), xi_, 1};
      std::sort(std::begin(edges), std::end(edges));
      std::vector<std::pair<double, std::uint32_t>> terms;
      for (int region = 0; region < 6; ++region)
        for (std::size_t k = 0; k < rule_.size(); ++k) {
          const double length = edges[region + 1] - edges[region];
          const double y = edges[region] + length * rule_.t[k];
          const double kernel = length * rule_.weight[k] * quarks(x, y);
          if (kernel == 0) continue;
          interpolate(tape, h, y);
          terms.emplace_back(kernel, tape.close());
          tape.add(1, terms.back().second);
          tape.add(-1, h[i]);
          terms.back().second = tape.close();
        }
      for (const auto& [kernel, node] : terms) tape.add(kernel, node);
      out.push_back(tape.close());
    }
    return out;
  }

  std::vector<std::uint32_t> step(Tape& tape,
                                  const std::vector<std::uint32_t>& h,
                                  double length) const {
    const auto k1 = slope(tape, h);
    const auto k2 = slope(tape, moved(tape, h, k1, length / 2));
    const auto k3 = slope(tape, moved(tape, h, k2, length / 2));
    const auto k4 = slope(tape, moved(tape, h, k3, length));
    std::vector<std::uint32_t> out;
    for (std::size_t i = 0; i < pixels; ++i) {
      tape.add(1, h[i]);
      tape.add(length / 6, k1[i]), tape.add(length / 3, k2[i]);
      tape.add(length / 3, k3[i]), tape.add(length / 6, k4[i]);
      out.push_back(tape.close());
    }
    return out;
  }

 private:
  static double at(std::size_t i) {
    return -1 + (2 * static_cast<double>(i) + 1) / static_cast<double>(pixels);
  }

  double quarks(double x, double y) const {
    const auto f = [](double a, double b) {
      return a / b > 0 && a / b < 1 ? (a / b + a / (b * (b - a))) * (b > 0 ? 1 : -1) : 0;
    };
    const double up = (1 + x / xi_) / 2, down = (1 - x / xi_) / 2;
    return 4.0 / 3 / (2 * xi_) * (f(up, (1 + y / xi_) / 2) + f(down, (1 - y / xi_) / 2));
  }

  static void interpolate(Tape& tape, const std::vector<std::uint32_t>& h, double y) {
    const double place = (y + 1) * pixels / 2 - 0.5;
    const auto first =
        static_cast<std::size_t>(std::clamp(std::floor(place) - 2, 0.0, pixels - 6.0));
    for (std::size_t a = first; a < first + 6; ++a) {
      double w = 1;
      for (std::size_t b = first; b < first + 6; ++b)
        if (b != a)
          w *= (place - static_cast<double>(b)) /
               (static_cast<double>(a) - static_cast<double>(b));
      tape.add(w, h[a]);
    }
  }

  static std::vector<std::uint32_t> moved(Tape& tape,
                                          const std::vector<std::uint32_t>& h,
                                          const std::vector<std::uint32_t>& k,
                                          double length) {
    std::vector<std::uint32_t> out;
    for (std::size_t i = 0; i < pixels; ++i) {
      tape.add(1, h[i]), tape.add(length, k[i]);
      out.push_back(tape.close());
    }
    return out;
  }

  double xi_ = 0.31;
  const UnitRule& rule_ = unit_rule(16);
};

void tape(benchmark::State& state) {
  double peak = 0;
  for (auto _ : state) {
    const Peak memory;
    const Plain plain;
    Tape tape;
    std::vector<std::uint32_t> h;
    for (std::size_t i = 0; i < Plain::pixels; ++i) h.push_back(tape.leaf(1));
    const auto start = h;
    for (int scale = 0; scale < 20; ++scale) h = plain.step(tape, h, 0.006);
    benchmark::DoNotOptimize(tape.slope(h[40], start[45]));
    peak = std::max(peak, memory.grown_mb());
  }
  report(state, {.items = 20});
  state.counters["peak_mb"] = peak;
}

BENCHMARK(whole<Order::lo>)
    ->Name("gpd/whole")
    ->Arg(1)
    ->Arg(2)
    ->Unit(benchmark::kMillisecond)
    ->UseRealTime();
BENCHMARK(whole<Order::nlo>)
    ->Name("gpd/whole_nlo")
    ->Arg(1)
    ->Arg(2)
    ->Unit(benchmark::kMillisecond)
    ->UseRealTime();
BENCHMARK(forward)
    ->Name("gpd/evolve")
    ->Arg(1)
    ->Arg(2)
    ->Unit(benchmark::kMillisecond)
    ->UseRealTime();
BENCHMARK(reverse)
    ->Name("gpd/pull_back")
    ->Arg(1)
    ->Arg(2)
    ->Unit(benchmark::kMillisecond)
    ->UseRealTime();
BENCHMARK(tape)->Name("gpd/tape_one_skewness")->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace femto::bench
