// Horner's rule on eight rows at once.
#include "femto/physics/panel_polynomials.h"

#include <algorithm>
#include <cstring>

#include "femto/core/error.h"

namespace femto {
namespace {

constexpr std::size_t order = Panels::order, lanes = PanelPolynomials::lanes;

using Eight [[gnu::vector_size(lanes * sizeof(double))]] = double;

/// One panel and the place in it, -1 to 1.
struct Place {
  std::size_t panel;
  double s;

  Place(double position, std::size_t panels)
      : panel(std::min(static_cast<std::size_t>(position), panels - 1)),
        s(2 * (position - static_cast<double>(panel)) - 1) {}
};

/// What a block of points needs to know of the polynomials.
struct Block {
  const double* coefficients;
  std::size_t stride, rows;
  std::size_t panels[2];
};

/// Horner's rule on `groups` groups of lanes side by side: one alone would wait for every
/// product. c: [power * stride + row].
template <std::size_t groups>
[[gnu::always_inline]] inline void horner(const double* c,
                                          std::size_t stride,
                                          double s,
                                          double* out) {
  Eight sum[groups] = {}, next;
  for (std::size_t k = order; k-- > 0;)
    for (std::size_t g = 0; g < groups; ++g) {
      std::memcpy(&next, c + k * stride + g * lanes, sizeof next);
      sum[g] = sum[g] * s + next;
    }
  std::memcpy(out, sum, sizeof sum);
}

[[gnu::target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")]] void on_line(
    const Block& b, std::size_t n, const double* position, double* out) {
  for (std::size_t i = 0; i < n; ++i) {
    const Place place(position[i], b.panels[0]);
    const double* c = b.coefficients + place.panel * order * b.stride;
    std::size_t r = 0;
    for (; r + 4 * lanes <= b.rows; r += 4 * lanes)
      horner<4>(c + r, b.stride, place.s, out + i * b.rows + r);
    for (; r < b.rows; r += lanes)
      horner<1>(c + r, b.stride, place.s, out + i * b.rows + r);
  }
}

[[gnu::target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")]] void on_plane(
    const Block& b, std::size_t n, const double* x, const double* y, double* out) {
  for (std::size_t i = 0; i < n; ++i) {
    const Place first(x[i], b.panels[0]), second(y[i], b.panels[1]);
    const std::size_t panel = first.panel * b.panels[1] + second.panel;
    const double* c = b.coefficients + panel * order * order * b.stride;
    for (std::size_t r = 0; r < b.rows; r += lanes) {
      // Ten chains side by side: one alone would wait for every product.
      Eight line[order] = {}, next;
      for (std::size_t l = order; l-- > 0;)
        for (std::size_t k = 0; k < order; ++k) {
          std::memcpy(&next, c + (k * order + l) * b.stride + r, sizeof next);
          line[k] = line[k] * second.s + next;
        }
      Eight sum{};
      for (std::size_t k = order; k-- > 0;) sum = sum * first.s + line[k];
      std::memcpy(out + i * b.rows + r, &sum, sizeof sum);
    }
  }
}

}  // namespace

PanelPolynomials::PanelPolynomials(const std::vector<Panels>& axes, const Matrix& values)
    : axes_(axes.size()), stride_((values.rows + lanes - 1) / lanes * lanes) {
  expect(axes_ == 1 || axes_ == 2, "polynomials on panels have one or two axes");
  for (std::size_t a = 0; a < axes_; ++a) panels_[a] = axes[a].count();
  const auto lagrange = panel_coefficients();
  const std::size_t width = axes_ == 2 ? order : 1;
  const std::size_t columns = axes_ == 2 ? axes[1].nodes() : 1;
  const std::size_t count = panels_[0] * panels_[1];
  coefficients_.assign(count * order * width * stride_, 0.0);
  std::vector<double> half(order * width);
  for (std::size_t p = 0; p < count; ++p) {
    const std::size_t corner =
        (p / panels_[1]) * order * columns + (p % panels_[1]) * width;
    double* c = &coefficients_[p * order * width * stride_];
    for (std::size_t r = 0; r < values.rows; ++r) {
      const double* value = values.row(r) + corner;
      std::ranges::fill(half, 0.0);
      for (std::size_t k = 0; k < order; ++k)
        for (std::size_t j = 0; j < order; ++j)
          for (std::size_t w = 0; w < width; ++w)
            half[k * width + w] += lagrange[k * order + j] * value[j * columns + w];
      for (std::size_t k = 0; k < order; ++k)
        for (std::size_t l = 0; l < width; ++l) {
          double sum = axes_ == 2 ? 0 : half[k];
          for (std::size_t w = 0; axes_ == 2 && w < width; ++w)
            sum += lagrange[l * order + w] * half[k * width + w];
          c[(k * width + l) * stride_ + r] = sum;
        }
    }
  }
}

void PanelPolynomials::at(std::size_t n,
                          const double* const* position,
                          std::size_t rows,
                          double* out) const {
  const Block block{coefficients_.data(), stride_, rows, {panels_[0], panels_[1]}};
  if (axes_ == 1)
    on_line(block, n, position[0], out);
  else
    on_plane(block, n, position[0], position[1], out);
}

}  // namespace femto
