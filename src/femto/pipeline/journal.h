// The running record of a run: metrics, notes, progress, checkpoints and status.
#pragma once
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "femto/io/checkpoint.h"
#include "femto/pipeline/monitor.h"
#include "femto/pipeline/study.h"

namespace femto {

/// What a person watching a run sees.
struct Progress {
  std::string step;
  std::uint64_t iteration = 0, total = 0;  // total 0 = unknown
  double fraction = 0;                     // of the whole run, 0 to 1
  double elapsed_s = 0;
  std::vector<std::pair<std::string, double>> values;
};

/// Where progress goes; either may be empty. Called from any thread, one at a time.
struct Audience {
  std::function<void(const Progress&)> show;
  std::function<void(std::string_view sentence)> say;
};

/// A part of a run is one piece of work that may take long: a member, the inference, an
/// analysis. Parts have a name, lines in metrics.jsonl, notes, a state while they run and
/// a result when they are done. All functions are thread-safe.
class Journal {
 public:
  Journal(std::filesystem::path folder,
          std::string study,
          const CheckpointSettings& settings,
          Audience audience);

  /// Takes over the newest valid checkpoint, if there is one, and cuts metrics.jsonl back
  /// to it. Returns warnings about damaged ones. Throws DataError if all are damaged or
  /// were written by another version.
  std::vector<std::string> restore();

  /// Makes the part known. `weight`: its share of the work; `member`: its number in
  /// metrics.jsonl, if it is a member of an ensemble.
  void add_part(const std::string& part,
                double weight,
                std::optional<std::uint64_t> member = {});

  /// For the solver or analysis that works on a part. Must not outlive the journal.
  std::unique_ptr<Monitor> monitor(const std::string& part);

  /// What the part gave, if it is done.
  std::optional<io::State> result(const std::string& part) const;

  /// Whoever worked on the part is lost: its notes and metrics since its last save are
  /// forgotten, since whoever goes on from there gives them again.
  void rewind(const std::string& part);

  /// The part is done; `result` goes into the next checkpoint.
  void finish(const std::string& part, const io::State& result);

  void note(const std::string& part, std::string_view sentence);
  std::vector<std::string> notes(const std::string& part) const;

  /// Writes a checkpoint of everything that parts have saved.
  void checkpoint();

  /// If a signal has come: writes a checkpoint and throws Interrupted.
  void stop_if_asked();

  /// Seconds that the run has taken, earlier sessions included.
  double wall_seconds() const;

  /// Writes status.json: "running", "done", "failed" or "interrupted".
  void status(std::string_view state, std::string_view message, int exit_code);

 private:
  friend class PartMonitor;
  using Clock = std::chrono::steady_clock;

  struct Part {
    double weight = 1, fraction = 0;
    std::optional<std::uint64_t> member;
    std::optional<io::State> state, result;
    std::vector<std::string> notes;
    std::int64_t lines = 0;
    std::int64_t saved_lines = 0, saved_notes = 0;
    Clock::time_point last_save;
    int polls = 0;
    bool save_now = false;
  };

  void report(const std::string& part, const Metrics& metrics);
  bool save_due(const std::string& part);
  void save(const std::string& part, const io::State& state);
  Part& at(const std::string& part);
  const Part& at(const std::string& part) const;
  double fraction() const;
  void write_checkpoint();
  void write_status();
  void cut_metrics(const std::function<std::int64_t(const std::string& part)>& lines);
  io::State packed() const;

  std::filesystem::path folder_;
  std::string study_;
  CheckpointSettings settings_;
  Audience audience_;
  io::CheckpointFolder checkpoints_;
  mutable std::mutex mutex_;
  std::map<std::string, Part> parts_;
  std::map<std::string, io::State> restored_;  // of parts not yet added
  std::ofstream metrics_;
  Clock::time_point began_ = Clock::now(), last_status_;
  double earlier_s_ = 0;
  nlohmann::ordered_json status_;
};

}  // namespace femto
