#!/usr/bin/env bash
# Runs the benchmarks: ./dev bench [FILTER] [--out DIR] writes DIR/bench.json and DIR/bench.md.
# The limits of the machine are always measured along, in turns with the rest.
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
build/bench/bin/femto_bench --benchmark_filter="^limit/|$filter" --benchmark_repetitions=5 \
  --benchmark_enable_random_interleaving=true --benchmark_min_time=0.2 \
  --benchmark_display_aggregates_only=true \
  --benchmark_out="$out/raw.json" --benchmark_out_format=json >&2
python3 tools/bench_table.py "$out/raw.json" "$out"
echo "wrote $out/bench.json and $out/bench.md" >&2
