// An autoregressive flow of truncated normal mixtures around a quadratic regression.
#include <algorithm>
#include <array>
#include <atomic>
#include <cmath>
#include <limits>
#include <mutex>
#include <numbers>
#include <numeric>

#include "femto/config/registry.h"
#include "femto/core/error.h"
#include "femto/core/threads.h"
#include "femto/mlp/trainer.h"
#include "femto/pipeline/amortiser.h"
#include "femto/stats/canonical.h"
#include "femto/stats/truncated_mixture.h"

namespace femto {
namespace {

using config::field;

constexpr std::size_t most_inputs = 16;  // of the fused perceptron
/// Residuals beyond this count as there where later coordinates look at them.
constexpr double farthest = 8;
/// One of so many simulations checks the training, instead of being learnt from.
constexpr std::size_t checks = 10;

/// What is known of one coordinate given the summaries and the coordinates before it: a
/// regression, and a network that shapes the distribution of its residual.
struct Coordinate {
  std::vector<double> regression;  // of the features
  double residual = 1;
  std::vector<float> weights;

  double centre(std::span<const double> features) const {
    return std::inner_product(features.begin(), features.end(), regression.begin(), 0.0);
  }
};

/// Numbers that every coordinate of a flow shares.
struct Frame {
  std::vector<int> hidden;
  int components = 4;

  mlp::Shape shape(std::size_t inputs) const {
    return {.inputs = static_cast<int>(inputs),
            .hidden = hidden,
            .outputs = 3 * components,
            .activation = mlp::Activation::silu};
  }
};

class Flow final : public ConditionalDensity {
 public:
  Flow(Frame frame, stats::CanonicalMap map, std::vector<Coordinate> coordinates)
      : frame_(std::move(frame)),
        map_(std::move(map)),
        coordinates_(std::move(coordinates)),
        idle_(coordinates_.size()) {}

  KnownDraws draw(std::span<const double> summaries,
                  std::size_t n,
                  const random::Stream& stream) const override {
    const auto x = map_.of(summaries);
    const std::size_t d = coordinates_.size(), wide = x.size();
    KnownDraws out{Matrix(n, d), std::vector<double>(n)};
    std::vector<std::vector<double>> inputs(n, x);
    for (std::size_t k = 0; k < d; ++k) {
      const auto& c = coordinates_[k];
      std::vector<float> rows(n * (wide + k)),
          raw(n * 3 * static_cast<std::size_t>(frame_.components));
      for (std::size_t i = 0; i < n; ++i)
        std::copy(inputs[i].begin(), inputs[i].end(), rows.begin() + i * (wide + k));
      run(k, rows, raw);
      std::vector<double> features(stats::quadratic_count(wide + k));
      for (std::size_t i = 0; i < n; ++i) {
        stats::quadratic_features(inputs[i], features);
        const double centre = c.centre(features);
        const auto law =
            stats::mixture_of(std::span(raw).subspan(i * raw.size() / n, raw.size() / n),
                              -centre / c.residual,
                              (1 - centre) / c.residual);
        const auto u = random::uniform_pair(stream, i, static_cast<std::uint32_t>(k));
        const double e = law.draw(u[0], u[1]);
        out.points(i, k) = std::clamp(centre + c.residual * e, 0.0, 1.0);
        out.log_q[i] += law.log_density(e) - std::log(c.residual);
        inputs[i].push_back(std::clamp(e, -farthest, farthest));
      }
    }
    return out;
  }

  double strangeness(std::span<const double> summaries) const override {
    const auto x = map_.of(summaries);
    return std::sqrt(std::inner_product(x.begin(), x.end(), x.begin(), 0.0)) /
           map_.farthest;
  }

  io::State state() const override {
    io::State out;
    std::vector<std::int64_t> hidden(frame_.hidden.begin(), frame_.hidden.end());
    out.put("hidden", std::span<const std::int64_t>(hidden));
    out.put("components", std::int64_t{frame_.components});
    out.put("coordinates", static_cast<std::int64_t>(coordinates_.size()));
    out.put("mean", std::span<const double>(map_.mean));
    out.put("map", std::span<const double>(map_.map.data));
    out.put("farthest", map_.farthest);
    for (std::size_t k = 0; k < coordinates_.size(); ++k) {
      const auto& c = coordinates_[k];
      out.put(fmt::format("residual{}", k), c.residual);
      out.put(fmt::format("regression{}", k), std::span<const double>(c.regression));
      out.put(fmt::format("weights{}", k), std::span<const float>(c.weights));
    }
    return out;
  }

  static std::unique_ptr<ConditionalDensity> from(const io::State& state) {
    Frame frame;
    frame.hidden.clear();
    for (const auto units : state.integers("hidden"))
      frame.hidden.push_back(static_cast<int>(units));
    frame.components = static_cast<int>(state.integer("components"));
    stats::CanonicalMap map{state.doubles("mean"), {}, state.number("farthest")};
    map.map.data = state.doubles("map");
    map.map.cols = map.mean.size();
    map.map.rows = map.map.data.size() / map.map.cols;
    std::vector<Coordinate> coordinates;
    for (std::int64_t k = 0; k < state.integer("coordinates"); ++k)
      coordinates.push_back({state.doubles(fmt::format("regression{}", k)),
                             state.number(fmt::format("residual{}", k)),
                             state.floats(fmt::format("weights{}", k))});
    return std::make_unique<Flow>(
        std::move(frame), std::move(map), std::move(coordinates));
  }

 private:
  /// A network is a workspace of one pass: each caller borrows one.
  void run(std::size_t k, std::span<const float> rows, std::span<float> raw) const {
    std::unique_ptr<mlp::Trainer> net;
    {
      const std::lock_guard lock(mutex_);
      if (!idle_[k].empty()) {
        net = std::move(idle_[k].back());
        idle_[k].pop_back();
      }
    }
    if (!net) {
      const auto inputs = map_.map.rows + k;
      net = std::make_unique<mlp::Trainer>(frame_.shape(inputs), coordinates_[k].weights);
    }
    net->outputs(rows, raw);
    const std::lock_guard lock(mutex_);
    idle_[k].push_back(std::move(net));
  }

  Frame frame_;
  stats::CanonicalMap map_;
  std::vector<Coordinate> coordinates_;
  mutable std::mutex mutex_;
  mutable std::vector<std::vector<std::unique_ptr<mlp::Trainer>>> idle_;
};

/// What the network of one coordinate learns from.
struct Rows {
  std::size_t count = 0, inputs = 0;
  std::vector<float> x;           // [row, input]
  std::vector<double> e, lo, hi;  // residual and the ends of the box, in its units
};

struct Training {
  int epochs = 30, batch = 512;
  double rate = 3e-3;
};

/// Regression of one coordinate on u, which gets its residuals as one more column.
Rows regress(const Matrix& points, std::size_t k, Matrix& u, Coordinate& out) {
  const std::size_t n = points.rows, wide = u.cols;
  std::vector<double> t(n), features(stats::quadratic_count(wide));
  for (std::size_t i = 0; i < n; ++i) t[i] = points(i, k);
  out.regression = stats::quadratic_regression(u, t);
  Rows rows{n, wide, {u.data.begin(), u.data.end()}, {}, {}, {}};
  std::vector<double> centres;
  double squares = 0;
  for (std::size_t i = 0; i < n; ++i) {
    stats::quadratic_features({u.row(i), wide}, features);
    centres.push_back(out.centre(features));
    squares += std::pow(t[i] - centres[i], 2);
  }
  out.residual = std::sqrt(squares / static_cast<double>(n));
  Matrix more(n, wide + 1);
  for (std::size_t i = 0; i < n; ++i) {
    rows.e.push_back((t[i] - centres[i]) / out.residual);
    rows.lo.push_back(-centres[i] / out.residual);
    rows.hi.push_back((1 - centres[i]) / out.residual);
    std::copy_n(u.row(i), wide, more.row(i));
    more(i, wide) = std::clamp(rows.e.back(), -farthest, farthest);
  }
  u = std::move(more);
  return rows;
}

/// Mean of ln q over rows [first, end).
double mean_log_density(mlp::Trainer& net,
                        const Rows& rows,
                        std::size_t outputs,
                        std::size_t first,
                        std::size_t end) {
  std::vector<float> raw((end - first) * outputs);
  net.outputs(std::span(rows.x).subspan(first * rows.inputs, (end - first) * rows.inputs),
              raw);
  double sum = 0;
  for (std::size_t i = first; i < end; ++i)
    sum += stats::mixture_of(std::span(raw).subspan((i - first) * outputs, outputs),
                             rows.lo[i],
                             rows.hi[i])
               .log_density(rows.e[i]);
  return sum / static_cast<double>(end - first);
}

/// Descends along -ln q of one batch.
void learn_batch(mlp::Trainer& net,
                 const Rows& rows,
                 std::size_t outputs,
                 std::span<const std::uint32_t> which,
                 double rate) {
  const std::size_t n = which.size();
  std::vector<float> x(n * rows.inputs), raw(n * outputs), pull(n * outputs);
  for (std::size_t i = 0; i < n; ++i)
    std::copy_n(
        rows.x.data() + which[i] * rows.inputs, rows.inputs, x.data() + i * rows.inputs);
  net.outputs(x, raw);
  std::vector<double> slope(outputs);
  for (std::size_t i = 0; i < n; ++i) {
    const auto out = std::span(raw).subspan(i * outputs, outputs);
    stats::mixture_of(out, rows.lo[which[i]], rows.hi[which[i]])
        .log_density(rows.e[which[i]], slope);
    stats::chain_to_outputs(out, slope);
    for (std::size_t j = 0; j < outputs; ++j)
      pull[i * outputs + j] = static_cast<float>(-slope[j] / static_cast<double>(n));
  }
  net.step(x, pull, rate);
}

/// The weights that did best on the last rows, which were not learnt from.
std::vector<float> trained(const Frame& frame,
                           const Rows& rows,
                           const Training& how,
                           std::uint64_t seed,
                           std::size_t coordinate,
                           const std::function<void()>& epoch_done) {
  const auto shape = frame.shape(rows.inputs);
  const auto outputs = static_cast<std::size_t>(shape.outputs);
  mlp::Trainer net(
      shape,
      mlp::first_weights(shape,
                         random::Stream::named(seed, "amortiser weights", coordinate)));
  const std::size_t learnt = rows.count - rows.count / checks;
  auto best = net.weights();
  double least = -mean_log_density(net, rows, outputs, learnt, rows.count);
  const auto batch = std::min(static_cast<std::size_t>(how.batch), learnt);
  const std::size_t batches = learnt / batch;
  const double all = static_cast<double>(batches) * how.epochs;
  double done = 0;
  for (int epoch = 0; epoch < how.epochs; ++epoch) {
    const auto order = mlp::shuffled(
        learnt,
        random::Stream::named(
            seed, "amortiser order", coordinate, static_cast<std::uint64_t>(epoch)));
    for (std::size_t b = 0; b < batches; ++b, done += 1)
      learn_batch(net,
                  rows,
                  outputs,
                  std::span(order).subspan(b * batch, batch),
                  how.rate * 0.5 * (1 + std::cos(std::numbers::pi * done / all)));
    if (const double now = -mean_log_density(net, rows, outputs, learnt, rows.count);
        now < least) {
      least = now;
      best = net.weights();
    }
    epoch_done();
  }
  return best;
}

class MixtureFlow final : public Amortiser {
 public:
  struct Config {
    std::uint64_t simulations = 20000;
    std::uint64_t fewest = 0, most = 0;
    int order = 6;
    std::vector<int> hidden = {64, 64};
    int components = 4;
    int epochs = 30, batch = 512;
    double rate = 3e-3;

    static constexpr auto fields() {
      return std::tuple{
          field<&Config::simulations>({.doc = "simulated data sets to learn from",
                                       .rule = config::at_least(1000)}),
          field<&Config::fewest>(
              {.doc = "least records of a data set; 0: those of the data"}),
          field<&Config::most>(
              {.doc = "most records of a data set; 0: those of the data. Between the two "
                      "the posterior serves any number"}),
          field<&Config::order>(
              {.doc = "highest total degree of the Legendre polynomials whose means "
                      "describe a data set",
               .rule = config::between(1, 20)}),
          field<&Config::hidden>({.doc = "units of each hidden layer, 16 to 512",
                                  .rule = config::between(16, 512)}),
          field<&Config::components>(
              {.doc = "normal densities of each mixture", .rule = config::between(1, 5)}),
          field<&Config::epochs>({.doc = "passes over the simulations; 0: the regression "
                                         "alone, with normal residuals",
                                  .rule = config::at_least_zero}),
          field<&Config::batch>(
              {.doc = "simulations per step", .rule = config::positive}),
          field<&Config::rate>(
              {.doc = "first learning rate; falls to zero along a cosine",
               .rule = config::positive}),
      };
    }

    void check(config::Issues& issues) const {
      if (hidden.empty() || hidden.size() > 6)
        issues.add("hidden", "there must be 1 to 6 hidden layers");
      if ((fewest == 0) != (most == 0) || fewest > most)
        issues.add("fewest", "give both fewest and most, in this order, or neither");
    }
  };

  explicit MixtureFlow(Config config) : config_(std::move(config)) {}

  LessonPlan plan() const override {
    return {config_.simulations, config_.fewest, config_.most, config_.order};
  }

  std::unique_ptr<ConditionalDensity> learn(const Lesson& lesson) const override {
    const std::size_t d = lesson.points.cols, n = lesson.points.rows;
    if (d > most_inputs / 2)
      throw Error(
          fmt::format("{} parameters are more than the {} that this amortiser takes",
                      d,
                      most_inputs / 2),
          "fix some (parameters.NAME.fixed), or use intervals.method=posterior");
    auto map =
        stats::canonical_map(lesson.summaries, lesson.points, most_inputs - (d - 1));
    Matrix u(n, map.map.rows);
    for (std::size_t i = 0; i < n; ++i)
      std::ranges::copy(map.of({lesson.summaries.row(i), lesson.summaries.cols}),
                        u.row(i));
    std::vector<Coordinate> coordinates(d);
    std::vector<Rows> rows;
    for (std::size_t k = 0; k < d; ++k)
      rows.push_back(regress(lesson.points, k, u, coordinates[k]));
    const Frame frame{config_.hidden, config_.components};
    std::atomic<std::uint64_t> done = 0;
    const auto all = static_cast<std::uint64_t>(config_.epochs) * d;
    parallel_for(d, [&](std::size_t k) {
      coordinates[k].weights = trained(frame,
                                       rows[k],
                                       {config_.epochs, config_.batch, config_.rate},
                                       lesson.seed,
                                       k,
                                       [&] {
                                         ++done;
                                         if (lesson.progress) lesson.progress(done, all);
                                       });
    });
    return std::make_unique<Flow>(frame, std::move(map), std::move(coordinates));
  }

  std::unique_ptr<ConditionalDensity> restore(const io::State& state) const override {
    return Flow::from(state);
  }

 private:
  Config config_;
};

}  // namespace

void register_amortiser_mixture_flow(Registry& r) {
  r.add<Amortiser, MixtureFlow>({
      .name = "mixture_flow",
      .summary = "Autoregressive flow of truncated normal mixtures around a quadratic "
                 "regression on summaries.",
      .source = "Papamakarios:2016 (mixtures as posteriors), Uria:2013 (autoregressive), "
                "Fearnhead:2012 (regression as summary)",
  });
}

}  // namespace femto
