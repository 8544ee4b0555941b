#include "femto/qcd/evolution_path.h"

#include <cmath>

#include "femto/core/error.h"

namespace femto::qcd {
namespace {

/// Longest step in dtau = alpha_s/(2 pi) d ln mu2. The commutators that are left out of
/// the exponent change densities with its fourth power: by less than 1e-6 up to x = 0.9.
constexpr double longest_step = 0.015;

class Path {
 public:
  Path(const StrongCoupling& coupling, double start)
      : coupling_(coupling),
        mu2_(start),
        flavours_(coupling.settings().flavours.at(start)) {}

  void to(double target, std::size_t output) {
    const auto& scheme = coupling_.settings().flavours;
    const int wanted = scheme.at(target);
    if (wanted < flavours_)
      fail(
          "evolution from {} flavours down to mu2 = {} GeV2, where {} are active (the "
          "density of the heavy flavour has no place there)",
          flavours_,
          target,
          wanted);
    while (flavours_ < wanted) {
      run(scheme.threshold(flavours_ + 1));
      ++flavours_;
      threshold_ = true;
    }
    run(target);
    // A target at the start, or at the one before, is reached by a step of no length.
    if (steps.empty() || threshold_) add({});
    steps.back().outputs.push_back(output);
  }

  std::vector<EvolutionStep> steps;

 private:
  void run(double target) {
    if (target == mu2_) return;
    const double from = coupling_.at(mu2_, flavours_),
                 to = coupling_.at(target, flavours_);
    const int loops = coupling_.settings().loops;
    const double tau = running_time(from, to, loops, flavours_).tau;
    const double count = std::ceil(std::abs(tau) / longest_step);
    double alpha = from;
    for (double k = 1; k <= count; ++k) {
      const double next = k == count ? to : from * std::pow(to / from, k / count);
      add(running_time(alpha, next, loops, flavours_));
      alpha = next;
    }
    mu2_ = target;
  }

  void add(const RunningTime& time) {
    steps.push_back({flavours_, threshold_, time, {}});
    threshold_ = false;
  }

  const StrongCoupling& coupling_;
  double mu2_;
  int flavours_;
  bool threshold_ = false;
};

}  // namespace

std::vector<EvolutionStep> evolution_path(const StrongCoupling& coupling,
                                          double start_mu2_gev2,
                                          std::span<const double> targets) {
  Path path(coupling, start_mu2_gev2);
  for (std::size_t i = 0; i < targets.size(); ++i) path.to(targets[i], i);
  return std::move(path.steps);
}

}  // namespace femto::qcd
