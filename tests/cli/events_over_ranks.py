#!/usr/bin/env python3
"""A fit whose events are spread over ranks: the bits of one rank, and an end if one dies."""
import json
import os
import time

from runs import KILL, Bench, expect, rank_of, result

bench = Bench()
proxy = bench.studies / "proxy1d"
EVENTS = bench.folder / "events.h5"
FILE = ["data.path=%s" % EVENTS]


def same(name, *words):
    """The values of 1, 2 and 3 ranks."""
    values = []
    for ranks in (0, 2, 3):
        folder = bench.folder / ("%s-%d" % (name, ranks))
        text = bench.run("run", *words, "--quiet", "--out", folder, ranks=ranks)
        expect(text == "", name + " says nothing: " + text)
        values.append(result(folder))
    expect(values[0] == values[1] == values[2], name + ": the same bits for any ranks")
    return values[0]


def fits():
    # Enough for profiles on compressed events, which every rank has a part of.
    bench.run("generate", proxy / "likelihood.yaml", "--events", 30011, "--out", EVENTS)
    whole = same("unbinned", proxy / "likelihood.yaml", *FILE)
    expect(len(whole["goodness_of_fit"]["tests"]) == 4, "with all tests of the fit")
    same("binned", proxy / "likelihood.yaml", *FILE, "objective.form=binned")
    # What is left of a selection is known only after a look at all rows.
    some = ("data.where=x1 < 0.7 && x2 < 0.6", "data.invalid=drop", "intervals.method=fisher")
    some = same("some", proxy / "likelihood.yaml", *FILE, *some, "solver.starts=1")
    expect(0 < some["data"]["rows_cut"] < 30011, "rows are cut: %s" % some["data"])
    # Events that a detector loses; streamed, since they may not stay in memory.
    few = ("data.events=20000", "intervals.method=fisher", "solver.starts=1")
    detected = same("detector", proxy / "detector.yaml", *few)
    streamed = (*few, "objective.form=binned", "data.memory_limit=1000")
    same("streamed", proxy / "detector.yaml", *streamed)
    expect(len(detected["goodness_of_fit"]["tests"]) == 4, "with all tests of the fit")


def failures():
    words = ["run", proxy / "likelihood.yaml", *FILE, "--out", bench.folder / "whole"]
    text = bench.run(*words, "objective.type=moments", "analyses=[]", ranks=2)
    told = "rank 0 fits alone while 1 others wait: objective 'moments' needs all events"
    expect(told in text, "it is said once: " + text)
    # A wrong row in the part of rank 1.
    rows = ["0.5,0.5"] * 9000
    rows[8000] = "1.5,0.5"
    wrong = bench.folder / "wrong.csv"
    wrong.write_text("x1,x2\n" + "\n".join(rows) + "\n")
    words = ["run", proxy / "likelihood.yaml", "data.path=%s" % wrong, "--quiet"]
    text = bench.run(*words, "--out", bench.folder / "wrong", ranks=2, code=3)
    expect(text.count("row 8000") == 1, "the row is named once: " + text)


def one_dies():
    folder = bench.folder / "killed"
    words = ["run", proxy / "detector_full.yaml", "data.events=300000", "--quiet"]
    words += ["ranks.limit=3", "--out", folder]
    process = bench.start(*words, ranks=2, mpirun=["--enable-recovery"])
    while not (folder / "status.json").exists():
        expect(process.poll() is None, "the run begins")
        time.sleep(0.01)
    time.sleep(0.3)
    os.kill(rank_of(process, 1), KILL)
    began = time.time()
    text = "".join(process.communicate(timeout=60))
    expect(process.returncode != 0 and time.time() - began < 30, "the run ends soon")
    expect("rank 0: answer of 'questions' with rank 1 failed" in text, "typed: " + text)
    expect(json.loads((folder / "status.json").read_text())["status"] == "failed", "failed")


fits()
failures()
one_dies()
