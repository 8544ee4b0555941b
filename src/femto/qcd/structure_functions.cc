#include "femto/qcd/structure_functions.h"

#include <algorithm>
#include <numbers>

#include <Eigen/Dense>

#include "femto/core/error.h"
#include "femto/core/threads.h"
#include "femto/qcd/dis_coefficients.h"
#include "femto/qcd/product.h"

namespace femto::qcd {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using ConstMap = Eigen::Map<const MatrixXd>;
using Map = Eigen::Map<MatrixXd>;

constexpr std::size_t source_count = 3;  // charge-weighted, plain sum, gluon

/// e_q^2 of quark q = 1 .. 6 as the target sees it.
double charge2(int q, Target target) {
  const auto proton = [](int id) { return id % 2 == 0 ? 4.0 / 9 : 1.0 / 9; };
  if (q > 2 || target == Target::proton) return proton(q);
  if (target == Target::neutron) return proton(3 - q);
  return 0.5 * (proton(1) + proton(2));
}

/// out += a b, all column-major.
void add(const MatrixXd& a, const ConstMap& b, double factor, Map out) {
  const MatrixXd scaled = factor * b;
  MatrixXd product = MatrixXd::Zero(a.rows(), b.cols());
  add_product(static_cast<std::size_t>(a.rows()),
              static_cast<std::size_t>(a.cols()),
              static_cast<std::size_t>(b.cols()),
              a.data(),
              scaled.data(),
              product.data());
  out += product;
}

/// Rows that interpolate from the nodes to each x.
MatrixXd interpolation(const XGrid& grid, std::span<const double> x) {
  MatrixXd rows =
      MatrixXd::Zero(static_cast<Index>(x.size()), static_cast<Index>(grid.size()));
  for (std::size_t i = 0; i < x.size(); ++i) {
    if (!(x[i] >= grid.settings().x_min * (1 - 1e-12) && x[i] < 1))
      fail("a structure function at x = {} (the grid goes from {} to 1)",
           x[i],
           grid.settings().x_min);
    const auto s = grid.stencil(grid.position(x[i]));
    for (std::size_t k = 0; k < s.count; ++k)
      rows(static_cast<Index>(i), static_cast<Index>(s.first + k)) = s.weight[k];
  }
  return rows;
}

/// What stands in front of q+ and g at one scale: 1 + a C for F2, a C for FL, at each x.
struct Coefficients {
  MatrixXd quark, gluon;
};

/// Adds sum_q e_q^2 (quark q+ + gluon g) at one scale as a function of the start.
void add_scale(const Evolution& e,
               std::size_t scale,
               Target target,
               const Coefficients& c,
               double* out) {
  const auto n = static_cast<Index>(e.grid().size()), rows = c.quark.rows();
  const Map charge(out, rows, n), sum(out + rows * n, rows, n),
      gluon(out + 2 * rows * n, rows, n);
  const auto matrix = [&](Operator op, std::size_t heavy = 0) {
    return ConstMap(e.matrix(scale, op, heavy).data(), n, n);
  };
  double light = 0, all = 0;
  for (int q = 1; q <= e.start_flavours(); ++q) light += charge2(q, target);
  add(c.quark, matrix(Operator::plus), 1, charge);
  add(c.quark, matrix(Operator::light_s), light, sum);
  add(c.quark, matrix(Operator::light_g), light, gluon);
  all = light;
  for (int q = e.start_flavours() + 1; q <= e.flavours(scale); ++q) {
    const auto h = static_cast<std::size_t>(q - e.start_flavours() - 1);
    add(c.quark, matrix(Operator::heavy_s, h), charge2(q, target), sum);
    add(c.quark, matrix(Operator::heavy_g, h), charge2(q, target), gluon);
    all += charge2(q, target);
  }
  if (c.gluon.size() == 0) return;
  add(c.gluon, matrix(Operator::gluon_s), all, sum);
  add(c.gluon, matrix(Operator::gluon_g), all, gluon);
}

}  // namespace

StructureFunctions::StructureFunctions(const Evolution& evolution,
                                       std::vector<double> x,
                                       Target target)
    : x_(std::move(x)), nodes_(evolution.grid().size()), scales_(evolution.scales()) {
  for (int q = 1; q <= evolution.start_flavours(); ++q)
    for (const int id : {q, -q}) {
      charge_weight_[flavour_row(id)] = charge2(q, target);
      sum_weight_[flavour_row(id)] = 1;
    }
  const bool nlo = evolution.settings().order == Order::nlo;
  const auto rows = interpolation(evolution.grid(), x_);
  std::array<MatrixXd, coefficient_count> c;
  if (nlo) {
    std::vector<Singular> singular(coefficient_count);
    for (std::size_t k = 0; k < coefficient_count; ++k)
      singular[k] = singular_part(static_cast<Coefficient>(k));
    const auto all =
        convolution_matrices(evolution.grid(), singular, evaluate_coefficients);
    using RowMajor = Eigen::Matrix<double, -1, -1, Eigen::RowMajor>;
    const auto n = static_cast<Index>(nodes_);
    for (std::size_t k = 0; k < coefficient_count; ++k)
      c[k] = rows * Eigen::Map<const RowMajor>(all.data() + k * nodes_ * nodes_, n, n);
  }
  const std::size_t size = source_count * nodes_ * x_.size();
  f2_.assign(scales_ * size, 0.0);
  if (nlo) fl_.assign(scales_ * size, 0.0);
  const StrongCoupling coupling(evolution.settings().coupling);
  parallel_for(scales_, [&](std::size_t k) {
    if (!nlo) return add_scale(evolution, k, target, {rows, {}}, f2_.data() + k * size);
    const double a =
        coupling.at(evolution.settings().mu2_gev2[k]) / (2 * std::numbers::pi);
    add_scale(evolution, k, target, {rows + a * c[0], a * c[1]}, f2_.data() + k * size);
    add_scale(evolution, k, target, {a * c[2], a * c[3]}, fl_.data() + k * size);
  });
}

std::vector<double> StructureFunctions::sources(std::span<const double> start,
                                                std::size_t directions) const {
  std::vector<double> out(directions * source_count * nodes_);
  for (std::size_t d = 0; d < directions; ++d) {
    double* to = out.data() + d * source_count * nodes_;
    const auto f = start.subspan(d * flavour_rows * nodes_, flavour_rows * nodes_);
    for (std::size_t r = 0; r < flavour_rows; ++r)
      for (std::size_t j = 0; j < nodes_; ++j) {
        to[j] += charge_weight_[r] * f[r * nodes_ + j];
        to[nodes_ + j] += sum_weight_[r] * f[r * nodes_ + j];
      }
    const auto gluon = f.subspan(flavour_row(0) * nodes_, nodes_);
    std::copy(gluon.begin(), gluon.end(), to + 2 * nodes_);
  }
  return out;
}

void StructureFunctions::apply(std::span<const double> start,
                               std::span<double> f2,
                               std::span<double> fl) const {
  const std::size_t directions = start.size() / (flavour_rows * nodes_);
  const std::size_t points = x_.size(), inner = source_count * nodes_;
  expect(start.size() == directions * flavour_rows * nodes_ &&
             f2.size() == directions * scales_ * points && fl.size() == f2.size(),
         "structure functions are [direction, scale, x]");
  const auto source = sources(start, directions);
  const auto one = [&](const std::vector<double>& matrices, std::size_t k, auto out) {
    std::vector<double> values(points * directions);
    if (!matrices.empty())
      add_product(points,
                  inner,
                  directions,
                  matrices.data() + k * inner * points,
                  source.data(),
                  values.data());
    for (std::size_t d = 0; d < directions; ++d)
      std::copy_n(
          values.data() + d * points, points, out.data() + (d * scales_ + k) * points);
  };
  parallel_for(scales_, [&](std::size_t k) {
    one(f2_, k, f2);
    one(fl_, k, fl);
  });
}

void StructureFunctions::pull_back(std::span<const double> f2_gradient,
                                   std::span<const double> fl_gradient,
                                   std::span<double> at_start) const {
  const std::size_t points = x_.size(), inner = source_count * nodes_;
  expect(f2_gradient.size() == scales_ * points &&
             fl_gradient.size() == f2_gradient.size() &&
             at_start.size() == flavour_rows * nodes_,
         "gradients have the shapes of structure functions and densities");
  MatrixXd parts = MatrixXd::Zero(static_cast<Index>(inner), static_cast<Index>(scales_));
  parallel_for(scales_, [&](std::size_t k) {
    const auto add_part = [&](const std::vector<double>& matrices, auto gradient) {
      if (matrices.empty()) return;
      const auto rows = static_cast<Index>(points);
      parts.col(static_cast<Index>(k)) +=
          ConstMap(matrices.data() + k * inner * points, rows, static_cast<Index>(inner))
              .transpose() *
          Eigen::Map<const Eigen::VectorXd>(gradient.data() + k * points, rows);
    };
    add_part(f2_, f2_gradient);
    add_part(fl_, fl_gradient);
  });
  Eigen::VectorXd source = Eigen::VectorXd::Zero(static_cast<Index>(inner));
  for (Index k = 0; k < parts.cols(); ++k) source += parts.col(k);
  for (std::size_t r = 0; r < flavour_rows; ++r)
    for (std::size_t j = 0; j < nodes_; ++j) {
      const auto at = static_cast<Index>(j), n = static_cast<Index>(nodes_);
      at_start[r * nodes_ + j] = charge_weight_[r] * source[at] +
                                 sum_weight_[r] * source[n + at] +
                                 (r == flavour_row(0) ? source[2 * n + at] : 0.0);
    }
}

}  // namespace femto::qcd
