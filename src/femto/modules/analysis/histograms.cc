// Every measured column as a histogram beside what the fit expects.
#include <algorithm>

#include "femto/config/registry.h"
#include "femto/pipeline/analysis.h"
#include "femto/pipeline/marginal.h"

namespace femto {
namespace {

using config::field;

/// Sum of weights per bin of every column [column][bin].
std::vector<std::vector<double>> counted(const Dataset& data,
                                         const std::vector<std::vector<double>>& edges) {
  std::vector<std::vector<double>> counts;
  for (const auto& e : edges) counts.emplace_back(e.size() - 1, 0.0);
  data.for_each_chunk([&](std::uint64_t, const io::EventTable& chunk) {
    const auto weights = chunk.weights();
    for (std::size_t c = 0; c < edges.size(); ++c) {
      const double lo = edges[c].front(), hi = edges[c].back();
      const double bins = static_cast<double>(edges[c].size() - 1);
      const auto x = chunk.column(c);
      for (std::size_t i = 0; i < x.size(); ++i) {
        const double at = (x[i] - lo) / (hi - lo) * bins;
        if (!(at >= 0) || at > bins) continue;
        const auto bin = std::min(static_cast<std::size_t>(at), edges[c].size() - 2);
        counts[c][bin] += weights.empty() ? 1 : weights[i];
      }
    }
  });
  return counts;
}

class Histograms final : public Analysis {
 public:
  struct Config {
    int bins = 100;

    static constexpr auto fields() {
      return std::tuple{
          field<&Config::bins>({.doc = "equally wide bins of each column",
                                .rule = config::between(2, 10000)}),
      };
    }
  };

  explicit Histograms(Config config) : bins_(static_cast<std::size_t>(config.bins)) {}

  Findings examine(const Fitted& fitted, Monitor&) const override {
    const Theory& theory = fitted.task.theory;
    std::vector<std::vector<double>> edges, shares;
    std::vector<const Axis*> axes;
    for (std::size_t c = 0; c < theory.channels().size(); ++c) {
      const auto& channel = theory.channels()[c];
      for (std::size_t a = 0; a < channel.axes.size(); ++a) {
        axes.push_back(&channel.axes[a]);
        edges.push_back(equal_edges(channel.axes[a], bins_));
        shares.push_back(
            marginal_shares(fitted.task.density, c, fitted.theta, a, edges.back()));
      }
    }
    const auto counts = counted(fitted.task.data, edges);
    Findings out;
    for (std::size_t i = 0; i < axes.size(); ++i)
      add(out, *axes[i], edges[i], counts[i], shares[i]);
    return out;
  }

 private:
  static void add(Findings& out,
                  const Axis& axis,
                  const std::vector<double>& edges,
                  const std::vector<double>& counts,
                  const std::vector<double>& shares) {
    double total = 0;
    for (const double n : counts) total += n;
    std::vector<double> fit;
    for (const double s : shares) fit.push_back(s * total);
    const std::string base = "histograms/" + axis.column + "/";
    const std::string unit = axis.unit.empty() ? "1" : axis.unit;
    out.arrays.push_back({.name = base + "edges",
                          .shape = {edges.size()},
                          .values = edges,
                          .unit = unit,
                          .dims = {"edge"},
                          .about = "Edges of the bins."});
    out.arrays.push_back({.name = base + "data",
                          .shape = {counts.size()},
                          .values = counts,
                          .dims = {"bin"},
                          .about = "Measured events per bin (sum of weights)."});
    out.arrays.push_back({.name = base + "fit",
                          .shape = {fit.size()},
                          .values = fit,
                          .dims = {"bin"},
                          .about =
                              "Events per bin expected at the estimate, by quadrature, "
                              "for the measured total."});
  }

  std::size_t bins_;
};

}  // namespace

void register_analysis_histograms(Registry& r) {
  r.add<Analysis, Histograms>({
      .name = "histograms",
      .summary = "Measured events of every column in bins, beside the expectation of the "
                 "fit.",
      .source = "this project",
  });
}

}  // namespace femto
