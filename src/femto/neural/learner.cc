// Rough fit, region, training, anchoring; again around the fit if that lies far out.
#include "femto/neural/learner.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "femto/core/error.h"
#include "femto/core/hash.h"
#include "femto/neural/rough_fit.h"
#include "femto/stats/linear.h"

namespace femto::neural {
namespace {

constexpr int most_rounds = 3;

std::uint64_t hash_of(const Dataset& data) {
  std::uint64_t out = 0;
  data.for_each_chunk([&](std::uint64_t, const io::EventTable& chunk) {
    for (std::size_t k = 0; k < chunk.columns().size(); ++k) {
      const auto column = chunk.column(k);
      out = out * 31 + hash64({reinterpret_cast<const char*>(column.data()),
                               column.size() * sizeof(double)});
    }
  });
  return out;
}

/// Enough simulation that its noise does not lead astray.
RoughFitSettings rough_settings(int starts, std::uint64_t rows) {
  const auto between = [&](std::uint64_t wanted) {
    return static_cast<std::size_t>(std::clamp<std::uint64_t>(wanted, 20'000, 400'000));
  };
  return {starts, between(rows / 2), between(2 * rows)};
}

/// `to`, but at most nine tenths of the way from `from` to an edge of the box: at an edge
/// data may tell nothing.
std::vector<double> towards(std::vector<double> to,
                            const std::vector<double>& from,
                            const ParameterSetup& setup) {
  for (std::size_t k = 0; k < to.size(); ++k) {
    const auto& p = setup.parameters[k];
    to[k] =
        std::clamp(to[k], p.lo + 0.1 * (from[k] - p.lo), p.hi - 0.1 * (p.hi - from[k]));
  }
  return to;
}

class LearnedCriterion final : public Criterion {
 public:
  LearnedCriterion(std::shared_ptr<const Learned> learned, DataSums data)
      : learned_(std::move(learned)), data_(std::move(data)) {}

  stats::Evaluation evaluate(std::span<const double> theta) const override {
    const Region& region = learned_->region;
    const auto point = learned_->slice->point(theta);
    if (!point)
      return {std::numeric_limits<double>::infinity(),
              std::vector<double>(theta.size()),
              Matrix(theta.size(), theta.size())};
    const auto in_z = learned_likelihood(*learned_, data_, region.z_of(point->theta));
    const auto across = stats::multiply(region.forward, point->slope),
               back = stats::transpose(across);
    return {in_z.value,
            stats::multiply(back, in_z.gradient),
            stats::multiply(back, stats::multiply(in_z.curvature, across))};
  }

  double events() const override { return data_.events; }

 private:
  std::shared_ptr<const Learned> learned_;
  DataSums data_;
};

}  // namespace

Learner::Learner(LearnerSettings settings, RatioLoss loss, int points)
    : settings_(std::move(settings)), loss_(std::move(loss)), points_(points) {}

std::unique_ptr<Criterion> Learner::bind(const Material& m) const {
  if (!m.simulation) return nullptr;
  auto learned = learned_from(m);
  auto sums = data_sums(*learned, m.data, m.weighting);
  return std::make_unique<LearnedCriterion>(std::move(learned), std::move(sums));
}

std::shared_ptr<const Learned> Learner::learned_from(const Material& m) const {
  const std::uint64_t key = hash_of(m.data) ^ m.simulation->seed;
  const std::lock_guard lock(mutex_);
  for (const auto& kept : kept_)
    if (kept.data == key) return kept.learned;
  kept_.push_back({key, std::make_shared<const Learned>(train(m))});
  if (kept_.size() > 4) kept_.erase(kept_.begin());
  return kept_.back().learned;
}

Learned Learner::train(const Material& m) const {
  const SimulationSetup& simulation = *m.simulation;
  const Theory& measured = simulation.experiment.measured();
  const Laboratory rough(simulation, "learned rough fit"),
      school(simulation, "learned training"), anchorage(simulation, "learned reference");
  auto truth = std::make_shared<const Density>(simulation.experiment.truth());
  const auto roughly = rough_settings(settings_.starts, m.data.rows());
  const auto found = rough_fit(rough, *truth, m.data, roughly);
  std::vector<double> centre = found.theta;
  Matrix information = found.information;
  const double events = static_cast<double>(m.data.rows());
  for (int round = 1;; ++round) {
    Learned out;
    out.region = region_of(simulation.setup, centre, information, settings_.radius);
    out.slice = std::make_shared<const Slice>(
        truth, simulation.setup, out.region.centre, information);
    if (out.region.size() == 0)
      throw DataError("the data determine no parameter",
                      "more events, or a smaller box of the parameters");
    for (const auto& channel : measured.channels())
      out.axes.push_back(channel.axes.size());
    const TrainingSet set(school, out.region, *truth, settings_.records, simulation.seed);
    out.scales = set.scales();
    for (int member = 0; member < settings_.members; ++member)
      out.members.push_back(
          learn(set,
                measured,
                {settings_.hidden,
                 settings_.rank,
                 settings_.steps,
                 settings_.learning_rate,
                 points_},
                loss_,
                1 / std::sqrt(events),
                random::Stream::named(
                    simulation.seed, "learning", static_cast<std::uint64_t>(member))));
    const auto references =
        static_cast<std::uint64_t>(std::clamp(settings_.reference * events, 1e5, 4e6));
    anchor(out, anchorage, references);
    const auto sums = data_sums(out, m.data, {});
    const auto best = learned_minimum(out, sums);
    const double length = std::sqrt(stats::dot(best.x, best.x));
    if (length < out.region.radius / 2 || round == most_rounds) {
      out.training_variance = training_variance(
          out, m.data, anchorage, std::min<std::uint64_t>(references, 1 << 18));
      return out;
    }
    centre = towards(out.region.theta_of(best.x), out.region.centre, simulation.setup);
    // What data can tell changes on the way: the units of the next region are those
    // there.
    information = rough_information(rough, *truth, m.data, centre, roughly.records);
  }
}

}  // namespace femto::neural
