// Arrays of a fit: covariance, draws of the parameters, members, profiles.
#pragma once
#include <span>
#include <vector>

#include "femto/io/arrays.h"
#include "femto/pipeline/estimate.h"
#include "femto/pipeline/intervals.h"

namespace femto {

io::Array covariance_array(const Matrix& covariance);

/// "samples/parameters" [draw, quantity]: parameters, then derived quantities to first
/// order around theta. Draws from the normal distribution with this covariance, keyed by
/// `seed`.
io::Array normal_draws(std::span<const double> theta,
                       const Matrix& covariance,
                       const std::vector<Quantity>& quantities,
                       std::uint64_t seed);

/// [row, quantity] with exact derived quantities.
io::Array points_array(std::string name,
                       std::vector<std::string> dims,
                       std::string about,
                       const std::vector<std::vector<double>>& points,
                       const std::vector<Quantity>& quantities);

/// "profile/<name>/value" and "profile/<name>/delta2nll".
std::vector<io::Array> profile_arrays(const std::string& name, const Profile& profile);

/// Generator output of all members, or empty.
std::vector<std::vector<double>> cloud_of(const std::vector<const Fit*>& members);

}  // namespace femto
