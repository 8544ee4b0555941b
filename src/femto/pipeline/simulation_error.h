// What the finite size of simulated samples adds to the errors.
#pragma once
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "femto/core/matrix.h"
#include "femto/pipeline/intervals.h"
#include "femto/pipeline/solver.h"

namespace femto {

/// Covariance [parameter, parameter] of the estimate over simulated samples of the same
/// size behind the detector (responses from pairs, backgrounds from events), the data
/// being what they are: each of `replicas` bootstrap samples of them moves the gradient
/// at theta, and one Newton step turns that into a shift of the estimate. Nothing if the
/// detector has no such samples, or the objective is no function of densities; nothing,
/// and a note, if the events are too far away to be gone through so often (spread over
/// ranks, or not in memory). Source: this project; the bootstrap is that of Efron:1979.
std::optional<Matrix> simulation_covariance(const Task& task,
                                            std::span<const double> theta,
                                            int replicas,
                                            std::vector<std::string>& notes);

/// Adds a standard deviation of that origin: the error in quadrature, the arms of the
/// intervals in proportion (those of draws about the middle of their 68 % interval).
void add_simulation(double sd, Quoted& quoted);

/// How much it is, in a sentence. `share` [quantity]: its part of each statistical error.
std::string simulation_words(const std::vector<Quantity>& quantities,
                             const std::vector<double>& share);

}  // namespace femto
