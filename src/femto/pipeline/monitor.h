// What a running solver may tell the run, and ask of it.
#pragma once
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "femto/io/checkpoint.h"

namespace femto {

/// One line of metrics.jsonl, without time stamp.
struct Metrics {
  std::string step;  // "fit", "train", "profile", ...
  std::uint64_t iteration = 0;
  std::uint64_t total = 0;                             // 0 = unknown
  std::vector<std::pair<std::string, double>> values;  // "nll", "gradient_norm", ...
};

/// Handed to solvers. Thread-safe. Members of an ensemble get a monitor of their own that
/// writes into the same run.
class Monitor {
 public:
  virtual ~Monitor() = default;

  virtual void report(const Metrics& metrics) = 0;

  /// A sentence for the user and the report, e.g. "start 3 ended at a bound".
  virtual void note(std::string_view sentence) = 0;

  /// Ask at every safe point. If true, call save() with the complete state; save() throws
  /// Interrupted when the run was asked to stop. An empty state means that the work
  /// starts anew when it is resumed: its metrics and notes so far are forgotten then.
  virtual bool save_due() = 0;
  virtual void save(const io::State& state) = 0;

  /// The state to go on from; empty at a fresh start.
  virtual std::optional<io::State> restored() = 0;
};

/// Discards everything; for tests and toys. Never asks to stop unless Ctrl-C was pressed.
class SilentMonitor final : public Monitor {
 public:
  void report(const Metrics&) override {}

  void note(std::string_view) override {}

  bool save_due() override;
  void save(const io::State& state) override;

  std::optional<io::State> restored() override { return {}; }
};

}  // namespace femto
