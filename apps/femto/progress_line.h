// One line on the terminal that is rewritten while a run goes on.
#pragma once
#include <chrono>
#include <string>
#include <string_view>

#include "femto/pipeline/journal.h"

namespace femto::app {

enum class Chatter { normal, quiet };

/// On a terminal: a live line, at most ten times a second. Elsewhere: warnings only;
/// notes stand below the table of results.
class ProgressLine {
 public:
  explicit ProgressLine(Chatter chatter);

  ~ProgressLine() { clear(); }

  ProgressLine(const ProgressLine&) = delete;
  ProgressLine& operator=(const ProgressLine&) = delete;

  void show(const Progress& progress);
  void show(std::string_view what, double fraction, double elapsed_s);
  void say(std::string_view sentence);
  void clear();

  /// For a run.
  Audience audience();

 private:
  void draw(const std::string& text);

  bool live_;
  bool drawn_ = false;
  std::chrono::steady_clock::time_point last_;
};

}  // namespace femto::app
