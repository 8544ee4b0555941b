#!/usr/bin/env python3
"""The quoted 95 % intervals of the main study contain the truth as often as they say."""
import json
import math

from runs import Bench, expect

TOYS = 60

bench = Bench()
study = bench.studies / "proxy1d" / "likelihood.yaml"
out = bench.folder / "coverage.json"
bench.run(
    *("coverage", study, "objective.form=binned", "--toys", TOYS),
    *("--seed", 6, "--quiet", "--out", out),
)
found = json.loads(out.read_text())
expect(found["failed"] == 0, "every toy is fitted: %s" % found["failures"])
# Three binomial standard errors: 86.6 %. Fisher intervals cover 65 to 80 % here.
least = 0.95 - 3 * math.sqrt(0.95 * 0.05 / TOYS)
inside = {(r["name"], r["method"]): r["fraction"] for r in found["coverage"] if r["level"] == 0.95}
for name in ("a_u", "b_u", "a_d", "b_d", "ln_ratio"):
    fraction = inside[name, "profile"]
    expect(fraction >= least, "%s: %.3f of 95 %% intervals hold the truth" % (name, fraction))
expect(inside["ln_ratio", "fisher"] < least, "the parabola alone is not enough here")
