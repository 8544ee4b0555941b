#!/usr/bin/env bash
# Opens the reports of made-up runs in headless Chromium and checks what was drawn.
# Usage: browser_test.sh PROGRAM_THAT_WRITES_PAGES [FOLDER_TO_KEEP]
set -euo pipefail

writer=$1
work=$(mktemp -d)
keep=${2:-}
trap 'rm -rf "$work"' EXIT
failures=0

fail() {
  echo "FAILED: $*" >&2
  failures=$((failures + 1))
}

browser() { # options… url
  timeout 300 chromium --headless --no-sandbox --disable-gpu --no-first-run \
    --disable-background-networking --disable-component-update --disable-sync \
    --disable-dev-shm-usage --hide-scrollbars --user-data-dir="$work/profile" \
    --virtual-time-budget=30000 "$@" 2>"$work/browser.log"
}

attribute() { # of <html>, in the file of the drawn page
  head -c 2000 "$2" | grep -o "<html[^>]*>" | grep -o "data-$1=\"[^\"]*\"" | cut -d'"' -f2
}

check_page() { # name page figures
  local name=$1 page=$2 wanted=$3 drawn=$work/$1.dom
  browser --window-size=1200,900 --dump-dom "file://$page" >"$drawn"
  [ "$(attribute ready "$drawn")" = yes ] || fail "$name: the script did not end"
  [ "$(attribute errors "$drawn")" = 0 ] || fail "$name: script errors: $(attribute last-error "$drawn")"
  [ "$(attribute drawn "$drawn")" = "$wanted" ] ||
    fail "$name: $(attribute drawn "$drawn") charts drawn, expected $wanted"
  python3 "$(dirname "$0")/drawn_charts.py" "$drawn" "$wanted" || fail "$name: charts"
  python3 "$(dirname "$0")/drawn_charts.py" --offline "$page" || fail "$name: network"
  local size
  size=$(stat -c %s "$page")
  [ "$size" -lt 4000000 ] || fail "$name: the page has $size bytes"
}

has() { # name text: the drawn page shows it
  grep -qF -- "$2" "$work/$1.dom" || fail "$1: the page lacks '$2'"
}

"$writer" "$work"
check_page full "$work/full/report.html" 11
check_page interrupted "$work/interrupted/report.html" 3
check_page failed "$work/failed/report.html" 0
check_page comparison "$work/comparison.html" 2

has full '3.002 ± 0.065'
has full 'N_u and N_d cannot be told apart'
has full '&lt;script&gt;document.title='
grep -q '<title>broken' "$work/full.dom" && fail "a study name was run as a script"
has interrupted 'was interrupted at 40 %'
has failed 'the likelihood is not finite at start 3'
has comparison 'solver.starts'

browser --window-size=500,900 --dump-dom "file://$work/full/report.html" >"$work/phone.dom"
[ "$(attribute drawn "$work/phone.dom")" = 11 ] || fail "phone: not all charts drawn"
grep -o 'data-scroll-width="[0-9]*"' "$work/phone.dom" >/dev/null || fail "phone: no width recorded"
width=$(attribute scroll-width "$work/phone.dom")
[ "${width:-9999}" -le 500 ] || fail "phone: the page is $width pixels wide on a screen of 500"

browser --print-to-pdf="$work/print.pdf" --no-pdf-header-footer "file://$work/full/report.html"
[ "$(head -c 5 "$work/print.pdf")" = "%PDF-" ] || fail "print: no PDF"

if [ -n "$keep" ]; then
  mkdir -p "$keep"
  cp -r "$work"/full "$work"/comparison.html "$work"/interrupted "$work"/failed "$work"/print.pdf "$keep"
  browser --window-size=1200,6000 --screenshot="$keep/desktop.png" "file://$work/full/report.html"
  browser --window-size=500,9000 --screenshot="$keep/phone.png" "file://$work/full/report.html"
fi
[ "$failures" = 0 ] || exit 1
echo "all pages drawn"
