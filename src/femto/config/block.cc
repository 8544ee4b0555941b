// The bookkeeping of one block of settings.
#include <fmt/format.h>

#include "femto/config/decoder.h"

namespace femto::config {

Block::Block(Decoder& decoder, const Node& node)
    : decoder_(decoder),
      node_(node),
      outer_traits_(decoder.traits_),
      issues_before_(decoder.issues_.size()) {
  decoder_.traits_ = nullptr;
  if (node.type != Node::Type::map && node.type != Node::Type::null) {
    decoder_.report(node.where, "expected a block of settings, got " + shown(node));
    usable_ = false;
  }
  for (const auto& entry : node.map) given_.emplace(entry.key, &entry);
}

Block::~Block() {
  decoder_.traits_ = outer_traits_;
}

const Node::Entry* Block::find(std::string_view name) {
  const auto it = given_.find(name);
  if (it == given_.end()) return nullptr;
  const auto* entry = it->second;
  given_.erase(it);
  return entry;
}

const Node::Entry* Block::find_renamed(std::string_view name, std::string_view was) {
  const auto* entry = find(name);
  const auto* old = was.empty() ? nullptr : find(was);
  if (!old) return entry;
  const Decoder::Step step(decoder_, was, old->value.where);
  if (!entry) {
    decoder_.warn(old->where, fmt::format("is now called '{}'", name));
    return old;
  }
  // An argument on the command line replaces what the study says under the old name.
  if (entry->where.file == command_line && old->where.file != command_line) return entry;
  decoder_.report(old->where,
                  fmt::format("given twice, here and as '{}'", name),
                  fmt::format("'{}' is the old name of '{}'", was, name));
  return entry;
}

const Node* Block::enter(std::string_view name, const Traits& traits) {
  known_.emplace_back(name);
  const auto* entry = find_renamed(name, traits.was);
  settle_ = usable_ && !traits.required;
  if (entry) {
    step_.emplace(decoder_, name, entry->value.where);
    decoder_.traits_ = &traits;
    return &entry->value;
  }
  step_.emplace(decoder_, name);
  if (usable_ && traits.required)
    decoder_.report(node_.where, "is required but missing", std::string(traits.doc));
  return nullptr;
}

void Block::leave() {
  decoder_.traits_ = nullptr;
  step_.reset();
}

bool Block::finish() {
  for (const auto& [key, entry] : given_) {
    const Decoder::Step step(decoder_, key, entry->where);
    decoder_.report(
        entry->where, "unknown setting", suggestion(key, known_, "settings here"));
  }
  return decoder_.issues_.size() == issues_before_ && usable_;
}

void Block::add(const Issues& issues) {
  for (const auto& found : issues.found()) {
    std::optional<Decoder::Step> step;
    if (!found.field.empty()) step.emplace(decoder_, found.field);
    const auto place = decoder_.places_.find(decoder_.path_);
    const bool given = !found.field.empty() && place != decoder_.places_.end();
    decoder_.report(given ? place->second : node_.where, found.what, found.hint);
  }
}

}  // namespace femto::config
