// Reading a study: parse, change, remember positions, report.
#include "femto/config/load.h"

namespace femto::config {

Where Origin::where_of(std::string_view path) const {
  for (std::string at(path); !at.empty();) {
    if (const auto it = places.find(at); it != places.end()) return it->second;
    const auto cut = at.find_last_of(".[");
    at.resize(cut == at.npos ? 0 : cut);
  }
  return document.where;
}

bool Origin::given(std::string_view path) const {
  return places.contains(std::string(path));
}

Issue Origin::issue(std::string path, std::string what, std::string hint) const {
  auto where = where_of(path);
  return {std::move(where), std::move(path), std::move(what), std::move(hint)};
}

void Origin::throw_if_any(std::vector<Issue> issues) const {
  if (!issues.empty()) throw ConfigError(std::move(issues), sources);
}

Origin read(std::string_view text,
            std::string file,
            std::span<const std::string> overrides,
            std::vector<Issue>& issues) {
  Origin origin;
  origin.sources.add(file, std::string(text));
  origin.sources.add(std::string(command_line), as_source(overrides));
  origin.document = parse(text, file);
  auto& root = origin.document;
  if (root.where.line == 0) root.where = {file, 1, 1};
  if (root.type != Node::Type::map && root.type != Node::Type::null) {
    origin.throw_if_any({{root.where,
                          "(document)",
                          "a study is a block of `name: value` lines, got " + shown(root),
                          "the first line could be `femto: 1`"}});
  }
  report_repeats(root, "", issues);
  apply_overrides(root, overrides, issues);
  return origin;
}

std::vector<Issue> finish(const Decoder& decoder,
                          Origin& origin,
                          std::vector<Issue> issues) {
  issues.insert(issues.end(), decoder.issues().begin(), decoder.issues().end());
  origin.places = decoder.places();
  origin.throw_if_any(std::move(issues));
  auto warnings = decoder.warnings();
  sort(warnings, origin.sources);
  return warnings;
}

}  // namespace femto::config
