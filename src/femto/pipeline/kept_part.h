// Quadrature over the part of a rectangle that a cut of two columns leaves.
#pragma once
#include <cstddef>
#include <span>

#include "femto/physics/panels.h"
#include "femto/pipeline/intensity.h"
#include "femto/pipeline/theory.h"

namespace femto {

/// Rules along the second axis, one per line: line l has nodes y[l * per_line + k] over
/// [lo[l], hi[l]], all at the first coordinate x[l * per_line].
struct Lines {
  std::size_t per_line = 1;
  std::span<const double> lo, hi;  // [line]
  std::span<const double> x;       // [node]
  std::span<double> y, weight;     // [node]
};

/// Squeezes the nodes of every line into the part of it that is kept and scales their
/// weights by its share: 0 where nothing is. Parts shorter than a quarter of a line may
/// be overlooked if both its ends are on the same side.
void squeeze(const Region& keeps, const Lines& lines);

/// The same panels on the first axis of such rules, cut until the border may bend between
/// lines: none is wider than 1/40 of all.
Panels fine_enough(const Panels& panels);

/// The integral of row 0 of a density of two axes over what is kept.
double kept_integral(const Intensity& in, const Region& keeps);

}  // namespace femto
