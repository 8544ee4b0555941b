// The last layer of a learned log-ratio: linear in hidden units and monomials of a point.
#pragma once
#include <span>
#include <vector>

#include "femto/neural/bilinear_net.h"
#include "femto/neural/ratio_loss.h"
#include "femto/neural/training_set.h"

namespace femto::neural {

/// All products of one and two coordinates, and the cubes, of z / radius.
struct Monomials {
  std::vector<double> value;  // [monomial]
  Matrix slope;               // [monomial, coordinate], in z / radius
};

Monomials monomials(std::span<const double> z, double radius);

/// h(y, z) = scale * monomials(z)^T head * hidden(y) of one channel.
struct ChannelRatio {
  BilinearNet net;
  Matrix head;  // [monomial, hidden unit]
};

/// Finds the head for which the loss of all records of the set at its first points,
/// `group` of which each record is compared with at a time, is least: the loss is convex
/// in it. Newton steps with a Kronecker-factored curvature, halved until the loss falls.
/// Source: Martens:2015 (Kronecker factors).
void find_head(const TrainingSet& set,
               const RatioLoss& loss,
               std::size_t group,
               std::size_t first_column,
               ChannelRatio& ratio);

}  // namespace femto::neural
