// Draws the progress line.
#include "progress_line.h"

#include "terminal.h"
#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "femto/core/log.h"

namespace femto::app {
namespace {

std::size_t columns() {
  winsize size{};
  return ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 20 ? size.ws_col
                                                                          : 80;
}

std::string bar(double fraction) {
  constexpr int width = 20;
  const int full = static_cast<int>(fraction * width);
  return fmt::format(
      "[{:=<{}}{: <{}}] {:3.0f} %", "", full, "", width - full, 100 * fraction);
}

std::string remaining(double fraction, double elapsed_s) {
  if (fraction < 0.02 || elapsed_s < 2) return {};
  return "  " + duration(elapsed_s * (1 - fraction) / fraction) + " left";
}

}  // namespace

ProgressLine::ProgressLine(Chatter chatter)
    : live_(chatter == Chatter::normal && is_terminal(stderr)) {}

void ProgressLine::show(const Progress& p) {
  std::string what = p.step;
  if (p.total)
    what += fmt::format(" {}/{}", p.iteration, p.total);
  else if (p.iteration)
    what += fmt::format(" {}", p.iteration);
  for (const auto& [name, value] : p.values)
    if (what.size() < 60) what += fmt::format("  {} {:.6g}", name, value);
  show(what, p.fraction, p.elapsed_s);
}

void ProgressLine::show(std::string_view what, double fraction, double elapsed_s) {
  if (!live_) return;
  const auto now = std::chrono::steady_clock::now();
  if (drawn_ && now - last_ < std::chrono::milliseconds(100)) return;
  last_ = now;
  draw(fmt::format("{}{}  {}", bar(fraction), remaining(fraction, elapsed_s), what));
}

void ProgressLine::draw(const std::string& text) {
  const auto shown = text.substr(0, columns() - 1);
  fmt::print(stderr, "\r{}\033[K", shown);
  std::fflush(stderr);
  drawn_ = true;
}

void ProgressLine::say(std::string_view sentence) {
  constexpr std::string_view mark = "warning: ";
  if (!sentence.starts_with(mark)) return;
  clear();
  log::warn("{}", sentence.substr(mark.size()));
}

void ProgressLine::clear() {
  if (!drawn_) return;
  fmt::print(stderr, "\r\033[K");
  std::fflush(stderr);
  drawn_ = false;
}

Audience ProgressLine::audience() {
  return {[this](const Progress& p) { show(p); },
          [this](std::string_view sentence) { say(sentence); }};
}

}  // namespace femto::app
