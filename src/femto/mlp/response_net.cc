// Steps of Adam down the negative log-likelihood, epoch by epoch.
#include "femto/mlp/response_net.h"

#include <cmath>
#include <functional>
#include <numbers>
#include <numeric>

#include "femto/core/interrupt.h"
#include "femto/core/threads.h"
#include "femto/mlp/trainer.h"
#include "femto/stats/truncated_mixture.h"

namespace femto::mlp {
namespace {

/// -ln likelihood of one row, and its slopes by the outputs unless these are empty.
using Judge = std::function<double(
    std::size_t row, std::span<const float> outputs, std::span<double> slope)>;

/// Sum of the losses of some rows; pull: [row, output], may be empty.
double judge_all(const Judge& judge,
                 std::span<const std::uint32_t> rows,
                 std::size_t outputs,
                 std::span<const float> raw,
                 std::span<float> pull) {
  const Pieces pieces{rows.size(), 128};
  std::vector<double> sums(pieces.count());
  parallel_for(pieces.count(), [&](std::size_t p) {
    std::vector<double> slope(pull.empty() ? 0 : outputs);
    for (std::size_t i = pieces.begin(p); i < pieces.end(p); ++i) {
      sums[p] += judge(rows[i], raw.subspan(i * outputs, outputs), slope);
      for (std::size_t k = 0; k < slope.size(); ++k)
        pull[i * outputs + k] =
            static_cast<float>(slope[k] / static_cast<double>(rows.size()));
    }
  });
  return std::accumulate(sums.begin(), sums.end(), 0.0);
}

std::vector<float> gathered(std::span<const float> x,
                            std::size_t inputs,
                            std::span<const std::uint32_t> rows) {
  std::vector<float> out;
  for (const auto r : rows)
    for (std::size_t k = 0; k < inputs; ++k) out.push_back(x[r * inputs + k]);
  return out;
}

TrainedNet trained(const Shape& shape,
                   std::span<const float> x,
                   std::size_t learnt,
                   const NetTraining& how,
                   const char* purpose,
                   const Judge& judge) {
  const auto inputs = static_cast<std::size_t>(shape.inputs),
             outputs = static_cast<std::size_t>(shape.outputs);
  Trainer net(shape, first_weights(shape, random::Stream::named(how.seed, purpose)));
  std::vector<std::uint32_t> others(x.size() / inputs - learnt);
  std::iota(others.begin(), others.end(), static_cast<std::uint32_t>(learnt));
  std::vector<float> raw, pull;
  const auto loss_of_others = [&] {
    raw.resize(others.size() * outputs);
    net.outputs(x.subspan(learnt * inputs), raw);
    return judge_all(judge, others, outputs, raw, {});
  };
  TrainedNet best{shape, net.weights(), 0};
  double least = loss_of_others();
  const auto batch = std::min(static_cast<std::size_t>(how.batch), learnt);
  const std::size_t batches = learnt / batch;
  const double all = static_cast<double>(batches) * how.epochs;
  double done = 0;
  for (int epoch = 1; epoch <= how.epochs; ++epoch) {
    if (const int signal = interrupt_signal()) throw Interrupted(signal);
    const auto order = shuffled(
        learnt,
        random::Stream::named(how.seed, purpose, 1, static_cast<std::uint64_t>(epoch)));
    for (std::size_t b = 0; b < batches; ++b, done += 1) {
      const auto rows = std::span(order).subspan(b * batch, batch);
      const auto in = gathered(x, inputs, rows);
      raw.resize(batch * outputs);
      pull.resize(batch * outputs);
      net.outputs(in, raw);
      judge_all(judge, rows, outputs, raw, pull);
      net.step(in, pull, how.rate * 0.5 * (1 + std::cos(std::numbers::pi * done / all)));
    }
    if (const double now = loss_of_others(); now < least) {
      least = now;
      best = {shape, net.weights(), epoch};
    }
  }
  return best;
}

Shape shape_of(const NetTraining& how, std::size_t inputs, int outputs) {
  return {.inputs = static_cast<int>(inputs),
          .hidden = how.hidden,
          .outputs = outputs,
          .activation = Activation::silu};
}

}  // namespace

TrainedNet learn_density(const DensityRows& rows,
                         int components,
                         const NetTraining& how) {
  return trained(shape_of(how, rows.inputs, 3 * components),
                 rows.x,
                 rows.learnt,
                 how,
                 "response density",
                 [&](std::size_t i, std::span<const float> raw, std::span<double> slope) {
                   const auto [e, lo, hi] = rows.values[i];
                   const double log_q =
                       stats::mixture_of(raw, lo, hi).log_density(e, slope);
                   if (!slope.empty()) stats::chain_to_outputs(raw, slope);
                   for (double& s : slope) s = -s;
                   return -log_q;
                 });
}

TrainedNet learn_probability(const ProbabilityRows& rows, const NetTraining& how) {
  return trained(
      shape_of(how, rows.inputs, 1),
      rows.x,
      rows.learnt,
      how,
      "response probability",
      [&](std::size_t i, std::span<const float> raw, std::span<double> slope) {
        const double s = static_cast<double>(raw[0]), hit = rows.hit[i] ? 1 : 0;
        if (!slope.empty()) slope[0] = 1 / (1 + std::exp(-s)) - hit;
        return std::max(s, 0.0) + std::log1p(std::exp(-std::fabs(s))) - hit * s;
      });
}

std::vector<float> outputs_of(const TrainedNet& net, std::span<const float> x) {
  const std::size_t rows = x.size() / static_cast<std::size_t>(net.shape.inputs);
  std::vector<float> out(rows * static_cast<std::size_t>(net.shape.outputs));
  Trainer(net.shape, net.weights).outputs(x, out);
  return out;
}

}  // namespace femto::mlp
