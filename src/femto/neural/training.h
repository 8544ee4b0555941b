// The training loop: evaluates, keeps the best generator, saves, stops.
#pragma once
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "femto/neural/energy_distance.h"
#include "femto/neural/game.h"
#include "femto/neural/gan.h"
#include "femto/neural/gpu.h"

namespace femto::neural {

/// The settings of a game for one task.
GameSettings game_settings(const GanSettings& settings, const Task& task);

/// One training from its start, or from a checkpoint, to its end.
class Training {
 public:
  Training(const GanSettings& settings, const Task& task, Monitor& monitor);

  Fit run();

 private:
  /// What becomes of the training after a meeting of all ranks.
  enum class Verdict : std::uint64_t { go_on, save, diverged, no_better, late };

  struct Decision {
    Verdict verdict = Verdict::go_on;
    int signal = 0;  // that asked some rank to stop; 0 = none
  };

  void say_what_is_played();
  void lose_time();
  bool meets() const;
  Decision meet(const StepReport& report);
  Decision meet_living(const StepReport& report);
  Decision decide(const StepReport& report, bool finite, std::uint64_t signal);
  bool survives_deaths() const;
  Verdict judge(const StepReport& report, bool finite);
  Fit end_after(Verdict verdict);
  void report_exchange();
  void evaluate(const StepReport& report);
  bool out_of_patience() const;
  bool out_of_time() const;
  double elapsed_s() const;
  double rate_factor() const;
  std::vector<double> mean_proposal() const;

  bool leads() const { return !task_.team || task_.team->group.rank() == 0; }

  bool same_everywhere() const;
  void save(io::State& state) const;
  void checkpoint();
  void restore();
  std::optional<io::State> restored();
  Fit finish(Outcome outcome, std::string why);

  GanSettings settings_;
  const Task& task_;
  Monitor& monitor_;
  Choice machine_;
  Standardiser standard_;
  Simulator simulator_;
  RealEvents real_;
  EnergyDistance distance_;
  Game game_;
  Network best_;  // the latest generator that is as good as any before
  double lowest_distance_;
  double best_distance_;
  std::int64_t best_iteration_ = 0;
  std::int64_t iteration_ = 0;
  bool finite_ = true;  // every loss since the last meeting
  double elapsed_before_s_ = 0;
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

}  // namespace femto::neural
