// Information by outer products of scores, and draws from its inverse.
#include "femto/pipeline/response_errors.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "femto/stats/linear.h"

namespace femto {
namespace {

constexpr std::size_t places = 8;
/// Of the largest information: what is known less is left as it is.
constexpr double nothing = 1e-9;

/// The two places next to a true value, and their parts in it.
struct Hats {
  std::size_t left;
  double right_part;

  double of(std::span<const double> values) const {
    return std::lerp(values[left], values[left + 1], right_part);
  }
};

/// `at` runs from 0 to 1 over the coordinate of the true range.
Hats hats_at(double at) {
  const double place = std::clamp(at, 0.0, 1.0) * (places - 1);
  const double left = std::min(std::floor(place), static_cast<double>(places - 2));
  return {static_cast<std::size_t>(left), place - left};
}

/// The symmetric root of the inverse.
Matrix inverse_root(const Matrix& information) {
  const auto spectrum = stats::eigen_symmetric(information);
  const std::size_t n = information.rows;
  Matrix out(n, n);
  std::vector<double> column(n);
  for (std::size_t k = 0; k < n; ++k) {
    if (!(spectrum.values[k] > nothing * spectrum.values.back())) continue;
    for (std::size_t i = 0; i < n; ++i) column[i] = spectrum.vectors(i, k);
    stats::add_outer(out, 1 / std::sqrt(spectrum.values[k]), column);
  }
  return out;
}

std::vector<double> errors(const Matrix& root,
                           const random::Stream& stream,
                           std::uint64_t block) {
  std::vector<double> normals;
  for (std::size_t k = 0; k < root.cols; ++k)
    normals.push_back(random::normal_pair(stream, block * 1000 + k)[0]);
  return stats::multiply(root, normals);
}

/// Moves the mixture of one knot by `shift` of its widths and widens it by e^stretch.
void move(ResponseKnots& knots, std::size_t k, double shift, double stretch) {
  const std::size_t n = knots.logit.rows;
  double top = knots.logit(0, k), sum = 0, mean = 0, square = 0;
  for (std::size_t i = 0; i < n; ++i) top = std::max(top, knots.logit(i, k));
  for (std::size_t i = 0; i < n; ++i) {
    const double w = std::exp(knots.logit(i, k) - top), m = knots.mean(i, k);
    sum += w;
    mean += w * m;
    square += w * (m * m + std::exp(2 * knots.log_sd(i, k)));
  }
  mean /= sum;
  const double width = std::sqrt(std::max(square / sum - mean * mean, 0.0));
  for (std::size_t i = 0; i < n; ++i) {
    knots.mean(i, k) =
        mean + shift * width + (knots.mean(i, k) - mean) * std::exp(stretch);
    knots.log_sd(i, k) += stretch;
  }
}

}  // namespace

ResponseErrors::ResponseErrors(ResponseKnots knots, const ResponsePairs& pairs)
    : knots_(std::move(knots)) {
  const MixtureResponse response(knots_);
  const double first = coordinate_of(knots_.space, knots_.true_lo),
               last = coordinate_of(knots_.space, knots_.true_hi);
  Matrix information(2 * places, 2 * places), detection(places, places);
  for (std::size_t i = 0; i < pairs.truth.size(); ++i) {
    const double x = pairs.truth[i];
    const auto [left, part] =
        hats_at((coordinate_of(knots_.space, x) - first) / (last - first));
    const std::array<double, 2> hat{1 - part, part};
    if (response.loses()) {
      const double e = response.efficiency(x);
      for (std::size_t a = 0; a < 2; ++a)
        for (std::size_t b = 0; b < 2; ++b)
          detection(left + a, left + b) += e * (1 - e) * hat[a] * hat[b];
    }
    if (!std::isfinite(pairs.measured[i])) continue;
    const auto score = response.scores(pairs.measured[i], x);
    for (std::size_t a = 0; a < 4; ++a)
      for (std::size_t b = 0; b < 4; ++b)
        information(a / 2 * places + left + a % 2, b / 2 * places + left + b % 2) +=
            score[a / 2] * score[b / 2] * hat[a % 2] * hat[b % 2];
  }
  root_ = inverse_root(information);
  if (response.loses()) detection_root_ = inverse_root(detection);
}

ResponseKnots ResponseErrors::drawn(const random::Stream& stream) const {
  ResponseKnots out = knots_;
  const auto moved = errors(root_, stream, 0);
  const auto detected = errors(detection_root_, stream, 1);
  const std::span<const double> all(moved);
  const auto count = out.logit.cols;
  for (std::size_t k = 0; k < count; ++k) {
    const auto hats = hats_at(static_cast<double>(k) / static_cast<double>(count - 1));
    move(out, k, hats.of(all.first(places)), hats.of(all.subspan(places)));
    if (!out.detection.empty()) out.detection[k] += hats.of(detected);
  }
  return out;
}

}  // namespace femto
