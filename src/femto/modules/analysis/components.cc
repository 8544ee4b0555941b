// Combinations of the parameters by what determines them: events, or what was known
// before.
#include <algorithm>
#include <cmath>

#include "femto/config/registry.h"
#include "femto/pipeline/analysis.h"
#include "femto/pipeline/origin.h"
#include "femto/pipeline/spectrum.h"

namespace femto {
namespace {

using nlohmann::ordered_json;

/// The parameters that move most along a component, with their shifts in standard
/// deviations of what is known of them.
ordered_json leading(const Fitted& f, const Origin& origin, std::size_t component) {
  constexpr std::size_t shown = 4;
  std::vector<std::pair<double, std::size_t>> sizes;
  for (std::size_t p = 0; p < origin.patterns.rows; ++p) {
    const double sd = std::sqrt(f.covariance(p, p));
    if (sd > 0) sizes.emplace_back(origin.patterns(p, component) / sd, p);
  }
  std::ranges::sort(sizes, [](const auto& a, const auto& b) {
    return std::abs(a.first) > std::abs(b.first);
  });
  ordered_json out = ordered_json::object();
  for (std::size_t i = 0; i < std::min(shown, sizes.size()); ++i)
    out[f.task.theory.parameters()[sizes[i].second].name] = sizes[i].first;
  return out;
}

class ComponentsOfFit final : public Analysis {
 public:
  struct Config {
    static constexpr auto fields() { return std::tuple{}; }
  };

  explicit ComponentsOfFit(Config) {}

  bool takes_spread_data() const override { return true; }

  Findings examine(const Fitted& f, Monitor&) const override {
    const auto& task = f.task;
    const auto records = static_cast<double>(task.data.records());
    const auto origin = origin_of(task.density, task.side, task.setup, f.theta, records);
    Findings out;
    if (!origin.any_before) return out;
    out.key = "components";
    out.result = {{"by_data", origin.by_data},
                  {"by_prior", origin.by_prior},
                  {"null", origin.null},
                  {"sentence", words(origin)},
                  {"components", ordered_json::array()}};
    std::vector<double> information;
    for (std::size_t k = 0; k < origin.information.size(); ++k) {
      const double one = std::min(origin.information[k], 1e15);
      information.push_back(one);
      out.result["components"].push_back(
          {{"information", one}, {"leading", leading(f, origin, k)}});
    }
    const std::size_t n = information.size();
    out.arrays.push_back({.name = "components/information",
                          .shape = {n},
                          .values = std::move(information),
                          .dims = {"component"},
                          .about = "Information of the data over that of what was known "
                                   "before them."});
    out.arrays.push_back({.name = "components/patterns",
                          .shape = {origin.patterns.rows, n},
                          .values = origin.patterns.data,
                          .dims = {"parameter", "component"},
                          .about = "Shift of the parameters by one standard deviation "
                                   "along each component."});
    return out;
  }
};

}  // namespace

void register_analysis_components(Registry& r) {
  r.add<Analysis, ComponentsOfFit>({
      .name = "components",
      .summary =
          "Combinations of the parameters that the data determine, that priors and "
          "constraints do, and that are null.",
      .source = "Rodgers:2000",
  });
}

}  // namespace femto
