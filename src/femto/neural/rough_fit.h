// Where the data lie in parameter space, found by moments of simulated events.
#pragma once
#include <cstddef>
#include <vector>

#include "femto/neural/laboratory.h"
#include "femto/pipeline/dataset.h"
#include "femto/pipeline/density.h"

namespace femto::neural {

struct RoughFitSettings {
  int starts = 2;                 // the setup's, then random points of the box
  std::size_t quick = 50'000;     // records of a simulation while starts are compared
  std::size_t records = 400'000;  // and after that
};

struct RoughFit {
  std::vector<double>
      theta;           // the point nearest the setup's start where data leave a choice
  Matrix information;  // at the data's number of events [parameter, parameter]
  int simulations = 0;
};

/// Minimises the distance of Legendre moments (of total degree 1 to 6, of each channel)
/// between data, without bootstrap weights, and simulation, each weighted by the inverse
/// covariance of the data. One simulation serves a neighbourhood: the true densities,
/// which are known, reweight its records and give the slopes of its moments, as far as
/// the weights leave a fifth of its effective size; then the next is made there. Nuisance
/// parameters enter by differences of the same records measured twice.
/// Source: McFadden:1989.
RoughFit rough_fit(const Laboratory& laboratory,
                   const Density& truth,
                   const Dataset& data,
                   const RoughFitSettings& settings);

/// The information of the same moments at theta, at the data's number of events:
/// [parameter, parameter].
Matrix rough_information(const Laboratory& laboratory,
                         const Density& truth,
                         const Dataset& data,
                         const std::vector<double>& theta,
                         std::size_t records);

}  // namespace femto::neural
