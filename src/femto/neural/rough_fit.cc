// The method of simulated moments with simulations that are reweighted nearby.
#include "femto/neural/rough_fit.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>

#include "femto/core/error.h"
#include "femto/core/threads.h"
#include "femto/core/vector_sums.h"
#include "femto/core/vmath.h"
#include "femto/neural/region.h"
#include "femto/neural/target_moments.h"
#include "femto/neural/true_density.h"
#include "femto/pipeline/partial_sums.h"
#include "femto/pipeline/problem.h"
#include "femto/stats/linear.h"

namespace femto::neural {
namespace {

constexpr std::size_t piece_size = 1024;
constexpr double least_share = 0.2;  // of the effective size that reweighting may leave
/// Half the distance between measurements of a slope, and the farthest that a nuisance
/// parameter moves by it, in widths of the box.
constexpr double half_step = 2e-3, longest_step = 0.1;
constexpr int most_simulations = 20;  // from one start
/// What another start must gain over the setup's: moments see differences of likelihoods,
/// but not all of them.
constexpr double clearly = 4;

/// One simulation and the distance it predicts around it.
class Nearby {
 public:
  Nearby(const Laboratory& laboratory,
         const Density& truth,
         const TargetMoments& target,
         std::vector<double> theta,
         std::size_t n);

  /// +infinity where the weights leave too few records.
  stats::Evaluation distance(std::span<const double> theta) const;

  /// The setup's, but for nuisance parameters, which move a little.
  std::vector<stats::Bound> box() const;

 private:
  const Experiment& experiment() const { return laboratory_.setup().experiment; }

  void measure_slopes();
  std::vector<double> sums(std::span<const double> theta) const;

  const Laboratory& laboratory_;
  const TargetMoments& target_;
  std::vector<double> at_;
  Records records_;
  Matrix phi_;  // [term, record]
  TrueDensity density_;
  std::vector<double> log_at_;  // ln f [record]
  double size_ = 0;             // effective, unweighted
  Matrix slope_;                // [term, nuisance parameter]
};

std::vector<const double*> rows_of(const Matrix& m) {
  std::vector<const double*> out;
  for (std::size_t k = 0; k < m.rows; ++k) out.push_back(m.row(k));
  return out;
}

Nearby::Nearby(const Laboratory& laboratory,
               const Density& truth,
               const TargetMoments& target,
               std::vector<double> theta,
               std::size_t n)
    : laboratory_(laboratory),
      target_(target),
      at_(std::move(theta)),
      records_(laboratory.records(at_, 0, n)),
      phi_(target.functions(rows_of(records_.measured), n)),
      density_(truth, records_.truth),
      log_at_(n) {
  const auto part = experiment().true_part(at_);
  density_.evaluate(part, truth.norms(part), 0, n, log_at_.data(), nullptr);
  const double sum = sum_of(n, records_.weight.data());
  if (!(sum > 0)) throw NumericalError("no simulated record survives the detector");
  size_ = sum * sum / weighted_sum_of(n, records_.weight.data(), records_.weight.data());
  measure_slopes();
}

void Nearby::measure_slopes() {
  const auto nu = experiment().nuisance_part(at_);
  const auto box = box_of(laboratory_.setup().setup);
  const std::size_t n = log_at_.size(), first = at_.size() - nu.size();
  slope_ = Matrix(phi_.rows, nu.size());
  for (std::size_t j = 0; j < nu.size(); ++j) {
    const auto& p = box[first + j];
    if (p.fixed) continue;
    for (const int side : {-1, 1}) {
      std::vector<double> moved(nu.begin(), nu.end()), weight(n);
      moved[j] += side * half_step * (p.hi - p.lo);
      Matrix measured = records_.truth;
      std::vector<double*> columns;
      for (std::size_t k = 0; k < measured.rows; ++k) columns.push_back(measured.row(k));
      laboratory_.measure(moved, 0, n, columns.data(), weight.data());
      const Matrix phi = target_.functions(rows_of(measured), n);
      const double sum = sum_of(n, weight.data());
      for (std::size_t t = 0; t < phi.rows; ++t)
        slope_(t, j) += side * weighted_sum_of(n, weight.data(), phi.row(t)) / sum /
                        (2 * half_step * (p.hi - p.lo));
    }
  }
}

std::vector<stats::Bound> Nearby::box() const {
  auto out = box_of(laboratory_.setup().setup);
  for (std::size_t k = experiment().true_part(at_).size(); k < out.size(); ++k) {
    const double reach = longest_step * (out[k].hi - out[k].lo);
    out[k].lo = std::max(out[k].lo, at_[k] - reach);
    out[k].hi = std::min(out[k].hi, at_[k] + reach);
  }
  return out;
}

/// Sums of w, w^2, w s_j, w phi_t and w phi_t s_j over records, w their weights and s
/// the scores at theta.
std::vector<double> Nearby::sums(std::span<const double> theta) const {
  const std::size_t parameters = theta.size(), terms = phi_.rows;
  const auto norms = density_.density().norms(theta);
  const Pieces pieces{log_at_.size(), piece_size};
  PartialSums partial(pieces.count(), 2 + parameters + terms * (1 + parameters));
  parallel_for(pieces.count(), [&](std::size_t piece) {
    const std::size_t from = pieces.begin(piece), n = pieces.end(piece) - from;
    std::vector<double> w(n);
    Matrix score(parameters, n);
    std::vector<double*> scores;
    for (std::size_t j = 0; j < parameters; ++j) scores.push_back(score.row(j));
    density_.evaluate(theta, norms, from, n, w.data(), scores.data());
    for (std::size_t i = 0; i < n; ++i) w[i] -= log_at_[from + i];
    vmath::exp(n, w.data(), w.data());
    for (std::size_t i = 0; i < n; ++i) w[i] *= records_.weight[from + i];
    partial.at(piece, 0) = sum_of(n, w.data());
    partial.at(piece, 1) = weighted_sum_of(n, w.data(), w.data());
    std::size_t out = 2;
    for (std::size_t j = 0; j < parameters; ++j) {
      for (std::size_t i = 0; i < n; ++i) scores[j][i] *= w[i];
      partial.at(piece, out++) = sum_of(n, scores[j]);
    }
    for (std::size_t t = 0; t < terms; ++t) {
      const double* phi = phi_.row(t) + from;
      partial.at(piece, out++) = weighted_sum_of(n, w.data(), phi);
      for (std::size_t j = 0; j < parameters; ++j)
        partial.at(piece, out++) = weighted_sum_of(n, scores[j], phi);
    }
  });
  return partial.total();
}

stats::Evaluation Nearby::distance(std::span<const double> theta) const {
  const auto true_part = experiment().true_part(theta);
  const auto nu = experiment().nuisance_part(theta),
             nu_at = experiment().nuisance_part(at_);
  const std::size_t parameters = true_part.size(), terms = phi_.rows;
  stats::Evaluation lost{std::numeric_limits<double>::infinity(),
                         std::vector<double>(theta.size()),
                         Matrix(theta.size(), theta.size())};
  std::vector<double> sum;
  try {
    sum = sums(true_part);
  } catch (const NumericalError&) {  // no norm there
    return lost;
  }
  const double size = sum[0] * sum[0] / sum[1];
  if (!(size >= least_share * size_)) return lost;
  std::vector<double> mean(terms);
  Matrix slope(terms, theta.size());
  for (std::size_t t = 0; t < terms; ++t) {
    const double* row = &sum[2 + parameters + t * (1 + parameters)];
    mean[t] = row[0] / sum[0];
    for (std::size_t j = 0; j < parameters; ++j)
      slope(t, j) = (row[1 + j] - mean[t] * sum[2 + j]) / sum[0];
    for (std::size_t j = 0; j < nu.size(); ++j) {
      slope(t, parameters + j) = slope_(t, j);
      mean[t] += slope_(t, j) * (nu[j] - nu_at[j]);
    }
  }
  // The noise of simulation is that of its size where it was made: a weight that followed
  // the effective size would draw the fit to where it is small.
  return target_.distance(mean, slope, target_.events() / (1 + target_.events() / size_));
}

std::vector<double> start_of(const SimulationSetup& s, int number) {
  const auto stream = random::Stream::named(s.seed, "learned starts");
  const auto box = box_of(s.setup);
  std::vector<double> out;
  for (std::size_t k = 0; k < box.size(); ++k) {
    const double u = random::uniform(
        stream, static_cast<std::uint64_t>(number), static_cast<std::uint32_t>(k));
    out.push_back(number == 0 || box[k].fixed ? s.setup.parameters[k].start
                                              : std::lerp(box[k].lo, box[k].hi, u));
  }
  return out;
}

struct Found {
  std::vector<double> theta;
  stats::Evaluation at;
  int simulations = 0;
};

/// Simulates where the last simulation points, until one agrees with the last.
Found descend(const Laboratory& laboratory,
              const Density& truth,
              const TargetMoments& target,
              std::vector<double> theta,
              std::size_t records) {
  constexpr double settled = 0.5;
  stats::MinimiseOptions options;
  options.tolerance = 1e-2;
  options.max_iterations = 10;
  Found out{std::move(theta), {}, 0};
  while (out.simulations < most_simulations) {
    const Nearby here(laboratory, truth, target, out.theta, records);
    ++out.simulations;
    const auto f = [&](std::span<const double> x) { return here.distance(x); };
    const double before = f(out.theta).value;
    auto found = stats::minimise(f, out.theta, here.box(), options);
    out.theta = std::move(found.x);
    out.at = std::move(found.at);
    if (before - out.at.value < settled) break;
  }
  return out;
}

}  // namespace

RoughFit rough_fit(const Laboratory& laboratory,
                   const Density& truth,
                   const Dataset& data,
                   const RoughFitSettings& settings) {
  const SimulationSetup& setup = laboratory.setup();
  const TargetMoments target(setup.experiment.measured(), data);
  std::optional<Found> best;
  int simulations = 0;
  for (int i = 0; i < settings.starts; ++i) try {
      auto found = descend(laboratory, truth, target, start_of(setup, i), settings.quick);
      simulations += found.simulations;
      if (!best || found.at.value < best->at.value - clearly) best = std::move(found);
    } catch (const NumericalError&) {
      continue;  // events cannot be simulated there
    }
  if (!best)
    throw NumericalError("no start of the rough fit can be simulated",
                         "give parameters.NAME.start values that the theory allows");
  auto found = descend(laboratory, truth, target, best->theta, settings.records);
  return {region_of(setup.setup, found.theta, found.at.curvature, 1).centre,
          std::move(found.at.curvature),
          simulations + found.simulations};
}

Matrix rough_information(const Laboratory& laboratory,
                         const Density& truth,
                         const Dataset& data,
                         const std::vector<double>& theta,
                         std::size_t records) {
  const TargetMoments target(laboratory.setup().experiment.measured(), data);
  return Nearby(laboratory, truth, target, theta, records).distance(theta).curvature;
}

}  // namespace femto::neural
