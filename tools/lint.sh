#!/usr/bin/env bash
# House rules that a compiler does not check. --tidy: clang-tidy on changed files, nothing else.
set -euo pipefail
cd "$(dirname "$0")/.."
bad=0
complain() { printf '%s\n' "$*" >&2; bad=1; }

sources() { git ls-files --cached --others --exclude-standard "$@"; }

tidy() {
  # (not src/femto/cuda: its headers are not there without CUDA)
  # Changed since the main branch, or in the last commit when we stand on it.
  local base
  base=$(git merge-base HEAD origin/main 2>/dev/null || true)
  if [ -z "$base" ] || [ "$base" = "$(git rev-parse HEAD)" ]; then
    base=$(git rev-parse --verify -q HEAD~1 || git hash-object -t tree /dev/null)
  fi
  mapfile -t changed < <(git diff --name-only --diff-filter=d "$base" -- 'src/*.cc' 'apps/*.cc' ':!src/femto/cuda' | head -40)
  [ ${#changed[@]} = 0 ] && { echo "clang-tidy: no changed files"; return; }
  [ -e build/ci/compile_commands.json ] || cmake --preset ci >/dev/null
  # Precompiled headers are the compiler's own; clang cannot read them.
  mkdir -p build/tidy
  sed -E 's/-include [^ ]*cmake_pch[^ ]*//g; s/-Winvalid-pch//g' build/ci/compile_commands.json > build/tidy/compile_commands.json
  printf '%s\n' "${changed[@]}" |
    xargs -P "$(nproc)" -n 1 clang-tidy-19 -p build/tidy --quiet --extra-arg=-Wno-unknown-warning-option 2>/dev/null || complain "clang-tidy: see above"
}

format_check() {
  sources '*.cc' '*.h' '*.cu' '*.cuh' | xargs clang-format-19 --dry-run -Werror || complain "not formatted: run ./dev format"
}

layers() {
  declare -A may
  while IFS=: read -r layer seen; do may[$layer]="$layer $seen"; done < <(grep -v '^#' cmake/layers.txt)
  while IFS=: read -r file line include; do
    local from to
    from=$(cut -d/ -f3 <<<"$file")
    to=$(sed -E 's/.*"femto\/([a-z]+)\/.*/\1/' <<<"$include")
    [[ " ${may[$from]:-} " == *" $to "* ]] || complain "$file:$line: layer '$from' must not include '$to' (cmake/layers.txt)"
  done < <(grep -rnE '^#include "femto/[a-z]+/' src/femto --include='*.h' --include='*.cc' --include='*.cu' --include='*.cuh' --include='*.in')
}

# header pattern | where it may stand
homes() {
  while IFS='|' read -r pattern home; do
    while IFS= read -r hit; do complain "$hit: only $home may include this"; done < <(
      grep -rnE "#include <$pattern" src apps --include='*.h' --include='*.cc' --include='*.cu' --include='*.cuh' | grep -vE "^($home)" || true)
  done <<'RULES'
torch/|src/femto/neural/
ATen/|src/femto/neural/
hdf5|src/femto/io/
yaml-cpp/|src/femto/config/document.cc
spdlog/|src/femto/core/log.cc
tbb/|src/femto/core/threads.cc
CLI/|apps/femto/
cuda|src/femto/cuda/
mpi.h|src/femto/mpi/
RULES
  while IFS= read -r hit; do complain "$hit: torch/torch.h costs 24 s in every file; include what you use"; done < <(
    grep -rnE '#include <torch/(torch|all)\.h>' src apps || true)
  while IFS= read -r hit; do complain "$hit: library code does not print; use femto/core/log.h"; done < <(
    grep -rnE 'std::(cout|cerr)|[^sfn]printf\(' src/femto --include='*.cc' --include='*.h' | grep -vE 'fmt::|snprintf' || true)
  while IFS= read -r hit; do complain "$hit: no 'using namespace' in headers"; done < <(
    grep -rnE '^ *using namespace' src --include='*.h' || true)
}

sizes() {
  while read -r lines file; do
    [ "$file" = total ] || [ "$lines" -le 400 ] || complain "$file: $lines lines (at most 400)"
  done < <(sources '*.cc' '*.h' '*.cu' '*.cuh' '*.sh' '*.js' '*.css' | xargs wc -l)
}

heads() {
  while IFS= read -r file; do
    # A source with a header of its own name is introduced there.
    [[ $file == *.cc && -e ${file%.cc}.h ]] && continue
    head -1 "$file" | grep -q '^// ' || complain "$file:1: starts with one sentence that says what the file is"
  done < <(sources 'src/*.cc' 'src/*.h' 'src/*.cu' 'src/*.cuh' 'apps/*.cc' 'apps/*.h')
}

citations() {
  local keys
  keys=$(grep -oE '^@[a-z]+\{[^,]+' docs/references.bib | sed 's/.*{//')
  while IFS= read -r hit; do
    local key=${hit##*Source: }
    grep -qxF "$key" <<<"$keys" || complain "$hit: not in docs/references.bib"
  done < <(grep -rnoE 'Source: [A-Z][A-Za-z-]+:[0-9]{4}[a-z]*' src --include='*.h' --include='*.cc' || true)
}

if [ "${1:-}" = --tidy ]; then tidy; else format_check; layers; homes; sizes; heads; citations; fi
[ $bad = 0 ] && echo "lint: clean"
exit $bad
