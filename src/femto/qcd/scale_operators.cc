#include "femto/qcd/scale_operators.h"

#include <Eigen/Dense>

#include "femto/core/error.h"
#include "femto/qcd/flavours.h"

namespace femto::qcd {
namespace {

using Eigen::Index;
using Eigen::Map;
using Eigen::MatrixXd;
using Eigen::VectorXd;

/// Densities at one scale, one column for each flavour.
using Table = Map<MatrixXd>;
using ConstTable = Map<const MatrixXd>;

/// The matrices as Eigen sees them.
struct Matrices {
  const ScaleOperators& operators;
  Index nodes;
  int start_flavours;

  ConstTable operator[](Operator op) const {
    return {operators.matrix(op).data(), nodes, nodes};
  }

  ConstTable heavy(Operator op, int flavour) const {
    const auto place = static_cast<std::size_t>(flavour - start_flavours - 1);
    return {operators.matrix(op, place).data(), nodes, nodes};
  }
};

constexpr auto gluon = static_cast<Index>(flavour_row(0));

constexpr Index quark(int h) {
  return static_cast<Index>(flavour_row(h));
}

constexpr Index antiquark(int h) {
  return static_cast<Index>(flavour_row(-h));
}

}  // namespace

ScaleOperators::ScaleOperators(std::size_t nodes,
                               int start_flavours,
                               int flavours,
                               std::span<const double> numbers)
    : nodes_(nodes),
      start_flavours_(start_flavours),
      flavours_(flavours),
      numbers_(numbers) {}

std::span<const double> ScaleOperators::matrix(Operator op, std::size_t heavy) const {
  const auto place = static_cast<std::size_t>(op) + 2 * heavy;
  expect(place < operator_count(static_cast<std::size_t>(flavours_ - start_flavours_)),
         "no such matrix at this scale");
  return numbers_.subspan(place * nodes_ * nodes_, nodes_ * nodes_);
}

void ScaleOperators::apply(const double* start, double* out) const {
  const Matrices e{*this, static_cast<Index>(nodes_), start_flavours_};
  const auto nodes = static_cast<Index>(nodes_);
  const ConstTable f(start, nodes, flavour_rows);
  Table to(out, nodes, flavour_rows);
  to.setZero();
  MatrixXd plus(nodes, start_flavours_), minus(nodes, start_flavours_);
  for (int q = 1; q <= start_flavours_; ++q) {
    plus.col(q - 1) = f.col(quark(q)) + f.col(antiquark(q));
    minus.col(q - 1) = f.col(quark(q)) - f.col(antiquark(q));
  }
  const VectorXd sum = plus.rowwise().sum(), g = f.col(gluon);
  const VectorXd light = e[Operator::light_s] * sum + e[Operator::light_g] * g;
  const MatrixXd new_plus = e[Operator::plus] * plus;
  const MatrixXd new_minus = e[Operator::minus] * minus;
  to.col(gluon) = e[Operator::gluon_s] * sum + e[Operator::gluon_g] * g;
  for (int q = 1; q <= start_flavours_; ++q) {
    to.col(quark(q)) = 0.5 * (new_plus.col(q - 1) + light + new_minus.col(q - 1));
    to.col(antiquark(q)) = 0.5 * (new_plus.col(q - 1) + light - new_minus.col(q - 1));
  }
  for (int h = start_flavours_ + 1; h <= flavours_; ++h) {
    to.col(quark(h)) =
        0.5 * (e.heavy(Operator::heavy_s, h) * sum + e.heavy(Operator::heavy_g, h) * g);
    to.col(antiquark(h)) = to.col(quark(h));
  }
}

void ScaleOperators::pull_back(const double* gradient, double* at_start) const {
  const Matrices e{*this, static_cast<Index>(nodes_), start_flavours_};
  const auto nodes = static_cast<Index>(nodes_);
  const ConstTable g(gradient, nodes, flavour_rows);
  Table to(at_start, nodes, flavour_rows);
  to.setZero();
  MatrixXd plus(nodes, start_flavours_), minus(nodes, start_flavours_);
  for (int q = 1; q <= start_flavours_; ++q) {
    plus.col(q - 1) = 0.5 * (g.col(quark(q)) + g.col(antiquark(q)));
    minus.col(q - 1) = 0.5 * (g.col(quark(q)) - g.col(antiquark(q)));
  }
  const VectorXd light = plus.rowwise().sum(), from_gluon = g.col(gluon);
  VectorXd sum = e[Operator::light_s].transpose() * light +
                 e[Operator::gluon_s].transpose() * from_gluon;
  to.col(gluon) = e[Operator::light_g].transpose() * light +
                  e[Operator::gluon_g].transpose() * from_gluon;
  for (int h = start_flavours_ + 1; h <= flavours_; ++h) {
    const VectorXd heavy = 0.5 * (g.col(quark(h)) + g.col(antiquark(h)));
    sum += e.heavy(Operator::heavy_s, h).transpose() * heavy;
    to.col(gluon) += e.heavy(Operator::heavy_g, h).transpose() * heavy;
  }
  const MatrixXd to_plus = e[Operator::plus].transpose() * plus;
  const MatrixXd to_minus = e[Operator::minus].transpose() * minus;
  for (int q = 1; q <= start_flavours_; ++q) {
    to.col(quark(q)) = to_plus.col(q - 1) + sum + to_minus.col(q - 1);
    to.col(antiquark(q)) = to_plus.col(q - 1) + sum - to_minus.col(q - 1);
  }
}

}  // namespace femto::qcd
