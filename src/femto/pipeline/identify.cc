// What the data can and cannot determine: rank, null and sloppy directions, floors.
#include <algorithm>
#include <cmath>
#include <limits>
#include <map>

#include <Eigen/Dense>

#include "femto/core/error.h"
#include "femto/pipeline/identify_words.h"
#include "femto/pipeline/inference.h"
#include "femto/pipeline/reduced.h"

namespace femto {

namespace {

constexpr double nan_value = std::numeric_limits<double>::quiet_NaN();

/// Below this records * eigenvalue the likelihood along a direction is not a parabola
/// (statistics reference, rule of section 3).
constexpr double sloppy_below = 25;
/// An eigenvalue this far below the largest is called sloppy at any number of records.
constexpr double sloppy_condition = 1e-3;

Eigen::MatrixXd eigen_of(const Matrix& m) {
  Eigen::MatrixXd out(static_cast<Eigen::Index>(m.rows),
                      static_cast<Eigen::Index>(m.cols));
  for (Eigen::Index i = 0; i < out.rows(); ++i)
    for (Eigen::Index j = 0; j < out.cols(); ++j)
      out(i, j) = m(static_cast<std::size_t>(i), static_cast<std::size_t>(j));
  return out;
}

/// Unit length, largest coefficient first in sign: positive.
void normalise(Direction& d) {
  double norm = 0, largest = 0;
  for (const auto& [name, c] : d.combination) {
    norm += c * c;
    if (std::fabs(c) > std::fabs(largest)) largest = c;
  }
  const double factor = (largest < 0 ? -1 : 1) / std::sqrt(norm);
  for (auto& [name, c] : d.combination) c *= factor;
  d.sd /= std::sqrt(norm);
}

Direction along(const Eigen::VectorXd& v,
                const std::vector<Coordinate>& coordinates,
                double eigenvalue,
                double records) {
  Direction d;
  d.eigenvalue = eigenvalue;
  d.sd = 1 / std::sqrt(records * eigenvalue);
  std::map<std::string, double> sum;
  std::vector<std::string> order;
  for (std::size_t i = 0; i < coordinates.size(); ++i) {
    for (const auto& [name, c] : coordinates[i].combination) {
      if (!sum.contains(name)) order.push_back(name);
      sum[name] += c * v(static_cast<Eigen::Index>(i));
    }
  }
  for (const auto& name : order) d.combination.emplace_back(name, sum[name]);
  normalise(d);
  return d;
}

std::string coordinate_name(const Coordinate& c) {
  if (c.combination.size() == 1) return c.combination.front().first;
  return shown_combination(c.combination);
}

void reduce(const Matrix& information,
            const Spectrum& s,
            const Theory& theory,
            Identifiability& out) {
  const auto coordinates = reduced_coordinates(s, theory, out.at);
  for (const auto& c : coordinates) out.coordinates.push_back(coordinate_name(c));
  if (coordinates.empty()) return;
  const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> eigen(
      eigen_of(reduced_information(information, s, coordinates)));
  const auto& values = eigen.eigenvalues();
  out.eigenvalues.assign(values.begin(), values.end());
  out.n_lambda_min = out.records * out.eigenvalues.front();
  for (Eigen::Index k = 0; k < values.size(); ++k) {
    const bool weak = out.records * values(k) < sloppy_below ||
                      values(k) < sloppy_condition * values(values.size() - 1);
    if (weak && values(k) > 0)
      out.sloppy_directions.push_back(
          along(eigen.eigenvectors().col(k), coordinates, values(k), out.records));
  }
}

void floors(const Spectrum& s,
            const ParameterSetup& setup,
            const Theory& theory,
            Identifiability& out) {
  const std::size_t size = setup.parameters.size();
  for (std::size_t j = 0; j < size; ++j) {
    const bool known = !touched(s, j);
    out.identified.push_back(known);
    out.floors.push_back(known ? std::sqrt(s.inverse(j, j) / out.records) : nan_value);
  }
  for (const auto& d : theory.derived()) {
    const auto g = d.gradient(out.at);
    const bool known = estimable(s, g);
    out.derived_identified.push_back(known);
    out.derived_floors.push_back(known ? deviation(s.inverse, g) / std::sqrt(out.records)
                                       : nan_value);
  }
}

}  // namespace

Identifiability identify(const Density& density,
                         const SideInformation& side,
                         const ParameterSetup& setup,
                         std::span<const double> theta,
                         double records) {
  expect(records > 0, "identifiability needs a number of records");
  const Theory& theory = density.theory();
  Identifiability out;
  out.at.assign(theta.begin(), theta.end());
  out.records = records;
  Matrix information = expected_information(density, side, records, theta);
  for (double& x : information.data) x /= records;
  const Spectrum s = spectrum(information, setup.fixed);
  out.rank = static_cast<int>(s.rank);
  out.n_parameters = static_cast<int>(s.free.size());
  out.eigenvalues_parameters = s.eigenvalues;
  for (std::size_t k = 0; k < s.null.rows; ++k) {
    Direction d;
    for (const std::size_t j : s.free)
      if (s.null(k, j) != 0)
        d.combination.emplace_back(setup.parameters[j].name, s.null(k, j));
    out.null_directions.push_back(std::move(d));
  }
  reduce(information, s, theory, out);
  floors(s, setup, theory, out);
  out.origin = origin_of(density, side, setup, theta, records);
  // More events would not narrow what priors hold.
  if (out.origin.by_prior + out.origin.null > 0) out.sloppy_directions.clear();
  out.sentences = say(out, s, density, side, setup);
  return out;
}

double records_for(const Identifiability& i, std::size_t parameter, double target_sd) {
  expect(target_sd > 0, "the target error is positive");
  const std::size_t size = i.floors.size();
  const double floor =
      parameter < size ? i.floors[parameter] : i.derived_floors.at(parameter - size);
  if (!std::isfinite(floor)) return std::numeric_limits<double>::infinity();
  return i.records * floor * floor / (target_sd * target_sd);
}

}  // namespace femto
