// Evaluates the factors of one axis after the other, then their products eight at once.
#include "femto/physics/panel_products.h"

#include <algorithm>
#include <cstring>

namespace femto {
namespace {

constexpr std::size_t lanes = PanelPolynomials::lanes;
/// Points at once: their factors stay in the first-level cache.
constexpr std::size_t block = 16;

using Eight [[gnu::vector_size(lanes * sizeof(double))]] = double;

Matrix stacked(const std::vector<std::array<Matrix, 2>>& factors, std::size_t axis) {
  const std::size_t terms = factors.size(), rows = factors[0][axis].rows;
  const std::size_t groups = (rows + lanes - 1) / lanes;
  Matrix out(groups * terms * lanes, factors[0][axis].cols);
  for (std::size_t r = 0; r < rows; ++r)
    for (std::size_t k = 0; k < terms; ++k)
      std::copy_n(factors[k][axis].row(r),
                  out.cols,
                  out.row((r / lanes * terms + k) * lanes + r % lanes));
  return out;
}

/// a, b: [point][group of lanes][term][lane].
[[gnu::target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")]] void add_products(
    std::size_t n,
    std::size_t groups,
    std::size_t terms,
    const double* a,
    const double* b,
    double* out) {
  for (std::size_t i = 0; i < n; ++i) {
    const std::size_t point = i * groups * terms * lanes;
    for (std::size_t g = 0; g < groups; ++g) {
      Eight sum{}, of_a, of_b;
      for (std::size_t k = 0; k < terms; ++k) {
        const std::size_t here = point + (g * terms + k) * lanes;
        const double a0 = a[point + k * lanes], b0 = b[point + k * lanes];
        std::memcpy(&of_a, a + here, sizeof of_a);
        std::memcpy(&of_b, b + here, sizeof of_b);
        sum += of_a * b0 + a0 * of_b;
      }
      if (g == 0) sum[0] /= 2;  // the density itself: both terms are the same
      double* to = out + (i * groups + g) * lanes;
      Eight before;
      std::memcpy(&before, to, sizeof before);
      before += sum;
      std::memcpy(to, &before, sizeof before);
    }
  }
}

}  // namespace

PanelProducts::PanelProducts(const std::vector<Panels>& axes,
                             const std::vector<std::array<Matrix, 2>>& factors)
    : terms_(factors.size()) {
  for (std::size_t a = 0; a < 2 && terms_ > 0; ++a)
    factors_[a] = PanelPolynomials({axes[a]}, stacked(factors, a));
}

void PanelProducts::add(std::size_t n,
                        const double* const* position,
                        std::size_t rows,
                        double* out) const {
  const std::size_t width = rows * terms_;
  std::vector<double> of_axis[2];
  for (auto& values : of_axis) values.resize(block * width);
  for (std::size_t first = 0; first < n; first += block) {
    const std::size_t here = std::min(block, n - first);
    for (std::size_t a = 0; a < 2; ++a) {
      const double* at = position[a] + first;
      factors_[a].at(here, &at, width, of_axis[a].data());
    }
    add_products(here,
                 rows / lanes,
                 terms_,
                 of_axis[0].data(),
                 of_axis[1].data(),
                 out + first * rows);
  }
}

}  // namespace femto
