// Generalised method of moments: Legendre moments of the data against those expected.
#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>

#include <fmt/format.h>

#include "femto/config/registry.h"
#include "femto/core/error.h"
#include "femto/core/threads.h"
#include "femto/core/vector_sums.h"
#include "femto/pipeline/objective.h"
#include "femto/pipeline/partial_sums.h"
#include "femto/pipeline/shares.h"
#include "femto/stats/legendre.h"
#include "femto/stats/linear.h"

namespace femto {
namespace {

using config::field;

/// Over a channel, of total degree 1 to `order`.
stats::LegendreProducts legendre(const Channel& channel, std::size_t order) {
  std::vector<stats::Range> axes;
  for (const auto& a : channel.axes) axes.push_back({a.lo, a.hi});
  return {std::move(axes), order};
}

/// Weighted mean of the functions over the data, and the inverse of their covariance.
struct DataMoments {
  std::vector<double> mean;
  Matrix weight;
};

/// Sums over records: w, then w phi_t, then w phi_t phi_u for u <= t, then w^2.
std::vector<double> moment_sums(const stats::LegendreProducts& functions,
                                std::span<const std::span<const double>> x,
                                std::span<const double> weights) {
  const std::size_t terms = functions.count();
  const Pieces pieces{weights.size(), 4096};
  PartialSums partial(pieces.count(), 2 + terms + terms * (terms + 1) / 2);
  parallel_for(pieces.count(), [&](std::size_t piece) {
    std::vector<double> point(x.size()), phi(terms);
    for (std::size_t i = pieces.begin(piece); i < pieces.end(piece); ++i) {
      for (std::size_t a = 0; a < x.size(); ++a) point[a] = x[a][i];
      functions.evaluate(point, phi);
      partial.at(piece, 0) += weights[i];
      std::size_t k = 1 + terms;
      for (std::size_t t = 0; t < terms; ++t) {
        partial.at(piece, 1 + t) += weights[i] * phi[t];
        for (std::size_t u = 0; u <= t; ++u)
          partial.at(piece, k++) += weights[i] * phi[t] * phi[u];
      }
      partial.at(piece, k) += weights[i] * weights[i];
    }
  });
  return partial.total();
}

DataMoments finish(const std::vector<double>& sums, std::size_t terms) {
  if (!(sums[0] > 0))
    throw DataError(fmt::format("the weights of the events add up to {:.6g}; no "
                                "distribution has such a total",
                                sums[0]),
                    "check the column of weights");
  DataMoments out{std::vector<double>(terms), {}};
  Matrix covariance(terms, terms);
  for (std::size_t t = 0; t < terms; ++t) out.mean[t] = sums[1 + t] / sums[0];
  std::size_t k = 1 + terms;
  for (std::size_t t = 0; t < terms; ++t)
    for (std::size_t u = 0; u <= t; ++u)
      covariance(t, u) = covariance(u, t) =
          sums[k++] / sums[0] - out.mean[t] * out.mean[u];
  auto inverse = stats::cholesky_inverse(covariance);
  if (!inverse)
    throw DataError(
        fmt::format("the covariance of the {} moments of the data is singular (too few "
                    "different events for so many moments)",
                    terms),
        "lower objective.order");
  out.weight = std::move(*inverse);
  return out;
}

/// n g^T W g / 2 with g = mean of the data - expected mean, summed over channels.
class MomentsCriterion final : public Criterion {
 public:
  MomentsCriterion(const Density& density,
                   const Dataset& data,
                   const Weighting& weighting,
                   std::size_t order)
      : density_(density) {
    const auto& channels = density.theory().channels();
    std::vector<std::vector<double>> sums(channels.size());
    for (std::size_t c = 0; c < channels.size(); ++c) {
      functions_.push_back(legendre(channels[c], order));
      at_nodes_.push_back(node_values(c));
    }
    std::vector<double> weights;
    data.for_each_chunk([&](std::uint64_t first, const io::EventTable& chunk) {
      weights.resize(chunk.rows());
      weighting.fill(first, chunk.weights(), weights);
      std::size_t column = 0;
      for (std::size_t c = 0; c < channels.size(); ++c) {
        std::vector<std::span<const double>> x;
        for (std::size_t a = 0; a < channels[c].axes.size(); ++a)
          x.push_back(chunk.column(column++));
        const auto more = moment_sums(functions_[c], x, weights);
        sums[c].resize(more.size());
        for (std::size_t k = 0; k < more.size(); ++k) sums[c][k] += more[k];
      }
    });
    for (std::size_t c = 0; c < channels.size(); ++c)
      data_.push_back(finish(sums[c], functions_[c].count()));
    events_ = sums.front().front();
    squares_ = sums.front().back();
  }

  stats::Evaluation evaluate(std::span<const double> theta) const override {
    stats::Evaluation out;
    out.gradient.assign(theta.size(), 0);
    out.curvature = Matrix(theta.size(), theta.size());
    std::optional<Norms> norms;
    try {
      norms = density_.norms(theta);
    } catch (const NumericalError&) {
      out.value = std::numeric_limits<double>::infinity();
      return out;
    }
    for (std::size_t c = 0; c < data_.size(); ++c) add_channel(c, theta, *norms, out);
    return out;
  }

  /// D^T W C W D per record, with D the slope of the expected functions, C their
  /// covariance at theta and W the weight.
  std::optional<Matrix> gradient_variance(std::span<const double> theta) const override {
    const Norms norms = density_.norms(theta);
    Matrix out(theta.size(), theta.size());
    for (std::size_t c = 0; c < data_.size(); ++c) {
      const Shares shares = shares_of(density_, c, theta, norms);
      const std::size_t terms = functions_[c].count(), nodes = shares.p.size();
      Matrix phi(terms, nodes);
      phi.data = at_nodes_[c];
      const Matrix slope = stats::multiply(phi, stats::transpose(shares.slope));
      const Matrix pull = stats::multiply(data_[c].weight, slope);
      stats::add(out,
                 squares_,
                 stats::multiply(stats::transpose(pull),
                                 stats::multiply(covariance_of(shares, phi), pull)));
    }
    return out;
  }

  double events() const override { return events_; }

 private:
  /// phi[term * nodes + node] on the grid of the density.
  std::vector<double> node_values(std::size_t channel) const {
    const auto& grid = density_.grid(channel);
    const std::size_t nodes = grid.weight.size(), terms = functions_[channel].count();
    std::vector<double> out(terms * nodes), x(grid.x.size()), phi(terms);
    for (std::size_t i = 0; i < nodes; ++i) {
      for (std::size_t a = 0; a < x.size(); ++a) x[a] = grid.x[a][i];
      functions_[channel].evaluate(x, phi);
      for (std::size_t t = 0; t < terms; ++t) out[t * nodes + i] = phi[t];
    }
    return out;
  }

  /// E[phi] and d E[phi] / d theta: [term][1 + parameter].
  Matrix expected(std::size_t channel,
                  std::span<const double> theta,
                  const Norms& norms) const {
    const Shares shares = shares_of(density_, channel, theta, norms);
    const std::size_t terms = functions_[channel].count(), nodes = shares.p.size();
    Matrix out(terms, 1 + theta.size());
    parallel_for(terms, [&](std::size_t t) {
      const double* phi = &at_nodes_[channel][t * nodes];
      out(t, 0) = weighted_sum_of(nodes, phi, shares.p.data());
      for (std::size_t k = 0; k < theta.size(); ++k)
        out(t, k + 1) = weighted_sum_of(nodes, phi, shares.slope.row(k));
    });
    return out;
  }

  void add_channel(std::size_t channel,
                   std::span<const double> theta,
                   const Norms& norms,
                   stats::Evaluation& out) const {
    const Matrix mean = expected(channel, theta, norms);
    const auto& moments = data_[channel];
    const std::size_t terms = moments.mean.size();
    std::vector<double> gap(terms);
    for (std::size_t t = 0; t < terms; ++t) gap[t] = moments.mean[t] - mean(t, 0);
    const std::vector<double> pull = stats::multiply(moments.weight, gap);
    out.value += 0.5 * events_ * stats::dot(gap, pull);
    Matrix slope(terms, theta.size());
    for (std::size_t t = 0; t < terms; ++t)
      for (std::size_t k = 0; k < theta.size(); ++k) {
        slope(t, k) = mean(t, k + 1);
        out.gradient[k] -= events_ * pull[t] * slope(t, k);
      }
    const Matrix weighted = stats::multiply(moments.weight, slope);
    stats::add(
        out.curvature, events_, stats::multiply(stats::transpose(slope), weighted));
  }

  const Density& density_;
  std::vector<stats::LegendreProducts> functions_;
  std::vector<std::vector<double>> at_nodes_;
  std::vector<DataMoments> data_;
  double events_ = 0, squares_ = 0;  // sums of weights and of their squares
};

class Moments final : public Objective {
 public:
  struct Config {
    int order = 6;

    static constexpr auto fields() {
      return std::tuple{
          field<&Config::order>(
              {.doc = "highest total degree of the Legendre polynomials",
               .rule = config::between(1, 20)}),
      };
    }
  };

  explicit Moments(Config config) : config_(config) {}

  std::unique_ptr<Criterion> bind(const Material& m) const override {
    return std::make_unique<MomentsCriterion>(
        m.density, m.data, m.weighting, static_cast<std::size_t>(config_.order));
  }

  bool is_likelihood() const override { return false; }

 private:
  Config config_;
};

}  // namespace

void register_objective_moments(Registry& r) {
  r.add<Objective, Moments>({
      .name = "moments",
      .summary =
          "Distance of Legendre moments, weighted by the inverse covariance of the "
          "data.",
      .source = "Hansen:1982",
  });
}

}  // namespace femto
