// Arrays that the report draws of a fit.
#include "femto/pipeline/draws.h"

#include <algorithm>
#include <cmath>

#include "femto/core/random.h"
#include "femto/stats/linear.h"

namespace femto {

namespace {

constexpr std::size_t draws = 2000;

/// R with R R^T = covariance.
Matrix root_of(const Matrix& covariance) {
  const auto eigen = stats::eigen_symmetric(covariance);
  Matrix root(covariance.rows, covariance.cols);
  for (std::size_t i = 0; i < root.rows; ++i)
    for (std::size_t k = 0; k < root.cols; ++k)
      root(i, k) = eigen.vectors(i, k) * std::sqrt(std::max(0.0, eigen.values[k]));
  return root;
}

std::vector<double> normals(const random::Stream& stream,
                            std::uint64_t index,
                            std::size_t n) {
  std::vector<double> z(n);
  for (std::size_t k = 0; k < n; k += 2) {
    const auto pair =
        random::normal_pair(stream, index, static_cast<std::uint32_t>(k / 2));
    z[k] = pair[0];
    if (k + 1 < n) z[k + 1] = pair[1];
  }
  return z;
}

}  // namespace

io::Array covariance_array(const Matrix& covariance) {
  return {
      .name = "fit/covariance",
      .shape = {covariance.rows, covariance.cols},
      .values = covariance.data,
      .dims = {"parameter", "parameter"},
      .about =
          "Covariance of the parameters along the directions that the data determine; "
          "null directions carry none of it."};
}

io::Array normal_draws(std::span<const double> theta,
                       const Matrix& covariance,
                       const std::vector<Quantity>& quantities,
                       std::uint64_t seed) {
  const Matrix root = root_of(covariance);
  const auto stream = random::Stream::named(seed, "samples");
  std::vector<std::vector<double>> slopes;
  std::vector<double> values;
  for (const auto& q : quantities) {
    slopes.push_back(q.gradient(theta));
    values.push_back(q.value(theta));
  }
  io::Array out{.name = "samples/parameters",
                .shape = {draws, quantities.size()},
                .values = {},
                .dims = {"draw", "quantity"},
                .about =
                    "Draws from the normal distribution around the estimate with "
                    "the fit's covariance: parameters in order, then derived "
                    "quantities to first order."};
  for (std::size_t d = 0; d < draws; ++d) {
    const auto shift = stats::multiply(root, normals(stream, d, theta.size()));
    for (std::size_t i = 0; i < quantities.size(); ++i)
      out.values.push_back(values[i] + stats::dot(slopes[i], shift));
  }
  return out;
}

io::Array points_array(std::string name,
                       std::vector<std::string> dims,
                       std::string about,
                       const std::vector<std::vector<double>>& points,
                       const std::vector<Quantity>& quantities) {
  io::Array out{.name = std::move(name),
                .shape = {points.size(), quantities.size()},
                .values = {},
                .dims = std::move(dims),
                .about = std::move(about)};
  for (const auto& point : points)
    for (const auto& q : quantities) out.values.push_back(q.value(point));
  return out;
}

std::vector<io::Array> profile_arrays(const std::string& name, const Profile& p) {
  const std::string base = "profile/" + name + "/";
  return {{.name = base + "value",
           .shape = {p.value.size()},
           .values = p.value,
           .dims = {"point"},
           .about = "Values at which all other parameters were fitted anew."},
          {.name = base + "delta2nll",
           .shape = {p.rise.size()},
           .values = p.rise,
           .dims = {"point"},
           .about = "Twice the rise of the negative log-likelihood above its minimum."}};
}

std::vector<std::vector<double>> cloud_of(const std::vector<const Fit*>& members) {
  std::vector<std::vector<double>> out;
  for (const Fit* fit : members)
    out.insert(out.end(), fit->cloud.begin(), fit->cloud.end());
  return out;
}

}  // namespace femto
