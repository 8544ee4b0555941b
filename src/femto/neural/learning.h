// Networks learn the ratio of measured densities from simulated records.
#pragma once
#include <vector>

#include "femto/neural/ratio_head.h"

namespace femto::neural {

struct LearningSettings {
  std::vector<int> hidden = {32, 32};
  int rank = 8;
  int steps = 300;
  double learning_rate = 5e-3;
  int points = 4;  // of the region, that each block of records is compared with
};

/// One for each measured channel. Hidden units are trained with a bilinear form of
/// networks by Adam, at a rate that falls to zero along a cosine; then that form gives
/// way to `head`, for which the loss is convex and which is found on all records by
/// Newton steps with a Kronecker-factored curvature. Every block of records serves as
/// reference, weight 1, and as drawn at each of some points, weighted by the ratio of the
/// true densities, which is known: so the noise common to both cancels. What the detector
/// does is known by its events alone. Source: Brehmer:2020 (ratios of latent variables),
/// Kingma:2015 (Adam), Martens:2015 (Kronecker factors).
std::vector<ChannelRatio> learn(const TrainingSet& set,
                                const Theory& measured,
                                const LearningSettings& settings,
                                const RatioLoss& loss,
                                double scale,
                                random::Stream stream);

}  // namespace femto::neural
