// The ratio of two histograms: iterative Bayesian unfolding when used in both steps.
#include <cmath>

#include <fmt/format.h>

#include "femto/config/registry.h"
#include "femto/core/error.h"
#include "femto/pipeline/ratio.h"
#include "femto/pipeline/unfolding.h"

namespace femto {
namespace {

using config::field;

class HistogramRatio final : public RatioEstimator {
 public:
  struct Config {
    int bins = 40;
    std::vector<double> edges;

    static constexpr auto fields() {
      return std::tuple{
          field<&Config::bins>(
              {.doc = "bins of each column, between the quantiles 0.001 and 0.999 of the "
                      "events below; the outer ones are open",
               .rule = config::positive}),
          field<&Config::edges>(
              {.doc = "edges of the bins of every column, instead; the outer bins are "
                      "open; empty: from `bins`"}),
      };
    }

    void check(config::Issues& issues) const {
      for (std::size_t i = 1; i < edges.size(); ++i)
        if (!(edges[i - 1] < edges[i])) issues.add("edges", "edges must rise");
      if (edges.size() == 1) issues.add("edges", "one edge bounds no bin");
    }
  };

  explicit HistogramRatio(Config config) : config_(std::move(config)) {}

  Ratio learn(const WeightedEvents& above,
              const WeightedEvents& below,
              const random::Stream&) const override {
    std::vector<Edges> grid;
    for (const auto& column : below.columns)
      grid.push_back(config_.edges.empty()
                         ? edges_of(column, static_cast<std::size_t>(config_.bins))
                         : config_.edges);
    const auto over = sums(grid, above), under = sums(grid, below);
    std::vector<double> ratio(over.size(), 1.0);  // nothing is known of empty bins
    for (std::size_t k = 0; k < ratio.size(); ++k) {
      if (over[k] == 0 && under[k] == 0) continue;
      if (!(under[k] > 0)) refuse(grid, k, over[k], under[k]);
      ratio[k] = over[k] / under[k];
    }
    return [grid, ratio](const EventColumns& at, std::span<double> out) {
      for (std::size_t i = 0; i < out.size(); ++i) out[i] = ratio[cell(grid, at, i)];
    };
  }

 private:
  static std::size_t cell(const std::vector<Edges>& grid,
                          const EventColumns& at,
                          std::size_t i) {
    std::size_t k = 0;
    for (std::size_t c = 0; c < grid.size(); ++c)
      k = k * (grid[c].size() - 1) + bin_of(grid[c], at[c][i]);
    return k;
  }

  static std::vector<double> sums(const std::vector<Edges>& grid,
                                  const WeightedEvents& events) {
    std::size_t cells = 1;
    for (const auto& edges : grid) cells *= edges.size() - 1;
    std::vector<double> out(cells, 0.0);
    for (std::size_t i = 0; i < events.size(); ++i)
      out[cell(grid, events.columns, i)] += events.weights[i];
    return out;
  }

  [[noreturn]] static void refuse(const std::vector<Edges>& grid,
                                  std::size_t k,
                                  double over,
                                  double under) {
    std::string where;
    for (std::size_t c = grid.size(); c-- > 0;) {
      const std::size_t n = grid[c].size() - 1, b = k % n;
      where = fmt::format("[{:.6g}, {:.6g}]{}{}",
                          grid[c][b],
                          grid[c][b + 1],
                          where.empty() ? "" : " x ",
                          where);
      k /= n;
    }
    throw DataError(
        fmt::format(
            "the response does not cover the data: the bin {} holds {:.6g} events "
            "and the simulation {:.6g}",
            where,
            over,
            under),
        "use fewer bins, simulate more or a wider truth, or cut the data");
  }

  Config config_;
};

}  // namespace

void register_ratio_histogram(Registry& r) {
  r.add<RatioEstimator, HistogramRatio>({
      .name = "histogram",
      .summary = "Ratio of two histograms: iterative Bayesian unfolding on bins.",
      .source = "DAgostini:1995",
  });
}

}  // namespace femto
