#!/usr/bin/env python3
"""What a strategy gives after equal total events, beside waiting for all: ./dev bench residuals.

    tools/residual_campaign.py --femto build/bench/bin/femto [--ranks 4] [--seeds 3]
      [--iterations 1200] [--jobs 1] [--out DIR] [--docs docs/scaling.md] [--fresh]

Runs studies/scaling/proxy1d.yaml with every strategy for several seeds of the training (the
events stay the same), and compares the rms residual of the identified parameters in floors with
that of all-reduce. Log-normal delays change what one-sided strategies give, so these are played
with them too; the others' messages have a fixed order, and their results the same bits. Writes residuals.json and the table
between the markers of the document. Runs that are in residuals.json already are kept."""
import argparse
import concurrent.futures
import json
import math
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

REFERENCE = "allreduce"
STRATEGIES = {
    REFERENCE: REFERENCE,
    "grouped_ring, groups of 2, every 10": "{type: grouped_ring, group: 2, every: 10}",
    "rma_ring": "rma_ring",
    "rma_ring, staleness at most 4": "{type: rma_ring, staleness: 4}",
    "local_sgd, every 10": "{type: local_sgd, every: 10}",
    "diloco, every 10": "{type: diloco, every: 10}",
    "gossip": "gossip",
}
TIMED = [name for name in STRATEGIES if name.startswith("rma_ring")]
# A step takes some 50 ms: a mean delay as long again, and half a logarithm of spread.
DELAYS = {"none": [], "log-normal": ["ranks.delay=0.05", "ranks.delay_sigma=0.5"]}
KEEP = ("residual_in_floors", "staleness", "staleness_max", "train_s", "waited_fraction")


def measure(options, exchange, delay, seed):
    with tempfile.TemporaryDirectory() as folder:
        command = [
            options.femto.resolve(), "scaling", options.study.resolve(),
            "--ranks", options.ranks, "--seed", seed, "--out", Path(folder) / "runs", "--json",
            "solver.iterations=%d" % options.iterations,
            "ranks.what=generator", "exchange=" + STRATEGIES[exchange], *DELAYS[delay],
        ]  # fmt: skip
        found = subprocess.run(
            list(map(str, command)),
            cwd=folder,
            env=dict(os.environ, OMPI_ALLOW_RUN_AS_ROOT="1", OMPI_ALLOW_RUN_AS_ROOT_CONFIRM="1"),
            capture_output=True,
            text=True,
        )
        if found.returncode != 0:
            sys.exit("%s ended with %d:\n%s%s" % (exchange, found.returncode, found.stdout, found.stderr))
        row = json.loads(found.stdout)["runs"][0]
        return {name: row[name] for name in KEEP}


def mean_and_error(values):
    mean = sum(values) / len(values)
    spread = sum((v - mean) ** 2 for v in values) / max(1, len(values) - 1)
    return mean, math.sqrt(spread / len(values))


def table(rows, options):
    text = "%d ranks, %d iterations, %d seeds; residual: rms over identified parameters, in floors\n\n" % (
        options.ranks, options.iterations, options.seeds)  # fmt: skip
    text += "| strategy | delays | residual | relative to `%s` | staleness (largest) | waiting |\n|---|---|---|---|---|---|\n" % REFERENCE
    reference = None
    for delay in DELAYS:
        for name in STRATEGIES:
            runs = [rows[k] for k in keys(options) if k.split("|")[:2] == [name, delay] and k in rows]
            if not runs:
                continue
            mean, error = mean_and_error([r["residual_in_floors"] for r in runs])
            reference = reference or (mean, error)
            ratio = mean / reference[0]
            ratio_error = ratio * math.hypot(error / mean, reference[1] / reference[0])
            text += "| %s | %s | %.2f ± %.2f | %s | %.1f (%d) | %.0f %% |\n" % (
                name, delay if name in TIMED else "any", mean, error,
                "1" if name == REFERENCE else "%.2f ± %.2f" % (ratio, ratio_error),
                sum(r["staleness"] for r in runs) / len(runs), max(r["staleness_max"] for r in runs),
                100 * sum(r["waited_fraction"] for r in runs) / len(runs))  # fmt: skip
    return text


def keys(options):
    return [
        "%s|%s|%d" % (name, delay, seed)
        for seed in range(1, options.seeds + 1)
        for delay in DELAYS
        for name in (STRATEGIES if delay == "none" else TIMED)
    ]


def write_document(path, text):
    document = path.read_text()
    mark = "<!-- residuals -->"
    if document.count(mark) != 2:
        sys.exit("%s needs the marker %s twice, around the table" % (path, mark))
    before, _, after = document.split(mark)
    path.write_text(before + mark + "\n" + text + mark + after)


def main():
    root = Path(__file__).resolve().parent.parent
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--femto", type=Path, required=True)
    parser.add_argument("--study", type=Path, default=root / "studies/scaling/proxy1d.yaml")
    parser.add_argument("--ranks", type=int, default=4)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--iterations", type=int, default=1200)
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--out", type=Path, default=Path("bench"))
    parser.add_argument("--docs", type=Path)
    parser.add_argument("--fresh", action="store_true")
    options = parser.parse_args()
    if not shutil.which("mpirun"):
        print("residuals: skipped, there is no mpirun (Debian: openmpi-bin)")
        return
    options.out.mkdir(parents=True, exist_ok=True)
    kept = options.out / "residuals.json"
    setting = {"ranks": options.ranks, "iterations": options.iterations}
    found = json.loads(kept.read_text()) if kept.exists() and not options.fresh else {}
    if found.get("setting") != setting:
        found = {"setting": setting, "runs": {}}
    missing = [k for k in keys(options) if k not in found["runs"]]
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        def run(key):
            name, delay, seed = key.split("|")
            return key, measure(options, name, delay, int(seed))

        for key, row in pool.map(run, missing):
            found["runs"][key] = row
            kept.write_text(json.dumps(found, indent=1) + "\n")
            print("%-50s %.2f floors" % (key, row["residual_in_floors"]), flush=True)
    text = table(found["runs"], options)
    print(text)
    if options.docs:
        write_document(options.docs, text)


if __name__ == "__main__":
    main()
