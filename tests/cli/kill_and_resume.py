#!/usr/bin/env python3
"""A run killed at any moment and resumed ends with the same values, bit for bit."""
import random

from runs import INT, KILL, TERM, Bench, expect, result, status

bench = Bench()
CHECKPOINTS = "checkpoint/ckpt-??????.bin"
STUDY = [
    "run",
    bench.studies / "proxy1d" / "likelihood.yaml",
    "objective.form=binned",
    "ensemble.members=60",
    "ensemble.bootstrap=true",
    "checkpoint.every=1",
    "--threads",
    "2",
    "--quiet",
]


def killed_runs(wanted):
    """Kills at seeded random moments, in the run and again while it is resumed."""
    clock = random.Random(7)
    for i in range(6):
        folder = bench.folder / ("killed-%d" % i)
        bench.stop_after(clock.uniform(0.02, 1.5), KILL, *STUDY, "--out", folder)
        if not folder.exists():
            bench.run(*STUDY, "--out", folder)
        for _ in range(2):
            bench.stop_after(clock.uniform(0.02, 0.5), KILL, "resume", folder)
        bench.run("resume", folder, "--quiet", "--threads", 1 + i % 2)
        expect(status(folder) == "done", "a resumed run is done")
        expect(result(folder) == wanted, "killed run %d gives the same values" % i)


def has_checkpoint(folder):
    return lambda: len(list(folder.glob(CHECKPOINTS))) >= 2


def interrupted_runs(wanted):
    for name, sig, code in (("int", INT, 130), ("term", TERM, 143)):
        folder = bench.folder / name
        got = bench.stop_when(has_checkpoint(folder), sig, *STUDY, "--out", folder)
        expect(got == code, "signal %s ends with %d, got %d" % (name, code, got))
        expect(status(folder) == "interrupted", "the status says so")
        bench.run("resume", folder, "--quiet")
        expect(result(folder) == wanted, "an interrupted run gives the same values")


def damaged_checkpoint(wanted):
    folder = bench.folder / "damaged"
    bench.stop_when(has_checkpoint(folder), KILL, *STUDY, "--out", folder)
    newest = sorted(folder.glob(CHECKPOINTS))[-1]
    content = bytearray(newest.read_bytes())
    content[len(content) // 2] ^= 1
    newest.write_bytes(content)
    said = bench.run("resume", folder)
    expect(newest.name in said, "a damaged checkpoint is named:\n" + said)
    expect(result(folder) == wanted, "the checkpoint before gives the same values")


def refusals():
    folder = bench.folder / "refused"
    bench.stop_when(has_checkpoint(folder), KILL, *STUDY, "--out", folder)
    resolved = folder / "resolved.yaml"
    text = resolved.read_text()
    resolved.write_text(text.replace("seed: 1", "seed: 2", 1))
    expect("changed" in bench.run("resume", folder, code=2), "a changed study is refused")
    resolved.write_text(text)
    bench.run("resume", folder, "--quiet")
    expect("done" in bench.run("resume", folder), "a finished run says so")


def changed_data():
    data = bench.folder / "events.npy"
    data.write_bytes((bench.studies / "data" / "proxy1d_events_100k.npy").read_bytes())
    folder = bench.folder / "changed-data"
    bench.stop_when(
        has_checkpoint(folder), KILL, *STUDY, "data.path=%s" % data, "--out", folder
    )
    content = bytearray(data.read_bytes())
    content[-8:] = content[-16:-8]
    data.write_bytes(content)
    said = bench.run("resume", folder, code=3)
    expect("checksum" in said, "changed data are refused:\n" + said)


first = bench.folder / "whole"
bench.run(*STUDY, "--out", first)
values = result(first)
killed_runs(values)
interrupted_runs(values)
damaged_checkpoint(values)
refusals()
changed_data()
