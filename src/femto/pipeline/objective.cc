// Likelihood terms of side information, and the information expected from everything.
#include "femto/pipeline/objective.h"

#include <cmath>

#include <fmt/format.h>

#include "femto/core/error.h"
#include "femto/stats/linear.h"

namespace femto {
namespace {

void check(const SideInformation& side, std::size_t channels) {
  const auto wrong = [&](const char* what, std::size_t n) {
    fail("data.{} has {} entries; the theory has {} channels", what, n, channels);
  };
  if (!side.norms.empty() && side.norms.size() != channels)
    wrong("norms", side.norms.size());
  if (side.norms.size() != side.norm_uncertainties.size())
    fail(
        "{} norms but {} relative uncertainties (a norm without an error is no "
        "measurement)",
        side.norms.size(),
        side.norm_uncertainties.size());
  if (!side.counts.empty() && side.counts.size() != channels)
    wrong("counts", side.counts.size());
  for (std::size_t c = 0; c < side.norms.size(); ++c)
    if (!(side.norms[c] > 0) || !(side.norm_uncertainties[c] > 0))
      throw Error(fmt::format("the norm {} of channel {} has relative uncertainty {} "
                              "(both must be positive; an exact norm has no likelihood)",
                              side.norms[c],
                              c + 1,
                              side.norm_uncertainties[c]),
                  "give a small uncertainty, such as 1e-4, for a norm known exactly");
  if (!side.counts.empty() && !(side.luminosity > 0))
    fail("the luminosity {} is not positive (counts need one)", side.luminosity);
}

/// (N - measured)^2 / (2 (uncertainty measured)^2) for every channel.
void add_norm_terms(const SideInformation& side,
                    const Norms& norms,
                    stats::Evaluation& out) {
  for (std::size_t c = 0; c < side.norms.size(); ++c) {
    const double norm = std::exp(norms.log_norm[c]);
    const double sd = side.norm_uncertainties[c] * side.norms[c];
    const double pull = (norm - side.norms[c]) / sd;
    std::vector<double> slope(norms.slope.row(c), norms.slope.row(c) + norms.slope.cols);
    for (double& v : slope) v *= norm / sd;
    out.value += 0.5 * pull * pull;
    for (std::size_t p = 0; p < slope.size(); ++p) out.gradient[p] += pull * slope[p];
    stats::add_outer(out.curvature, 1, slope);
  }
}

/// The luminosity factor that fits the counts best when `expected` events come at one.
double best_luminosity(double uncertainty, double expected, double seen) {
  if (uncertainty == 0) return 1;
  if (uncertainty < 0) return seen / expected;
  // Root of lambda^2 + (expected s^2 - 1) lambda - seen s^2 = 0, without cancellation.
  const double s2 = uncertainty * uncertainty, half = 0.5 * (1 - expected * s2);
  const double root = std::sqrt(half * half + seen * s2);
  return half > 0 ? half + root : seen * s2 / (root - half);
}

/// Poisson counts with the luminosity factor lambda profiled out:
/// sum_c [nu_c - n_c ln nu_c], nu_c = L lambda N_c, plus (lambda - 1)^2 / (2 s^2).
/// Its derivative by theta at the best lambda is the partial one; lambda costs
/// information by the Schur complement.
void add_count_terms(const SideInformation& side,
                     const Norms& norms,
                     stats::Evaluation& out) {
  double expected = 0, seen = 0;
  for (std::size_t c = 0; c < side.counts.size(); ++c) {
    expected += side.luminosity * std::exp(norms.log_norm[c]);
    seen += side.counts[c];
  }
  const double s = side.luminosity_uncertainty;
  const double lambda = best_luminosity(s, expected, seen);
  if (s > 0) out.value += 0.5 * (lambda - 1) * (lambda - 1) / (s * s);
  std::vector<double> cross(out.gradient.size(), 0.0);
  for (std::size_t c = 0; c < side.counts.size(); ++c) {
    const double log_nu = std::log(side.luminosity * lambda) + norms.log_norm[c];
    const double nu = std::exp(log_nu), excess = nu - side.counts[c];
    out.value += nu - (side.counts[c] > 0 ? side.counts[c] * log_nu : 0);
    const std::span<const double> slope(norms.slope.row(c), norms.slope.cols);
    for (std::size_t p = 0; p < slope.size(); ++p) {
      out.gradient[p] += excess * slope[p];
      cross[p] += nu * slope[p] / lambda;
    }
    stats::add_outer(out.curvature, nu, slope);
  }
  if (s == 0) return;
  const double luminosity_information =
      lambda * expected / (lambda * lambda) + (s > 0 ? 1 / (s * s) : 0);
  stats::add_outer(out.curvature, -1 / luminosity_information, cross);
}

}  // namespace

std::optional<Matrix> Criterion::gradient_variance(std::span<const double>) const {
  return {};
}

std::string Criterion::explain(std::span<const double>) const {
  return {};
}

stats::Evaluation side_terms(const SideInformation& side,
                             const Density& density,
                             std::span<const double> theta) {
  stats::Evaluation out;
  out.gradient.assign(theta.size(), 0);
  out.curvature = Matrix(theta.size(), theta.size());
  for (const auto& constraint : side.constraints) add_constraint(constraint, theta, out);
  if (side.norms.empty() && side.counts.empty()) return out;
  const Norms norms = density.norms(theta);
  check(side, norms.log_norm.size());
  add_norm_terms(side, norms, out);
  if (!side.counts.empty()) add_count_terms(side, norms, out);
  return out;
}

Matrix expected_information(const Density& density,
                            const SideInformation& side,
                            double records,
                            std::span<const double> theta) {
  Matrix out = side_terms(side, density, theta).curvature;
  stats::add(out, records, density.information(theta));
  return out;
}

}  // namespace femto
