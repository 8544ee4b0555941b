#!/usr/bin/env python3
"""Kills a random rank at a random time, many times: no hang, no wrong result.

    tools/kill_campaign.py --femto build/release/bin/femto --runs 200 [--seed 1]
      [--checks build/ci/bin/femto_exchange_mpi] [--kinds training,members] [--out FILE]

Each run must end by itself within 30 s of the kill and name the rank. What follows depends
on its kind:
  training  synchronous, networks kept together: the run resumes, on any of 1, 2, 4 ranks (on
            as many if each keeps a part of the optimiser, `sharded`), and ends with the bits
            of an undisturbed run
  own       strategies whose ranks differ: the run resumes on as many ranks, to its end
  members   members of a bootstrap ensemble: the others go on, say so, and the result has
            the bits of an undisturbed run (if rank 0 dies all end)
  toys      toys of `femto coverage`: likewise
  survivors a game whose networks gossip: the others go on, say so, and end with a result of their
            own; where rank 0 dies, or another while all do something together, it ends and resumes
  gossip    the exchange alone (with --checks): the others go on, say so, and converge
"""
import argparse
import collections
import json
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

LIMIT = 30  # seconds from the kill to the end of the last rank
GAME = [
    "solver.iterations=40",
    "solver.evaluate_every=4",
    "solver.parameter_samples=16",
    "solver.events_per_sample=16",
    "analyses=[]",
    "ranks.limit=10",
    "checkpoint.every=1",
    "--quiet",
]
SYNCHRONOUS = ["allreduce", "allgather", "ring", "double_binary_tree", "sharded"]
OWN = [
    "rma_ring",
    "gossip",
    "{type: grouped_ring, group: 2, every: 2}",
    "{type: local_sgd, every: 4}",
    "{type: diloco, every: 4}",
]


class Wrong(Exception):
    pass


def expect(holds, what):
    if not holds:
        raise Wrong(what)


def values_of(folder):
    """result.json without what may differ: times, and that a rank was lost."""
    values = json.loads((folder / "result.json").read_text())
    values.pop("timing")
    return without_lost(values)


def without_lost(value):
    if isinstance(value, dict):
        return {k: without_lost(v) for k, v in value.items()}
    if isinstance(value, list):
        return [without_lost(v) for v in value if not (isinstance(v, str) and "was lost" in v)]
    return value


def processes_of(parent):
    """Rank -> process id of the children of this mpirun."""
    found = {}
    for folder in Path("/proc").iterdir():
        try:
            if int((folder / "stat").read_text().rsplit(")")[-1].split()[1]) != parent:
                continue
            rank = re.search(rb"OMPI_COMM_WORLD_RANK=(\d+)\0", (folder / "environ").read_bytes())
            found[int(rank[1])] = int(folder.name)
        except (OSError, ValueError, TypeError, IndexError):
            continue
    return found


class Campaign:
    def __init__(self, options):
        self.options = options
        self.dice = random.Random(options.seed)
        self.holder = tempfile.TemporaryDirectory()
        self.folder = Path(self.holder.name)
        self.references = {}
        self.slowest = 0  # seconds from a kill to the end of all ranks
        self.seconds = {}  # of undisturbed runs, by what was run
        self.environment = dict(
            os.environ,
            NO_COLOR="1",
            OMPI_ALLOW_RUN_AS_ROOT="1",
            OMPI_ALLOW_RUN_AS_ROOT_CONFIRM="1",
        )

    def command(self, words, ranks, recovery=False, program=None):
        before = []
        if ranks > 1:
            before = [self.options.mpirun, "--oversubscribe", "-n", str(ranks)]
            before += ["--enable-recovery"] if recovery else []
        return [*before, str(program or self.options.femto), *map(str, words)]

    def start(self, command):
        return subprocess.Popen(
            command,
            cwd=self.folder,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def undisturbed(self, command, key):
        """Runs to the end; its words. Remembers how long it took."""
        for _ in range(3):  # (a machine under other load may miss the limits of a start)
            began = time.time()
            process = self.start(command)
            words = process.communicate(timeout=300)[0]
            if "did not return within" not in words:
                break
        expect(process.returncode == 0, "undisturbed, %s ended with %d:\n%s" % (command, process.returncode, words))
        self.seconds.setdefault(key, time.time() - began)
        return words

    def killed(self, command, key, ranks):
        """Kills a rank at a random time: its number (none if all was over), exit code, words."""
        victim = self.dice.randrange(ranks)
        wait = self.dice.uniform(0, self.seconds[key])
        process = self.start(command)
        time.sleep(wait)
        there = {}
        while process.poll() is None and victim not in there:
            there = processes_of(process.pid)
        try:
            os.kill(there[victim], signal.SIGKILL)
        except (KeyError, OSError):
            victim = None
        began = time.time()
        try:
            words = process.communicate(timeout=2 * LIMIT)[0]
        except subprocess.TimeoutExpired:
            process.kill()
            raise Wrong("hangs: " + " ".join(command))
        # mpirun may end a moment before the ranks it kills.
        while any(Path("/proc/%d" % p).exists() for p in there.values()) and time.time() < began + LIMIT:
            time.sleep(0.01)
        took = time.time() - began
        self.slowest = max(self.slowest, took)
        expect(took < LIMIT, "takes %.0f s to end: %s\n%s" % (took, " ".join(command), words))
        return victim, process.returncode, words

    def told(self, victim, words):
        """mpirun names the rank that died."""
        named = re.search(r"process rank %d\b.*\n?.*signal 9" % victim, words)
        expect(named, "nobody names rank %d:\n%s" % (victim, words))

    def game(self, exchange, what):
        return [
            "run",
            self.options.studies / "proxy1d" / "gan.yaml",
            *GAME,
            "exchange=" + exchange,
            "ranks.what=" + what,
        ]

    def resume(self, folder, study, ranks):
        """Goes on with what a killed run left; anew if it did not get as far as a folder."""
        if (folder / "checkpoint").exists() and any((folder / "checkpoint").iterdir()):
            self.undisturbed(self.command(["resume", folder, "--quiet"], ranks), "resume")
            return "resumed"
        self.undisturbed(self.command([*study, "--force", "--out", folder], ranks), "again")
        return "no checkpoint yet"

    def training(self):
        exchange, ranks = self.dice.choice(SYNCHRONOUS), self.dice.choice([2, 4])
        study = self.game(exchange, "all")
        key = (exchange, ranks)
        if key not in self.references:
            folder = self.folder / ("whole-%s-%d" % key)
            self.undisturbed(self.command([*study, "--out", folder], ranks), key)
            self.references[key] = values_of(folder)
        folder = self.folder / "killed"
        shutil.rmtree(folder, ignore_errors=True)
        victim, code, words = self.killed(self.command([*study, "--out", folder], ranks), key, ranks)
        if code == 0:
            after = "was done before"
        else:
            expect(victim is not None, "ended with %d, unkilled:\n%s" % (code, words))
            self.told(victim, words)
            others = [ranks] if exchange == "sharded" else [1, 2, 4]
            after = self.resume(folder, study, self.dice.choice(others))
        expect(values_of(folder) == self.references[key], "other values than undisturbed")
        return "%s on %d" % key, victim, after

    def own(self):
        exchange, ranks = self.dice.choice(OWN), self.dice.choice([2, 3, 4])
        study, key = self.game(exchange, "generator"), (exchange, ranks)
        folder = self.folder / "killed"
        if key not in self.seconds:
            shutil.rmtree(folder, ignore_errors=True)
            self.undisturbed(self.command([*study, "--out", folder], ranks), key)
        shutil.rmtree(folder, ignore_errors=True)
        victim, code, words = self.killed(self.command([*study, "--out", folder], ranks), key, ranks)
        after = "was done before"
        if code != 0:
            expect(victim is not None, "ended with %d, unkilled:\n%s" % (code, words))
            self.told(victim, words)
            after = self.resume(folder, study, ranks)
        state = json.loads((folder / "status.json").read_text())["status"]
        expect(state == "done", "ended as " + state)
        return "%s on %d" % key, victim, after

    def shared(self, words, out, read):
        """Pieces of work that ranks take: if one dies the others do its pieces."""
        ranks = self.dice.choice([2, 3, 4])
        key = (words[0], ranks)
        target = self.folder / out
        clear = lambda: shutil.rmtree(target, ignore_errors=True) if target.is_dir() else target.unlink(missing_ok=True)
        if key not in self.seconds:
            clear()
            self.undisturbed(self.command([*words, "--out", target], ranks), key)
            self.references.setdefault(words[0], read(target))
            expect(read(target) == self.references[words[0]], "the result depends on the number of ranks")
        clear()
        command = self.command([*words, "--out", target], ranks, recovery=True)
        victim, code, said = self.killed(command, key, ranks)
        done = (target / "result.json").exists() if words[0] == "run" else target.exists()
        if done:
            lost = victim is not None and "rank %d was lost" % victim in said
            after = "went on" if lost else "was done before"
        else:
            # Rank 0 died, or another before the ranks had found each other. (mpirun with
            # --enable-recovery ends with 0 whatever happened.)
            named = re.search(r"rank %d\b" % victim, said) or "a rank is dead" in said
            expect(named, "nobody names rank %d:\n%s" % (victim, said))
            clear()
            self.undisturbed(self.command([*words, "--out", target], ranks), "again")
            after = "ended"
        expect(read(target) == self.references[words[0]], "other values than undisturbed")
        return "%s on %d" % key, victim, after

    def members(self):
        study = self.options.studies / "proxy1d" / "likelihood.yaml"
        words = ["run", study, "ensemble.members=12", "ensemble.bootstrap=true", "analyses=[]", "ranks.limit=20"]
        return self.shared(words, "members", lambda f: values_of(f))

    def toys(self):
        study = self.options.studies / "proxy1d" / "likelihood.yaml"
        words = ["coverage", study, "--toys", 60, "--events", 2000, "--json", "intervals.method=fisher", "ranks.limit=20"]
        return self.shared(words, "toys.json", lambda f: f.read_bytes())

    def gone_on(self, folder, victim):
        """Whether the run ended well without the victim, and says so."""
        if not (folder / "result.json").exists():
            return False
        notes = json.loads((folder / "result.json").read_text())["notes"]
        return any("rank %s was lost" % victim in note for note in notes)

    def survivors(self):
        ranks = self.dice.choice([2, 3, 4])
        what, key = self.dice.choice(["generator", "all"]), ("survivors", ranks)
        study = [*self.game("{type: gossip, patience: 2}", what), "ranks.delay=0.2"]
        folder = self.folder / "killed"
        shutil.rmtree(folder, ignore_errors=True)
        if key not in self.seconds:
            self.undisturbed(self.command([*study, "--out", folder], ranks), key)
            shutil.rmtree(folder, ignore_errors=True)
        command = self.command([*study, "--out", folder], ranks, recovery=True)
        victim, code, words = self.killed(command, key, ranks)
        if self.gone_on(folder, victim):
            after = "went on"
        elif (folder / "result.json").exists():
            after = "was done before"
        else:
            named = re.search(r"rank %s\b" % victim, words) or "a rank is dead" in words
            expect(named, "nobody names rank %s:\n%s" % (victim, words))
            after = self.resume_or_again(folder, study, ranks)
        state = json.loads((folder / "status.json").read_text())["status"]
        expect(state == "done", "ended as " + state)
        return "%s on %d" % key, victim, after

    def resume_or_again(self, folder, study, ranks):
        """On as many ranks as wrote the checkpoint: all, or all but the dead one."""
        for count in (ranks, ranks - 1):
            try:
                return self.resume(folder, study, count)
            except Wrong as error:
                if "was written by" not in str(error):
                    raise
        raise Wrong("does not resume")

    def gossip(self):
        ranks = self.dice.choice([3, 4])
        key, program = ("gossip", ranks), self.options.checks
        if key not in self.seconds:
            self.undisturbed(self.command(["gossiping", 10], ranks, program=program), key)
        command = self.command(["gossiping", 10], ranks, recovery=True, program=program)
        victim, code, words = self.killed(command, key, ranks)
        ends = set(map(int, re.findall(r"rank (\d) converged", words)))
        wanted = set(range(ranks)) - {victim}
        if len(ends) == ranks:
            return "gossip on %d" % ranks, victim, "was done before"
        if not ends:  # before the ranks had found each other
            expect("a rank is dead" in words, "nobody says why it ended:\n" + words)
            return "gossip on %d" % ranks, victim, "ended"
        expect(ends >= wanted, "not all of %s went on:\n%s" % (wanted, words))
        expect("without rank %d" % victim in words, "nobody names rank %d:\n%s" % (victim, words))
        return "gossip on %d" % ranks, victim, "went on"

    def run(self):
        kinds = self.options.kinds.split(",")
        if not self.options.checks:
            kinds = [k for k in kinds if k != "gossip"]
        counts, wrong = collections.Counter(), []
        for i in range(self.options.runs):
            kind = kinds[i % len(kinds)]
            try:
                what, victim, after = getattr(self, kind)()
                counts[(kind, after)] += 1
                words = "%s: rank %s killed, %s" % (what, victim, after)
            except (Wrong, OSError, ValueError) as error:
                wrong.append("%s: %s" % (kind, error))
                counts[(kind, "WRONG")] += 1
                words = "%s: WRONG: %s" % (kind, error)
            print("%d/%d %s" % (i + 1, self.options.runs, words), flush=True)
        rows = [{"kind": k, "end": e, "runs": n} for (k, e), n in sorted(counts.items())]
        for row in rows:
            print("%-10s %-20s %4d" % (row["kind"], row["end"], row["runs"]))
        print("slowest end after a kill: %.1f s" % self.slowest)
        if self.options.out:
            text = json.dumps({"seed": self.options.seed, "counts": rows, "slowest_s": self.slowest, "wrong": wrong}, indent=2)
            Path(self.options.out).write_text(text + "\n")
        return 1 if wrong else 0


def main():
    here = Path(__file__).resolve().parent.parent
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    options.add_argument("--femto", type=Path, required=True)
    options.add_argument("--checks", type=Path, help="the program femto_exchange_mpi")
    options.add_argument("--studies", type=Path, default=here / "studies")
    options.add_argument("--mpirun", default="mpirun")
    options.add_argument("--runs", type=int, default=200)
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--kinds", default="training,own,members,toys,survivors,gossip")
    options.add_argument("--out")
    sys.exit(Campaign(options.parse_args()).run())


if __name__ == "__main__":
    main()
