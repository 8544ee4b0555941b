// Where LOITS needs a theory's densities, and how they make the curves of its cells.
#pragma once
#include <array>
#include <cstddef>
#include <optional>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "femto/physics/cell_curves.h"
#include "femto/pipeline/feature_grid.h"

namespace femto {

enum class LoitsVariant {
  lite,    // curves along the lower edges of a cell, weights from its middle
  corner,  // curves and weights from the corner values
};

/// Their names in settings.
constexpr std::array<std::pair<std::string_view, LoitsVariant>, 2> names(LoitsVariant) {
  return {{{"lite", LoitsVariant::lite}, {"corner", LoitsVariant::corner}}};
}

/// One channel, one or two axes. Values of its densities stand after one another: those
/// of each grid of curves, then those of the middles. Source: Braga:2025.
struct LoitsGrid {
  LoitsVariant variant = LoitsVariant::lite;
  std::vector<Axis> axes;
  CellGrid cells;
  std::vector<FeatureGrid> curves;     // lite: one per axis, fine along it; corner: nodes
  std::optional<FeatureGrid> middles;  // lite: middles of the cells

  /// nodes: per axis, equally spaced; points: of a curve inside a cell.
  LoitsGrid(const Theory& theory,
            std::size_t channel,
            LoitsVariant kind,
            std::size_t nodes,
            std::size_t points);

  /// Number of values.
  std::size_t size() const;

  /// value[size] = sigma / largest sigma; returns ln of the largest.
  double values(const Theory& theory,
                std::size_t channel,
                std::span<const double> theta,
                std::span<double> value) const;

  /// Adds to slope[parameter]; weighted[size] = value * dL/d(value), of the curves. The
  /// weights of the cells carry no derivative, as published.
  void add_slopes(const Theory& theory,
                  std::size_t channel,
                  std::span<const double> theta,
                  std::span<const double> weighted,
                  double* slope) const;

  /// Weights of the cells from the values: those at the middles, or means of the corners.
  std::vector<double> weights(std::span<const double> value) const;

  /// Calls use(t, place, factor): the curve of a cell along axis a has at its point t the
  /// sum of factor * value[place].
  template <class Use>
  void each_term(std::size_t flat, std::size_t a, const Use& use) const {
    const std::size_t nodes = cells.cells + 1, k = cells.points - 1;
    const bool two = cells.axes == 2;
    const std::size_t cell[] = {cells.along(flat, 0), two ? cells.along(flat, 1) : 0};
    if (variant == LoitsVariant::lite) {
      const std::size_t first = a == 0 ? 0 : curves[0].size;
      for (std::size_t t = 0; t <= k; ++t) {
        const std::size_t fine = cell[a] * k + t;
        const std::size_t wide = (nodes - 1) * k + 1;
        const std::size_t point = !two     ? fine
                                  : a == 0 ? fine * nodes + cell[1]
                                           : cell[0] * wide + fine;
        use(t, first + point, 1.0);
      }
      return;
    }
    const std::size_t along = two && a == 0 ? nodes : 1,
                      across = two && a == 1 ? nodes : 1;
    const std::size_t corner = two ? cell[0] * nodes + cell[1] : cell[0];
    const double share = two ? 0.5 : 1.0;
    for (std::size_t t = 0; t <= k; ++t) {
      const double high = static_cast<double>(t) / static_cast<double>(k);
      for (std::size_t edge = 0; edge < (two ? 2u : 1u); ++edge) {
        use(t, corner + edge * across, share * (1 - high));
        use(t, corner + edge * across + along, share * high);
      }
    }
  }
};

/// `count` ticks from the lower end of an axis to its upper one; offset 0.5: the middles
/// of as many equal parts.
std::vector<double> equally_spaced(const Axis& axis, std::size_t count, double offset);

}  // namespace femto
