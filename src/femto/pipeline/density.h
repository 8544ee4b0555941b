// Normalised densities of a theory: norms, scores and Fisher information by one
// quadrature.
#pragma once
#include <cstddef>
#include <memory>
#include <span>
#include <vector>

#include "femto/core/matrix.h"
#include "femto/pipeline/theory.h"

namespace femto {

/// Nodes and weights of one channel, with the theory's features at the nodes.
struct QuadratureGrid {
  std::vector<std::vector<double>> x;  // [axis][node]
  std::vector<double> weight;          // [node], includes the Jacobian of the grading
  std::vector<std::vector<double>> features;  // [feature][node]
};

/// ln N_c and its derivatives.
struct Norms {
  std::vector<double> log_norm;  // [channel]
  Matrix slope;                  // [channel, parameter] d ln N_c / d theta
};

/// Norms and the information per record at one theta.
struct NormsAndInformation {
  Norms norms;
  Matrix information;  // [parameter, parameter]
};

/// f_c = sigma_c / N_c on composite Gauss-Legendre grids in the graded coordinate of each
/// axis (tensor products in more dimensions). Const and thread-safe.
class Density {
 public:
  /// nodes_per_axis: rounded up to whole segments of 10 points; 0 picks 4000 for one
  /// axis, 200 for two.
  explicit Density(const Theory& theory, std::size_t nodes_per_axis = 0);

  const Theory& theory() const { return *theory_; }

  const QuadratureGrid& grid(std::size_t channel) const { return grids_[channel]; }

  Norms norms(std::span<const double> theta) const;

  /// Both from one pass over the grids.
  NormsAndInformation norms_and_information(std::span<const double> theta) const;

  /// Fisher information per record, sum over channels of E_c[s s^T]: [parameter,
  /// parameter]. Source: proxy applications, score of the normalised shape.
  Matrix information(std::span<const double> theta) const;

  /// Information of one channel alone.
  Matrix information(std::span<const double> theta, std::size_t channel) const;

  /// ln f_c[n] and, unless null, score[parameter][n] at points given by their features.
  void log_density(std::size_t channel,
                   std::span<const double> theta,
                   const Norms& norms,
                   std::size_t n,
                   const double* const* features,
                   double* log_f,
                   double* const* score) const;

 private:
  const Theory* theory_;
  std::vector<QuadratureGrid> grids_;
};

/// A value of t in [0, 1] mapped to x, and dx/dt.
struct GradedPoint {
  double x = 0, slope = 0;
};

GradedPoint graded(const Axis& axis, double t);

}  // namespace femto
