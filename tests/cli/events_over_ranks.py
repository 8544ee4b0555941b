#!/usr/bin/env python3
"""A fit whose events are spread over ranks: the bits of one rank, and an end if one dies."""
import json
import time

from runs import Bench, expect, kill_at_work, result

bench = Bench()
proxy = bench.studies / "proxy1d"
study = proxy / "likelihood.yaml"
plane = bench.studies / "proxy2d" / "likelihood.yaml"
EVENTS = bench.folder / "events.h5"
FILE = ["data.path=%s" % EVENTS]


def same(name, *words, numbers=(0, 2, 3)):
    """The values of these numbers of ranks; 0: without mpirun."""
    values = []
    for ranks in numbers:
        folder = bench.folder / ("%s-%d" % (name, ranks))
        text = bench.run("run", *words, "--quiet", "--out", folder, ranks=ranks)
        expect(text == "", name + " says nothing: " + text)
        values.append(result(folder))
    expect(all(v == values[0] for v in values), name + ": the same bits for any ranks")
    return values[0]


def fits():
    # Enough for profiles on compressed events, which every rank has a part of.
    bench.run("generate", study, "--events", 20011, "--out", EVENTS)
    whole = same("unbinned", study, *FILE, "solver.starts=1", "intervals.method=profile")
    expect(len(whole["goodness_of_fit"]["tests"]) == 4, "with all tests of the fit")
    quick = ("intervals.method=fisher", "solver.starts=1")
    same("binned", study, *FILE, *quick, "objective.form=binned", "objective.bins=50")
    # Every rank runs chains of its own.
    chains = ("intervals.method=posterior", "intervals.chains=2", "intervals.warmup=5")
    chains = (*chains, "intervals.draws=20", "solver.starts=1", "analyses=[]")
    drawn = same("posterior", study, *FILE, *chains, numbers=(0, 2))
    expect(drawn["posterior"]["quick_spread"] > 0, "chains of compressed events")
    # What is left of a selection is known only after a look at all rows.
    some = ("data.where=x1 < 0.7 && x2 < 0.6", "data.invalid=drop")
    some = same("some", study, *FILE, *quick, *some, numbers=(0, 3))
    expect(0 < some["data"]["rows_cut"] < 20011, "rows are cut: %s" % some["data"])
    # Events that a detector loses; streamed, since they may not stay in memory.
    few = ("data.events=9000", *quick)
    detected = same("detector", proxy / "detector.yaml", *few, numbers=(0, 3))
    expect(len(detected["goodness_of_fit"]["tests"]) == 1, "of two correlated columns")
    streamed = (*few, "objective.form=binned", "data.memory_limit=1000")
    same("streamed", proxy / "detector.yaml", *streamed, "objective.bins=20", numbers=(0, 3))
    # A plane of two columns, compressed in strips.
    points = bench.folder / "points.npy"
    bench.run("generate", plane, "--events", 20011, "--out", points)
    same("plane", plane, "data.path=%s" % points, "solver.starts=1", "analyses=[]", numbers=(0, 3))


def failures():
    words = ["run", study, "solver.starts=1", "--out", bench.folder / "whole"]
    text = bench.run(*words, "objective=moments", "analyses=[]", ranks=2)
    told = "rank 0 fits alone while 1 others wait: objective 'moments' needs all events"
    expect(told in text, "it is said once: " + text)
    # A wrong row in the part of rank 1.
    rows = ["0.5,0.5"] * 9000
    rows[8000] = "1.5,0.5"
    wrong = bench.folder / "wrong.csv"
    wrong.write_text("x1,x2\n" + "\n".join(rows) + "\n")
    words = ["run", study, "data.path=%s" % wrong, "--quiet"]
    text = bench.run(*words, "--out", bench.folder / "wrong", ranks=2, code=3)
    expect("row 8000" in text, "the row is named: " + text)


def one_dies():
    folder = bench.folder / "killed"
    # Too few events to be compressed: every step of every profile needs both ranks.
    words = ["run", proxy / "detector.yaml", "data.events=19000", "--quiet"]
    words += ["intervals.method=profile", "ranks.limit=3", "--out", folder]
    process = bench.start(*words, ranks=2, mpirun=["--enable-recovery"])
    kill_at_work(process, 1)
    began = time.time()
    text = "".join(process.communicate(timeout=60))
    # (mpirun's own exit code says nothing where it lets the others live.)
    expect(time.time() - began < 30, "the run ends soon")
    expect("answer of 'questions' with rank 1 failed" in text, "typed: " + text)
    expect(json.loads((folder / "status.json").read_text())["status"] == "failed", "failed")


fits()
failures()
one_dies()
