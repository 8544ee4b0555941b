#!/usr/bin/env python3
"""femto scaling: the batches of weak and strong scaling, and what is told of them."""
import json

from runs import Bench, expect, result

bench = Bench()
ITERATIONS, EVALUATE_EVERY, SETS, EVENTS = 8, 4, 8, 16
STUDY = [
    "scaling",
    bench.studies / "scaling" / "proxy1d.yaml",
    "--ranks",
    "1,2",
    "--json",
    "solver.iterations=%d" % ITERATIONS,
    "solver.evaluate_every=%d" % EVALUATE_EVERY,
    "solver.parameter_samples=%d" % SETS,
    "solver.events_per_sample=%d" % EVENTS,
]


def measured(kind, *words):
    """The two rows and the two results."""
    folder = bench.folder / kind
    found = json.loads(bench.run(*STUDY, *words, "--out", folder))
    expect(found == json.loads((folder / "scaling.json").read_text()), "the file says the same")
    expect(found["scaling"] == kind, "names itself " + kind)
    one, two = found["runs"]
    expect((one["ranks"], two["ranks"]) == (1, 2), "a row per number of ranks")
    expect(one["efficiency"] == 1, "the first row is what the others are compared with")
    expect(one["megabytes_per_rank"] == 0 and two["megabytes_per_rank"] > 0, "two ranks send")
    return one, two, result(folder / "ranks-1"), result(folder / "ranks-2")


def simulated(run):
    return run["events"]["simulated"]


def strong():
    one, two, first, second = measured("strong")
    expect(first == second, "the same batch gives the same result")
    ratio = one["train_s"] / (2 * two["train_s"])
    expect(abs(two["efficiency"] / ratio - 1) < 1e-9, "half of the gain in time")


def weak():
    one, two, first, second = measured("weak", "--weak")
    expect(simulated(second) == 2 * simulated(first), "two ranks draw twice the events")
    ratio = one["train_s"] / two["train_s"]
    expect(abs(two["efficiency"] / ratio - 1) < 1e-9, "the times are compared as they are")
    rate = two["events_per_s"] * two["train_s"]
    expect(abs(rate / simulated(second) - 1) < 1e-9, "events per second of training")


strong()
weak()
