// The squared Wasserstein distance W2 along lines between the data and the densities.
#include <algorithm>
#include <cmath>

#include "femto/config/registry.h"
#include "femto/pipeline/line_distance.h"

namespace femto {
namespace {

using config::field;

/// Running sums of shares that end at one. Signed weights may make them fall: they are
/// put in order, the monotone rearrangement (source: Chernozhukov:2010).
std::vector<double> distribution(std::span<const double> shares) {
  std::vector<double> out{0};
  double below = 0;
  for (const double s : shares) out.push_back(std::clamp(below += s, 0.0, 1.0));
  out.back() = 1;
  if (!std::ranges::is_sorted(out)) std::ranges::sort(out);
  return out;
}

/// A distribution whose quantiles are walked upwards.
class Walk {
 public:
  Walk(std::span<const double> edge, const std::vector<double>& level)
      : edge_(edge), level_(level) {}

  std::size_t cell() const { return cell_; }

  /// Where the current cell ends in probability.
  double end() const { return level_[cell_ + 1]; }

  bool last() const { return cell_ + 2 == level_.size(); }

  void next() { ++cell_; }

  /// How far into the current cell, 0 to 1, probability u lies; `from_left` decides where
  /// the cell has no probability.
  double part(double u, bool from_left) const {
    const double mass = level_[cell_ + 1] - level_[cell_];
    if (!(mass > 0)) return from_left ? 0 : 1;
    return std::clamp((u - level_[cell_]) / mass, 0.0, 1.0);
  }

  double quantile(double u, bool from_left) const {
    return std::lerp(edge_[cell_], edge_[cell_ + 1], part(u, from_left));
  }

 private:
  std::span<const double> edge_;
  const std::vector<double>& level_;
  std::size_t cell_ = 0;
};

/// int (G^-1 - F^-1)^2 du over the pieces on which both are linear. Its derivative is
/// 2 int (G^-1(F(x)) - x) dF(x) dx.
LineTerm transport(const LinePair& pair) {
  const std::size_t cells = pair.model.size();
  const auto f = distribution(pair.model), g = distribution(pair.data);
  LineTerm out{0, std::vector<double>(cells), std::vector<double>(cells)};
  std::vector<double> at_edge(cells + 1, 0.0);  // d value / d F
  Walk model(pair.edge, f), data(pair.edge, g);
  double u = 0;
  while (true) {
    const double to = std::min(model.end(), data.end());
    const std::size_t b = model.cell();
    const double x0 = model.quantile(u, true), x1 = model.quantile(to, false);
    const double r0 = model.part(u, true), r1 = model.part(to, false);
    const double a0 = data.quantile(u, true) - x0, a1 = data.quantile(to, false) - x1;
    out.value += (to - u) / 3 * (a0 * a0 + a0 * a1 + a1 * a1);
    const double all = (x1 - x0) * (a0 + a1);
    const double right = (x1 - x0) / 3 * (2 * a0 * r0 + 2 * a1 * r1 + a0 * r1 + a1 * r0);
    at_edge[b] += all - right;
    at_edge[b + 1] += right;
    u = to;
    const bool model_ends = model.end() <= data.end();
    if (model_ends ? model.last() : data.last()) break;
    model_ends ? model.next() : data.next();
  }
  double beyond = 0;
  for (std::size_t c = cells; c-- > 0;) {
    out.slope[c] = beyond += at_edge[c + 1];
    const double width = pair.edge[c + 1] - pair.edge[c];
    out.weight[c] = pair.model[c] > 0 ? width / pair.model[c] : 0;
  }
  return out;
}

/// Twice the variance: int G (1 - G) / g dx of a uniform distribution.
double spread(std::span<const double> edge, std::span<const double> data) {
  double mean = 0, square = 0;
  for (std::size_t b = 0; b < data.size(); ++b) {
    const double x = 0.5 * (edge[b] + edge[b + 1]);
    mean += data[b] * x;
    square += data[b] * x * x;
  }
  return 2 * (square - mean * mean);
}

class SlicedWasserstein final : public Objective {
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

  explicit SlicedWasserstein(Config config) : config_(config) {}

  std::unique_ptr<Criterion> bind(const Material& m) const override {
    return line_criterion(
        m,
        {transport, spread, static_cast<std::size_t>(config_.directions), config_.seed});
  }

  bool is_likelihood() const override { return false; }

 private:
  Config config_;
};

}  // namespace

void register_objective_sliced_wasserstein(Registry& r) {
  r.add<Objective, SlicedWasserstein>({
      .name = "sliced_wasserstein",
      .summary = "Squared difference of quantiles (one axis), or of those along random "
                 "directions.",
      .source = "Bonneel:2015",
  });
}

}  // namespace femto
