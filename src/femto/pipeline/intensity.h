// Densities on panels with their derivatives: what stages of a detector pass on.
#pragma once
#include <array>
#include <cstddef>
#include <functional>
#include <vector>

#include "femto/core/matrix.h"
#include "femto/physics/panels.h"

namespace femto {

/// One channel's density per unit of its axes, not normalised: row 0 the density, row 1 +
/// k its derivative by parameter k. Nodes are the tensor product of the axes' nodes, the
/// last axis fastest. On two axes products a(x) b(y) may be added, which stay factors:
/// what happens along one axis is then cheap. `values` may be empty if there are any.
struct Intensity {
  std::vector<Panels> axes;                     // one or two
  Matrix values;                                // [row][node]
  std::vector<std::array<Matrix, 2>> products;  // [product][axis]: [row][node of axis]

  Intensity() = default;

  Intensity(std::vector<Panels> axes, std::size_t rows);

  /// Products alone, of which there is at least one.
  Intensity(std::vector<Panels> axes, std::vector<std::array<Matrix, 2>> products);

  std::size_t rows() const {
    return products.empty() ? values.rows : products[0][0].rows;
  }
};

/// A transition density along one axis.
struct Kernel {
  std::size_t outputs =
      1;  // numbers that `value` gives: K(y|x), then others such as dK/dnu
  /// False where all of them are negligible; otherwise writes k[outputs].
  std::function<bool(double y, double x, double* k)> value;
};

/// A kernel at the nodes of two sets of panels, with the weights of the first.
struct KernelMatrix {
  struct Band {
    std::size_t first = 0, count = 0;  // nodes of `from` that reach y
    std::size_t offset = 0;            // of the first in each output
  };

  Panels to;
  std::vector<Band> bands;                   // [node of to]
  std::vector<std::vector<double>> outputs;  // [output][offset + k]

  KernelMatrix() = default;
  KernelMatrix(const Panels& from, const Panels& to, const Kernel& kernel);
};

/// What a fold takes from its kernel: output `first` acts on all rows; output first + 1 +
/// i, its derivative by a parameter, goes from row 0 to row rows[i].
struct KernelUse {
  std::size_t first = 0;
  std::vector<std::size_t> rows;
};

/// out[row] = int K(y|x) in[row](x) dx along `axis`.
Intensity folded(const Intensity& in,
                 std::size_t axis,
                 const KernelMatrix& matrix,
                 const KernelUse& use = {});

/// Multiplies by a function of one axis: e[0] = factor, e[1 + j] = its derivative by the
/// parameter of rows[j].
void multiply(Intensity& intensity,
              std::size_t axis,
              const std::vector<std::size_t>& rows,
              const std::function<void(double x, double* e)>& factor);

/// The part between lo and hi, which must be edges of panels.
Intensity cut(const Intensity& intensity, std::size_t axis, double lo, double hi);

/// Integrated over one axis of two, or over the only one (one node then): [row][node of
/// the other].
Matrix integrated(const Intensity& intensity, std::size_t axis);

}  // namespace femto
