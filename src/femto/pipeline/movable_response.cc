// Residuals that are widened or shifted, and the value that fits weighted ones best.
#include "femto/pipeline/movable_response.h"

#include <cmath>

#include <fmt/format.h>

#include "femto/core/error.h"
#include "femto/pipeline/unfolding_bins.h"

namespace femto {
namespace {

/// The width that maximises -n (ln w + v / (2 w^2)) - (w - value)^2 / (2 sd^2): n events
/// whose residuals have the variance v.
double best_width(double n, double variance, double value, double sd) {
  double w = std::sqrt(variance);
  if (sd <= 0) return w;
  for (int k = 0; k < 50; ++k) {
    const double slope = n * (variance / (w * w * w) - 1 / w) - (w - value) / (sd * sd);
    const double curvature = 2 * n / (w * w) + 1 / (sd * sd);  // expected
    const double step = slope / curvature;
    w = std::max(w + step, w / 2);
    if (std::fabs(step) < 1e-12 * w) break;
  }
  return w;
}

}  // namespace

MovableResponse::MovableResponse(const PairedEvents& simulation,
                                 const std::vector<std::size_t>& matched,
                                 const std::optional<ResponseNuisance>& nuisance)
    : nuisance_(nuisance) {
  if (!nuisance_) return;
  const auto& y = simulation.measured.at(nuisance_->measured);
  const auto& z = simulation.truth.at(nuisance_->truth);
  std::vector<double> weight;
  for (const auto i : matched) {
    truth_.push_back(z[i]);
    residual_.push_back(y[i] - z[i]);
    weight.push_back(simulation.weight[i]);
  }
  const auto m = moments(residual_, weight);
  mean_ = m.mean;
  sd_ = m.sd;
  if (!(sd_ > 0))
    throw DataError(
        fmt::format("the nuisance parameter '{}' moves residuals of width {:.3g}",
                    nuisance_->name,
                    sd_),
        "its measured column must be the smeared one of its true column");
  const double simulated = nuisance_->change == Change::width ? sd_ : 0.0;
  value_ = nuisance_->fixed.value_or(simulated);
}

void MovableResponse::move(std::vector<std::vector<double>>& measured,
                           const std::vector<std::size_t>& matched) const {
  if (!nuisance_) return;
  auto& y = measured.at(nuisance_->measured);
  const bool width = nuisance_->change == Change::width;
  for (std::size_t k = 0; k < matched.size(); ++k) {
    const double r =
        width ? mean_ + (residual_[k] - mean_) * value_ / sd_ : residual_[k] + value_;
    y[matched[k]] = truth_[k] + r;
  }
}

bool MovableResponse::fit(const std::vector<std::vector<double>>& measured,
                          const std::vector<std::size_t>& matched,
                          const std::vector<double>& weight) {
  if (!nuisance_ || nuisance_->fixed) return false;
  const auto& y = measured.at(nuisance_->measured);
  double sum = 0, first = 0, second = 0;
  for (std::size_t k = 0; k < matched.size(); ++k) {
    const double r = y[matched[k]] - truth_[k] - mean_;
    sum += weight[k];
    first += weight[k] * r;
    second += weight[k] * r * r;
  }
  const double value = nuisance_->value, sd = nuisance_->sd;
  if (nuisance_->change == Change::width) {
    value_ = best_width(sum, second / sum, value, sd);
  } else {
    const double own = sum / (sd_ * sd_), side = sd > 0 ? 1 / (sd * sd) : 0;
    value_ = (own * first / sum + side * value) / (own + side);
  }
  return true;
}

std::optional<double> MovableResponse::value() const {
  return nuisance_ ? std::optional(value_) : std::nullopt;
}

}  // namespace femto
