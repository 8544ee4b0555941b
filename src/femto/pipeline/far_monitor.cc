#include "femto/pipeline/far_monitor.h"

#include <fmt/format.h>

#include "femto/core/interrupt.h"

namespace femto {

FarMonitor::FarMonitor(const exchange::Say& say,
                       const CheckpointSettings& settings,
                       const std::string& brief)
    : say_(say), settings_(settings) {
  if (!brief.empty()) restored_ = io::state_from(std::string_view(brief).substr(1));
}

void FarMonitor::report(const Metrics& metrics) {
  io::State line;
  line.put_text("step", metrics.step);
  line.put("iteration", static_cast<std::int64_t>(metrics.iteration));
  line.put("total", static_cast<std::int64_t>(metrics.total));
  // Numbered: entries are kept in the order of their names.
  for (std::size_t i = 0; i < metrics.values.size(); ++i)
    line.put(fmt::format("{:06}{}", i, metrics.values[i].first),
             metrics.values[i].second);
  say_('m' + io::to_bytes(line));
}

void FarMonitor::note(std::string_view sentence) {
  say_('n' + std::string(sentence));
}

bool FarMonitor::save_due() {
  const std::chrono::duration<double> since = std::chrono::steady_clock::now() - last_;
  return interrupt_signal() != 0 || since.count() >= settings_.seconds ||
         (settings_.every > 0 && ++polls_ >= settings_.every);
}

void FarMonitor::save(const io::State& state) {
  last_ = std::chrono::steady_clock::now();
  polls_ = 0;
  say_('s' + io::to_bytes(state));
  if (const int signal = interrupt_signal()) throw Interrupted(signal);
}

void hear(const std::string& words, Monitor& monitor) {
  const auto rest = words.substr(1);
  if (words[0] == 'n') return monitor.note(rest);
  const auto state = io::state_from(rest);
  if (words[0] == 's') return monitor.save(state);
  Metrics line{state.text("step"),
               static_cast<std::uint64_t>(state.integer("iteration")),
               static_cast<std::uint64_t>(state.integer("total")),
               {}};
  for (const auto& [name, value] : state.entries())
    if (name.starts_with("0"))
      line.values.emplace_back(name.substr(6), state.number(name));
  monitor.report(line);
}

}  // namespace femto
