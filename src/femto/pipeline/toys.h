// Toys: data sets drawn from known parameters, fitted like the measured one.
#pragma once
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "femto/pipeline/intervals.h"
#include "femto/pipeline/solver.h"
#include "femto/pipeline/study.h"

namespace femto {

struct Amortised;

struct ToyOptions {
  std::vector<std::vector<double>> truths;  // [toy][parameter]
  std::uint64_t records = 0;                // per toy
  std::uint64_t seed = 1;
  IntervalSettings intervals;
  const Amortised* amortised = nullptr;          // for that method
  std::function<void(int done)> progress;        // one call at a time
  std::function<void(const std::string&)> warn;  // e.g. that a rank was lost
  exchange::Communicator* group = nullptr;       // ranks that share the toys
};

/// One quantity of one toy. Intervals that were not made have method "none".
struct ToyQuantity {
  double truth = 0, value = 0;
  Quoted fisher, profile, posterior;
  std::vector<double> draws;  // of the posterior, thinned until nearly independent
  /// Probability that the posterior, or a normal with the Fisher error, puts below the
  /// truth: uniform over toys where that is right. None with profiles.
  std::optional<double> pit;
};

struct Toy {
  std::vector<ToyQuantity> made;  // [quantity]; empty if the toy failed
  std::string failure;
  bool trusted = true;  // false: chains that disagree or hardly move
};

/// Parameters and derived quantities that `records` events determine at `theta`, with
/// their floors there.
struct ToyQuantities {
  std::vector<Quantity> quantities;
  std::vector<double> floors;
  double n_lambda_min = 0;
};

ToyQuantities toy_quantities(const Task& task,
                             const std::vector<double>& theta,
                             std::uint64_t records);

/// Draws toys with the task's sampler and detector, solves each with `solver` and makes
/// Fisher intervals of every quantity; where the objective is a likelihood also profile
/// intervals, unless method fisher or posterior is asked for; with method posterior also
/// draws. Method amortised: draws alone, without a fit; the value is their mean. Toys run
/// in parallel; toy k depends on (seed, k) alone, whichever rank of the group fits it.
/// `task.data` is not read. Called by all ranks of the group; the others than rank 0
/// return empty toys.
std::vector<Toy> run_toys(const Task& task,
                          const Solver& solver,
                          const std::vector<Quantity>& quantities,
                          const ToyOptions& options);

}  // namespace femto
