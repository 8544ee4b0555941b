// Batches through the networks: passes, slopes of the loss, Adam.
#include "femto/neural/learning.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "femto/core/error.h"
#include "femto/core/interrupt.h"
#include "femto/core/threads.h"
#include "femto/stats/linear.h"

namespace femto::neural {
namespace {

/// Adam with its rate given at every step.
class FlatAdam {
 public:
  explicit FlatAdam(std::size_t n) : mean_(n), square_(n) {}

  void step(std::span<float> parameters, std::span<const float> gradient, double rate) {
    ++steps_;
    const double a = 1 - std::pow(0.9, steps_), b = 1 - std::pow(0.999, steps_);
    for (std::size_t i = 0; i < parameters.size(); ++i) {
      mean_[i] += 0.1 * (gradient[i] - mean_[i]);
      square_[i] += 0.001 * (double{gradient[i]} * gradient[i] - square_[i]);
      parameters[i] -=
          static_cast<float>(rate * (mean_[i] / a) / (std::sqrt(square_[i] / b) + 1e-15));
    }
  }

 private:
  std::vector<double> mean_, square_;
  int steps_ = 0;
};

/// The network of one measured channel in training.
struct Pupil {
  BilinearNet net;
  FlatAdam adam;
  std::size_t first_column, axes;
  std::vector<float> y, g, slope_g, z, c, slope_c, gradient;
};

/// Adds one block's slopes of the loss to those of its features and points.
void judge(const Batch& batch, const RatioLoss& loss, Pupil& p, std::size_t b) {
  const std::size_t points = batch.points;
  const auto rank = static_cast<std::size_t>(p.net.shape().rank);
  const double scale = p.net.scale();
  std::vector<double> h(points), joint(points), slope(points), dc(points * rank);
  const float* zero = &p.c[blocks * points * rank];
  for (std::size_t copy = 0; copy < batch.copies; ++copy)
    for (std::size_t i = 0; i < block; ++i) {
      const std::size_t row = (b * batch.copies + copy) * block + i;
      const double w = batch.weight[row];
      float* dg = &p.slope_g[row * rank];
      std::fill_n(dg, rank, 0.0f);
      if (w == 0) continue;
      const float* g = &p.g[row * rank];
      for (std::size_t k = 0; k < points; ++k) {
        const float* c = &p.c[(b * points + k) * rank];
        double sum = 0;
        for (std::size_t r = 0; r < rank; ++r) sum += double{c[r] - zero[r]} * g[r];
        h[k] = scale * sum;
        const bool drawn = batch.copies == 1 || copy == k + 1;
        joint[k] = drawn ? w * batch.ratio[(b * points + k) * block + i] : 0;
      }
      loss({h, copy == 0 ? w : 0, joint}, slope);
      for (std::size_t k = 0; k < points; ++k) {
        const float* c = &p.c[(b * points + k) * rank];
        for (std::size_t r = 0; r < rank; ++r) {
          dg[r] += static_cast<float>(slope[k] * (c[r] - zero[r]));
          dc[k * rank + r] += slope[k] * g[r];
        }
      }
    }
  std::copy(dc.begin(), dc.end(), &p.slope_c[b * points * rank]);
}

void present(const TrainingSet& set, const Batch& batch, Pupil& p) {
  const std::size_t rows = batch.weight.size(), d = set.region().size();
  for (std::size_t a = 0; a < p.axes; ++a) {
    const auto& scale = set.scales()[p.first_column + a];
    const auto& column = batch.measured[p.first_column + a];
    for (std::size_t i = 0; i < rows; ++i)
      p.y[i * p.axes + a] = static_cast<float>((column[i] - scale.mean) / scale.sd);
  }
  for (std::size_t k = 0; k < batch.point.size(); ++k)
    for (std::size_t j = 0; j < d; ++j)
      p.z[k * d + j] =
          static_cast<float>(set.points()[batch.point[k]][j] / set.region().radius);
}

void study(const TrainingSet& set,
           const Batch& batch,
           const RatioLoss& loss,
           double rate,
           Pupil& p) {
  present(set, batch, p);
  p.net.event_features(p.y, p.g);
  p.net.point_features(p.z, p.c);
  parallel_for(blocks, [&](std::size_t b) { judge(batch, loss, p, b); });
  const auto rank = static_cast<std::size_t>(p.net.shape().rank);
  float* zero = &p.slope_c[batch.point.size() * rank];
  std::fill_n(zero, rank, 0.0f);
  for (std::size_t k = 0; k < batch.point.size(); ++k)
    for (std::size_t r = 0; r < rank; ++r) zero[r] -= p.slope_c[k * rank + r];
  p.net.gradient(p.y, p.slope_g, p.z, p.slope_c, p.gradient);
  p.adam.step(p.net.parameters(), p.gradient, rate);
}

}  // namespace

std::vector<ChannelRatio> learn(const TrainingSet& set,
                                const Theory& measured,
                                const LearningSettings& settings,
                                const RatioLoss& loss,
                                double scale,
                                random::Stream stream) {
  const std::size_t d = set.region().size();
  const auto points = static_cast<std::size_t>(settings.points);
  Batch batch(set, points);
  const std::size_t rows = batch.weight.size();
  const auto rank = static_cast<std::size_t>(settings.rank);
  std::vector<Pupil> pupils;
  std::size_t column = 0;
  for (std::size_t c = 0; c < measured.channels().size(); ++c) {
    const std::size_t axes = measured.channels()[c].axes.size();
    BilinearNet net(
        {static_cast<int>(axes), static_cast<int>(d), settings.rank, settings.hidden},
        scale,
        random::Stream::named(stream.seed, "learned weights", stream.id, c));
    const std::size_t n = net.parameters().size(), all = blocks * points + 1;
    pupils.push_back({std::move(net),
                      FlatAdam(n),
                      column,
                      axes,
                      std::vector<float>(rows * axes),
                      std::vector<float>(rows * rank),
                      std::vector<float>(rows * rank),
                      std::vector<float>(all * d),
                      std::vector<float>(all * rank),
                      std::vector<float>(all * rank),
                      std::vector<float>(n)});
    column += axes;
  }
  for (int step = 0; step < settings.steps; ++step) {
    if (const int signal = interrupt_signal()) throw Interrupted(signal);
    batch.draw(set, static_cast<std::uint64_t>(step), stream);
    const double done = static_cast<double>(step) / settings.steps;
    const double rate =
        settings.learning_rate * 0.5 * (1 + std::cos(std::numbers::pi * done));
    for (auto& pupil : pupils) study(set, batch, loss, rate, pupil);
  }
  std::vector<ChannelRatio> out;
  for (auto& pupil : pupils) out.push_back({std::move(pupil.net), {}});
  column = 0;
  for (std::size_t c = 0; c < out.size(); ++c) {
    find_head(set, loss, points, column, out[c]);
    column += pupils[c].axes;
  }
  return out;
}

}  // namespace femto::neural
