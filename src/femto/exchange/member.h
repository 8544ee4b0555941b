// What the replicas of most strategies have in common.
#pragma once
#include <memory>
#include <vector>

#include "femto/exchange/collectives.h"
#include "femto/exchange/exchange.h"

namespace femto::exchange {

/// The parts one after another in the flat vector.
class Layout {
 public:
  explicit Layout(std::vector<Part> parts);

  std::size_t size() const { return begins_.back(); }

  std::size_t parts() const { return parts_.size(); }

  Range part(std::size_t i) const { return {begins_[i], begins_[i + 1]}; }

  /// "gradient of layer0.weight to layer3.bias": parts [from, to).
  std::string words(const char* of, std::size_t from, std::size_t to) const;

  /// All parts.
  std::string words(const char* of) const { return words(of, 0, parts_.size()); }

 private:
  std::vector<Part> parts_;
  std::vector<std::size_t> begins_;
};

/// A replica's place in its group, and its books. Strategies have one as a member.
struct Member {
  Member(Communicator& in, std::vector<Part> parts);

  Communicator& group;
  Layout layout;
  std::string gradient, weights;  // their words in errors
  Report report;

  Range all() const { return {0, layout.size()}; }

  /// Throws Bug if the vector has another length than the parts.
  void check(std::span<const float> vector) const;

  /// The weights of rank 0.
  void take_weights_of_first(std::span<float> into);

  /// Mean over ranks, see Reduction.
  void mean(std::span<float> numbers, const std::string& what);

  /// Books contributions of all others: one of every step of the round that ends now.
  void met(std::uint64_t round = 1);

  /// The books with the traffic since the start.
  Report books() const;

 private:
  Traffic at_start_;
};

/// Whether `step` is the last of a round of `every` steps.
constexpr bool ends_round(std::uint64_t step, std::uint64_t every) {
  return every > 0 && (step + 1) % every == 0;
}

/// The vectors of all ranks, by P-1 hops: each rank forwards to its right what came from
/// its left. `all` holds them by rank, `mine` among them.
void pass_round_ring(Communicator& group,
                     std::span<const float> mine,
                     std::vector<float>& all,
                     const std::string& what);

/// numbers <- sum by `tree_sum` of vectors that pass round the ring.
void ring_sum(Communicator& group,
              std::span<float> numbers,
              std::vector<float>& room,
              const std::string& what);

}  // namespace femto::exchange
