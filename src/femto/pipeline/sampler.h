// What a sampler is: densities and keyed uniforms become events, with derivatives.
#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "femto/core/random.h"
#include "femto/physics/event_loss.h"
#include "femto/pipeline/theory.h"

namespace femto {

/// Which uniforms an event uses: event i of a draw uses (stream, first + i), block = axis
/// / 2 of its channel's stream. The same numbers give the same event in any batch.
struct Draw {
  random::Stream stream;
  std::uint64_t first = 0;
};

/// The density that a sampler's events really follow, where it is known in closed form.
struct SampledDensity {
  std::vector<std::vector<double>> borders;  // [axis][border]: smooth between borders
  double log_norm = 0;                       // ln of the norm that the sampler found
  /// x[axis][n] -> q[n], normalised.
  std::function<void(std::size_t n, const double* const* x, double* q)> density;
};

/// Everything prepared at one theta; const and thread-safe.
class SamplerTable {
 public:
  virtual ~SamplerTable() = default;

  /// n events of one channel: out[axis][n]. Delivered = requested, always.
  virtual void draw(std::size_t channel,
                    const Draw& which,
                    std::size_t n,
                    double* const* out) const = 0;

  /// Adds to slope[parameter] the product upstream^T d(events)/d(theta), where
  /// upstream[axis][n] is dL/d(event) of the events that draw(channel, which, n) gives.
  virtual void backward(std::size_t channel,
                        const Draw& which,
                        std::size_t n,
                        const double* const* upstream,
                        double* slope) const = 0;

  /// Both in one pass, for a loss that is a sum over events: shows it the events that
  /// draw(channel, which, n) gives and adds what backward would make of its answers.
  /// Events are found once, not twice.
  virtual void draw_and_pull(std::size_t channel,
                             const Draw& which,
                             std::size_t n,
                             const EventLoss& loss,
                             double* slope) const = 0;

  /// For the meter of sampler bias; empty means that only simulation can tell. Valid as
  /// long as the table.
  virtual std::optional<SampledDensity> sampled(std::size_t) const { return {}; }
};

/// Grids and features of one theory, prepared once; const and thread-safe.
class SamplerPlan {
 public:
  virtual ~SamplerPlan() = default;

  virtual std::unique_ptr<SamplerTable> at(std::span<const double> theta) const = 0;
};

class Sampler {
 public:
  static constexpr std::string_view kind = "sampler";
  virtual ~Sampler() = default;

  /// The theory must outlive the plan. Throws Error if the sampler cannot serve it.
  virtual std::unique_ptr<SamplerPlan> plan(const Theory& theory) const = 0;

  /// Empty for an exact gradient; otherwise one sentence on the bias, printed with
  /// results.
  virtual std::string bias() const { return {}; }
};

/// Fills u[axis][n] with the uniforms of events 0..n-1 of a draw.
void fill_uniforms(const Draw& which, std::size_t n, std::size_t axes, double* const* u);

/// The stream of one channel of one draw (purpose "events"; replica = toy or member).
random::Stream event_stream(std::uint64_t seed,
                            std::size_t channel,
                            std::uint64_t replica = 0,
                            std::uint64_t step = 0);

}  // namespace femto
