// One column measured through a response that is a function of its true value alone.
#pragma once
#include <algorithm>
#include <functional>
#include <limits>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "femto/core/recent.h"
#include "femto/pipeline/annotated.h"
#include "femto/pipeline/stage.h"

namespace femto {

/// What a response step says of itself beyond its response.
struct ResponseWords {
  std::vector<double> breaks;  // of the column: where densities are not smooth
  std::function<double(double x)> panel = [](double) {  // as Step::panel
    return std::numeric_limits<double>::infinity();
  };
  std::vector<std::string> notes;
  std::function<std::unique_ptr<Step>(const random::Stream&)> resampled;  // may be empty
};

/// `Response` tells efficiency(x), density(y, x) whose integral over y is the efficiency,
/// reaches(y, x), loses(), and measure(x, u), the value y and its slope dy/dx of an event
/// that is not lost; u in (0, 1).
template <class Response>
class ResponseStep final : public Step, public Annotated {
 public:
  /// Measured values are in [lo, hi].
  ResponseStep(const std::vector<Channel>& before,
               std::string column,
               Response response,
               double lo,
               double hi,
               ResponseWords words)
      : place_(place_of(before, column)),
        column_(std::move(column)),
        response_(std::move(response)),
        words_(std::move(words)) {
    channels_ = before;
    auto& axis = channels_[place_.channel].axes[place_.axis];
    axis.lo = lo;
    axis.hi = hi;
    axis.grading = Grading::uniform;
  }

  const std::vector<Nuisance>& nuisances() const override {
    static const std::vector<Nuisance> none;
    return none;
  }

  bool loses() const override { return response_.loses(); }

  std::vector<std::string> notes() const override { return words_.notes; }

  std::unique_ptr<Step> resampled(const random::Stream& stream) const override {
    return words_.resampled ? words_.resampled(stream) : nullptr;
  }

  void apply(const Draw& which,
             std::span<const double>,
             std::size_t n,
             double* const* record,
             double* survival) const override {
    for (std::size_t i = 0; i < n; ++i) {
      double& x = record[place_.column][i];
      if (survival) survival[i] *= response_.efficiency(x);
      x = response_.measure(x, random::uniform(which.stream, which.first + i)).y;
    }
  }

  void backward(const Draw& which,
                std::span<const double>,
                std::size_t n,
                const double* const* before,
                double* const* upstream) const override {
    for (std::size_t i = 0; i < n; ++i)
      upstream[place_.column][i] *=
          response_
              .measure(before[place_.column][i],
                       random::uniform(which.stream, which.first + i))
              .slope;
  }

  double panel(const std::string& column, double x) const override {
    return column == column_ ? words_.panel(x) : Step::panel(column, x);
  }

  std::vector<double> breaks(const std::string& column) const override {
    return column == column_ ? words_.breaks : std::vector<double>();
  }

  std::vector<Intensity> fold(std::vector<Intensity> in,
                              const Folding& folding) const override {
    auto& channel = in[place_.channel];
    const auto matrix = recent_.get({}, [&] {
      const auto& axis = channels_[place_.channel].axes[place_.axis];
      return KernelMatrix(channel.axes[place_.axis],
                          folding.panels(column_, axis.lo, axis.hi),
                          Kernel{1, [this](double y, double x, double* k) {
                                   k[0] = response_.density(y, x);
                                   return response_.reaches(y, x);
                                 }});
    });
    channel = folded(channel, place_.axis, *matrix);
    return in;
  }

 private:
  ColumnPlace place_;
  std::string column_;
  Response response_;
  ResponseWords words_;
  mutable Recent<KernelMatrix> recent_;
};

}  // namespace femto
