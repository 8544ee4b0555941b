#!/usr/bin/env python3
"""Adversarial training killed and resumed ends with the same values, bit for bit."""
import random

from runs import INT, KILL, Bench, expect, result, status

bench = Bench()
STUDY = [
    "run",
    bench.studies / "proxy1d" / "gan.yaml",
    "solver.iterations=60",
    "solver.evaluate_every=10",
    "analyses=[]",
    "ensemble.members=2",
    "ensemble.bootstrap=true",
    "checkpoint.every=3",
    "--quiet",
]

whole = bench.folder / "whole"
bench.run(*STUDY, "--out", whole)
values = result(whole)
clock = random.Random(11)
for i, sig in enumerate((KILL, KILL, INT)):
    folder = bench.folder / ("cut-%d" % i)
    wanted = 2 + i

    def far_enough():
        return (folder / ("checkpoint/ckpt-%06d.bin" % wanted)).exists()

    bench.stop_when(far_enough, sig, *STUDY, "--out", folder)
    bench.stop_after(clock.uniform(0.7, 2), KILL, "resume", folder)
    bench.run("resume", folder, "--quiet")
    expect(status(folder) == "done", "a resumed run is done")
    expect(result(folder) == values, "cut %d gives the same values" % i)
