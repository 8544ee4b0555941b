#!/usr/bin/env python3
"""Events and results do not depend on the number of threads; resolved.yaml repeats a run."""
import json
import os

from runs import Bench, expect, result

bench = Bench()
study = bench.studies / "proxy1d" / "likelihood.yaml"


def events():
    for extension in ("npy", "csv"):
        files = []
        for threads in (1, 2, 3):
            file = bench.folder / ("events-%d.%s" % (threads, extension))
            bench.run(
                *("generate", study, "--events", 300001, "--seed", 5, "--out", file),
                *("--threads", threads),
            )
            files.append(file.read_bytes())
        expect(files[0] == files[1] == files[2], "the same events for any threads")
    whole = (bench.folder / "events-1.npy").read_bytes()
    few = bench.folder / "few.npy"
    bench.run("generate", study, "--events", 1000, "--seed", 5, "--out", few)
    expect(whole[128 : 128 + 16000] == few.read_bytes()[128:], "a start of more events")
    other = bench.folder / "other.npy"
    bench.run("generate", study, "--events", 1000, "--seed", 6, "--out", other)
    expect(few.read_bytes() != other.read_bytes(), "another seed gives other events")


def results():
    for form in ("unbinned", "binned"):
        words = ["run", study, "objective.form=" + form, "ensemble.members=3"]
        words += ["ensemble.bootstrap=true", "--quiet"]
        folders = [bench.folder / ("%s-%d" % (form, n)) for n in (1, 2)]
        for n, folder in enumerate(folders):
            bench.run(*words, "--threads", n + 1, "--out", folder)
        expect(result(folders[0]) == result(folders[1]), "same values for any threads")
    again = bench.folder / "again"
    bench.run("run", folders[0] / "resolved.yaml", "--quiet", "--out", again)
    expect(result(folders[0]) == result(again), "resolved.yaml repeats the run")
    alone = bench.folder / "alone"
    bench.run(*words, "ensemble.only=2", "--out", alone)
    expect(
        result(alone)["solver"]["fits"][0] == result(again)["solver"]["fits"][2],
        "a member alone is the member of the ensemble",
    )


def cores():
    # What a batch system, taskset or a container does to the program.
    core = min(os.sched_getaffinity(0))
    os.sched_setaffinity(0, {core})
    found = {f["what"]: f["found"] for f in json.loads(bench.run("doctor", "--json"))}
    expect(found["threads"].startswith("1 of "), "doctor counts the cores it may use")
    folder = bench.folder / "bound"
    bench.run("run", study, "--quiet", "--out", folder)
    manifest = json.loads((folder / "manifest.json").read_text())
    expect(manifest["threads"] == 1, "as many threads as cores it may use")


events()
results()
cores()
