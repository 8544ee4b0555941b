// Data enter by sums of features; only the norm is a sum over events at every point.
#include "femto/neural/learned.h"

#include <algorithm>
#include <cmath>

#include "femto/core/error.h"
#include "femto/core/threads.h"
#include "femto/core/vector_sums.h"
#include "femto/core/vmath.h"
#include "femto/pipeline/partial_sums.h"
#include "femto/stats/linear.h"
#include "femto/stats/summary.h"

namespace femto::neural {
namespace {

constexpr std::size_t chunk_size = 1 << 16;

/// ln E[e^h] over reference events and the mean of the features under weights e^h.
struct Norm {
  double log = 0;
  std::vector<double> mean;
};

Norm norm_of(const SeenEvents& events, std::span<const double> coefficients) {
  const std::size_t features = coefficients.size();
  const Pieces pieces{events.weight.size(), 1024};
  PartialSums partial(pieces.count(), 2 + features);
  parallel_for(pieces.count(), [&](std::size_t piece) {
    const std::size_t from = pieces.begin(piece), n = pieces.end(piece) - from;
    std::array<double, 1024> h{};
    for (std::size_t k = 0; k < features; ++k) {
      const float* g = &events.features[k][from];
      const double c = coefficients[k];
      for (std::size_t i = 0; i < n; ++i) h[i] += c * g[i];
    }
    vmath::exp(n, h.data(), h.data());
    const double* w = &events.weight[from];
    for (std::size_t i = 0; i < n; ++i) h[i] *= w[i];
    partial.at(piece, 0) = sum_of(n, w);
    partial.at(piece, 1) = sum_of(n, h.data());
    for (std::size_t k = 0; k < features; ++k) {
      const float* g = &events.features[k][from];
      double sum = 0;
      for (std::size_t i = 0; i < n; ++i) sum += h[i] * g[i];
      partial.at(piece, 2 + k) = sum;
    }
  });
  auto sums = partial.total();
  Norm out{std::log(sums[1] / sums[0]), {}};
  for (std::size_t k = 0; k < features; ++k) out.mean.push_back(sums[2 + k] / sums[1]);
  return out;
}

/// J^T m J.
Matrix between(const Matrix& j, const Matrix& m) {
  return stats::multiply(stats::transpose(j), stats::multiply(m, j));
}

}  // namespace

Matrix Learned::features_of(std::size_t channel,
                            std::span<const double* const> column,
                            std::size_t n,
                            std::size_t first,
                            std::size_t last) const {
  std::size_t start = 0;
  for (std::size_t c = 0; c < channel; ++c) start += axes[c];
  Matrix out(features(), n);
  const Pieces pieces{n, 1024};
  parallel_for(pieces.count(), [&](std::size_t piece) {
    const std::size_t from = pieces.begin(piece), size = pieces.end(piece) - from;
    std::vector<double> y(size * axes[channel]);
    for (std::size_t a = 0; a < axes[channel]; ++a)
      for (std::size_t i = 0; i < size; ++i)
        y[i * axes[channel] + a] =
            (column[a][from + i] - scales[start + a].mean) / scales[start + a].sd;
    for (std::size_t m = first; m < last; ++m) {
      const auto& [net, head] = members[m][channel];
      const auto g = stats::multiply(head, net.hidden(y, size));
      for (std::size_t t = 0; t < g.rows; ++t)
        for (std::size_t i = 0; i < size; ++i)
          out(t, from + i) += net.scale() * g(t, i) / static_cast<double>(last - first);
    }
  });
  return out;
}

DataSums data_sums(const Learned& learned,
                   const Dataset& data,
                   const Weighting& weighting) {
  const std::size_t features = learned.features();
  DataSums out{0, std::vector<std::vector<double>>(learned.axes.size())};
  for (auto& sums : out.features) sums.assign(features, 0);
  data.for_each_chunk([&](std::uint64_t start, const io::EventTable& chunk) {
    std::vector<double> weights(chunk.rows());
    weighting.fill(start, chunk.weights(), weights);
    for (std::size_t from = 0; from < chunk.rows(); from += chunk_size) {
      const std::size_t n = std::min(chunk_size, chunk.rows() - from);
      out.events += sum_of(n, &weights[from]);
      std::size_t first = 0;
      for (std::size_t c = 0; c < learned.axes.size(); ++c) {
        std::vector<const double*> columns;
        for (std::size_t a = 0; a < learned.axes[c]; ++a)
          columns.push_back(chunk.column(first++).data() + from);
        const auto g = learned.features_of(c, columns, n, 0, learned.members.size());
        for (std::size_t k = 0; k < features; ++k)
          out.features[c][k] += weighted_sum_of(n, &weights[from], g.row(k)) -
                                learned.mean[c][k] * sum_of(n, &weights[from]);
      }
    }
  });
  return out;
}

void anchor(Learned& learned, const Laboratory& laboratory, std::uint64_t records) {
  const std::size_t features = learned.features(), channels = learned.axes.size();
  learned.reference.assign(channels, {});
  learned.covariance.assign(channels, Matrix(features, features));
  learned.mean.assign(channels, std::vector<double>(features));
  for (auto& seen : learned.reference) seen.features.resize(features);
  double sum = 0, squares = 0;
  for (std::uint64_t start = 0; start < records; start += chunk_size) {
    const auto n =
        static_cast<std::size_t>(std::min<std::uint64_t>(chunk_size, records - start));
    const auto some = laboratory.records(learned.region.centre, start, n);
    for (const double w : some.weight) {
      sum += w;
      squares += w * w;
    }
    std::size_t first = 0;
    for (std::size_t c = 0; c < channels; ++c) {
      std::vector<const double*> columns;
      for (std::size_t a = 0; a < learned.axes[c]; ++a)
        columns.push_back(some.measured.row(first++));
      const auto g = learned.features_of(c, columns, n, 0, learned.members.size());
      auto& seen = learned.reference[c];
      if (start == 0)  // any fixed vector near the mean keeps the floats precise
        for (std::size_t k = 0; k < features; ++k)
          learned.mean[c][k] = weighted_sum_of(n, some.weight.data(), g.row(k)) / sum;
      for (std::size_t i = 0; i < n; ++i) {
        if (some.weight[i] == 0) continue;
        seen.weight.push_back(some.weight[i]);
        for (std::size_t k = 0; k < features; ++k)
          seen.features[k].push_back(static_cast<float>(g(k, i) - learned.mean[c][k]));
      }
    }
  }
  if (!(sum > 0)) throw NumericalError("no simulated record survives the detector");
  learned.simulated = sum * sum / squares;
  for (std::size_t c = 0; c < channels; ++c) {
    const auto& seen = learned.reference[c];
    const auto mean = norm_of(seen, std::vector<double>(features)).mean;
    parallel_for(features, [&](std::size_t k) {
      for (std::size_t l = 0; l <= k; ++l) {
        double product = 0;
        for (std::size_t i = 0; i < seen.weight.size(); ++i)
          product += seen.weight[i] * seen.features[k][i] * seen.features[l][i];
        learned.covariance[c](k, l) = product / sum - mean[k] * mean[l];
      }
    });
    for (std::size_t k = 0; k < features; ++k)
      for (std::size_t l = 0; l < k; ++l)
        learned.covariance[c](l, k) = learned.covariance[c](k, l);
  }
}

stats::Evaluation learned_likelihood(const Learned& learned,
                                     const DataSums& data,
                                     std::span<const double> z) {
  const std::size_t d = z.size();
  const double radius = learned.region.radius, length = std::sqrt(stats::dot(z, z));
  const double shrink = length > radius ? radius / length : 1;
  std::vector<double> at(z.begin(), z.end());
  for (double& v : at) v *= shrink;
  // Every source of error that is not the data's makes the function flatter.
  const double precision =
      1 / (1 + data.events / learned.simulated + learned.training_variance);
  stats::Evaluation out;
  out.gradient.assign(d, 0);
  out.curvature = Matrix(d, d);
  auto [values, slopes] = monomials(at, radius);
  for (double& v : slopes.data) v /= radius;
  for (std::size_t c = 0; c < learned.axes.size(); ++c) {
    const auto norm = norm_of(learned.reference[c], values);
    out.value += data.events * norm.log - stats::dot(values, data.features[c]);
    for (std::size_t k = 0; k < values.size(); ++k)
      for (std::size_t j = 0; j < d; ++j)
        out.gradient[j] +=
            slopes(k, j) * (data.events * norm.mean[k] - data.features[c][k]);
    stats::add(
        out.curvature, data.events * precision, between(slopes, learned.covariance[c]));
  }
  out.value *= precision;
  for (double& g : out.gradient) g *= precision;
  if (shrink == 1) return out;
  const double radial = stats::dot(out.gradient, z) / (length * length);
  for (std::size_t j = 0; j < d; ++j)
    out.gradient[j] = shrink * (out.gradient[j] - radial * z[j]) + z[j];
  out.value += 0.5 * (length * length - radius * radius);
  return out;
}

stats::Minimum learned_minimum(const Learned& learned, const DataSums& data) {
  const std::size_t d = learned.region.size();
  const double r = learned.region.radius;
  const std::vector<stats::Bound> cube(d, {-r, r, false});
  stats::MinimiseOptions options;
  options.tolerance = 1e-6;
  return stats::minimise(
      [&](std::span<const double> z) { return learned_likelihood(learned, data, z); },
      std::vector<double>(d),
      cube,
      options);
}

double training_variance(const Learned& learned,
                         const Dataset& data,
                         const Laboratory& laboratory,
                         std::uint64_t records) {
  if (learned.members.size() < 2) return 0;
  const std::size_t d = learned.region.size();
  const auto slopes = monomials(std::vector<double>(d), learned.region.radius).slope;
  std::vector<std::vector<double>> moves;
  for (std::size_t m = 0; m < learned.members.size(); ++m) {
    Learned one{learned.region, {}, learned.axes, learned.scales, {learned.members[m]}};
    anchor(one, laboratory, records);
    const auto sums = data_sums(one, data, {});
    std::vector<double> move(d);
    for (std::size_t c = 0; c < one.axes.size(); ++c) {
      const auto mean =
          norm_of(one.reference[c], std::vector<double>(one.features())).mean;
      for (std::size_t k = 0; k < mean.size(); ++k)
        for (std::size_t j = 0; j < d; ++j)
          move[j] += slopes(k, j) / learned.region.radius *
                     (sums.features[c][k] - sums.events * mean[k]);
    }
    moves.push_back(std::move(move));
  }
  const auto spectrum = stats::eigen_symmetric(stats::covariance(moves));
  return std::max(0.0, spectrum.values.back()) /
         static_cast<double>(learned.members.size());
}

}  // namespace femto::neural
