// The unbinned likelihood of events in memory.
#pragma once
#include <cstddef>
#include <vector>

#include "femto/pipeline/objective.h"

namespace femto {

/// -sum_i w_i ln f_c(x_i; theta) over channels and records. Features of the events are
/// computed once; each evaluation is one pass over them. Events of weight zero are left
/// out. The curvature is the expected information of as many records as the weights sum
/// to, by the quadrature of the density, so it costs no second pass.
class UnbinnedLikelihood final : public Criterion {
 public:
  /// Throws Error if the events are not in memory.
  UnbinnedLikelihood(const Density& density,
                     const Dataset& data,
                     const Weighting& weighting);

  stats::Evaluation evaluate(std::span<const double> theta) const override;

  /// Events of other weights than one: sum w^2 times the information of one, as is right
  /// for weights that do not follow the measured columns.
  std::optional<Matrix> gradient_variance(std::span<const double> theta) const override;

  double events() const override { return events_; }

  /// Names the first record whose density is zero.
  std::string explain(std::span<const double> theta) const override;

 private:
  struct ChannelEvents {
    std::vector<std::vector<double>> features;  // [feature][record]
  };

  /// sum w ln sigma and, per parameter, sum w d ln sigma / d theta of one channel.
  std::vector<double> sums(std::size_t channel, std::span<const double> theta) const;

  const Density& density_;
  std::vector<ChannelEvents> channels_;
  std::vector<double> weights_;      // [record]; empty: all one
  std::vector<std::uint64_t> rows_;  // [record] row in the data; empty: the same
  std::size_t records_ = 0;
  double events_ = 0, squares_ = 0;  // sums of weights and of their squares
};

}  // namespace femto
