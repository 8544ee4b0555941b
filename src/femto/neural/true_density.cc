// The theory's features of all records are kept: they do not depend on parameters.
#include "femto/neural/true_density.h"

#include <algorithm>

#include "femto/core/threads.h"

namespace femto::neural {

TrueDensity::TrueDensity(const Density& density, const Matrix& truth)
    : density_(&density) {
  const Theory& theory = density.theory();
  std::size_t column = 0;
  for (std::size_t c = 0; c < theory.channels().size(); ++c) {
    auto& features = features_.emplace_back(theory.feature_count(c), truth.cols);
    const Pieces pieces{truth.cols};
    parallel_for(pieces.count(), [&](std::size_t piece) {
      const std::size_t from = pieces.begin(piece);
      std::vector<const double*> x;
      std::vector<double*> out;
      for (std::size_t a = 0; a < theory.channels()[c].axes.size(); ++a)
        x.push_back(truth.row(column + a) + from);
      for (std::size_t f = 0; f < features.rows; ++f)
        out.push_back(features.row(f) + from);
      theory.features(c, pieces.end(piece) - from, x.data(), out.data());
    });
    column += theory.channels()[c].axes.size();
  }
}

void TrueDensity::evaluate(std::span<const double> theta,
                           const Norms& norms,
                           std::size_t first,
                           std::size_t n,
                           double* log_f,
                           double* const* score) const {
  const std::size_t parameters = score ? theta.size() : 0;
  std::fill_n(log_f, n, 0.0);
  for (std::size_t k = 0; k < parameters; ++k) std::fill_n(score[k], n, 0.0);
  std::vector<double> one(n);
  Matrix slope(parameters, n);
  std::vector<double*> slopes;
  for (std::size_t k = 0; k < parameters; ++k) slopes.push_back(slope.row(k));
  for (std::size_t c = 0; c < features_.size(); ++c) {
    std::vector<const double*> features;
    for (std::size_t f = 0; f < features_[c].rows; ++f)
      features.push_back(features_[c].row(f) + first);
    density_->log_density(
        c, theta, norms, n, features.data(), one.data(), score ? slopes.data() : nullptr);
    for (std::size_t i = 0; i < n; ++i) log_f[i] += one[i];
    for (std::size_t k = 0; k < parameters; ++k)
      for (std::size_t i = 0; i < n; ++i) score[k][i] += slope(k, i);
  }
}

}  // namespace femto::neural
