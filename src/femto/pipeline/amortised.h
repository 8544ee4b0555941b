// The posterior of every data set of a study, learnt once from simulation.
#pragma once
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "femto/pipeline/amortiser.h"
#include "femto/pipeline/plan.h"
#include "femto/pipeline/posterior.h"
#include "femto/stats/legendre.h"

namespace femto {

/// Means of Legendre products of every measured channel over the events, and ln(records)
/// where the number of records may vary: the same for any order of the events.
class Summaries {
 public:
  Summaries(const Theory& measured, int order, bool counted);

  std::vector<double> of(const Dataset& data, const Weighting& weighting) const;

  std::size_t count() const;

 private:
  std::vector<stats::LegendreProducts> functions_;  // [channel]
  std::vector<std::size_t> axes_;                   // [channel]
  bool counted_;
};

/// What was learnt, and what for.
struct Amortised {
  std::shared_ptr<const ConditionalDensity> density;
  std::shared_ptr<const Summaries> summaries;
  std::vector<std::size_t> free;  // parameters that it draws
  /// Those that are held: fixed ones, and what no event determines, at their start.
  std::vector<std::pair<std::size_t, double>> held;
  std::uint64_t fewest = 0, most = 0;  // records of a data set
  std::uint64_t simulations = 0;
  std::string from;  // run folder that it was read from; empty: trained here
  double seconds = 0;
};

using LessonProgress =
    std::function<void(const char* step, std::uint64_t, std::uint64_t)>;

/// Draws parameters flat in the box of each free one, with the gauge held at the start of
/// the setup, and a data set at each with the task's sampler and detector; learns from
/// their summaries. `records`: of a data set where the amortiser does not say. Simulation
/// k depends on (seed, k) alone. Throws Error where side information or nuisance
/// constraints enter, of which summaries of events know nothing.
Amortised train_amortised(const Task& task,
                          const Amortiser& amortiser,
                          std::uint64_t records,
                          std::uint64_t seed,
                          const LessonProgress& progress = {});

/// What determines a training, as a checksum: theory, sampler, detector, parameters and
/// settings of the amortiser; not data and seed.
std::string lesson_checksum(const Study& study);

/// The one of `intervals.network`, else of the run folder, else trained now and, unless
/// the folder is empty, kept there in "amortised". Throws Error if one that was read was
/// trained for another problem or other numbers of records.
Amortised obtain_amortised(const Plan& plan,
                           const Task& task,
                           std::uint64_t records,
                           const std::filesystem::path& folder,
                           const LessonProgress& progress = {});

/// The function that draws are weighted by: that of the problem if it is a likelihood and
/// the settings ask for it, else empty.
stats::Function weighing(const IntervalProblem& problem,
                         const IntervalSettings& settings);

/// settings.chains * settings.draws independent draws given the task's data, as one
/// chain. Where `likelihood` is given they are weighted by it over the density they came
/// from, and resampled. Throws Error if the number of records is not one it was learnt
/// for.
Posterior draw_amortised(const Amortised& amortised,
                         const Task& task,
                         const stats::Function& likelihood,
                         const IntervalSettings& settings,
                         std::uint64_t seed);

}  // namespace femto
