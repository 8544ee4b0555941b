// How issues look: position, reason, the line with a caret, and what to do.
#include "femto/config/issues.h"

#include <algorithm>
#include <tuple>

#include <fmt/format.h>

namespace femto::config {
namespace {

constexpr std::size_t widest = 160;

bool continues_a_character(char c) {
  return (static_cast<unsigned char>(c) & 0xC0) == 0x80;
}

// The line and the caret below it; a long line is cut to a window around the caret.
std::string pointed_at(std::string_view line, const Where& where) {
  const auto at = std::min<std::size_t>(std::max(where.column - 1, 0), line.size());
  std::size_t from = 0;
  if (line.size() > widest && at > widest / 2) from = at - widest / 2;
  while (from > 0 && continues_a_character(line[from])) --from;
  const auto text = one_line(line.substr(from, widest));
  const auto before = line.substr(from, at - from);
  const auto width = std::count_if(
      before.begin(), before.end(), [](char c) { return !continues_a_character(c); });
  return fmt::format("\n{:5} | {}\n      | {:>{}}", where.line, text, '^', width + 1);
}

std::string files_of(const std::vector<Issue>& issues) {
  std::vector<std::string> files;
  for (const auto& issue : issues)
    if (std::find(files.begin(), files.end(), issue.where.file) == files.end())
      files.push_back(issue.where.file);
  std::string out = files.front();
  for (std::size_t i = 1; i < files.size(); ++i)
    out += (i + 1 == files.size() ? " and " : ", ") + files[i];
  return out;
}

std::string render_all(const std::vector<Issue>& issues, const Sources& sources) {
  expect(!issues.empty(), "a ConfigError has at least one issue");
  auto out = fmt::format("{} problem{} in {}",
                         issues.size(),
                         issues.size() == 1 ? "" : "s",
                         files_of(issues));
  for (const auto& issue : issues) out += "\n\n" + render(issue, sources);
  return out;
}

std::vector<Issue> sorted(std::vector<Issue> issues, const Sources& sources) {
  sort(issues, sources);
  return issues;
}

}  // namespace

void Sources::add(std::string file, std::string text) {
  texts_.emplace_back(std::move(file), std::move(text));
}

std::string_view Sources::line(const Where& where) const {
  const auto index = order(where.file);
  if (index == texts_.size() || where.line < 1) return {};
  std::string_view text = texts_[index].second;
  for (int i = 1; i < where.line; ++i) {
    const auto end = text.find('\n');
    if (end == text.npos) return {};
    text.remove_prefix(end + 1);
  }
  text = text.substr(0, text.find('\n'));
  if (!text.empty() && text.back() == '\r') text.remove_suffix(1);
  return text;
}

std::size_t Sources::order(std::string_view file) const {
  const auto it = std::find_if(
      texts_.begin(), texts_.end(), [&](const auto& t) { return t.first == file; });
  return static_cast<std::size_t>(it - texts_.begin());
}

void sort(std::vector<Issue>& issues, const Sources& sources) {
  const auto key = [&](const Issue& i) {
    return std::tuple(sources.order(i.where.file), i.where.line, i.where.column);
  };
  std::stable_sort(issues.begin(), issues.end(), [&](const Issue& a, const Issue& b) {
    return key(a) < key(b);
  });
}

std::string render(const Issue& issue, const Sources& sources) {
  const auto& where = issue.where;
  auto out = where.file;
  if (where.line > 0) out += fmt::format(":{}:{}", where.line, where.column);
  if (!issue.path.empty()) out += ": " + issue.path;
  out += ": " + issue.what;
  if (const auto line = sources.line(where); !line.empty())
    out += pointed_at(line, where);
  if (!issue.hint.empty()) out += "\n      = " + issue.hint;
  return out;
}

ConfigError::ConfigError(std::vector<Issue> issues, const Sources& sources)
    : Error(render_all(issues = sorted(std::move(issues), sources), sources)),
      issues_(std::move(issues)) {}

}  // namespace femto::config
