"""Shared by the tests that start, stop and compare runs of the program."""
import argparse
import json
import os
import signal
import subprocess
import tempfile
import time
from pathlib import Path


class Bench:
    """A program, a study and a folder to work in."""

    def __init__(self):
        options = argparse.ArgumentParser()
        options.add_argument("--femto", required=True)
        options.add_argument("--studies", type=Path, required=True)
        options.add_argument("--mpirun")
        args = options.parse_args()
        self.femto = args.femto
        self.studies = args.studies
        self.mpirun = args.mpirun
        self.holder = tempfile.TemporaryDirectory()
        self.folder = Path(self.holder.name)
        # Containers run as root.
        self.environment = dict(
            os.environ,
            NO_COLOR="1",
            OMPI_ALLOW_RUN_AS_ROOT="1",
            OMPI_ALLOW_RUN_AS_ROOT_CONFIRM="1",
        )

    def start(self, *words, ranks=0, mpirun=()):
        """Starts the program; on so many ranks, unless 0, which share the cores."""
        before = [self.mpirun, "--oversubscribe", *mpirun, "-n", str(ranks)] if ranks else []
        return subprocess.Popen(
            [*before, self.femto, *map(str, words)],
            cwd=self.folder,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run(self, *words, code=0, ranks=0):
        process = self.start(*words, ranks=ranks)
        out, err = process.communicate(timeout=600)
        expect(
            process.returncode == code,
            "%s: exit %s, wanted %s\n%s%s" % (words, process.returncode, code, out, err),
        )
        return out + err

    def stop_after(self, seconds, sig, *words):
        """Starts the program and signals it after a time; its exit code."""
        process = self.start(*words)
        try:
            process.wait(timeout=seconds)
        except subprocess.TimeoutExpired:
            process.send_signal(sig)
        process.communicate(timeout=600)
        return process.returncode

    def stop_when(self, condition, sig, *words):
        """Starts the program and signals it once `condition()` holds."""
        process = self.start(*words)
        deadline = time.time() + 120
        while process.poll() is None and not condition() and time.time() < deadline:
            time.sleep(0.002)
        if process.poll() is None:
            process.send_signal(sig)
        process.communicate(timeout=600)
        return process.returncode


def expect(holds, what):
    if not holds:
        raise SystemExit("FAILED: " + what)


def result(folder):
    """result.json without what differs between repetitions."""
    values = json.loads((folder / "result.json").read_text())
    values.pop("timing")
    return values


def rank_of(process, rank, there=True):
    """The process id of one rank of a started mpirun; None if it may not be there yet."""
    wanted = b"OMPI_COMM_WORLD_RANK=%d\0" % rank
    for folder in Path("/proc").iterdir():
        try:
            parent = int((folder / "stat").read_text().rsplit(")")[-1].split()[1])
            if parent == process.pid and wanted in (folder / "environ").read_bytes():
                return int(folder.name)
        except (OSError, ValueError, IndexError):
            continue
    expect(not there, "rank %d is there" % rank)
    return None


def kill_at_work(process, rank):
    """Kills one rank of a started mpirun once it has begun to compute."""
    deadline = time.time() + 60
    while time.time() < deadline:
        expect(process.poll() is None, "the ranks are still at work")
        time.sleep(0.01)
        number = rank_of(process, rank, there=False)
        if not number:
            continue
        times = Path("/proc/%d/stat" % number).read_text().rsplit(")")[-1].split()
        if int(times[11]) > 0.3 * os.sysconf("SC_CLK_TCK"):
            return os.kill(number, KILL)
    raise SystemExit("FAILED: rank %d does nothing" % rank)


def status(folder):
    return json.loads((folder / "status.json").read_text())["status"]


KILL, INT, TERM = signal.SIGKILL, signal.SIGINT, signal.SIGTERM
