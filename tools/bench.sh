#!/usr/bin/env bash
# Runs the benchmarks: ./dev bench [FILTER] [--out DIR] writes DIR/bench.json and DIR/bench.md.
set -euo pipefail
cd "$(dirname "$0")/.."
filter=. out=build/bench/results
while [ $# -gt 0 ]; do
  case $1 in
    --out) out=$2; shift 2 ;;
    --out=*) out=${1#--out=}; shift ;;
    -*) echo "usage: ./dev bench [FILTER] [--out DIR]" >&2; exit 2 ;;
    *) filter=$1; shift ;;
  esac
done
mkdir -p "$out"
parts=()
for program in build/bench/bin/femto_bench_*; do
  part=$out/$(basename "$program").json
  "$program" --benchmark_filter="$filter" --benchmark_repetitions=3 \
    --benchmark_report_aggregates_only=true --benchmark_out="$part" --benchmark_out_format=json
  [ -s "$part" ] && parts+=("$part")
done
python3 tools/bench_table.py "$out" "${parts[@]}"
echo "wrote $out/bench.json and $out/bench.md"
