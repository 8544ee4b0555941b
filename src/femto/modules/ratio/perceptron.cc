// A classifier network learns the ratio: perceptrons trained by the logistic loss.
#include <algorithm>
#include <cmath>

#include "femto/config/registry.h"
#include "femto/core/error.h"
#include "femto/core/sum.h"
#include "femto/mlp/trainer.h"
#include "femto/pipeline/ratio.h"
#include "femto/stats/logistic.h"

namespace femto {

/// What the network adds to.
enum class Base { none, quadratic };

constexpr std::array<std::pair<std::string_view, Base>, 2> names(Base) {
  return {{{"none", Base::none}, {"quadratic", Base::quadratic}}};
}

namespace {

using config::field;
using LogRatio = std::optional<stats::QuadraticLogRatio>;

/// Standardised inputs of both classes, class `above` first: [row, column].
struct Rows {
  std::size_t count = 0, columns = 0;
  std::vector<float> x;
  std::vector<float> base;            // log ratio that the network adds to
  std::vector<float> weight, target;  // weights of each class have the mean 1/2
};

/// Mean and standard deviation of each column of the events below.
struct Scale {
  std::vector<double> mean, factor;

  explicit Scale(const WeightedEvents& events) {
    const double n = static_cast<double>(events.size());
    for (const auto& column : events.columns) {
      const double m = pairwise_sum(column) / n;
      double squares = 0;
      for (const double v : column) squares += (v - m) * (v - m);
      mean.push_back(m);
      factor.push_back(squares > 0 ? 1 / std::sqrt(squares / n) : 1);
    }
  }

  void put(const EventColumns& at, std::size_t i, float* out) const {
    for (std::size_t c = 0; c < mean.size(); ++c)
      out[c] = static_cast<float>((at[c][i] - mean[c]) * factor[c]);
  }
};

std::vector<double> values(const LogRatio& base, const EventColumns& at, std::size_t n) {
  std::vector<double> out(n, 0.0);
  if (base) base->at(at, out);
  return out;
}

void append(Rows& rows,
            const WeightedEvents& events,
            const Scale& scale,
            const LogRatio& base,
            float target) {
  const auto known = values(base, events.columns, events.size());
  rows.base.insert(rows.base.end(), known.begin(), known.end());
  const double factor =
      static_cast<double>(events.size()) / pairwise_sum(events.weights) / 2;
  for (std::size_t i = 0; i < events.size(); ++i) {
    rows.x.resize(rows.x.size() + rows.columns);
    scale.put(events.columns, i, rows.x.data() + rows.count * rows.columns);
    rows.weight.push_back(static_cast<float>(factor * events.weights[i]));
    rows.target.push_back(target);
    ++rows.count;
  }
}

struct Training {
  int epochs = 20, batch = 1024;
  double rate = 0.003;
};

/// Minimises sum of w (ln(1 + e^s) - t s); the rate falls to zero along a cosine.
void train(mlp::Trainer& net,
           const Rows& rows,
           const Training& how,
           std::uint64_t seed,
           std::uint64_t member) {
  const auto size = static_cast<std::size_t>(how.batch);
  const std::size_t batches = (rows.count + size - 1) / size;
  const double all = static_cast<double>(batches) * how.epochs;
  std::vector<float> x(size * rows.columns), s(size), pull(size);
  double done = 0;
  for (int epoch = 0; epoch < how.epochs; ++epoch) {
    const auto order = mlp::shuffled(
        rows.count,
        random::Stream::named(
            seed, "perceptron ratio order", member, static_cast<std::uint64_t>(epoch)));
    for (std::size_t b = 0; b < batches; ++b, done += 1) {
      const std::size_t first = b * size, n = std::min(size, rows.count - first);
      for (std::size_t i = 0; i < n; ++i)
        std::copy_n(rows.x.data() + order[first + i] * rows.columns,
                    rows.columns,
                    x.data() + i * rows.columns);
      const std::span<const float> points(x.data(), n * rows.columns);
      net.outputs(points, {s.data(), n});
      for (std::size_t i = 0; i < n; ++i) {
        const auto k = order[first + i];
        const float p = 1 / (1 + std::exp(-s[i] - rows.base[k]));
        pull[i] = rows.weight[k] * (p - rows.target[k]) / static_cast<float>(n);
      }
      net.step(
          points, {pull.data(), n}, how.rate * 0.5 * (1 + std::cos(M_PI * done / all)));
    }
  }
}

class PerceptronRatio final : public RatioEstimator {
 public:
  struct Config {
    std::vector<int> hidden = {50, 50, 50};
    int epochs = 20, batch = 1024;
    double rate = 0.003;
    int members = 1;
    Base base = Base::quadratic;

    static constexpr auto fields() {
      return std::tuple{
          field<&Config::hidden>({.doc = "units of each hidden layer, 16 to 512",
                                  .rule = config::between(16, 512)}),
          field<&Config::epochs>(
              {.doc = "passes over the events", .rule = config::positive}),
          field<&Config::batch>({.doc = "events per step", .rule = config::positive}),
          field<&Config::rate>(
              {.doc = "first learning rate; falls to zero along a cosine",
               .rule = config::positive}),
          field<&Config::members>(
              {.doc = "networks with their own initial weights and order of events, of "
                      "which the mean logarithm counts",
               .rule = config::positive}),
          field<&Config::base>(
              {.doc =
                   "log ratio that the network adds to: that of ratio/quadratic, which "
                   "leaves it the rest and carries the tails, or none"}),
      };
    }

    void check(config::Issues& issues) const {
      if (hidden.empty() || hidden.size() > 6)
        issues.add("hidden", "there must be 1 to 6 hidden layers");
    }
  };

  explicit PerceptronRatio(Config config) : config_(std::move(config)) {}

  Ratio learn(const WeightedEvents& above,
              const WeightedEvents& below,
              const random::Stream& stream) const override {
    const double over = pairwise_sum(above.weights), under = pairwise_sum(below.weights);
    if (!(over > 0) || !(under > 0))
      throw NumericalError("a classifier cannot learn from weights that sum to 0 or less",
                           "negative weights outweigh the others");
    const Scale scale(below);
    LogRatio base;
    if (config_.base == Base::quadratic)
      base.emplace(stats::WeightedColumns{above.columns, above.weights},
                   stats::WeightedColumns{below.columns, below.weights});
    Rows rows;
    rows.columns = below.columns.size();
    append(rows, above, scale, base, 1);
    append(rows, below, scale, base, 0);
    const mlp::Shape shape{.inputs = static_cast<int>(rows.columns),
                           .hidden = config_.hidden,
                           .activation = mlp::Activation::silu};
    // A stream's identity is the seed of those that it needs below.
    const std::uint64_t seed = stream.seed ^ (std::uint64_t{stream.id} << 32);
    std::vector<std::shared_ptr<mlp::Trainer>> nets;
    for (int m = 0; m < config_.members; ++m) {
      const auto member = static_cast<std::uint64_t>(m);
      const auto start = random::Stream::named(seed, "perceptron ratio weights", member);
      nets.push_back(
          std::make_shared<mlp::Trainer>(shape, mlp::first_weights(shape, start)));
      train(*nets.back(),
            rows,
            {config_.epochs, config_.batch, config_.rate},
            seed,
            member);
    }
    const auto raw = [=](const EventColumns& at, std::span<double> out) {
      evaluate(nets, scale, base, over / under, at, out);
    };
    return normalised(raw, below, over);
  }

 private:
  static void evaluate(const std::vector<std::shared_ptr<mlp::Trainer>>& nets,
                       const Scale& scale,
                       const LogRatio& base,
                       double factor,
                       const EventColumns& at,
                       std::span<double> out) {
    const std::size_t columns = at.size();
    std::vector<float> x(out.size() * columns), s(out.size());
    for (std::size_t i = 0; i < out.size(); ++i) scale.put(at, i, x.data() + i * columns);
    std::fill(out.begin(), out.end(), 0.0);
    for (const auto& net : nets) {
      net->outputs(x, s);
      for (std::size_t i = 0; i < out.size(); ++i) out[i] += static_cast<double>(s[i]);
    }
    const auto known = values(base, at, out.size());
    for (std::size_t i = 0; i < out.size(); ++i)
      out[i] = factor * std::exp(known[i] + out[i] / static_cast<double>(nets.size()));
  }

  /// The weighted events below, times the ratio, must have the sum of those above.
  static Ratio normalised(const Ratio& raw, const WeightedEvents& below, double over) {
    std::vector<double> r(below.size());
    raw(below.columns, r);
    for (std::size_t i = 0; i < r.size(); ++i) r[i] *= below.weights[i];
    const double sum = pairwise_sum(r);
    if (!(sum > 0))
      throw NumericalError("the classifier's weights sum to 0 or less",
                           "lower `rate`, or raise `epochs`");
    return [=](const EventColumns& at, std::span<double> out) {
      raw(at, out);
      for (auto& v : out) v *= over / sum;
    };
  }

  Config config_;
};

}  // namespace

void register_ratio_perceptron(Registry& r) {
  r.add<RatioEstimator, PerceptronRatio>({
      .name = "perceptron",
      .summary = "A classifier network, trained by the logistic loss (OmniFold).",
      .source = "Andreassen:2020",
  });
}

}  // namespace femto
