#!/usr/bin/env bash
# Starts a component: ./dev new theory power_law writes its source, its test and its page.
set -euo pipefail
cd "$(dirname "$0")/.."
kind=${1:-} name=${2:-}
kinds=$(ls src/femto/modules src/femto/neural src/femto/exchange 2>/dev/null | grep -vE '[:.]|^$' | sort -u)
grep -qx "$kind" <<<"$kinds" || { echo "usage: ./dev new KIND NAME; kinds: $(tr '\n' ' ' <<<"$kinds")" >&2; exit 2; }
[[ $name =~ ^[a-z][a-z0-9_]*$ ]] || { echo "a component's name is snake_case, got '$name'" >&2; exit 2; }
layer=modules header=femto/pipeline/$kind.h
[ "$kind" != exchange ] || { layer=exchange header=femto/exchange/exchange.h; }
source=src/femto/$layer/$kind/$name.cc test=tests/$layer/$kind/${name}_test.cc page=docs/components/$kind/$name.md
for f in "$source" "$test" "$page"; do [ ! -e "$f" ] || { echo "$f exists already" >&2; exit 2; }; done
mkdir -p "$(dirname "$source")" "$(dirname "$test")" "$(dirname "$page")"
type=$(sed -E 's/(^|_)([a-z])/\U\2/g' <<<"$name")
class=$(sed -E 's/(^|_)([a-z])/\U\2/g' <<<"$kind")
cat > "$source" <<CC
// One sentence: what $name is.
#include "femto/config/registry.h"
#include "$header"

namespace femto {
namespace {

class $type final : public $class {
 public:
  struct Config {
    double scale = 1;

    static constexpr auto fields() {
      return std::tuple{config::field<&Config::scale>(
          {.doc = "what it does", .rule = config::positive})};
    }
  };

  explicit $type(Config config) : config_(config) {}

 private:
  Config config_;
};

}  // namespace

void register_${kind}_${name}(Registry& r) {
  r.add<$class, $type>({.name = "$name", .summary = "One sentence.", .source = "bib key and equation"});
}

}  // namespace femto
CC
cat > "$test" <<CC
// Laws first, then numbers from a source that is not the code under test.
#include <gtest/gtest.h>

#include "femto/$layer/builtins.h"
CC
cat > "$page" <<MD
# $kind: $name

What it computes, its range of validity, its source.

<!-- settings -->
<!-- /settings -->
MD
printf 'wrote %s\n' "$source" "$test" "$page"
echo "next: fill in the functions of src/$header, then ./dev docs"
