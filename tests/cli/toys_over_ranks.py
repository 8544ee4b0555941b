#!/usr/bin/env python3
"""Toys of calibrate and compare on several ranks: the same files, also when one dies."""
import json
import os
import time

from runs import KILL, Bench, expect, rank_of

bench = Bench()
STUDY = bench.studies / "proxy1d" / "likelihood.yaml"
EVENTS = bench.folder / "events.npy"
SMALL = ["objective.form=binned", "intervals.method=fisher"]


def calibration(ranks, method="fisher"):
    out = bench.folder / ("calibration-%s-%d.json" % (method, ranks))
    bench.run(
        *("calibrate", STUDY, "--toys", 5, "--events", 400, "--quiet", "--out", out),
        *("objective.form=binned", "intervals.method=" + method),
        *("intervals.warmup=60", "intervals.draws=40"),
        ranks=ranks,
    )
    return out.read_bytes()


def comparison(ranks):
    out = bench.folder / ("comparison-%d.json" % ranks)
    bench.run(
        *("compare", STUDY, "--objectives", "likelihood:form=binned,moments", "--toys", 5),
        *("--out", out, "--quiet", "data.path=%s" % EVENTS),
        ranks=ranks,
    )
    found = json.loads(out.read_text())
    for row in found["objectives"]:
        for time_of in ("wall_s", "cpu_s"):
            row.pop(time_of)
        expect(row["toys"].pop("cpu_s") > 0, "toys take time")
    return found


def one_dies():
    """The launcher lets the others live, so they do the toys of the one that is killed."""
    out = bench.folder / "killed.json"
    toys = 400
    words = ["calibrate", STUDY, "--toys", toys, "--events", 2000, "--quiet", "--out", out]
    process = bench.start(*words, *SMALL, ranks=2, mpirun=["--enable-recovery"])
    time.sleep(1.5)
    expect(process.poll() is None, "the toys take longer than this")
    os.kill(rank_of(process, 1), KILL)
    text = "".join(process.communicate(timeout=120))
    expect("rank 1 was lost; the others did its toys" in text, "it is said: " + text)
    alone = bench.folder / "alone.json"
    bench.run(*words[:-1], alone, *SMALL)
    expect(out.read_bytes() == alone.read_bytes(), "and nothing is missing")


bench.run("generate", STUDY, "--events", 3000, "--out", EVENTS)
for made in (calibration, comparison, lambda ranks: calibration(ranks, "posterior")):
    expect(made(0) == made(2) == made(3), "the same for 1, 2 and 3 ranks")
one_dies()
