// A network whose replicas on other ranks learn together with this one.
#pragma once
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "femto/neural/network.h"
#include "femto/pipeline/team.h"

namespace femto::neural {

/// The batch of a step is cut into `all` shares, each a draw of its own, so that it is
/// the same for any number of ranks; this rank has [first, first + own).
struct Shares {
  std::size_t all = 1, first = 0, own = 1;

  /// Of n things: where share i begins.
  std::size_t begin(std::size_t n, std::size_t i) const { return n * i / all; }

  /// The draw of share i when draws of the whole batch count from 1.
  std::uint64_t number(std::uint64_t draw, std::size_t i) const {
    return (draw - 1) * all + i + 1;
  }
};

/// The whole batch without a team.
Shares shares_of(const Team* team);

/// Gradients of the shares of one rank, added by the same tree as those of ranks.
class GradientSum {
 public:
  GradientSum(const Network& network, std::size_t terms);

  /// Term i is scale times these, one per parameter of the network.
  void set(std::size_t i, const std::vector<Tensor>& gradients, double scale);

  /// Adds all terms. The numbers of the sum, in place: gradients() shows them.
  std::span<float> add();

  /// One tensor per parameter.
  const std::vector<Tensor>& gradients() const { return gradients_; }

 private:
  Tensor terms_;  // [term, number]
  std::vector<Tensor> gradients_;
};

/// One network's part in an exchange.
class Mate {
 public:
  /// Called on all ranks at once; all start from the weights of rank 0. The network must
  /// outlive it.
  Mate(const Team& team, const Network& network, const std::string& name);
  Mate(const Mate&) = delete;

  /// This rank's part of a sum over ranks becomes the gradient to step along.
  void gradients(std::uint64_t step, std::span<float> part);

  /// After the optimiser's step.
  void weights(std::uint64_t step);

  /// Whether this rank keeps the optimiser's state of all weights.
  bool owns_all() const;

  exchange::Report report() const { return replica_->report(); }

  /// Whether a rank of the whole program has given a sign of life, see Replica::heard.
  bool heard(int world_rank);

  void save(io::State& state, const std::string& prefix) const;
  void load(const io::State& state, const std::string& prefix);

 private:
  exchange::Communicator group_;  // of its own: messages of two networks never mix
  const Network& network_;
  std::unique_ptr<exchange::Replica> replica_;
  std::vector<float> flat_;  // weights

  void gather();
  void spread();
};

}  // namespace femto::neural
