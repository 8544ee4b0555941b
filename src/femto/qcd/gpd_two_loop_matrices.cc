#include "femto/qcd/gpd_two_loop_matrices.h"

#include <algorithm>
#include <cmath>

#include "femto/qcd/gauss.h"
#include "femto/qcd/splitting.h"

namespace femto::qcd {
namespace {

constexpr std::size_t panel_points = 16, end_points = 20, column_points = 30;
constexpr double panel_distance = 0.5;  // from what is singular, in lengths of the panel

/// Kernels without their 1/(y - x), which the leading order has too: what is left
/// grows as ln |y - x| only.
TwoLoopKernels softened(Helicity helicity, double xi, double x, double y, double gap) {
  static const auto cusp = two_loop_cusp();
  // Points that rounding puts where logarithms or poles are: they weigh nothing.
  if (gap == 0 || x + y == 0 || std::abs(x) == xi || std::abs(y) == xi) return {};
  auto k = two_loop_kernels(helicity, xi, x, y, gap);
  constexpr double colours = colour_a / colour_f;
  k.ns -= cusp.ns * k.leading;
  k.ns_n -= cusp.ns_n * k.leading;
  k.gg -= colours * cusp.gg * k.leading;
  k.gg_n -= colours * cusp.gg_n * k.leading;
  return k;
}

/// int dz K(z, y) of the softened kernels that are plus distributions.
class Column {
 public:
  Column(Helicity helicity, double xi, double y) : helicity_(helicity), xi_(xi), y_(y) {
    if (y < xi) {
      panel(-xi, y);
      panel(y, xi);
    } else {
      panel(-xi, xi);
      panel(xi, y);
    }
  }

  TwoLoopKernels sum;

 private:
  void panel(double low, double high) {
    for (const double place : {-xi_, xi_, y_}) {
      const double away = std::max(low - place, place - high);
      if (place == low || place == high || away >= panel_distance * (high - low))
        continue;
      const double middle = 0.5 * (low + high);
      panel(low, middle);
      panel(middle, high);
      return;
    }
    // Points crowd towards both ends, where there may be squared logarithms.
    const auto& rule = unit_rule(column_points);
    const auto share = [](double u) {
      return u * u * u * u * (35 - u * (84 - u * (70 - 20 * u)));
    };
    for (std::size_t k = 0; k < rule.size(); ++k) {
      const double t = rule.t[k], length = high - low, u = t * (1 - t);
      const double z = t < 0.5 ? low + length * share(t) : high - length * share(1 - t);
      add(z, 140 * u * u * u * rule.weight[k] * length);
    }
  }

  void add(double z, double weight) {
    const auto k = softened(helicity_, xi_, z, y_, y_ - z);
    sum.ns += weight * k.ns;
    sum.ns_n += weight * k.ns_n;
    sum.crossed += weight * k.crossed;
    sum.gg += weight * k.gg;
    sum.gg_n += weight * k.gg_n;
  }

  Helicity helicity_;
  double xi_, y_;
};

/// One row of every matrix: integrals over y, the halves y > 0 and y < 0 at once.
class Row {
 public:
  Row(const GpdGrid& grid, Helicity helicity, std::size_t row, double* out)
      : grid_(grid),
        helicity_(helicity),
        parity_(helicity == Helicity::vector ? -1 : 1),
        row_(row),
        x_(grid.x()[row]),
        out_(out) {}

  void fill() {
    for (std::size_t piece = 0; piece < grid_.pieces(); ++piece) {
      if (row_ >= grid_.first(piece) && row_ < grid_.first(piece + 1)) {
        own_panel(piece, 0);
        own_panel(piece, 1);
      } else {
        panel(piece, 0, 1);
      }
    }
    const auto deltas = two_loop_deltas(helicity_);
    const auto column = Column(helicity_, grid_.xi(), x_).sum;
    const double crossed = deltas.crossed - column.crossed, ns = deltas.ns - column.ns;
    at(TwoLoop::minus, row_) += ns + parity_ * crossed;
    at(TwoLoop::plus, row_) += ns - parity_ * crossed;
    at(TwoLoop::minus_n, row_) -= column.ns_n;
    at(TwoLoop::plus_n, row_) -= column.ns_n;
    at(TwoLoop::gg, row_) += deltas.gg - column.gg;
    at(TwoLoop::gg_n, row_) += deltas.gg_n - column.gg_n;
  }

 private:
  double& at(TwoLoop matrix, std::size_t j) {
    const auto m = static_cast<std::size_t>(matrix);
    return out_[(m * grid_.size() + j) * grid_.size() + row_];
  }

  /// Whether kernels are smooth over the panel and its mirror image, but for y = x.
  bool smooth(double low, double high) const {
    const double room = panel_distance * (high - low), xi = grid_.xi();
    if (x_ + low < room) return false;
    return x_ < xi ? high > x_ || xi - high >= room : low - xi >= room;
  }

  /// The panel between y = x and one end of its piece, with points that crowd towards x.
  void own_panel(std::size_t piece, double end) {
    const double begin = grid_.t(row_);
    double to = end;
    const auto y = [&](double t) { return grid_.at(piece, t); };
    if (x_ > grid_.xi() && end == 0) return;
    while (!smooth(std::min(x_, y(to)), end == 0 ? x_ : y(to)) &&
           std::abs(to - begin) > 1e-7)
      to = 0.5 * (begin + to);
    if (to != end) panel(piece, std::min(to, end), std::max(to, end));
    const auto& rule = unit_rule(end_points);
    for (std::size_t k = 0; k < rule.size(); ++k) {
      const double s = rule.t[k], s2 = s * s;
      point(piece,
            begin + (to - begin) * s2 * s2 * s,
            5 * s2 * s2 * rule.weight[k] * std::abs(to - begin));
    }
  }

  void panel(std::size_t piece, double from, double to) {
    const double low = grid_.at(piece, from), high = grid_.at(piece, to);
    if (x_ > grid_.xi() && high <= x_) return;  // only y > x > xi reaches it
    const double away = std::max(low - x_, x_ - high);
    const bool close = away < panel_distance * (high - low);
    if ((close || !smooth(low, high)) && to - from > 1e-7) {
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
    const double y = grid_.at(piece, t), xi = grid_.xi();
    TwoLoopKernels here = softened(helicity_, xi, x_, y, y - x_), there;
    if (x_ < xi) there = softened(helicity_, xi, x_, -y, -y - x_);
    const double w = weight * grid_.slope(piece, t);
    const std::size_t first = grid_.first(piece);
    const std::size_t count = grid_.first(piece + 1) - first;
    double basis[200];
    grid_.basis(piece, t, {basis, count});
    const double s = parity_, g = -s;  // of quark plus antiquark; of the gluon
    const double minus = here.ns + s * here.crossed - s * (there.ns + s * there.crossed);
    const double plus = here.ns - s * here.crossed + s * (there.ns - s * there.crossed);
    const double values[two_loop_count] = {minus,
                                           plus,
                                           here.ns_n - s * there.ns_n,
                                           here.ns_n + s * there.ns_n,
                                           here.qq_n + s * there.qq_n,
                                           here.qg_n + g * there.qg_n,
                                           here.gq + s * there.gq,
                                           here.gq_n + s * there.gq_n,
                                           here.gg + g * there.gg,
                                           here.gg_n + g * there.gg_n};
    for (std::size_t k = 0; k < count; ++k)
      for (std::size_t m = 0; m < two_loop_count; ++m)
        at(static_cast<TwoLoop>(m), first + k) += w * basis[k] * values[m];
  }

  const GpdGrid& grid_;
  Helicity helicity_;
  double parity_;
  std::size_t row_;
  double x_;
  double* out_;
};

}  // namespace

std::vector<double> two_loop_matrices(const GpdGrid& grid,
                                      Helicity helicity,
                                      std::span<const double> minus,
                                      std::span<const double> plus) {
  const std::size_t n = grid.size(), size = n * n;
  std::vector<double> out(two_loop_count * size);
  for (std::size_t i = 0; i < n; ++i) Row(grid, helicity, i, out.data()).fill();
  const auto cusp = two_loop_cusp();
  const auto add = [&](TwoLoop matrix, double factor, std::span<const double> leading) {
    double* to = out.data() + static_cast<std::size_t>(matrix) * size;
    for (std::size_t i = 0; i < size; ++i) to[i] += factor * leading[i];
  };
  constexpr double colours = colour_a / colour_f;
  add(TwoLoop::minus, cusp.ns, minus);
  add(TwoLoop::plus, cusp.ns, plus);
  add(TwoLoop::minus_n, cusp.ns_n, minus);
  add(TwoLoop::plus_n, cusp.ns_n, plus);
  // Gluons have the parity of quark minus antiquark.
  add(TwoLoop::gg, colours * cusp.gg, minus);
  add(TwoLoop::gg_n, colours * cusp.gg_n, minus);
  return out;
}

}  // namespace femto::qcd
