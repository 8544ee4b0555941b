// Records, ratios of their true densities at points, and blocks of them.
#include "femto/neural/training_set.h"

#include <algorithm>
#include <cmath>

#include "femto/core/threads.h"

namespace femto::neural {
namespace {

constexpr std::size_t pool = 1024;  // points of the region

std::size_t whole_batches(std::uint64_t records) {
  constexpr std::uint64_t batch = block * blocks;
  return std::max<std::uint64_t>(1, records / batch) * batch;
}

}  // namespace

TrainingSet::TrainingSet(const Laboratory& laboratory,
                         const Region& region,
                         const Density& density,
                         std::uint64_t records,
                         std::uint64_t seed)
    : laboratory_(&laboratory),
      region_(&region),
      records_(laboratory.records(region.centre, 0, whole_batches(records))),
      density_(density, records_.truth) {
  const auto& setup = laboratory.setup();
  const std::size_t n = records_.weight.size();
  at_centre_.resize(n);
  const auto true_centre = setup.experiment.true_part(region.centre);
  density_.evaluate(
      true_centre, density.norms(true_centre), 0, n, at_centre_.data(), nullptr);
  for (std::size_t k = 0; k < pool; ++k) {
    points_.push_back(region_point(region, setup.setup, seed, k));
    thetas_.push_back(region.theta_of(points_[k]));
  }
  norms_.resize(pool);
  parallel_for(pool, [&](std::size_t k) {
    norms_[k] = density.norms(setup.experiment.true_part(thetas_[k]));
  });
  for (const auto& theta : thetas_)
    moves_response_ = moves_response_ ||
                      !std::ranges::equal(setup.experiment.nuisance_part(theta),
                                          setup.experiment.nuisance_part(region.centre));
  for (std::size_t k = 0; k < records_.measured.rows; ++k) {
    double sum = 0, mean = 0, square = 0;
    for (std::size_t i = 0; i < n; ++i) {
      const double x = records_.measured(k, i), w = records_.weight[i];
      sum += w;
      mean += w * x;
      square += w * x * x;
    }
    mean /= sum;
    scales_.push_back({mean, std::sqrt(std::max(square / sum - mean * mean, 1e-300))});
  }
}

void TrainingSet::ratios(std::size_t point,
                         std::size_t first,
                         std::size_t n,
                         double* out) const {
  density_.evaluate(laboratory_->setup().experiment.true_part(thetas_[point]),
                    norms_[point],
                    first,
                    n,
                    out,
                    nullptr);
  for (std::size_t i = 0; i < n; ++i) out[i] = std::exp(out[i] - at_centre_[first + i]);
}

std::span<const double> TrainingSet::nuisances(std::size_t point) const {
  return laboratory_->setup().experiment.nuisance_part(thetas_[point]);
}

Batch::Batch(const TrainingSet& set, std::size_t points_)
    : points(points_),
      copies(set.moves_response() ? 1 + points : 1),
      point(blocks * points),
      ratio(blocks * points * block),
      weight(blocks * copies * block),
      measured(set.scales().size(), std::vector<double>(weight.size())) {}

void Batch::draw(const TrainingSet& set, std::uint64_t step, random::Stream stream) {
  for (std::size_t b = 0; b < blocks; ++b)
    for (std::size_t k = 0; k < points; ++k) {
      // Points come in pairs of opposite directions.
      const double u =
          random::uniform(stream, step * blocks + b, static_cast<std::uint32_t>(k / 2));
      point[b * points + k] = 2 * static_cast<std::size_t>(u * pool / 2) + (k % 2);
    }
  fill(set, step);
}

void Batch::draw_fixed(const TrainingSet& set, std::uint64_t step) {
  for (std::size_t b = 0; b < blocks; ++b)
    for (std::size_t k = 0; k < points; ++k) point[b * points + k] = k;
  fill(set, step);
}

void Batch::fill(const TrainingSet& set, std::uint64_t step) {
  const std::size_t choices = set.records() / block;
  parallel_for(blocks, [&](std::size_t b) {
    const std::size_t first = block * ((step * blocks + b) % choices);
    for (std::size_t k = b * points; k < (b + 1) * points; ++k)
      set.ratios(point[k], first, block, &ratio[k * block]);
    for (std::size_t copy = 0; copy < copies; ++copy) {
      const std::size_t at = (b * copies + copy) * block;
      const bool moved = copy > 0;
      std::vector<double*> record;
      for (std::size_t j = 0; j < measured.size(); ++j) {
        record.push_back(&measured[j][at]);
        const Matrix& from = moved ? set.at_centre().truth : set.at_centre().measured;
        std::copy_n(from.row(j) + first, block, record[j]);
      }
      if (moved)
        set.laboratory().measure(set.nuisances(point[b * points + copy - 1]),
                                 first,
                                 block,
                                 record.data(),
                                 &weight[at]);
      else
        std::copy_n(&set.at_centre().weight[first], block, &weight[at]);
    }
  });
}

}  // namespace femto::neural
