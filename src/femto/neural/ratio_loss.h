// Losses whose minimum is a log-ratio of densities.
#pragma once
#include <functional>
#include <span>

namespace femto::neural {

/// One event with h[k], the log-ratio at each of K points: how much it counts as an event
/// of the reference, and as one drawn at point k.
struct RatioEvent {
  std::span<const double> h;
  double reference = 0;
  std::span<const double> joint;
};

/// Loss of one event at all points, with its slope in h.
using RatioLoss = std::function<double(const RatioEvent&, std::span<double> slope)>;

/// Binary: reference ln(1 + e^h_k) + joint_k ln(1 + e^-h_k), summed over k; slope[k] =
/// d/dh_k. Minimal at h = ln(joint / reference) of the densities. Source: Cranmer:2015.
double binary_loss(const RatioEvent& event, std::span<double> slope);

/// Contrastive, K points and odds gamma that the event was drawn at one of them:
/// - reference / (1 + gamma) ln[K / (K + gamma S)]
/// - gamma / (1 + gamma) mean_k joint_k ln[gamma e^h_k / (K + gamma S)], S = sum e^h_k.
/// Source: Miller:2022.
double contrastive_loss(const RatioEvent& event, double gamma, std::span<double> slope);

/// Minus the log-likelihood of q_hat = q_reference e^h, up to a constant, with the norm
/// free: reference e^h_k - joint_k h_k, summed over k. Minimal at h = ln(joint /
/// reference). Source: Nguyen:2010.
double density_loss(const RatioEvent& event, std::span<double> slope);

}  // namespace femto::neural
