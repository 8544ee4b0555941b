#!/usr/bin/env python3
"""A rank that is killed or asked to stop ends the run of all, which resumes bit for bit; or
the others go on without it, where the strategy can."""
import os
import time

from runs import KILL, TERM, Bench, expect, rank_of, result, status

bench = Bench()
STUDY = [
    "run",
    bench.studies / "proxy1d" / "gan.yaml",
    "solver.iterations=40",
    "solver.evaluate_every=4",
    "solver.parameter_samples=16",
    "solver.events_per_sample=16",
    "analyses=[]",
    "exchange=allreduce",
    "ranks.limit=10",
    "ranks.delay=0.02",
    "checkpoint.every=1",
    "--quiet",
]


def stop_rank(rank, sig, folder, *words, of=2, mpirun=()):
    """Signals one of some ranks after the second checkpoint: exit code and words."""
    process = bench.start(*STUDY, *words, "--out", folder, ranks=of, mpirun=mpirun)
    while not (folder / "checkpoint/ckpt-000002.bin").exists():
        expect(process.poll() is None, "the run goes on until it is stopped")
        time.sleep(0.005)
    ranks = [rank_of(process, r) for r in range(of)]
    os.kill(ranks[rank], sig)
    began = time.time()
    words = "".join(process.communicate(timeout=60))
    # mpirun may end a moment before the ranks it kills.
    while any(os.path.exists("/proc/%d" % r) for r in ranks) and time.time() < began + 30:
        time.sleep(0.01)
    expect(time.time() - began < 30, "all ranks end soon")
    return process.returncode, words


whole = bench.folder / "whole"
bench.run(*STUDY, "ranks.what=all", "ranks.delay=0", "--out", whole)
values = result(whole)

killed = bench.folder / "killed"
code, words = stop_rank(1, KILL, killed, "ranks.what=all")
expect(code not in (0, 124) and "signal 9" in words, "a killed rank is told: " + words)
bench.run("resume", killed, "--quiet")
expect(result(killed) == values, "one rank goes on with what two began")

stopped = bench.folder / "stopped"
code, words = stop_rank(1, TERM, stopped, "ranks.what=all")
expect(code == 143, "exit code 143 for a scheduler, not %d: %s" % (code, words))
expect(status(stopped) == "interrupted", "the run says that it was interrupted")
expect("go on with: femto resume" in words, "and how to go on: " + words)
bench.run("resume", stopped, "--quiet", ranks=4)
expect(result(stopped) == values, "four ranks go on with what two began")

own = bench.folder / "own"
stop_rank(0, TERM, own)
words = bench.run("resume", own, "--quiet", code=2)
expect("was written by 2 ranks" in words, "own discriminators need their ranks: " + words)
bench.run("resume", own, "--quiet", ranks=2)
expect(status(own) == "done", "which can go on")

# Rank 1 of three dies; the launcher lets the others live, and gossip does without it.
lives = bench.folder / "lives"
words = ["exchange={type: gossip, patience: 1}", "ranks.delay=0.05", "ranks.limit=5"]
code, said = stop_rank(1, KILL, lives, *words, of=3, mpirun=["--enable-recovery"])
expect(status(lives) == "done", "the others end the training: " + said)
told = [n for n in result(lives)["notes"] if "rank 1 was lost before iteration" in n]
expect(len(told) == 1, "the run says once who was lost: %s" % told)
