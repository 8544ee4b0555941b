// A theory seen through the steps of a detector: densities of measured events.
#pragma once
#include <memory>
#include <optional>
#include <vector>

#include "femto/core/recent.h"
#include "femto/physics/panel_polynomials.h"
#include "femto/physics/panel_products.h"
#include "femto/pipeline/stage.h"

namespace femto {

/// q(y; theta, nu) = what the steps make of sigma(x; theta), by quadrature on panels and
/// interpolated between nodes (error below 1e-7 of the density's size within a panel),
/// not normalised: its integral is the accepted cross-section, so that norms and counts
/// keep their meaning. Parameters are the true theory's, then the steps' nuisance
/// parameters. Source: proxy applications, folded-density quadrature.
class FoldedTheory final : public Theory {
 public:
  /// `truth` and `steps` must outlive it.
  FoldedTheory(const Theory& truth, std::vector<const Step*> steps);

  const std::vector<Parameter>& parameters() const override { return parameters_; }

  const std::vector<Channel>& channels() const override { return channels_; }

  std::size_t feature_count(std::size_t channel) const override;

  void features(std::size_t channel,
                std::size_t n,
                const double* const* x,
                double* const* out) const override;

  void evaluate(std::size_t channel,
                std::span<const double> theta,
                std::size_t n,
                const double* const* features,
                double* log_sigma,
                double* const* slope) const override;

  std::vector<Derived> derived() const override;

  std::vector<Curve> curves() const override;

  /// The share of the records that reach a step and leave it, for every step, at theta;
  /// above one where it adds events. A record survives if all its channels do.
  std::vector<double> kept(std::span<const double> theta) const;

 private:
  /// The true densities' nodes, with the theory's features there.
  struct TrueGrid {
    std::vector<Panels> axes;
    std::vector<std::vector<double>> features;  // [feature][node]
  };

  /// Densities of one measured channel between the nodes.
  struct Shape {
    std::optional<PanelPolynomials> values;
    PanelProducts products;

    explicit Shape(const Intensity& in);

    /// out[i * rows + r], as PanelPolynomials::at.
    void at(std::size_t n,
            const double* const* position,
            std::size_t rows,
            double* out) const;
  };

  std::vector<double> breaks(const std::string& column, double lo, double hi) const;
  Panels panels(const std::string& column, double lo, double hi) const;
  TrueGrid true_grid(std::size_t channel) const;
  Intensity true_intensity(std::size_t channel, std::span<const double> theta) const;
  std::vector<Intensity> after_step(std::size_t step,
                                    std::span<const double> theta,
                                    std::vector<Intensity> in) const;
  std::vector<Intensity> measured_at(std::span<const double> theta) const;

  const Theory& truth_;
  std::vector<const Step*> steps_;
  std::vector<Parameter> parameters_;
  std::vector<Channel> channels_;
  std::vector<TrueGrid> grids_;                // [true channel]
  std::vector<std::vector<Panels>> measured_;  // [channel][axis]
  mutable Recent<std::vector<Shape>> recent_;
};

}  // namespace femto
