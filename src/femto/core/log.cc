#include "femto/core/log.h"

#include <memory>

#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>

namespace femto::log {
namespace {

spdlog::level::level_enum level_of(Level level) {
  switch (level) {
    case Level::debug:
      return spdlog::level::debug;
    case Level::info:
      return spdlog::level::info;
    case Level::warn:
      return spdlog::level::warn;
    case Level::quiet:
      break;
  }
  return spdlog::level::off;
}

spdlog::logger& logger() {
  static const auto made = [] {
    auto l = std::make_shared<spdlog::logger>(
        "femto", std::make_shared<spdlog::sinks::stderr_color_sink_mt>());
    l->set_pattern("%^%v%$");
    return l;
  }();
  return *made;
}

}  // namespace

void set_level(Level level) {
  logger().set_level(level_of(level));
}

void write(Level level, std::string_view text) {
  const bool warning = level == Level::warn;
  logger().log(level_of(level), "{}{}", warning ? "warning: " : "", text);
}

}  // namespace femto::log
