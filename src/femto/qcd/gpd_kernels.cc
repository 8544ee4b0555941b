#include "femto/qcd/gpd_kernels.h"

#include <algorithm>
#include <cmath>

#include "femto/core/error.h"
#include "femto/qcd/gauss.h"
#include "femto/qcd/gpd_two_loop_matrices.h"
#include "femto/qcd/splitting.h"

namespace femto::qcd {
namespace {

enum Which : std::size_t { minus, plus, qg, gq, gg };  // qg without n_f

constexpr std::size_t matrices = 5;

constexpr std::size_t panel_points = 16;
constexpr double panel_distance = 0.5;  // from what is singular, in lengths of the panel

/// Kernels at a pair of points; `qq` and `gs` are subtracted at y = x.
struct Values {
  double qq = 0, qg = 0, gq = 0, gs = 0, gr = 0;
};

/// The functions f of the source, with X = (1 + x/xi)/2, Y = (1 + y/xi)/2 or, mirrored,
/// with their complements. `other` = 1 - X, `gap` = Y - X, `sign` = rho(X, Y).
struct Functions {
  Helicity helicity;

  Values at(double x, double other, double y, double gap, double sign) const {
    const double ratio = x / y;
    Values f;
    f.qq = sign * (ratio + ratio / gap);
    f.qg = ratio / y;
    f.gq = x * ratio;
    f.gs = sign * ratio * ratio / gap;
    f.gr = 2 * ratio * ratio;
    if (helicity == Helicity::vector) {
      f.qg *= 1 + 2 * (2 * other * y - x);
      f.gq *= 1 + 2 * (2 * other * y - (1 - y));
      f.gr *= 1 + (2 * other * y + gap);
    }
    f.qg *= sign, f.gq *= sign, f.gr *= sign;
    return f;
  }
};

/// Kernels (to x > 0, from y) at skewness xi, without colour factors of delta functions.
class Kernel {
 public:
  Kernel(double xi, Helicity helicity) : xi_(xi), f_{helicity} {}

  /// `gap` = y - x, exact where it is small.
  Values at(double x, double y, double gap) const {
    const double scale = 1 / (2 * xi_);
    const double up = (xi_ + x) * scale, down = (xi_ - x) * scale;
    const double y_up = (xi_ + y) * scale, y_down = (xi_ - y) * scale;
    Values a, b;
    if (gap > 0) a = f_.at(up, down, y_up, gap * scale, 1);
    if (x < xi_ && gap < 0) b = f_.at(down, up, y_down, -gap * scale, 1);
    if (x > xi_ && gap > 0) b = f_.at(down, up, y_down, -gap * scale, -1);
    return {colour_f * scale * (a.qq + b.qq),
            -2 * colour_t * scale * scale * (a.qg - b.qg),
            colour_f * (a.gq - b.gq),
            colour_a * scale * (a.gs + b.gs),
            colour_a * scale * (a.gr + b.gr)};
  }

 private:
  double xi_;
  Functions f_;
};

/// What the subtraction of [H(y) - H(x)] leaves over at x, for quarks.
double quark_constant(double x, double xi) {
  if (x > xi)
    return colour_f * (1.5 + 2 * std::log1p(-x) +
                       ((x - xi) * std::log((x - xi) * (1 + xi)) -
                        (x + xi) * std::log((x + xi) * (1 - xi))) /
                           (2 * xi));
  return colour_f *
         (1.5 + std::log((1 - x * x) / (1 + xi)) +
          ((x - xi) * std::log(xi - x) - (x + xi) * std::log(x + xi)) / (2 * xi));
}

/// For gluons, without the flavours' part -2 n_f T_R/3.
double gluon_constant(double x, double xi) {
  const double begin = 11 * colour_a / 6;
  if (x > xi)
    return begin + colour_a * (2 * std::log1p(-x) - std::log1p(-xi * xi) -
                               2 * (1 - x) / (1 - xi * xi));
  return begin + colour_a * (std::log1p(-x * x) - 2 * std::log1p(xi) - 2 / (1 + xi));
}

/// One row of every matrix: integrals over y, the halves y > 0 and y < 0 at once.
class Row {
 public:
  Row(const GpdGrid& grid, Helicity helicity, std::size_t row, double* out)
      : grid_(grid),
        kernel_(grid.xi(), helicity),
        quark_parity_(helicity == Helicity::vector ? -1 : 1),
        row_(row),
        x_(grid.x()[row]),
        out_(out) {}

  void fill() {
    for (std::size_t piece = 0; piece < grid_.pieces(); ++piece) {
      const bool own = row_ >= grid_.first(piece) && row_ < grid_.first(piece + 1);
      if (own) {
        panel(piece, 0, grid_.t(row_));
        panel(piece, grid_.t(row_), 1);
      } else {
        panel(piece, 0, 1);
      }
    }
    const double quark = quark_constant(x_, grid_.xi());
    at(minus, row_) += quark;
    at(plus, row_) += quark;
    at(gg, row_) += gluon_constant(x_, grid_.xi());
  }

 private:
  double& at(Which matrix, std::size_t j) {
    return out_[(matrix * grid_.size() + j) * grid_.size() + row_];
  }

  /// Whether the kernel is smooth over the panel and its mirror image: poles are at y =
  /// xi (seen from y < x or x > xi), at -xi, and at x unless the panel ends there.
  bool smooth(double low, double high, bool ends_at_x) const {
    const double room = panel_distance * (high - low), xi = grid_.xi();
    if (x_ + low < room) return false;  // 1/(x - y) on the mirrored side
    if (!ends_at_x && std::max(low - x_, x_ - high) < room) return false;
    return x_ < xi ? high > x_ || xi - high >= room : low - xi >= room;
  }

  void panel(std::size_t piece, double from, double to) {
    const double low = grid_.at(piece, from), high = grid_.at(piece, to);
    if (x_ > grid_.xi() && high <= x_) return;  // only y > x > xi reaches it
    const bool own = row_ >= grid_.first(piece) && row_ < grid_.first(piece + 1);
    const bool ends_at_x = own && (from == grid_.t(row_) || to == grid_.t(row_));
    if (!smooth(low, high, ends_at_x) && to - from > 1e-7) {
      const double middle = 0.5 * (from + to);
      panel(piece, from, middle);
      panel(piece, middle, to);
      return;
    }
    const auto& rule = unit_rule(panel_points);
    for (std::size_t k = 0; k < rule.size(); ++k)
      point(piece, from + (to - from) * rule.t[k], rule.weight[k] * (to - from));
  }

  void point(std::size_t piece, double t, double weight) {
    const double y = grid_.at(piece, t), w = weight * grid_.slope(piece, t);
    const Values here = kernel_.at(x_, y, y - x_), there = kernel_.at(x_, -y, -y - x_);
    const std::size_t first = grid_.first(piece);
    const std::size_t count = grid_.first(piece + 1) - first;
    double basis[200];
    grid_.basis(piece, t, {basis, count});
    const double s = quark_parity_, g = -s;  // of quark plus antiquark; of the gluon
    for (std::size_t k = 0; k < count; ++k) {
      const double b = w * basis[k];
      at(plus, first + k) += b * (here.qq + s * there.qq);
      at(minus, first + k) += b * (here.qq - s * there.qq);
      at(qg, first + k) += b * (here.qg + g * there.qg);
      at(gq, first + k) += b * (here.gq + s * there.gq);
      at(gg, first + k) += b * (here.gs + here.gr + g * (there.gs + there.gr));
    }
    at(plus, row_) -= w * (here.qq + there.qq);
    at(minus, row_) -= w * (here.qq + there.qq);
    at(gg, row_) -= w * (here.gs + there.gs);
  }

  const GpdGrid& grid_;
  Kernel kernel_;
  double quark_parity_;
  std::size_t row_;
  double x_;
  double* out_;
};

}  // namespace

GpdKernels GpdKernels::build(const GpdGrid& grid, Helicity helicity, Order order) {
  const std::size_t n = grid.size();
  std::vector<double> leading(matrices * n * n), next;
  for (std::size_t i = 0; i < n; ++i) Row(grid, helicity, i, leading.data()).fill();
  if (order == Order::nlo) {
    const std::span<const double> all(leading);
    next = two_loop_matrices(grid,
                             helicity,
                             all.subspan(minus * n * n, n * n),
                             all.subspan(plus * n * n, n * n));
  }
  return {n, std::move(leading), std::move(next)};
}

GpdKernels::GpdKernels(std::size_t nodes,
                       std::vector<double> leading,
                       std::vector<double> next)
    : nodes_(nodes), leading_(std::move(leading)), next_(std::move(next)) {
  for (const auto* numbers : {&leading_, &next_})
    for (const double v : *numbers)
      if (!std::isfinite(v)) throw Bug("an integral of a kernel is not finite");
}

Family GpdKernels::family(int flavours) const {
  Family out(nodes_);
  const std::size_t size = nodes_ * nodes_;
  const double n = flavours;
  const auto put = [&](Part part, Which which, double factor) {
    const double* from = leading_.data() + which * size;
    for (std::size_t i = 0; i < size; ++i) out[part][i] = factor * from[i];
  };
  put(Part::minus, minus, 1);
  put(Part::plus, plus, 1);
  put(Part::qq, plus, 1);
  put(Part::qg, qg, n);
  put(Part::gq, gq, 1);
  put(Part::gg, gg, 1);
  for (std::size_t i = 0; i < nodes_; ++i)
    out[Part::gg][i * nodes_ + i] -= 2 * n * colour_t / 3;
  return out;
}

Family GpdKernels::next_family(int flavours) const {
  expect(order() == Order::nlo, "kernels of an order that was not built");
  Family out(nodes_);
  const std::size_t size = nodes_ * nodes_;
  const auto add = [&](Part part, TwoLoop which, double factor) {
    const double* from = next_.data() + static_cast<std::size_t>(which) * size;
    for (std::size_t i = 0; i < size; ++i) out[part][i] += factor * from[i];
  };
  const double n = flavours;
  add(Part::minus, TwoLoop::minus, 1), add(Part::minus, TwoLoop::minus_n, n);
  add(Part::plus, TwoLoop::plus, 1), add(Part::plus, TwoLoop::plus_n, n);
  add(Part::qq, TwoLoop::plus, 1), add(Part::qq, TwoLoop::plus_n, n);
  add(Part::qq, TwoLoop::qq_n, n);
  add(Part::qg, TwoLoop::qg_n, n);
  add(Part::gq, TwoLoop::gq, 1), add(Part::gq, TwoLoop::gq_n, n);
  add(Part::gg, TwoLoop::gg, 1), add(Part::gg, TwoLoop::gg_n, n);
  return out;
}

Generators GpdKernels::generators(int flavours) const {
  if (order() == Order::lo) return Generators(family(flavours));
  return {family(flavours), next_family(flavours)};
}

std::string GpdKernels::description(const GpdGrid& grid, Helicity helicity, Order order) {
  return fmt::format("kernels of {} distributions at {} order; {}; {} points",
                     helicity == Helicity::vector ? "vector" : "axial",
                     order == Order::lo ? "leading" : "next-to-leading",
                     grid.description(),
                     panel_points);
}

}  // namespace femto::qcd
