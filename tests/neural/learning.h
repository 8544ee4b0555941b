// A small problem for learned objectives and the exact likelihood beside it.
#pragma once
#include <cmath>
#include <memory>
#include <string>
#include <vector>

#include "tests/support/build.h"
#include "tests/support/proxies.h"

#include "femto/neural/learner.h"
#include "femto/pipeline/simulate.h"
#include "femto/pipeline/unbinned.h"

namespace femto::testing {

inline constexpr auto smeared =
    "{type: chain, stages: [{type: resolution, columns: [x1, x2], relative: [0.1]},"
    "{type: window, column: x1, min: 0.1, max: 1},"
    "{type: window, column: x2, min: 0.1, max: 1}]}";

/// Settings of a training that takes a second.
inline neural::LearnerSettings small_learner() {
  neural::LearnerSettings s;
  s.hidden = {16, 16};
  s.members = 1;
  s.steps = 50;
  s.records = 1 << 15;
  s.starts = 1;
  return s;
}

/// a_u and b_u of the 1-D proxy from `events` measured pairs, learned and exactly known.
struct LearningWorld {
  std::unique_ptr<Theory> theory = build<Theory>("proxy1d");
  std::unique_ptr<Sampler> sampler = build<Sampler>("inverse_cdf");
  std::unique_ptr<Detector> detector;
  Experiment experiment{*theory, *detector};
  Density truth{*theory, 400}, measured{experiment.measured(), 400};
  Dataset data;
  ParameterSetup setup;
  SimulationSetup simulation{experiment, *sampler, setup, 5};

  explicit LearningWorld(std::size_t events, const std::string& response = smeared)
      : detector(build<Detector>(response)), data(drawn(events, 99)) {
    setup.parameters = experiment.measured().parameters();
    setup.fixed.assign(setup.parameters.size(), false);
    for (const std::size_t p : {0, 3, 4, 5}) {
      setup.fixed[p] = true;
      setup.parameters[p].start = truth1d[p];
    }
  }

  Dataset drawn(std::size_t events, std::uint64_t seed) const {
    auto theta = truth1d;
    const auto nu = nominal(experiment.instrument());
    theta.insert(theta.end(), nu.begin(), nu.end());
    const auto plan = sampler->plan(*theory);
    const auto table = plan->at(truth1d);
    return Dataset(simulated(experiment, *table, theta, {seed}, events));
  }

  std::shared_ptr<const neural::Learned> learned(neural::RatioLoss loss) const {
    return neural::Learner(small_learner(), std::move(loss), 4)
        .learned_from({measured, data, {}, &simulation});
  }

  static std::vector<double> at(double a_u, double b_u) {
    auto theta = truth1d;
    theta[1] = a_u;
    theta[2] = b_u;
    return theta;
  }

  /// Largest difference of the two log-likelihoods, as the mean of opposite steps from
  /// the truth, on a grid of two standard deviations where the exact one changes by less
  /// than four. So the gradient drops out, and with it the noise of the simulation; the
  /// learned one is flatter by n/m.
  double worst(const neural::Learned& learned) const {
    const UnbinnedLikelihood exact(measured, data, {});
    const auto sums = data_sums(learned, data, {});
    const auto value = [&](const std::vector<double>& theta) {
      return learned_likelihood(learned, sums, learned.region.z_of(theta)).value *
             (1 + sums.events / learned.simulated);
    };
    const auto known = [&](const std::vector<double>& theta) {
      return exact.evaluate(theta).value;
    };
    const auto information = measured.information(truth1d);
    const double n = sums.events, a = 1 / std::sqrt(n * information(1, 1)),
                 b = 1 / std::sqrt(n * information(2, 2));
    double out = 0;
    for (const double i : {0, 1, 2})
      for (const double j : {-2, -1, 0, 1, 2}) {
        const auto rise = [&](const auto& f) {
          return 0.5 * (f(at(-0.5 + i * a, 3 + j * b)) + f(at(-0.5 - i * a, 3 - j * b))) -
                 f(truth1d);
        };
        const double expected = rise(known);
        if (expected < 4) out = std::max(out, std::abs(rise(value) - expected));
      }
    return out;
  }
};

}  // namespace femto::testing
