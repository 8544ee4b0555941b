#include "femto/qcd/operators.h"

#include <cmath>
#include <map>

#include <Eigen/Dense>

#include "femto/core/error.h"
#include "femto/core/threads.h"
#include "femto/qcd/product.h"

namespace femto::qcd {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;

/// out += matrix * in
void apply(const Family& family, Part part, const MatrixXd& in, MatrixXd& out) {
  const std::size_t n = family.nodes();
  add_product(
      n, n, static_cast<std::size_t>(in.cols()), family[part], in.data(), out.data());
}

/// v <- exp(omega) v by the power series; `times` computes out += omega v.
template <class Vector, class Times>
void exponential(const Times& times, Vector& v) {
  Vector term = v, next = v;
  for (int k = 1; k < 200; ++k) {
    next.set_zero();
    times(term, next);
    next.scale(1.0 / k);
    std::swap(term, next);
    v.add(term);
    if (term.largest() <= 1e-16 * v.largest()) return;
  }
  throw NumericalError("the evolution between two scales does not converge",
                       "the coupling may be too large at the lower one");
}

/// One or two blocks of columns side by side.
template <std::size_t count>
struct Columns {
  MatrixXd block[count];

  void set_zero() {
    for (auto& b : block) b.setZero();
  }

  void scale(double factor) {
    for (auto& b : block) b *= factor;
  }

  void add(const Columns& other) {
    for (std::size_t i = 0; i < count; ++i) block[i] += other.block[i];
  }

  double largest() const {
    double all = 0;
    for (const auto& b : block)
      all = std::max(all, b.size() ? b.cwiseAbs().maxCoeff() : 0.0);
    return all;
  }
};

/// Columns first .. last of all matrices, carried along the path.
class Carried {
 public:
  Carried(std::size_t nodes, std::size_t first, std::size_t last, int flavours)
      : nodes_(static_cast<Index>(nodes)),
        first_(static_cast<Index>(first)),
        width_(static_cast<Index>(last - first)),
        start_flavours_(flavours) {
    MatrixXd one = MatrixXd::Zero(nodes_, width_);
    one.middleRows(first_, width_).setIdentity();
    minus_.block[0] = plus_.block[0] = one;
    // sources: sum of quarks, gluon
    singlet_.block[0] = singlet_.block[1] = MatrixXd::Zero(nodes_, 2 * width_);
    singlet_.block[0].leftCols(width_) = singlet_.block[1].rightCols(width_) = one;
  }

  /// A flavour joins: remember what the sum of quarks was, see write().
  void cross(int flavours) {
    auto& plus = plus_.block[0];
    const Index old = plus.cols();
    plus.conservativeResize(Eigen::NoChange, old + 2 * width_);
    plus.rightCols(2 * width_) = singlet_.block[0];
    flavours_.push_back(flavours);
  }

  void advance(const Family& omega) {
    exponential(
        [&](const Columns<1>& in, Columns<1>& out) {
          apply(omega, Part::minus, in.block[0], out.block[0]);
        },
        minus_);
    exponential(
        [&](const Columns<1>& in, Columns<1>& out) {
          apply(omega, Part::plus, in.block[0], out.block[0]);
        },
        plus_);
    exponential(
        [&](const Columns<2>& in, Columns<2>& out) {
          apply(omega, Part::qq, in.block[0], out.block[0]);
          apply(omega, Part::qg, in.block[1], out.block[0]);
          apply(omega, Part::gq, in.block[0], out.block[1]);
          apply(omega, Part::gg, in.block[1], out.block[1]);
        },
        singlet_);
  }

  /// With n flavours active, q+ - s/n evolves as `plus`. Where a flavour joins, n becomes
  /// n + 1 and what evolves so changes by s (1/n - 1/(n + 1)); for the new flavour it
  /// begins with -s/(n + 1). Hence sums over the thresholds of what plus_ carries.
  void write(double* out) const {
    const auto& plus = plus_.block[0];
    const double n0 = start_flavours_;
    const std::size_t joined = flavours_.size();
    const double n = n0 + static_cast<double>(joined);
    const MatrixXd average = singlet_.block[0] / n;
    MatrixXd light = average;
    light.leftCols(width_) -= plus.leftCols(width_) / n0;
    for (std::size_t j = 0; j < joined; ++j) {
      const double after = flavours_[j];
      light += carried(j) * (1 / (after - 1) - 1 / after);
    }
    put(Operator::minus, minus_.block[0], out);
    put(Operator::plus, plus.leftCols(width_), out);
    put_pair(Operator::light_s, light, out);
    put_pair(Operator::gluon_s, singlet_.block[1], out);
    for (std::size_t h = 0; h < joined; ++h) {
      MatrixXd heavy = average - carried(h) / flavours_[h];
      for (std::size_t j = h + 1; j < joined; ++j) {
        const double after = flavours_[j];
        heavy += carried(j) * (1 / (after - 1) - 1 / after);
      }
      const auto place = static_cast<std::size_t>(Operator::heavy_s) + 2 * h;
      put_pair(static_cast<Operator>(place), heavy, out);
    }
  }

 private:
  /// What the sum of quarks at threshold j has become, evolved as `plus`.
  Eigen::Block<const MatrixXd, -1, -1, true> carried(std::size_t j) const {
    return plus_.block[0].middleCols(width_ * (1 + 2 * static_cast<Index>(j)),
                                     2 * width_);
  }

  void put_pair(Operator op, const MatrixXd& both, double* out) const {
    put(op, both.leftCols(width_), out);
    const auto second = static_cast<Operator>(static_cast<std::size_t>(op) + 1);
    put(second, both.rightCols(width_), out);
  }

  void put(Operator op, const Eigen::Ref<const MatrixXd>& columns, double* out) const {
    out += (static_cast<Index>(op) * nodes_ + first_) * nodes_;
    Eigen::Map<MatrixXd>(out, nodes_, width_) = columns;
  }

  Index nodes_, first_, width_;
  int start_flavours_;
  std::vector<int> flavours_;  // after each threshold
  Columns<1> minus_, plus_;    // plus_: the matrix, then what thresholds began
  Columns<2> singlet_;         // rows: quarks, gluon; columns: from quarks, from gluon
};

}  // namespace

void build_operators(const std::function<Generators(int flavours)>& generators,
                     std::span<const EvolutionStep> path,
                     std::span<double* const> out) {
  if (path.empty()) return;
  std::map<int, Generators> made;
  for (const auto& step : path)
    if (!made.contains(step.flavours))
      made.emplace(step.flavours, generators(step.flavours));
  const std::size_t nodes = made.begin()->second.p0.nodes();
  std::vector<Family> exponents(path.size());
  parallel_for(path.size(), [&](std::size_t k) {
    if (path[k].time.tau != 0)
      exponents[k] = made.at(path[k].flavours).exponent(path[k].time);
  });
  const Pieces pieces{.n = nodes, .size = 12};
  parallel_for(pieces.count(), [&](std::size_t piece) {
    Carried carried(nodes, pieces.begin(piece), pieces.end(piece), path.front().flavours);
    for (std::size_t k = 0; k < path.size(); ++k) {
      if (path[k].threshold_before) carried.cross(path[k].flavours);
      if (path[k].time.tau != 0) carried.advance(exponents[k]);
      for (const std::size_t o : path[k].outputs) carried.write(out[o]);
    }
  });
}

}  // namespace femto::qcd
