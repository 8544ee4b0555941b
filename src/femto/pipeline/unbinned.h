// The unbinned likelihood of events in memory.
#pragma once
#include <cstddef>
#include <vector>

#include "femto/pipeline/objective.h"
#include "femto/pipeline/partial_sums.h"

namespace femto {

/// -sum_i w_i ln f_c(x_i; theta) over channels and records. Features of the events are
/// computed once; each evaluation is one pass over them. Events of weight zero are left
/// out. The curvature is the expected information of as many records as the weights sum
/// to, by the quadrature of the density, so it costs no second pass. Events that are
/// spread over ranks are summed where they are: on rank 0 evaluate() and explain() ask
/// the others, which answer with own_sums() and explain().
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

  /// What this rank's events give to the sums of all: for every channel, of sum w ln
  /// sigma and of sum w d ln sigma / d theta_p, the subtree_sums of its pieces.
  std::vector<double> own_sums(std::span<const double> theta) const;

 private:
  struct ChannelEvents {
    std::vector<std::vector<double>> features;  // [feature][record]
  };

  /// The sums of one channel over every piece of this rank's events.
  PartialSums pieces_of(std::size_t channel, std::span<const double> theta) const;

  /// Sums of all events: [channel][1 + parameter]. `own` is own_sums, `others` those of
  /// the other ranks.
  Matrix joined(std::size_t parameters,
                std::vector<double> own,
                const std::vector<std::string>& others) const;

  const Density& density_;
  const Spread* spread_;
  std::uint64_t first_ = 0;          // row of the first record of this rank
  std::vector<std::size_t> bounds_;  // pieces of rank r begin at bounds[r]
  std::vector<ChannelEvents> channels_;
  std::vector<double> weights_;      // [record]; empty: all one
  std::vector<std::uint64_t> rows_;  // [record] row in the data; empty: the same
  std::size_t records_ = 0;          // of this rank
  double events_ = 0, squares_ = 0;  // sums of weights and of their squares
};

}  // namespace femto
