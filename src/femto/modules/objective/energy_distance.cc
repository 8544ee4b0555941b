// The energy distance between the data and the densities.
#include "femto/config/registry.h"
#include "femto/pipeline/line_distance.h"

namespace femto {
namespace {

using config::field;

/// int (F - G)^2 dx, exact for distributions that are uniform within cells.
LineTerm squared_gap(const LinePair& pair) {
  const std::size_t cells = pair.model.size();
  LineTerm out{0, std::vector<double>(cells), std::vector<double>(cells, 1.0)};
  std::vector<double> at_edge(cells + 1, 0.0);  // d value / d F
  double before = 0;
  for (std::size_t b = 0; b < cells; ++b) {
    const double after = before + pair.model[b] - pair.data[b];
    const double third = (pair.edge[b + 1] - pair.edge[b]) / 3;
    out.value += third * (before * before + before * after + after * after);
    at_edge[b] += third * (2 * before + after);
    at_edge[b + 1] += third * (before + 2 * after);
    before = after;
  }
  double beyond = 0;
  for (std::size_t b = cells; b-- > 0;) out.slope[b] = beyond += at_edge[b + 1];
  return out;
}

/// int G (1 - G) dx.
double spread(std::span<const double> edge, std::span<const double> data) {
  double out = 0, below = 0;
  for (std::size_t b = 0; b < data.size(); ++b) {
    const double middle = below + 0.5 * data[b];
    out += (edge[b + 1] - edge[b]) * middle * (1 - middle);
    below += data[b];
  }
  return out;
}

class EnergyDistance final : public Objective {
 public:
  struct Config {
    int directions = 32;
    std::uint64_t seed = 1;

    static constexpr auto fields() {
      return std::tuple{
          field<&Config::directions>(
              {.doc = "random directions for channels of more than one axis",
               .rule = config::between(1, 1000)}),
          field<&Config::seed>({.doc = "key of the directions"}),
      };
    }
  };

  explicit EnergyDistance(Config config) : config_(config) {}

  std::unique_ptr<Criterion> bind(const Material& m) const override {
    return line_criterion(m,
                          {squared_gap,
                           spread,
                           static_cast<std::size_t>(config_.directions),
                           config_.seed});
  }

  bool is_likelihood() const override { return false; }

 private:
  Config config_;
};

}  // namespace

void register_objective_energy_distance(Registry& r) {
  r.add<Objective, EnergyDistance>({
      .name = "energy_distance",
      .summary = "Squared difference of distribution functions (one axis), or of those "
                 "along random directions.",
      .source = "Szekely:2013",
  });
}

}  // namespace femto
