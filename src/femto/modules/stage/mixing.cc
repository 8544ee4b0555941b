// Two columns that are taken for each other.
#include <algorithm>
#include <cmath>
#include <limits>

#include <fmt/format.h>

#include "femto/config/registry.h"
#include "femto/physics/panel_polynomials.h"
#include "femto/pipeline/stage.h"

namespace femto {
namespace {

using config::field;

struct Settings {
  std::vector<std::string> columns;
  Calibration probability;

  static constexpr auto fields() {
    return std::tuple{
        field<&Settings::columns>({.doc = "the two columns, of two channels that stand "
                                          "side by side",
                                   .rule = config::not_empty,
                                   .required = true}),
        field<&Settings::probability>(
            {.doc =
                 "how often a record has them the wrong way round; a number from 0 to 1"}),
    };
  }
};

/// The names, if there are two.
std::vector<std::string> two_of(const std::vector<std::string>& columns) {
  if (columns.size() != 2)
    throw Error(
        fmt::format("mixing takes two columns for each other, not {}", columns.size()),
        "name them: columns: [first, second]");
  return columns;
}

/// The edges of both, those that differ by rounding once.
Panels joined(const Panels& a, const Panels& b) {
  std::vector<double> all, out;
  std::ranges::merge(a.edges, b.edges, std::back_inserter(all));
  const double close = 1e-12 * (all.back() - all.front());
  for (const double edge : all)
    if (out.empty() || edge - out.back() > close) out.push_back(edge);
  return Panels(std::move(out));
}

/// A density of one axis at the nodes of finer panels, zero outside its own.
Matrix at_nodes(const Intensity& in, const Panels& to) {
  const Panels& from = in.axes[0];
  constexpr std::size_t lanes = PanelPolynomials::lanes;
  const std::size_t rows = (in.values.rows + lanes - 1) / lanes * lanes, n = to.nodes();
  std::vector<double> position(n), found(n * rows);
  for (std::size_t i = 0; i < n; ++i) position[i] = from.position(to.x[i]);
  const double* const where = position.data();
  PanelPolynomials(in.axes, in.values).at(n, &where, rows, found.data());
  Matrix out(in.values.rows, n);
  for (std::size_t i = 0; i < n; ++i) {
    if (to.x[i] < from.lo() || to.x[i] > from.hi()) continue;
    for (std::size_t r = 0; r < out.rows; ++r) out(r, i) = found[i * rows + r];
  }
  return out;
}

/// factor times a density; row `own`, if it is not zero, gains the derivative by the
/// factor times `slope`.
Matrix times(Matrix values, double factor, std::size_t own, double slope) {
  const std::vector<double> plain(values.row(0), values.row(0) + values.cols);
  for (double& v : values.data) v *= factor;
  for (std::size_t i = 0; own > 0 && i < values.cols; ++i)
    values(own, i) += slope * plain[i];
  return values;
}

class MixingStep final : public Step {
 public:
  MixingStep(const Settings& s, const std::vector<Channel>& before)
      : names_(two_of(s.columns)),
        first_(place_of(before, s.columns[0])),
        second_(place_of(before, s.columns[1])) {
    if (first_.channel > second_.channel) std::swap(first_, second_);
    channels_ = before;
    calibrations_.add("mixing_" + s.columns[0] + "_" + s.columns[1],
                      s.probability,
                      0,
                      1,
                      "probability that the two columns are exchanged");
    axes_ = {before[first_.channel].axes[first_.axis],
             before[second_.channel].axes[second_.axis]};
    pair_channels(channels_, first_, second_, "mixing");
    auto& axes = channels_[first_.channel].axes;
    for (auto& axis : axes) {
      axis.lo = std::min(axes_[0].lo, axes_[1].lo);
      axis.hi = std::max(axes_[0].hi, axes_[1].hi);
      axis.grading = Grading::uniform;
    }
  }

  const std::vector<Nuisance>& nuisances() const override {
    return calibrations_.nuisances();
  }

  void apply(const Draw& which,
             std::span<const double> nu,
             std::size_t n,
             double* const* record,
             double*) const override {
    exchange(which, nu, n, record);
  }

  void backward(const Draw& which,
                std::span<const double> nu,
                std::size_t n,
                const double* const*,
                double* const* upstream) const override {
    exchange(which, nu, n, upstream);
  }

  /// What ends one column's range ends a part of the other's density too.
  std::vector<double> breaks(const std::string& column) const override {
    if (std::ranges::count(names_, column) == 0) return {};
    return {axes_[0].lo, axes_[0].hi, axes_[1].lo, axes_[1].hi};
  }

  /// (1 - w) A(x) B(y) + w B(x) A(y)
  std::vector<Intensity> fold(std::vector<Intensity> in,
                              const Folding& folding) const override {
    const auto &a = in[first_.channel], &b = in[second_.channel];
    const Panels shared = joined(a.axes[0], b.axes[0]);
    const Matrix left = at_nodes(a, shared), right = at_nodes(b, shared);
    const double w = calibrations_.values(folding.nu)[0];
    const std::size_t own = calibrations_.free().empty() ? 0 : folding.first_row;
    in[first_.channel] = Intensity(
        {shared, shared},
        {{times(left, 1 - w, own, -1), right}, {times(right, w, own, 1), left}});
    in.erase(in.begin() + static_cast<std::ptrdiff_t>(second_.channel));
    return in;
  }

 private:
  void exchange(const Draw& which,
                std::span<const double> nu,
                std::size_t n,
                double* const* record) const {
    const double w = calibrations_.values(nu)[0];
    double *one = record[first_.column], *other = record[second_.column];
    for (std::size_t i = 0; i < n; ++i)
      if (random::uniform(which.stream, which.first + i) < w) std::swap(one[i], other[i]);
  }

  std::vector<std::string> names_;
  ColumnPlace first_, second_;
  std::array<Axis, 2> axes_;  // before
  Calibrations calibrations_;
};

class Mixing final : public Stage {
 public:
  using Config = Settings;

  explicit Mixing(Settings settings) : settings_(std::move(settings)) {}

  std::unique_ptr<Step> after(const std::vector<Channel>& before) const override {
    return std::make_unique<MixingStep>(settings_, before);
  }

 private:
  Settings settings_;
};

}  // namespace

void register_stage_mixing(Registry& r) {
  r.add<Stage, Mixing>({
      .name = "mixing",
      .summary = "Two columns that are sometimes taken for each other.",
      .source = "this project",
  });
}

}  // namespace femto
