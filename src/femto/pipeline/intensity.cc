// Linear maps of densities on panels.
#include "femto/pipeline/intensity.h"

#include <algorithm>
#include <utility>

#include "femto/core/vector_sums.h"

namespace femto {
namespace {

/// Nodes before and after one axis in the tensor product.
struct Around {
  std::size_t before = 1, here = 1, after = 1;
};

Around around(const Intensity& in, std::size_t axis) {
  Around out;
  for (std::size_t a = 0; a < in.axes.size(); ++a)
    (a < axis ? out.before : (a > axis ? out.after : out.here)) *= in.axes[a].nodes();
  return out;
}

void add(std::size_t n, double factor, const double* in, double* out) {
  for (std::size_t i = 0; i < n; ++i) out[i] += factor * in[i];
}

}  // namespace

Intensity::Intensity(std::vector<Panels> a, std::size_t rows) : axes(std::move(a)) {
  std::size_t nodes = 1;
  for (const auto& axis : axes) nodes *= axis.nodes();
  values = Matrix(rows, nodes);
}

KernelMatrix::KernelMatrix(const Panels& from, const Panels& onto, const Kernel& kernel)
    : to(onto), outputs(kernel.outputs) {
  std::vector<double> k(kernel.outputs);
  for (const double y : to.x) {
    Band band{0, 0, outputs[0].size()};
    for (std::size_t j = 0; j < from.nodes(); ++j) {
      if (!kernel.value(y, from.x[j], k.data())) {
        if (band.count > 0) break;
        continue;
      }
      if (band.count++ == 0) band.first = j;
      for (std::size_t o = 0; o < k.size(); ++o)
        outputs[o].push_back(k[o] * from.weight[j]);
    }
    bands.push_back(band);
  }
}

void add_folded(const Intensity& in,
                std::size_t axis,
                const KernelMatrix& matrix,
                std::size_t output,
                std::size_t source,
                std::size_t target,
                Intensity& out) {
  const auto shape = around(in, axis);
  const double* from = in.values.row(source);
  double* to = out.values.row(target);
  const std::size_t here = matrix.to.nodes();
  for (std::size_t i = 0; i < here; ++i) {
    const auto& band = matrix.bands[i];
    const double* k = matrix.outputs[output].data() + band.offset;
    for (std::size_t b = 0; b < shape.before; ++b) {
      const double* x = from + (b * shape.here + band.first) * shape.after;
      double* y = to + (b * here + i) * shape.after;
      if (shape.after == 1)
        *y += weighted_sum_of(band.count, k, x);
      else
        for (std::size_t j = 0; j < band.count; ++j)
          add(shape.after, k[j], x + j * shape.after, y);
    }
  }
}

Intensity folded(const Intensity& in, std::size_t axis, const KernelMatrix& matrix) {
  auto axes = in.axes;
  axes.at(axis) = matrix.to;
  Intensity out(std::move(axes), in.rows());
  for (std::size_t r = 0; r < in.rows(); ++r) add_folded(in, axis, matrix, 0, r, r, out);
  return out;
}

void multiply(Intensity& intensity,
              std::size_t axis,
              const std::vector<std::size_t>& rows,
              const std::function<void(double x, double* e)>& factor) {
  const auto shape = around(intensity, axis);
  std::vector<double> e(1 + rows.size());
  for (std::size_t j = 0; j < shape.here; ++j) {
    factor(intensity.axes[axis].x[j], e.data());
    for (std::size_t b = 0; b < shape.before; ++b)
      for (std::size_t i = 0; i < shape.after; ++i) {
        const std::size_t node = (b * shape.here + j) * shape.after + i;
        const double before = intensity.values(0, node);
        for (std::size_t r = 0; r < intensity.rows(); ++r)
          intensity.values(r, node) *= e[0];
        for (std::size_t p = 0; p < rows.size(); ++p)
          intensity.values(rows[p], node) += e[1 + p] * before;
      }
  }
}

Intensity cut(const Intensity& in, std::size_t axis, double lo, double hi) {
  const auto shape = around(in, axis);
  auto axes = in.axes;
  std::size_t panel = 0;
  axes.at(axis) = in.axes[axis].between(lo, hi, panel);
  Intensity out(std::move(axes), in.rows());
  const std::size_t first = panel * Panels::order, kept = out.axes[axis].nodes();
  for (std::size_t r = 0; r < in.rows(); ++r)
    for (std::size_t b = 0; b < shape.before; ++b)
      std::copy_n(in.values.row(r) + (b * shape.here + first) * shape.after,
                  kept * shape.after,
                  out.values.row(r) + b * kept * shape.after);
  return out;
}

Matrix integrated(const Intensity& in, std::size_t axis) {
  const auto shape = around(in, axis);
  Matrix out(in.rows(), shape.before * shape.after);
  for (std::size_t r = 0; r < in.rows(); ++r)
    for (std::size_t b = 0; b < shape.before; ++b)
      for (std::size_t j = 0; j < shape.here; ++j)
        add(shape.after,
            in.axes[axis].weight[j],
            in.values.row(r) + (b * shape.here + j) * shape.after,
            out.row(r) + b * shape.after);
  return out;
}

}  // namespace femto
