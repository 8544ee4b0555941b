// The monitor of a member that is solved on another rank than 0.
#pragma once
#include <atomic>
#include <chrono>
#include <string>

#include "femto/exchange/deal.h"
#include "femto/pipeline/monitor.h"
#include "femto/pipeline/study.h"

namespace femto {

/// Sends everything to rank 0, where `hear` hands it to the monitor of the journal.
class FarMonitor final : public Monitor {
 public:
  /// `brief`: empty, or 'b' and the bytes of the state to go on from.
  FarMonitor(const exchange::Say& say,
             const CheckpointSettings& settings,
             const std::string& brief);

  void report(const Metrics& metrics) override;
  void note(std::string_view sentence) override;
  bool save_due() override;
  void save(const io::State& state) override;

  std::optional<io::State> restored() override { return restored_; }

 private:
  const exchange::Say& say_;
  CheckpointSettings settings_;
  std::optional<io::State> restored_;
  std::atomic<int> polls_ = 0;
  std::chrono::steady_clock::time_point last_ = std::chrono::steady_clock::now();
};

/// Hands words of a FarMonitor to the monitor of the same part.
void hear(const std::string& words, Monitor& monitor);

}  // namespace femto
