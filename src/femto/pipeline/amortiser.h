// What an amortiser is: pairs of parameters and summaries become a conditional density.
#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "femto/core/matrix.h"
#include "femto/core/random.h"
#include "femto/io/checkpoint.h"

namespace femto {

/// Draws and the logarithm of the density that they were drawn from, normalised.
struct KnownDraws {
  Matrix points;              // [draw, coordinate], in (0, 1)
  std::vector<double> log_q;  // [draw]
};

/// A density of points of the unit cube given summaries; const and thread-safe.
class ConditionalDensity {
 public:
  virtual ~ConditionalDensity() = default;

  /// n independent draws, keyed by the stream.
  virtual KnownDraws draw(std::span<const double> summaries,
                          std::size_t n,
                          const random::Stream& stream) const = 0;

  /// How far summaries lie from the centre of those it learned from, in units of the
  /// farthest of those: above 1 it extrapolates.
  virtual double strangeness(std::span<const double> summaries) const = 0;

  /// All that `Amortiser::restore` needs.
  virtual io::State state() const = 0;
};

/// Simulations to learn from.
struct Lesson {
  Matrix points;     // [simulation, coordinate], flat in the unit cube
  Matrix summaries;  // [simulation, summary]
  std::uint64_t seed = 1;
  std::function<void(std::uint64_t done, std::uint64_t all)>
      progress;  // may stop by throwing
};

/// How much an amortiser wants to see.
struct LessonPlan {
  std::uint64_t simulations = 0;
  std::uint64_t fewest = 0, most = 0;  // records of a data set; 0: those of the data
  int order = 6;                       // of the moments that describe the data
};

/// Learns the posterior of every data set at once.
class Amortiser {
 public:
  static constexpr std::string_view kind = "amortiser";
  virtual ~Amortiser() = default;

  virtual LessonPlan plan() const = 0;

  /// The same bits for any number of threads.
  virtual std::unique_ptr<ConditionalDensity> learn(const Lesson& lesson) const = 0;

  /// What `ConditionalDensity::state` gave. Throws DataError if it is something else.
  virtual std::unique_ptr<ConditionalDensity> restore(const io::State& state) const = 0;
};

}  // namespace femto
