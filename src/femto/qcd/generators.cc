#include "femto/qcd/generators.h"

#include <Eigen/Dense>

#include "femto/core/threads.h"

namespace femto::qcd {
namespace {

using Square = Eigen::Map<Eigen::MatrixXd>;
using ConstSquare = Eigen::Map<const Eigen::MatrixXd>;

Square map(Family& family, Part part) {
  const auto n = static_cast<Eigen::Index>(family.nodes());
  return {family[part], n, n};
}

ConstSquare map(const Family& family, Part part) {
  const auto n = static_cast<Eigen::Index>(family.nodes());
  return {family[part], n, n};
}

Family commute(const Family& a, const Family& b) {
  Family out(a.nodes());

  struct Term {
    Part out, left, right;
  };

  static constexpr Term terms[] = {{Part::minus, Part::minus, Part::minus},
                                   {Part::plus, Part::plus, Part::plus},
                                   {Part::qq, Part::qq, Part::qq},
                                   {Part::qq, Part::qg, Part::gq},
                                   {Part::qg, Part::qq, Part::qg},
                                   {Part::qg, Part::qg, Part::gg},
                                   {Part::gq, Part::gq, Part::qq},
                                   {Part::gq, Part::gg, Part::gq},
                                   {Part::gg, Part::gq, Part::qg},
                                   {Part::gg, Part::gg, Part::gg}};
  parallel_for(part_count, [&](std::size_t p) {
    for (const auto& [to, left, right] : terms) {
      if (static_cast<std::size_t>(to) != p) continue;
      map(out, to).noalias() += map(a, left) * map(b, right);
      map(out, to).noalias() -= map(b, left) * map(a, right);
    }
  });
  return out;
}

}  // namespace

Generators::Generators(const KernelMatrices& kernels, int flavours)
    : p0(kernels.nodes()), order(kernels.order()) {
  using RowMajor = Eigen::Matrix<double, -1, -1, Eigen::RowMajor>;
  const auto size = static_cast<Eigen::Index>(kernels.nodes());
  const double n = flavours;
  const auto k = [&](Piece piece) {
    return Eigen::Map<const RowMajor>(kernels.piece(piece).data(), size, size);
  };
  map(p0, Part::minus) = map(p0, Part::plus) = map(p0, Part::qq) = k(Piece::qq0);
  map(p0, Part::qg) = n * k(Piece::qg0);
  map(p0, Part::gq) = k(Piece::gq0);
  map(p0, Part::gg) = k(Piece::gg0);
  map(p0, Part::gg).diagonal().array() -= n / 3;
  if (order == Order::lo) return;
  p1 = Family(kernels.nodes());
  map(p1, Part::minus) = k(Piece::v1) + n * k(Piece::v1_n) - k(Piece::vbar1);
  map(p1, Part::plus) = k(Piece::v1) + n * k(Piece::v1_n) + k(Piece::vbar1);
  map(p1, Part::qq) = map(p1, Part::plus) + 2 * n * k(Piece::s1);
  map(p1, Part::qg) = n * k(Piece::qg1);
  map(p1, Part::gq) = k(Piece::gq1) + n * k(Piece::gq1_n);
  map(p1, Part::gg) = k(Piece::gg1) + n * k(Piece::gg1_n);
  commutator = commute(p0, p1);
}

Generators::Generators(Family leading, Family next)
    : p0(std::move(leading)),
      p1(std::move(next)),
      commutator(commute(p0, p1)),
      order(Order::nlo) {}

Family Generators::exponent(const RunningTime& time) const {
  Family out(p0.nodes());
  auto& sum = out.numbers();
  const auto& a = p0.numbers();
  if (order == Order::lo) {
    for (std::size_t i = 0; i < sum.size(); ++i) sum[i] = time.tau * a[i];
    return out;
  }
  const auto &b = p1.numbers(), &c = commutator.numbers();
  for (std::size_t i = 0; i < sum.size(); ++i)
    sum[i] = time.tau * a[i] + time.first * b[i] + time.skew * c[i];
  return out;
}

}  // namespace femto::qcd
