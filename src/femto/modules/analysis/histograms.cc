// Every measured column as a histogram beside what the fit expects.
#include "femto/config/registry.h"
#include "femto/pipeline/analysis.h"
#include "femto/pipeline/counts.h"
#include "femto/pipeline/marginal.h"

namespace femto {
namespace {

using config::field;

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

  bool takes_spread_data() const override { return true; }

  Findings examine(const Fitted& fitted, Monitor&) const override {
    const Theory& theory = fitted.task.theory;
    std::vector<std::vector<double>> edges, shares;
    std::vector<const Axis*> axes;
    std::vector<EqualBins> sets;
    for (std::size_t c = 0; c < theory.channels().size(); ++c) {
      const auto& channel = theory.channels()[c];
      for (std::size_t a = 0; a < channel.axes.size(); ++a) {
        sets.push_back({{channel.axes[a]}, axes.size(), bins_, Outside::leave_out});
        axes.push_back(&channel.axes[a]);
        edges.push_back(equal_edges(channel.axes[a], bins_));
        shares.push_back(
            marginal_shares(fitted.task.density, c, fitted.theta, a, edges.back()));
      }
    }
    const auto counts = counted(fitted.task.data, sets).bins;
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
