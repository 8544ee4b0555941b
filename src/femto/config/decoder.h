// What every value needs while it is read from nodes: the path so far, the rule in force,
// and one list of issues. Everything here is independent of the types that are read.
#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "femto/config/field.h"
#include "femto/config/issues.h"

namespace femto {
class Registry;
}

namespace femto::config {

/// Turns nodes into values and gathers every issue on the way.
class Decoder {
 public:
  explicit Decoder(const Registry& registry) : registry_(registry) {}

  Decoder(const Decoder&) = delete;
  Decoder& operator=(const Decoder&) = delete;

  const Registry& registry() const { return registry_; }

  void report(Where where, std::string what, std::string hint = {});
  void warn(Where where, std::string what, std::string hint = {});

  const std::vector<Issue>& issues() const { return issues_; }

  const std::vector<Issue>& warnings() const { return warnings_; }

  /// Where each value was written, by dotted path ("theory.a[2]").
  const std::map<std::string, Where>& places() const { return places_; }

  /// Goes one step down ("solver", "[2]") for as long as it lives.
  class Step {
   public:
    /// Into a value that is not written anywhere: a default.
    Step(Decoder& decoder, std::string_view name);

    Step(Decoder& decoder, std::string_view name, const Where& where);
    ~Step();
    Step(const Step&) = delete;
    Step& operator=(const Step&) = delete;

   private:
    Decoder& decoder_;
    std::size_t size_;
  };

  const std::string& path() const { return path_; }

  int depth() const { return depth_; }

  // Scalars. An empty answer means that the issue has been reported.
  std::optional<bool> flag(const Node& node);
  std::optional<double> number(const Node& node);
  /// Two's complement bits of a whole number in [min, max].
  std::optional<std::uint64_t> whole(const Node& node,
                                     std::int64_t min,
                                     std::uint64_t max);
  std::optional<std::string> text(const Node& node);
  /// Index into `choices`.
  std::optional<std::size_t> choice(const Node& node,
                                    const std::vector<std::string>& choices);

  /// Reports unless the node is a list (a block).
  bool is_list(const Node& node);
  bool is_map(const Node& node);

 private:
  friend class Block;
  void check_rule(const Node& node, double value);
  void check_filled(const Node& node, std::size_t size);

  const Registry& registry_;
  std::vector<Issue> issues_, warnings_;
  std::map<std::string, Where> places_;
  std::string path_;
  int depth_ = 0;
  const Traits* traits_ = nullptr;  // of the setting being read
};

/// "did you mean 'x'?", or the list of what is known.
std::string suggestion(std::string_view word,
                       const std::vector<std::string>& known,
                       std::string_view list_head);

/// Reads one block of settings: finds each setting by name, then reports what is left.
class Block {
 public:
  Block(Decoder& decoder, const Node& node);
  ~Block();
  Block(const Block&) = delete;
  Block& operator=(const Block&) = delete;

  /// Enters the setting. The node, or null if it is not given (reported if required).
  const Node* enter(std::string_view name, const Traits& traits);
  void leave();

  /// Reports the keys that no setting took. True if nothing was wrong in this block.
  bool finish();

  /// Adds what the struct's own check found.
  void add(const Issues& issues);

  const Node& node() const { return node_; }

  /// Whether a setting that is not given may be filled with its default.
  bool may_settle() const { return settle_; }

 private:
  const Node::Entry* find(std::string_view name);
  const Node::Entry* find_renamed(std::string_view name, std::string_view was);

  Decoder& decoder_;
  const Node& node_;
  const Traits* outer_traits_;
  std::size_t issues_before_;
  std::map<std::string_view, const Node::Entry*> given_;
  std::vector<std::string> known_;
  std::optional<Decoder::Step> step_;
  bool usable_ = true;   // the node is a block
  bool settle_ = false;  // the setting entered last is left to its default
};

}  // namespace femto::config
