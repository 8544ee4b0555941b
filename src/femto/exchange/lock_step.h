// What strategies share whose ranks hold the same weights after every step.
#pragma once
#include <tuple>

#include "femto/config/field.h"
#include "femto/config/rule.h"
#include "femto/exchange/member.h"

namespace femto::exchange {

/// A replica that takes the mean gradient of all ranks; strategies add how it travels.
class LockStep : public Replica {
 public:
  LockStep(Communicator& group, std::vector<Part> parts, std::uint64_t check_every)
      : me_(group, std::move(parts)), check_every_(check_every) {}

  void begin(std::span<float> weights) final { me_.take_weights_of_first(weights); }

  void weights(std::uint64_t step, std::span<float> weights) override {
    ++me_.report.steps;
    if (ends_round(step, check_every_)) check_same(me_.group, weights, step);
  }

  Range owned() const override { return me_.all(); }

  Report report() const final { return me_.books(); }

 protected:
  Member me_;

 private:
  std::uint64_t check_every_;
};

/// What all of them promise.
constexpr Terms lock_step_terms() {
  return {.averages = Terms::Averages::gradients, .like_one_rank = true};
}

inline constexpr const char* check_every_doc =
    "steps between checks that the weights are the same bits on all ranks; 0 = never";

/// The strategy of a LockStep replica that has no settings of its own.
template <class ReplicaOfStrategy>
class LockStepExchange final : public Exchange {
 public:
  struct Config {
    std::uint64_t check_every = 100;

    static constexpr auto fields() {
      return std::tuple{config::field<&Config::check_every>({.doc = check_every_doc})};
    }
  };

  explicit LockStepExchange(Config config) : config_(config) {}

  Terms terms(int) const override { return lock_step_terms(); }

  std::unique_ptr<Replica> join(Communicator& group,
                                std::vector<Part> parts) const override {
    return std::make_unique<ReplicaOfStrategy>(
        group, std::move(parts), config_.check_every);
  }

 private:
  Config config_;
};

}  // namespace femto::exchange
