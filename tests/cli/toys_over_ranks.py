#!/usr/bin/env python3
"""Toys of calibrate and compare on several ranks: the same files, also when one dies."""
import json

from runs import Bench, expect, kill_at_work

bench = Bench()
STUDY = bench.studies / "proxy1d" / "likelihood.yaml"
EVENTS = bench.folder / "events.npy"
QUICK = ["objective.form=binned", "objective.bins=20", "solver.starts=1"]


def calibration(ranks, *more):
    out = bench.folder / "calibration.json"
    words = ("calibrate", STUDY, "--toys", 20, "--events", 400, "--quiet", "--out", out)
    bench.run(*words, *QUICK, *more, ranks=ranks)
    return out.read_bytes()


def fisher(ranks):
    return calibration(ranks, "intervals.method=fisher")


def posterior(ranks):
    chains = ("intervals.chains=2", "intervals.warmup=20", "intervals.draws=20")
    return calibration(ranks, "intervals.method=posterior", *chains)


def comparison(ranks):
    out = bench.folder / "comparison.json"
    bench.run(
        *("compare", STUDY, "--objectives", "likelihood:form=binned,moments", "--toys", 5),
        *("--out", out, "--quiet", "data.path=%s" % EVENTS, "solver.starts=1"),
        ranks=ranks,
    )
    found = json.loads(out.read_text())
    for row in found["objectives"]:
        for time_of in ("wall_s", "cpu_s"):
            row.pop(time_of)
        expect(row["toys"].pop("cpu_s") > 0, "toys take time")
    return found


def heard(femto):
    """The program with the words of each rank in a file of its own: the launcher may lose
    what is said after a death."""
    script = bench.folder / "femto.sh"
    script.write_text('#!/bin/sh\nexec %s "$@" 2>"words.$OMPI_COMM_WORLD_RANK"\n' % femto)
    script.chmod(0o755)
    return str(script)


def one_dies():
    """The launcher lets the others live, so they do the toys of the one that is killed."""
    out = bench.folder / "killed.json"
    # Enough that rank 0 alone needs longer than the limit, after which a rank that died
    # before it asked for a toy is missed too.
    words = ["calibrate", STUDY, "--toys", 7000, "--events", 500, "--quiet"]
    words += [*QUICK, "intervals.method=fisher", "ranks.limit=3", "--out"]
    femto, bench.femto = bench.femto, heard(bench.femto)
    process = bench.start(*words, out, ranks=2, mpirun=["--enable-recovery"])
    kill_at_work(process, 1)
    text = "".join(process.communicate(timeout=120))
    bench.femto = femto
    expect(process.returncode == 0, "rank 0 ends well: " + text)
    text = (bench.folder / "words.0").read_text()
    expect("rank 1 was lost; the others did its toys" in text, "it is said: " + text)
    alone = bench.folder / "alone.json"
    bench.run(*words, alone)
    expect(out.read_bytes() == alone.read_bytes(), "and nothing is missing")


bench.run("generate", STUDY, "--events", 3000, "--out", EVENTS)
for made, ranks in ((fisher, (0, 2, 3)), (posterior, (0, 3)), (comparison, (0, 2, 3))):
    found = [made(r) for r in ranks]
    expect(all(f == found[0] for f in found), "the same for any number of ranks")
one_dies()
