// The meter of sampler bias: quadrature of the sampler's own density where it is known,
// simulation otherwise.
#include "femto/pipeline/sampler_bias.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "femto/physics/quadrature.h"
#include "femto/pipeline/spectrum.h"

namespace femto {
namespace {

/// A function of the event whose mean is compared, with its gradient.
struct Feature {
  enum class Kind { value, square, logarithm, product };
  std::string name;
  Kind kind;
  std::size_t a, b;

  double at(const double* const* x, std::size_t i) const {
    switch (kind) {
      case Kind::value:
        return x[a][i];
      case Kind::square:
        return x[a][i] * x[a][i];
      case Kind::logarithm:
        return std::log(x[a][i]);
      case Kind::product:
        return x[a][i] * x[b][i];
    }
    return 0;
  }

  double slope(const double* const* x, std::size_t i, std::size_t axis) const {
    if (kind == Kind::product) return axis == a ? x[b][i] : axis == b ? x[a][i] : 0;
    if (axis != a) return 0;
    if (kind == Kind::value) return 1;
    return kind == Kind::square ? 2 * x[a][i] : 1 / x[a][i];
  }
};

std::vector<Feature> features_of(const Channel& channel) {
  std::vector<Feature> out;
  const auto& axes = channel.axes;
  for (std::size_t a = 0; a < axes.size(); ++a) {
    out.push_back({axes[a].column, Feature::Kind::value, a, a});
    out.push_back({axes[a].column + "^2", Feature::Kind::square, a, a});
    if (axes[a].lo > 0)
      out.push_back({"ln " + axes[a].column, Feature::Kind::logarithm, a, a});
    for (std::size_t b = a + 1; b < axes.size(); ++b)
      out.push_back(
          {axes[a].column + " " + axes[b].column, Feature::Kind::product, a, b});
  }
  return out;
}

/// Sums over one channel.
struct ChannelSums {
  double distance = 0;
  std::vector<double> score;                     // [parameter] E_q[score]
  std::vector<double> difference, mean, square;  // [feature] E_q - E_f, E_f[h], E_f[h^2]
  Matrix slope;                                  // [feature, parameter] Cov_f(h, score)
  double events = 0;                             // simulated; 0 by quadrature
};

/// Normalised density and score of the theory at points.
struct Scored {
  std::vector<double> log_f;
  std::vector<std::vector<double>> score;  // [parameter][point]
};

Scored score_at(const Density& density,
                std::size_t channel,
                std::span<const double> theta,
                const Norms& norms,
                std::size_t n,
                const double* const* x) {
  const auto& theory = density.theory();
  std::vector<std::vector<double>> features(theory.feature_count(channel),
                                            std::vector<double>(n));
  Scored out{std::vector<double>(n),
             std::vector<std::vector<double>>(theta.size(), std::vector<double>(n))};
  std::vector<double*> columns, slopes;
  for (auto& f : features) columns.push_back(f.data());
  for (auto& s : out.score) slopes.push_back(s.data());
  theory.features(channel, n, x, columns.data());
  const std::vector<const double*> in(columns.begin(), columns.end());
  density.log_density(
      channel, theta, norms, n, in.data(), out.log_f.data(), slopes.data());
  return out;
}

/// As many points as some 4 million in all allow, between 2 and 6.
std::size_t points_per_cell(const std::vector<std::vector<double>>& borders) {
  double cells = 1;
  for (const auto& axis : borders) cells *= static_cast<double>(axis.size() - 1);
  const double order = std::pow(4e6 / cells, 1 / static_cast<double>(borders.size()));
  return static_cast<std::size_t>(std::clamp(order, 2.0, 6.0));
}

class Meter {
 public:
  Meter(const Density& density,
        const SamplerTable& table,
        std::span<const double> theta,
        const BiasOptions& options)
      : density_(density),
        table_(table),
        theta_(theta),
        options_(options),
        norms_(density.norms(theta)) {}

  const Norms& norms() const { return norms_; }

  ChannelSums sums(std::size_t channel) const {
    const auto features = features_of(density_.theory().channels()[channel]);
    ChannelSums s;
    s.score.assign(theta_.size(), 0);
    s.difference = s.mean = s.square = std::vector<double>(features.size(), 0.0);
    s.slope = Matrix(features.size(), theta_.size());
    if (const auto sampled = table_.sampled(channel))
      integrate(channel, features, *sampled, s);
    else
      simulate(channel, features, s);
    return s;
  }

  /// Mean pathwise derivative of each feature, with Monte Carlo errors from 20 batches.
  std::vector<SurvivalRow> survival(std::size_t channel, const ChannelSums& sums) const {
    const auto& theory = density_.theory();
    const auto features = features_of(theory.channels()[channel]);
    const std::size_t axes = theory.channels()[channel].axes.size();
    constexpr std::size_t batches = 20;
    const std::size_t n = std::max<std::size_t>(options_.simulated / batches, 1);
    const auto stream = event_stream(options_.seed, channel);
    Matrix mean(features.size(), theta_.size()), square = mean;
    for (std::size_t b = 0; b < batches; ++b) {
      const Draw which{stream, b * n};
      for (std::size_t f = 0; f < features.size(); ++f) {
        const auto loss = [&](std::size_t, std::size_t m, auto* x, auto* upstream) {
          for (std::size_t a = 0; a < axes; ++a)
            for (std::size_t i = 0; i < m; ++i)
              upstream[a][i] = features[f].slope(x, i, a) / static_cast<double>(n);
        };
        std::vector<double> slope(theta_.size(), 0.0);
        table_.draw_and_pull(channel, which, n, loss, slope.data());
        for (std::size_t k = 0; k < theta_.size(); ++k) {
          mean(f, k) += slope[k] / batches;
          square(f, k) += slope[k] * slope[k] / batches;
        }
      }
    }
    std::vector<SurvivalRow> rows;
    for (std::size_t f = 0; f < features.size(); ++f)
      for (std::size_t k = 0; k < theta_.size(); ++k) {
        const double variance = square(f, k) - mean(f, k) * mean(f, k);
        SurvivalRow row{features[f].name,
                        theory.parameters()[k].name,
                        sums.slope(f, k),
                        mean(f, k),
                        std::sqrt(std::max(variance, 0.0) / (batches - 1)),
                        false};
        row.green = std::abs(row.sampled - row.truth) <=
                    std::max(0.01 * std::abs(row.truth), 3 * row.error);
        rows.push_back(std::move(row));
      }
    return rows;
  }

 private:
  /// Gauss-Legendre points in every cell of the sampler's density, one line of the last
  /// axis at a time.
  void integrate(std::size_t channel,
                 const std::vector<Feature>& features,
                 const SampledDensity& sampled,
                 ChannelSums& s) const {
    const std::size_t axes = sampled.borders.size();
    const auto order = points_per_cell(sampled.borders);
    std::vector<QuadratureRule> rules(axes);
    for (std::size_t a = 0; a < axes; ++a)
      for (std::size_t k = 0; k + 1 < sampled.borders[a].size(); ++k) {
        const auto cell = composite_gauss_legendre(
            sampled.borders[a][k], sampled.borders[a][k + 1], 1, order);
        rules[a].x.insert(rules[a].x.end(), cell.x.begin(), cell.x.end());
        rules[a].weight.insert(
            rules[a].weight.end(), cell.weight.begin(), cell.weight.end());
      }
    const std::size_t n = rules.back().x.size();
    std::size_t lines = 1;
    for (std::size_t a = 0; a + 1 < axes; ++a) lines *= rules[a].x.size();
    std::vector<std::vector<double>> x(axes, std::vector<double>(n));
    std::vector<const double*> at;
    for (const auto& column : x) at.push_back(column.data());
    x.back() = rules.back().x;
    at.back() = x.back().data();
    std::vector<double> q(n), weight(n);
    for (std::size_t line = 0; line < lines; ++line) {
      double outer = 1;
      std::size_t rest = line;
      for (std::size_t a = axes - 1; a-- > 0;) {
        const std::size_t i = rest % rules[a].x.size();
        rest /= rules[a].x.size();
        std::fill(x[a].begin(), x[a].end(), rules[a].x[i]);
        outer *= rules[a].weight[i];
      }
      for (std::size_t i = 0; i < n; ++i) weight[i] = outer * rules.back().weight[i];
      sampled.density(n, at.data(), q.data());
      add_line(channel, features, n, at.data(), weight.data(), q.data(), s);
    }
  }

  void add_line(std::size_t channel,
                const std::vector<Feature>& features,
                std::size_t n,
                const double* const* x,
                const double* weight,
                const double* q,
                ChannelSums& s) const {
    const auto scored = score_at(density_, channel, theta_, norms_, n, x);
    std::vector<double> p(n), excess(n);
    for (std::size_t i = 0; i < n; ++i) {
      const double f = std::exp(scored.log_f[i]);
      p[i] = weight[i] * f;
      excess[i] = weight[i] * (q[i] - f);  // E_f[score] = 0: less round-off
      s.distance += 0.5 * std::abs(excess[i]);
    }
    for (std::size_t k = 0; k < theta_.size(); ++k)
      for (std::size_t i = 0; i < n; ++i) s.score[k] += excess[i] * scored.score[k][i];
    for (std::size_t f = 0; f < features.size(); ++f)
      for (std::size_t i = 0; i < n; ++i) {
        const double h = features[f].at(x, i);
        s.difference[f] += excess[i] * h;
        s.mean[f] += p[i] * h;
        s.square[f] += p[i] * h * h;
        for (std::size_t k = 0; k < theta_.size(); ++k)
          s.slope(f, k) += p[i] * h * scored.score[k][i];
      }
  }

  void simulate(std::size_t channel,
                const std::vector<Feature>& features,
                ChannelSums& s) const {
    const auto& grid = density_.grid(channel);
    const std::size_t axes = grid.x.size(), nodes = grid.weight.size();
    std::vector<const double*> at;
    for (const auto& column : grid.x) at.push_back(column.data());
    const std::vector<double> none(nodes, 0.0);
    add_line(channel, features, nodes, at.data(), grid.weight.data(), none.data(), s);
    s.distance = std::numeric_limits<double>::quiet_NaN();
    s.score.assign(theta_.size(), 0);
    s.difference.assign(features.size(), 0);
    s.events = static_cast<double>(options_.simulated);
    const std::size_t chunk = 4096;
    const auto stream = event_stream(options_.seed, channel, 1);
    std::vector<std::vector<double>> x(axes, std::vector<double>(chunk));
    std::vector<double*> out;
    for (auto& column : x) out.push_back(column.data());
    const std::vector<const double*> in(out.begin(), out.end());
    for (std::size_t i = 0; i < options_.simulated; i += chunk) {
      const std::size_t n = std::min(chunk, options_.simulated - i);
      table_.draw(channel, {stream, i}, n, out.data());
      const auto scored = score_at(density_, channel, theta_, norms_, n, in.data());
      for (std::size_t k = 0; k < theta_.size(); ++k)
        for (std::size_t j = 0; j < n; ++j) s.score[k] += scored.score[k][j] / s.events;
      for (std::size_t f = 0; f < features.size(); ++f)
        for (std::size_t j = 0; j < n; ++j)
          s.difference[f] += (features[f].at(in.data(), j) - s.mean[f]) / s.events;
    }
  }

  const Density& density_;
  const SamplerTable& table_;
  std::span<const double> theta_;
  const BiasOptions& options_;
  Norms norms_;
};

double error_of(double records, double events) {
  return events > 0 ? std::sqrt(records / events) : 0;
}

void add_moments(const Channel& channel, const ChannelSums& s, SamplerBias& out) {
  const auto features = features_of(channel);
  for (std::size_t f = 0; f < features.size(); ++f) {
    const double sd = std::sqrt(std::max(s.square[f] - s.mean[f] * s.mean[f], 0.0));
    out.moments.push_back({features[f].name,
                           s.difference[f],
                           s.difference[f] / sd * std::sqrt(out.records),
                           error_of(out.records, s.events)});
  }
}

/// delta = I^-1 E_q[score] along the directions that the events determine.
void add_fit(const Density& density,
             std::span<const double> theta,
             const std::vector<double>& score,
             double events,
             SamplerBias& out) {
  const auto& theory = density.theory();
  const auto s =
      spectrum(density.information(theta), std::vector<bool>(theta.size(), false));
  const auto add = [&](const std::string& name, const std::vector<double>& gradient) {
    if (!estimable(s, gradient)) return;
    double delta = 0;
    for (std::size_t i = 0; i < theta.size(); ++i)
      for (std::size_t j = 0; j < theta.size(); ++j)
        delta += gradient[i] * s.inverse(i, j) * score[j];
    const double sd = deviation(s.inverse, gradient);
    if (!(sd > 0)) return;
    out.fit.push_back({name,
                       delta,
                       delta / sd * std::sqrt(out.records),
                       error_of(out.records, events)});
  };
  for (std::size_t k = 0; k < theta.size(); ++k) {
    std::vector<double> unit(theta.size(), 0.0);
    unit[k] = 1;
    add(theory.parameters()[k].name, unit);
  }
  for (const auto& derived : theory.derived()) add(derived.name, derived.gradient(theta));
}

double cosine_of(const std::vector<SurvivalRow>& rows) {
  double product = 0, a = 0, b = 0;
  for (const auto& row : rows) {
    product += row.truth * row.sampled;
    a += row.truth * row.truth;
    b += row.sampled * row.sampled;
  }
  return a > 0 && b > 0 ? product / std::sqrt(a * b) : 1;
}

void judge(const BiasOptions& options, SamplerBias& out) {
  out.green = out.cosine > 0.999;
  out.safe_records = std::numeric_limits<double>::infinity();
  const auto limit = [&](double in_sd, double error) {
    // A simulated bias below its error proves nothing better than the error.
    const double size = std::max(std::abs(in_sd), error);
    if (std::abs(in_sd) > options.tolerance + 3 * error) out.green = false;
    if (size > 0)
      out.safe_records =
          std::min(out.safe_records, out.records * std::pow(options.tolerance / size, 2));
  };
  for (const auto* rows : {&out.moments, &out.fit, &out.norms})
    for (const auto& row : *rows) limit(row.in_sd, row.error);
  if (out.by_quadrature) limit(out.total_variation * std::sqrt(out.records), 0);
  for (const auto& row : out.survival) out.green = out.green && row.green;
}

}  // namespace

SamplerBias measure_sampler_bias(const Density& density,
                                 const Sampler& sampler,
                                 std::span<const double> theta,
                                 const BiasOptions& options) {
  const auto& channels = density.theory().channels();
  const auto plan = sampler.plan(density.theory());
  const auto table = plan->at(theta);
  const Meter meter(density, *table, theta, options);
  SamplerBias out;
  out.records = options.records;
  out.by_quadrature = true;
  std::vector<double> score(theta.size(), 0.0);
  double events = 0;
  for (std::size_t c = 0; c < channels.size(); ++c) {
    const auto sums = meter.sums(c);
    events = sums.events;
    out.by_quadrature = out.by_quadrature && sums.events == 0;
    out.total_variation = std::max(sums.distance, out.total_variation);
    for (std::size_t k = 0; k < theta.size(); ++k) score[k] += sums.score[k];
    add_moments(channels[c], sums, out);
    if (const auto sampled = table->sampled(c)) {
      const double error = std::expm1(sampled->log_norm - meter.norms().log_norm[c]);
      out.norms.push_back(
          {channels[c].name, error, error * std::sqrt(options.records), 0});
    }
    for (auto& row : meter.survival(c, sums)) out.survival.push_back(std::move(row));
  }
  if (!out.by_quadrature) out.total_variation = std::numeric_limits<double>::quiet_NaN();
  add_fit(density, theta, score, events, out);
  out.cosine = cosine_of(out.survival);
  judge(options, out);
  return out;
}

}  // namespace femto
