#!/usr/bin/env python3
"""Detectors at full size: right errors where they are known, and a warning where they are ignored."""
import json

from runs import Bench, expect

bench = Bench()
studies = bench.studies / "proxy1d"
gof = "analyses=[goodness_of_fit]"


def fitted(name, *command):
    folder = bench.folder / name
    bench.run("run", *command, gof, "--quiet", "--out", folder)
    return json.loads((folder / "result.json").read_text())


def worst_fit(result):
    return min(t["p_value"] for t in result["goodness_of_fit"]["tests"])


def known(result):
    both = result["parameters"] + result["derived"]
    return [q for q in both if q["identified"]]


for name, least, most, method in (
    ("detector", 0.9, 1.3, "fisher"),
    ("detector_full", 0.85, 1.5, "auto"),
):
    result = fitted(name, studies / (name + ".yaml"), "intervals.method=" + method)
    for q in known(result):
        off = q.get("residual_in_floors")
        expect(off is None or abs(off) < 3.5, "%s: %s is %s floors off" % (name, q["name"], off))
        ratio = q["std"] / q["crb"]
        expect(least < ratio < most, "%s: std of %s is %.2f floors" % (name, q["name"], ratio))
    expect(worst_fit(result) > 1e-4, "%s fits its data: p = %g" % (name, worst_fit(result)))
    kept = 1
    for stage in result["survival"]:
        expect(0 < stage["kept"] <= 1, "%s keeps a share: %s" % (name, stage))
        kept *= stage["kept"]
    expect(kept < 0.99, "%s loses events: %g" % (name, kept))

# The same events fitted as if there were no detector.
events = bench.folder / "events.npy"
bench.run("generate", studies / "detector_full.yaml", "--events", 200000, "--out", events)
naive = fitted(
    "naive",
    studies / "likelihood.yaml",
    "data.path=%s" % events,
    "data.invalid=drop",
    "intervals.method=fisher",
)
expect(worst_fit(naive) < 1e-6, "the fit without detector is found bad: %g" % worst_fit(naive))
furthest = max(abs(q.get("residual_in_floors") or 0) for q in known(naive))
expect(furthest > 10, "and its values are wrong: %.1f floors" % furthest)
