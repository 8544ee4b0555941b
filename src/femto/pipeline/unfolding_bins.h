// Histograms, moments and a test of fit of weighted events.
#pragma once
#include <span>
#include <vector>

#include "femto/pipeline/unfolding.h"

namespace femto {

EventColumns views(const std::vector<std::vector<double>>& columns);

/// Sums of weights, [bin].
std::vector<double> histogram(const Edges& edges,
                              std::span<const double> values,
                              std::span<const double> weights);

struct Moments {
  double mean = 0, sd = 0;
};

Moments moments(std::span<const double> values, std::span<const double> weights);

/// (sum over bins of (b - a)^2 / |a|) / bins, its root: by how many Poisson errors two
/// histograms of expected events differ.
double change_between(const std::vector<std::vector<double>>& before,
                      const std::vector<std::vector<double>>& after);

/// Bins of all columns together, at most about 400.
std::vector<Edges> coarse_grid(const std::vector<Edges>& fine);

struct Comparison {
  double chi2 = 0, ndf = 0;
};

/// Sum of (data - simulation)^2 over the sum of both squared weights, over the joint bins
/// where that is at least 10 events' worth; ndf is their number, less one.
Comparison compare(const std::vector<Edges>& grid,
                   const EventColumns& data,
                   std::span<const double> data_weights,
                   const EventColumns& simulation,
                   std::span<const double> weights);

}  // namespace femto
