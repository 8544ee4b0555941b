// What the program tells its user while it works; on stderr, never on stdout.
#pragma once
#include <string>
#include <string_view>

#include <fmt/core.h>

namespace femto::log {

enum class Level { debug, info, warn, quiet };

void set_level(Level level);
void write(Level level, std::string_view text);

template <class... Args>
void info(fmt::format_string<Args...> text, Args&&... args) {
  write(Level::info, fmt::format(text, std::forward<Args>(args)...));
}

template <class... Args>
void warn(fmt::format_string<Args...> text, Args&&... args) {
  write(Level::warn, fmt::format(text, std::forward<Args>(args)...));
}

template <class... Args>
void debug(fmt::format_string<Args...> text, Args&&... args) {
  write(Level::debug, fmt::format(text, std::forward<Args>(args)...));
}

}  // namespace femto::log
