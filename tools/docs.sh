#!/usr/bin/env bash
# Writes docs/reference.md and the settings tables of docs/components from the declarations.
# --check: writes nothing, fails if the reference is stale (the tables are checked by a test).
set -euo pipefail
cd "$(dirname "$0")/.."
preset=ci
femto=build/$preset/bin/femto
if [ ! -x "$femto" ] || [ "${1:-}" != --check ]; then
  cmake --preset $preset >/dev/null && cmake --build --preset $preset >/dev/null
fi

reference() {
  echo "# Reference"
  echo
  echo "Made by \`./dev docs\` from the declarations in the source. A study file holds these settings; any of them can be given on the"
  echo "command line as \`key.path=value\`. \`femto schema\` prints the JSON Schema for editors."
  echo
  echo '```'
  "$femto" describe study
  echo '```'
  echo
  echo "## Studies of unfolding"
  echo
  echo "What \`femto unfold\` reads ([how to](howto/unfolding.md))."
  echo
  echo '```'
  "$femto" describe unfolding
  echo '```'
  echo
  echo "## Studies of images"
  echo
  echo "What \`femto run\` reads where a study has \`image\` in place of \`theory\` and \`data\`."
  echo
  echo '```'
  "$femto" describe image
  echo '```'
  echo
  echo "## Components"
  "$femto" list | while read -r component summary; do
    kind=${component%%/*}
    if [ "$kind" != "${last:-}" ]; then printf '\n### %s\n\n' "$kind"; last=$kind; fi
    echo "- [$component](components/$component.md): $summary"
  done
}

if [ "${1:-}" = --check ]; then
  reference | diff -u docs/reference.md - || { echo "docs/reference.md is stale: run ./dev docs" >&2; exit 1; }
  echo "docs: current"
else
  reference > docs/reference.md
  export FEMTO_UPDATE=1
  FEMTO_SOURCE_DIR=$PWD build/$preset/bin/femto_modules_tests --gtest_filter='*CatalogueIsComplete*' --gtest_brief=1
  FEMTO_SOURCE_DIR=$PWD build/$preset/bin/femto_exchange_tests --gtest_filter='*Catalogue*' --gtest_brief=1
  FEMTO_SOURCE_DIR=$PWD build/$preset/bin/femto_neural_tests --gtest_filter='*Catalogue*' --gtest_brief=1
fi
