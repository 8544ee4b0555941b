#!/usr/bin/env bash
# Builds examples/plugin out of tree, fits events of known lifetime with it and checks the answer.
set -euo pipefail
source=$1 build=$2 compiler=$3 flags=$4
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cmake -S "$source/examples/plugin" -B "$work/build" -G Ninja -DCMAKE_BUILD_TYPE=Release \
  -DFemtograph_DIR="$build/cmake" -DCMAKE_CXX_COMPILER="$compiler" -DCMAKE_CXX_FLAGS="$flags" >"$work/log" 2>&1 ||
  { cat "$work/log"; exit 1; }
cmake --build "$work/build" >"$work/log" 2>&1 || { cat "$work/log"; exit 1; }

# Events by the inverse exponential law, independent of femto's samplers.
python3 - "$work/times.csv" <<'PY'
import math, random, sys
random.seed(5)
tau, background, window = 2.2, 0.1, 10.0
decay_share = (1 - background) * (1 - math.exp(-window / tau))
signal = decay_share / (decay_share + background)
with open(sys.argv[1], "w") as out:
    out.write("t\n")
    for _ in range(20000):
        if random.random() < signal:
            t = -tau * math.log(1 - random.random() * (1 - math.exp(-window / tau)))
        else:
            t = random.random() * window
        out.write(f"{t!r}\n")
PY
cp "$source/examples/plugin/lifetime.yaml" "$work/"
cd "$work"
"$build/bin/femto" run lifetime.yaml --plugin "$work/build/lifetime.so" --out run --quiet
python3 - <<'PY'
import json
result = json.load(open("run/result.json"))
truth = {"tau": 2.2, "background": 0.1}
for p in result["parameters"]:
    pull = (p["value"] - truth[p["name"]]) / p["std"]
    print(p["name"], p["value"], "+-", p["std"], "pull", pull)
    assert abs(pull) < 4, p
    assert 0.8 < p["std"] / p["crb"] < 1.3, p
PY
