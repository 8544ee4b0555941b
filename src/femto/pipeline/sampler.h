// What a sampler is: densities and keyed uniforms become events, with derivatives.
#pragma once
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "femto/core/random.h"
#include "femto/pipeline/theory.h"

namespace femto {

/// Which uniforms an event uses: event i of a draw uses (stream, first + i), block = axis
/// / 2 of its channel's stream. The same numbers give the same event in any batch.
struct Draw {
  random::Stream stream;
  std::uint64_t first = 0;
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

/// The stream of one channel of one draw (purpose "events"; replica = toy or member).
random::Stream event_stream(std::uint64_t seed,
                            std::size_t channel,
                            std::uint64_t replica = 0,
                            std::uint64_t step = 0);

}  // namespace femto
