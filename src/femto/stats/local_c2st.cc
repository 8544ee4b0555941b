// A discriminant of truths and draws, and the same with labels drawn anew.
#include "femto/stats/local_c2st.h"

#include <algorithm>
#include <cmath>

#include <Eigen/Cholesky>
#include <Eigen/Core>

#include "femto/core/error.h"
#include "femto/core/threads.h"
#include "femto/stats/summary.h"

namespace femto::stats {
namespace {

using RowMatrix = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

/// In standard deviations of the draws: what lies beyond counts as there.
constexpr double farthest = 6;
/// Of the scatter, added to its diagonal: monomials may be collinear.
constexpr double ridge = 1e-6;

/// Mean and sd of every second draw; sd 1 where draws do not move.
struct Ruler {
  explicit Ruler(const Matrix& draws) {
    for (std::size_t j = 0; j < draws.cols; ++j) {
      std::vector<double> column;
      for (std::size_t i = 0; i < draws.rows; i += 2) column.push_back(draws(i, j));
      mean.push_back(stats::mean(column));
      const double sd = standard_deviation(column);
      scale.push_back(sd > 0 ? sd : 1);
    }
  }

  std::vector<double> of(const double* theta) const {
    std::vector<double> u(mean.size());
    for (std::size_t j = 0; j < u.size(); ++j)
      u[j] = std::clamp((theta[j] - mean[j]) / scale[j], -farthest, farthest);
    return u;
  }

  std::vector<double> mean, scale;
};

/// How many labellings, the first excepted, reach the statistic of the first.
LocalVerdict verdict(std::span<const double> statistics) {
  const double limit = statistics[0] * (1 - 1e-12);
  const auto reach =
      std::ranges::count_if(statistics, [&](double t) { return t >= limit; });
  return {statistics[0],
          static_cast<double>(reach) / static_cast<double>(statistics.size())};
}

}  // namespace

std::vector<double> LocalTest::monomials_of(std::span<const double> u) const {
  std::vector<double> out(u.begin(), u.end());
  for (std::size_t i = 0; i < u.size(); ++i)
    for (std::size_t j = i; j < u.size(); ++j) out.push_back(u[i] * u[j]);
  return out;
}

std::vector<double> LocalTest::features_of(std::span<const double> data) const {
  std::vector<double> out{1};
  for (std::size_t k = 0; k < data.size(); ++k) {
    const double v = std::clamp((data[k] - mean_[k]) / scale_[k], -farthest, farthest);
    out.push_back(v);
    out.push_back(v * v - 1);
  }
  return out;
}

LocalTest::LocalTest(const std::vector<LocalCase>& cases,
                     random::Stream stream,
                     std::size_t relabelings) {
  expect(cases.size() >= 2, "a local test needs cases");
  coordinates_ = cases[0].truth.size();
  for (std::size_t k = 0; k < cases[0].data.size(); ++k) {
    std::vector<double> column;
    for (const auto& c : cases) column.push_back(c.data.at(k));
    mean_.push_back(stats::mean(column));
    const double sd = standard_deviation(column);
    scale_.push_back(sd > 0 ? sd : 1);
  }
  // Of each case the truth, then every second draw, minus their mean.
  std::vector<RowMatrix> rows(cases.size());
  parallel_for(cases.size(), [&](std::size_t k) {
    const auto& c = cases[k];
    expect(c.draws.rows >= 8 && c.draws.cols == coordinates_,
           "a local test needs eight draws of every coordinate");
    const Ruler ruler(c.draws);
    const auto psi = features_of(c.data);
    std::vector<std::vector<double>> phi{monomials_of(ruler.of(c.truth.data()))};
    for (std::size_t i = 1; i < c.draws.rows; i += 2)
      phi.push_back(monomials_of(ruler.of(c.draws.row(i))));
    auto& x = rows[k];
    x.resize(static_cast<Eigen::Index>(phi.size()),
             static_cast<Eigen::Index>(phi[0].size() * psi.size()));
    for (std::size_t i = 0; i < phi.size(); ++i)
      for (std::size_t m = 0; m < phi[i].size(); ++m)
        for (std::size_t f = 0; f < psi.size(); ++f)
          x(static_cast<Eigen::Index>(i), static_cast<Eigen::Index>(m * psi.size() + f)) =
              phi[i][m] * psi[f];
    x.rowwise() -= x.colwise().mean().eval();
  });
  const auto size = rows[0].cols();
  RowMatrix scatter = RowMatrix::Zero(size, size);
  for (const auto& r : rows)
    scatter.noalias() += r.transpose() * r / static_cast<double>(r.rows());
  scatter.diagonal() *= 1 + ridge;
  scatter.diagonal().array() += 1e-12 * (1 + scatter.diagonal().maxCoeff());
  const Eigen::LLT<RowMatrix> root(scatter);
  if (root.info() != Eigen::Success)
    throw NumericalError("draws of a local test do not spread", "use more draws");

  discriminants_ = Matrix(relabelings + 1, static_cast<std::size_t>(size));
  std::vector<double> statistics(relabelings + 1);
  const Pieces pieces{relabelings + 1, 64};
  parallel_for(pieces.count(), [&](std::size_t piece) {
    Eigen::VectorXd gap(size);
    for (std::size_t r = pieces.begin(piece); r < pieces.end(piece); ++r) {
      gap.setZero();
      for (std::size_t k = 0; k < rows.size(); ++k) {
        const auto& x = rows[k];
        const double u = r == 0 ? 0 : random::uniform(stream, r * rows.size() + k);
        gap += x.row(static_cast<Eigen::Index>(u * static_cast<double>(x.rows())))
                   .transpose();
      }
      const Eigen::VectorXd b = root.solve(gap);
      statistics[r] = gap.dot(b);
      std::copy_n(b.data(), size, discriminants_.row(r));
    }
  });
  everywhere_ = verdict(statistics);
}

LocalVerdict LocalTest::at(const Matrix& draws, std::span<const double> data) const {
  expect(draws.rows >= 8 && draws.cols == coordinates_ && data.size() == mean_.size(),
         "a local test looks at data like its own");
  const Ruler ruler(draws);
  const auto psi = features_of(data);
  const std::size_t monomials = discriminants_.cols / psi.size();
  RowMatrix phi(static_cast<Eigen::Index>(draws.rows / 2),
                static_cast<Eigen::Index>(monomials));
  for (Eigen::Index i = 0; i < phi.rows(); ++i) {
    const auto row =
        monomials_of(ruler.of(draws.row(2 * static_cast<std::size_t>(i) + 1)));
    std::copy(row.begin(), row.end(), phi.row(i).data());
  }
  phi.rowwise() -= phi.colwise().mean().eval();
  const RowMatrix spread = phi.transpose() * phi / static_cast<double>(phi.rows());
  std::vector<double> statistics(discriminants_.rows);
  parallel_for(statistics.size(), [&](std::size_t r) {
    Eigen::VectorXd c = Eigen::VectorXd::Zero(static_cast<Eigen::Index>(monomials));
    for (std::size_t m = 0; m < monomials; ++m)
      for (std::size_t f = 0; f < psi.size(); ++f)
        c[static_cast<Eigen::Index>(m)] += discriminants_(r, m * psi.size() + f) * psi[f];
    statistics[r] = c.dot(spread * c);
  });
  return verdict(statistics);
}

}  // namespace femto::stats
