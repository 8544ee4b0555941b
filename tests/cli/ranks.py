#!/usr/bin/env python3
"""mpirun: the same result for 1, 2 and 4 ranks, one verdict and one exit code for all."""
import json

from runs import Bench, expect, result

bench = Bench()
STUDY = [
    "run",
    bench.studies / "proxy1d" / "gan.yaml",
    "solver.iterations=12",
    "solver.evaluate_every=6",
    "solver.parameter_samples=16",
    "solver.events_per_sample=16",
    "analyses=[]",
    "exchange=allreduce",
    "--quiet",
]


def synchronous():
    values = {}
    for ranks in (0, 2, 4):  # 0: without mpirun
        folder = bench.folder / ("all-%d" % ranks)
        words = bench.run(*STUDY, "ranks.what=all", "--out", folder, ranks=ranks)
        expect(words.strip() == "", "a quiet run says nothing: " + words)
        values[ranks] = result(folder)
        lines = (folder / "metrics.jsonl").read_text().splitlines()
        line = json.loads(lines[-1])
        expect(line["step"] == "exchange", "the last line is of the exchange")
        expect(line["ranks"] == max(1, ranks), "of %d ranks" % ranks)
        expect((line["bytes"] > 0) == (ranks > 1), "which sent numbers")
    expect(values[0] == values[2] == values[4], "the same values for any ranks")


def verdicts():
    def both(code, *words):
        return bench.run(*words, "--out", bench.folder / "wrong", ranks=2, code=code)

    text = both(2, *STUDY, "solver.itertions=3")
    expect(text.count("solver.itertions: unknown setting") == 1, "told once: " + text)
    text = both(3, *STUDY, "data.path=/there/is/none.npy")
    expect(text.count("there is no such file") == 1, "told once: " + text)
    text = both(2, *(w for w in STUDY if w != "exchange=allreduce"))
    expect("2 ranks were started" in text, "needs an exchange: " + text)
    expect(not (bench.folder / "wrong").exists(), "no folder for a study that is wrong")
    text = both(4, *STUDY, "solver.learning_rate_generator=1e30")
    expect("finite" in text and "run folder:" in text, "diverges on all: " + text)


def shared():
    """Toys and members of an ensemble, by whichever rank asks for them."""
    study = bench.studies / "proxy1d" / "likelihood.yaml"
    toys = ("coverage", study, "--toys", 4, "--events", 500, "--json", "intervals.method=fisher")
    members = ("run", study, "ensemble.members=3", "ensemble.bootstrap=true", "analyses=[]")
    files, values = [], []
    for ranks in (0, 2):
        files.append(bench.folder / ("toys-%d.json" % ranks))
        bench.run(*toys, "--out", files[-1], ranks=ranks)
        folder = bench.folder / ("members-%d" % ranks)
        bench.run(*members, "--quiet", "--out", folder, ranks=ranks)
        values.append(result(folder))
    expect(files[0].read_bytes() == files[1].read_bytes(), "the same toys for any ranks")
    expect(values[0] == values[1], "the same members for any ranks")


synchronous()
shared()
verdicts()
