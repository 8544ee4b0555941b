// Problems of a document, gathered and reported together.
#pragma once
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "femto/config/node.h"
#include "femto/core/error.h"

namespace femto::config {

struct Issue {
  Where where;
  std::string path;  // "theory.a[2]"
  std::string what;
  std::string hint;
};

/// The texts that positions point into, by file name, in the order they were added.
class Sources {
 public:
  void add(std::string file, std::string text);

  /// The line at `where`, or empty.
  std::string_view line(const Where& where) const;

  /// Position of `file` in the order of adding; unknown files come last.
  std::size_t order(std::string_view file) const;

 private:
  std::vector<std::pair<std::string, std::string>> texts_;
};

/// What a struct's own `void check(Issues&) const` finds wrong between its settings.
class Issues {
 public:
  struct Found {
    std::string field, what, hint;
  };

  /// `field` is the setting to point at; empty means the block itself.
  void add(std::string_view field, std::string what, std::string hint = {}) {
    found_.push_back({std::string(field), std::move(what), std::move(hint)});
  }

  const std::vector<Found>& found() const { return found_; }

 private:
  std::vector<Found> found_;
};

/// By source, line and column.
void sort(std::vector<Issue>& issues, const Sources& sources);

/// One issue with its line, caret and hint; no newline at the end.
std::string render(const Issue& issue, const Sources& sources);

/// Every problem of one study, reported together.
class ConfigError : public Error {
 public:
  ConfigError(std::vector<Issue> issues, const Sources& sources);

  const std::vector<Issue>& issues() const { return issues_; }

 private:
  std::vector<Issue> issues_;
};

}  // namespace femto::config
