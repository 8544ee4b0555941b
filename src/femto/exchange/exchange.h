// The kind `exchange`: how replicas of one model on many ranks learn from each other.
#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "femto/exchange/communicator.h"

namespace femto {

namespace exchange {

/// One tensor inside the flat vector of all weights (and of all gradients).
struct Part {
  std::string name;
  std::size_t size = 0;
};

/// Numbers [begin, end) of the flat vector.
struct Range {
  std::size_t begin = 0, end = 0;
};

/// How old the contributions were that went into this rank's steps.
struct Staleness {
  std::uint64_t contributions = 0;  // of other ranks
  std::uint64_t missing = 0;        // that were not there at all
  double sum = 0;                   // steps
  std::uint64_t max = 0;            // steps

  /// `count` contributions that are so many steps old.
  void add(std::uint64_t steps, int count = 1);

  double mean() const;
};

/// What one rank has seen so far.
struct Report {
  std::uint64_t steps = 0;
  Traffic traffic;
  Staleness staleness;
  std::vector<int> lost;  // ranks that this one goes on without
};

/// What a strategy promises for a number of ranks; the conformance test holds it to this.
struct Terms {
  enum class Averages { nothing, gradients, weights, both } averages = Averages::nothing;

  /// A contribution is at most so many steps old when it reaches another rank; empty: no
  /// bound.
  std::optional<std::uint64_t> staleness = 0;

  /// Weights are the same bits on all ranks after steps n-1, 2n-1, ...; 0: never.
  std::uint64_t identical_every = 1;

  /// Whether the gradient is the same bits as that of one rank which adds the
  /// contributions of all by `tree_sum`.
  bool like_one_rank = false;

  /// Whether the others go on when a rank dies.
  bool survives_death = false;
};

/// A rank's part in one training. Between `begin` and the end, in every step: `ready` for
/// parts of the gradient if they become final early, `gradients`, the caller's optimiser
/// on `owned()`, `weights`. Steps count from 0 and are the same on all ranks; vectors are
/// flat and as long as all parts together. Failures are ExchangeErrors.
class Replica {
 public:
  virtual ~Replica() = default;

  /// All ranks start from the weights of rank 0.
  virtual void begin(std::span<float> weights) = 0;

  /// The numbers of this part of the gradient will not change any more in this step, and
  /// may be on their way while the others are computed. Last part first.
  virtual void ready(std::size_t /*part*/, std::span<float> /*gradient*/) {}

  /// Makes the gradient of this rank's batch the one to step along.
  virtual void gradients(std::uint64_t /*step*/, std::span<float> /*gradient*/) {}

  /// After the optimiser's step.
  virtual void weights(std::uint64_t /*step*/, std::span<float> /*weights*/) {}

  /// The numbers whose weights and optimiser state this rank keeps.
  virtual Range owned() const = 0;

  /// Numbers beside the weights that a checkpoint must keep, to be written and read in
  /// place between steps.
  virtual std::span<float> state() { return {}; }

  virtual Report report() const = 0;

  /// Whether a rank has given a sign of life since this was asked before, beside what
  /// `gradients` and `weights` wait for. Only strategies that survive a death give signs.
  virtual bool heard(int /*rank*/) { return false; }
};

}  // namespace exchange

/// A strategy. It holds settings only; what it does with a group is in its Replica.
class Exchange {
 public:
  static constexpr std::string_view kind = "exchange";
  virtual ~Exchange() = default;

  virtual exchange::Terms terms(int ranks) const = 0;

  /// Called by all ranks of the group, which must outlive the replica and stay in place.
  virtual std::unique_ptr<exchange::Replica> join(
      exchange::Communicator& group, std::vector<exchange::Part> parts) const = 0;
};

}  // namespace femto
