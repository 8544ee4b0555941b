// From the text of a study and the command line to a typed, checked struct.
#pragma once
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "femto/config/document.h"
#include "femto/config/overrides.h"
#include "femto/config/registry.h"

namespace femto::config {

/// Where every value of a study came from, for problems that show only later.
struct Origin {
  Node document;  // as decoded: with the overrides, without defaults
  Sources sources;
  std::map<std::string, Where> places;

  /// Position of the value at a dotted path ("solver.epochs", "analyses[1].level"), or of
  /// the nearest block around it that was given.
  Where where_of(std::string_view path) const;

  /// Whether the study or the command line gives this value.
  bool given(std::string_view path) const;

  /// An issue that points at the value at `path`.
  Issue issue(std::string path, std::string what, std::string hint = {}) const;

  /// Throws ConfigError if there are any.
  void throw_if_any(std::vector<Issue> issues) const;
};

template <class T>
struct Loaded {
  T value;
  std::vector<Issue> warnings;  // settings that have a new name
  Origin origin;

  Where where_of(std::string_view path) const { return origin.where_of(path); }
};

/// Parses `text` and applies `key.path=value` arguments. Problems go to `issues`.
Origin read(std::string_view text,
            std::string file,
            std::span<const std::string> overrides,
            std::vector<Issue>& issues);

/// Sorts warnings, keeps the places, and throws one ConfigError if anything is wrong.
std::vector<Issue> finish(const Decoder& decoder,
                          Origin& origin,
                          std::vector<Issue> issues);

/// Reads a whole study into `T`, or throws one ConfigError with every issue.
template <Described T>
Loaded<T> load(std::string_view text,
               std::string file,
               const Registry& registry,
               std::span<const std::string> overrides = {}) {
  std::vector<Issue> issues;
  Loaded<T> out;
  out.origin = read(text, std::move(file), overrides, issues);
  Decoder d(registry);
  decode(d, out.origin.document, out.value);
  out.warnings = finish(d, out.origin, std::move(issues));
  return out;
}

}  // namespace femto::config
