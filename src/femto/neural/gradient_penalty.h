// What holds the slope of a Wasserstein discriminator near one.
#pragma once
#include <span>

#include "femto/neural/network.h"
#include "femto/neural/tiles.h"

namespace femto::neural {

/// Real and generated events [row, inputs] in pairs. Point i lies between those of row i,
/// at a part of the way that is uniform in (0, 1), from index i of the stream.
struct Between {
  std::span<const float> real, fake;
  random::Stream stream;
};

/// 10 sum_i (|dD/dx| - 1)^2 over those points, D without dropout, and its gradients by
/// the parameters. Source: Gulrajani:2017 Eq. (3).
Slope gradient_penalty(const Network& network, const Between& between);

}  // namespace femto::neural
