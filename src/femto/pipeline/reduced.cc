// Picks identifiable coordinates by Gram-Schmidt and pushes the information into them.
#include "femto/pipeline/reduced.h"

#include <cmath>

#include <Eigen/Dense>

namespace femto {

namespace {

/// Gradient over the free parameters in units where their information is one.
Eigen::VectorXd scaled(const Spectrum& s, std::span<const double> gradient) {
  Eigen::VectorXd v(static_cast<Eigen::Index>(s.free.size()));
  for (std::size_t i = 0; i < s.free.size(); ++i)
    v(static_cast<Eigen::Index>(i)) = gradient[s.free[i]] * s.scale[s.free[i]];
  return v;
}

/// Accepts gradients that are independent of those before.
class Basis {
 public:
  bool add(Eigen::VectorXd v) {
    const double length = v.norm();
    if (length == 0) return false;
    for (int pass = 0; pass < 2; ++pass)
      for (const auto& e : vectors_) v -= e.dot(v) * e;
    if (v.norm() < 1e-6 * length) return false;
    vectors_.push_back(v / v.norm());
    return true;
  }

 private:
  std::vector<Eigen::VectorXd> vectors_;
};

/// Unit vectors [parameter] across the null directions, among the parameters they move.
std::vector<std::vector<double>> across_null(const Spectrum& s) {
  const auto size = static_cast<Eigen::Index>(s.scale.size());
  Eigen::MatrixXd null(static_cast<Eigen::Index>(s.null.rows), size);
  for (Eigen::Index k = 0; k < null.rows(); ++k)
    for (Eigen::Index j = 0; j < size; ++j)
      null(k, j) = s.null(static_cast<std::size_t>(k), static_cast<std::size_t>(j));
  const Eigen::MatrixXd kernel =
      Eigen::FullPivLU<Eigen::MatrixXd>(null).kernel();  // [parameter, across]
  const Eigen::MatrixXd q = Eigen::HouseholderQR<Eigen::MatrixXd>(kernel).householderQ() *
                            Eigen::MatrixXd::Identity(kernel.rows(), kernel.cols());
  std::vector<std::vector<double>> out;
  for (Eigen::Index c = 0; c < q.cols(); ++c) {
    std::vector<double> v(static_cast<std::size_t>(size), 0.0);
    for (const std::size_t j : s.free) v[j] = q(static_cast<Eigen::Index>(j), c);
    out.push_back(std::move(v));
  }
  return out;
}

Coordinate combination(const Theory& theory, std::vector<double> gradient) {
  Coordinate c;
  for (std::size_t j = 0; j < gradient.size(); ++j)
    if (std::fabs(gradient[j]) > 1e-9)
      c.combination.emplace_back(theory.parameters()[j].name, gradient[j]);
  c.gradient = std::move(gradient);
  return c;
}

}  // namespace

std::vector<Coordinate> reduced_coordinates(const Spectrum& s,
                                            const Theory& theory,
                                            std::span<const double> theta) {
  std::vector<Coordinate> out;
  Basis basis;
  const std::size_t size = theory.parameters().size();
  for (const std::size_t j : s.free) {
    if (touched(s, j)) continue;
    std::vector<double> e(size, 0.0);
    e[j] = 1;
    if (basis.add(scaled(s, e)))
      out.push_back({{{theory.parameters()[j].name, 1.0}}, std::move(e)});
  }
  if (out.size() < s.rank) {
    for (const auto& d : theory.derived()) {
      auto g = d.gradient(theta);
      if (out.size() < s.rank && estimable(s, g) && basis.add(scaled(s, g)))
        out.push_back({{{d.name, 1.0}}, std::move(g)});
    }
  }
  if (out.size() < s.rank) {
    for (auto& g : across_null(s))
      if (out.size() < s.rank && basis.add(scaled(s, g)))
        out.push_back(combination(theory, std::move(g)));
  }
  return out;
}

Matrix reduced_information(const Matrix& information,
                           const Spectrum& s,
                           const std::vector<Coordinate>& coordinates) {
  const auto rows = static_cast<Eigen::Index>(coordinates.size());
  const auto cols = static_cast<Eigen::Index>(s.free.size());
  Eigen::MatrixXd b(rows, cols), info(cols, cols);
  for (Eigen::Index i = 0; i < rows; ++i)
    b.row(i) = scaled(s, coordinates[static_cast<std::size_t>(i)].gradient).transpose();
  for (Eigen::Index i = 0; i < cols; ++i) {
    for (Eigen::Index j = 0; j < cols; ++j) {
      const std::size_t p = s.free[static_cast<std::size_t>(i)];
      const std::size_t q = s.free[static_cast<std::size_t>(j)];
      info(i, j) = information(p, q) * s.scale[p] * s.scale[q];
    }
  }
  const Eigen::MatrixXd right = b.completeOrthogonalDecomposition().pseudoInverse();
  const Eigen::MatrixXd reduced = right.transpose() * info * right;
  Matrix out(coordinates.size(), coordinates.size());
  for (Eigen::Index i = 0; i < rows; ++i)
    for (Eigen::Index j = 0; j < rows; ++j)
      out(static_cast<std::size_t>(i), static_cast<std::size_t>(j)) =
          (reduced(i, j) + reduced(j, i)) / 2;
  return out;
}

}  // namespace femto
