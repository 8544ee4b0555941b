// Densities at the initial scale that are functions, not powers: reference times exp(g).
#pragma once
#include <array>
#include <memory>
#include <vector>

#include "femto/qcd/initial_scale.h"
#include "femto/qcd/log_factor.h"
#include "femto/qcd/start_model.h"

namespace femto::qcd {

/// u_v, d_v, sea and gluon are densities of InitialScale at `reference` parameters times
/// exp of a LogFactor each, which makes them positive. The sea's multiplies anti-up,
/// anti-down and strange alike. Amplitudes of the valence quarks follow from their
/// numbers; sea and gluon share the momentum that these leave over in the proportions of
/// their integrals, so number and momentum sums are exact. A common constant in the g of
/// sea and gluon, and one in that of each valence quark, therefore changes nothing.
///
/// Integrals are sums over 0.05 steps in logit(x), exact to 1e-10. Where valence quarks
/// carry more than the whole momentum sea and gluon are negative.
class FunctionScale final : public StartModel {
 public:
  static constexpr std::size_t functions = 4;

  /// "up_valence", "down_valence", "sea", "gluon".
  static const std::array<const char*, functions>& names();

  FunctionScale(const XGrid& grid,
                std::span<const double> reference,
                std::shared_ptr<const LogFactor> factor);

  /// Those of u_v, then d_v, sea and gluon: "up_valence_1", ...
  const std::vector<StartParameter>& parameters() const override { return parameters_; }

  void densities(std::span<const double> parameters,
                 std::span<double> out) const override;
  void jacobian(std::span<const double> parameters, std::span<double> out) const override;
  std::vector<StartPrior> prior() const override;

 private:
  /// The references at points: u_v, d_v, gluon, anti-up, anti-down, strange.
  static constexpr std::size_t partons = 6;

  struct Points {
    std::vector<double> t, x;
    std::array<std::vector<double>, partons> reference;
  };

  static Points points_at(std::vector<double> t,
                          std::span<const double> parameters,
                          std::span<const double> amplitudes);

  /// Factors of the references, and what they depend on.
  struct Norms;
  Norms norms(std::span<const double> parameters, bool with_slopes) const;

  std::shared_ptr<const LogFactor> factor_;
  Points nodes_, rule_;         // of the grid; of the integrals
  std::vector<double> weight_;  // of the rule: dx
  std::vector<StartParameter> parameters_;
};

}  // namespace femto::qcd
