// Linear maps of densities on panels.
#include "femto/pipeline/intensity.h"

#include <algorithm>
#include <utility>

#include "femto/core/error.h"
#include "femto/core/vector_sums.h"

namespace femto {
namespace {

/// Nodes before, on and after one axis in a tensor product.
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

/// Replaces all that lives on `axis` by change(its shape, its values).
template <class Change>
void along(Intensity& in, std::size_t axis, const Change& change) {
  const std::size_t here = in.axes[axis].nodes();
  if (in.values.rows > 0) in.values = change(around(in, axis), std::move(in.values));
  for (auto& product : in.products)
    product[axis] = change(Around{1, here, 1}, std::move(product[axis]));
}

/// to[row] += the fold of from[row] by one output of the matrix.
void add_folded(const Around& shape,
                const KernelMatrix& matrix,
                const std::vector<double>& output,
                const double* from,
                double* to) {
  const std::size_t here = matrix.to.nodes();
  for (std::size_t i = 0; i < here; ++i) {
    const auto& band = matrix.bands[i];
    const double* k = output.data() + band.offset;
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

/// Integrated along the axis of `shape`.
Matrix integrated(const Around& shape, const Panels& axis, const Matrix& values) {
  Matrix out(values.rows, shape.before * shape.after);
  for (std::size_t r = 0; r < values.rows; ++r)
    for (std::size_t b = 0; b < shape.before; ++b)
      for (std::size_t j = 0; j < shape.here; ++j)
        add(shape.after,
            axis.weight[j],
            values.row(r) + (b * shape.here + j) * shape.after,
            out.row(r) + b * shape.after);
  return out;
}

}  // namespace

Intensity::Intensity(std::vector<Panels> a, std::size_t rows) : axes(std::move(a)) {
  std::size_t nodes = 1;
  for (const auto& axis : axes) nodes *= axis.nodes();
  values = Matrix(rows, nodes);
}

Intensity::Intensity(std::vector<Panels> a, std::vector<std::array<Matrix, 2>> p)
    : axes(std::move(a)), products(std::move(p)) {
  expect(axes.size() == 2 && !products.empty(), "products of densities have two axes");
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

Intensity folded(const Intensity& in,
                 std::size_t axis,
                 const KernelMatrix& matrix,
                 const KernelUse& use) {
  Intensity out = in;
  along(out, axis, [&](const Around& shape, const Matrix& from) {
    Matrix to(from.rows, shape.before * matrix.to.nodes() * shape.after);
    for (std::size_t r = 0; r < from.rows; ++r)
      add_folded(shape, matrix, matrix.outputs[use.first], from.row(r), to.row(r));
    for (std::size_t i = 0; i < use.rows.size(); ++i)
      add_folded(shape,
                 matrix,
                 matrix.outputs[use.first + 1 + i],
                 from.row(0),
                 to.row(use.rows[i]));
    return to;
  });
  out.axes[axis] = matrix.to;
  return out;
}

void multiply(Intensity& intensity,
              std::size_t axis,
              const std::vector<std::size_t>& rows,
              const std::function<void(double x, double* e)>& factor) {
  std::vector<double> e(1 + rows.size());
  along(intensity, axis, [&](const Around& shape, Matrix values) {
    for (std::size_t j = 0; j < shape.here; ++j) {
      factor(intensity.axes[axis].x[j], e.data());
      for (std::size_t b = 0; b < shape.before; ++b)
        for (std::size_t i = 0; i < shape.after; ++i) {
          const std::size_t node = (b * shape.here + j) * shape.after + i;
          const double before = values(0, node);
          for (std::size_t r = 0; r < values.rows; ++r) values(r, node) *= e[0];
          for (std::size_t p = 0; p < rows.size(); ++p)
            values(rows[p], node) += e[1 + p] * before;
        }
    }
    return values;
  });
}

Intensity cut(const Intensity& in, std::size_t axis, double lo, double hi) {
  Intensity out = in;
  std::size_t panel = 0;
  const Panels left = in.axes.at(axis).between(lo, hi, panel);
  const std::size_t first = panel * Panels::order, kept = left.nodes();
  along(out, axis, [&](const Around& shape, const Matrix& from) {
    Matrix to(from.rows, shape.before * kept * shape.after);
    for (std::size_t r = 0; r < from.rows; ++r)
      for (std::size_t b = 0; b < shape.before; ++b)
        std::copy_n(from.row(r) + (b * shape.here + first) * shape.after,
                    kept * shape.after,
                    to.row(r) + b * kept * shape.after);
    return to;
  });
  out.axes[axis] = left;
  return out;
}

Matrix integrated(const Intensity& in, std::size_t axis) {
  const std::size_t rows = in.rows();
  const auto shape = around(in, axis);
  Matrix out(rows, shape.before * shape.after);
  if (in.values.rows > 0) out = integrated(shape, in.axes[axis], in.values);
  for (const auto& product : in.products) {
    const Matrix total =
        integrated(Around{1, shape.here, 1}, in.axes[axis], product[axis]);
    const Matrix& other = product[1 - axis];
    add(out.cols, total(0, 0), other.row(0), out.row(0));
    for (std::size_t r = 1; r < rows; ++r) {
      add(out.cols, total(r, 0), other.row(0), out.row(r));
      add(out.cols, total(0, 0), other.row(r), out.row(r));
    }
  }
  return out;
}

}  // namespace femto
