#!/usr/bin/env python3
"""The exchange layer on simulated clusters of 4 to 4,096 ranks: ./dev bench scaling-sim.

    tools/scaling_sim.py --programs DIR [--out DIR] [--docs docs/scaling.md] [--fresh]
    tools/scaling_sim.py --step-times RUN > bench/sim/step_times.txt

DIR holds femto_scaling_sim (for SimGrid's smpirun) and femto_scaling_real (for mpirun), one
driver over two transports. Writes scaling-sim.json, the table between the markers of the
document, and docs/images/scaling-sim.vl.json (Vega-Lite). Rows that are in scaling-sim.json
already are kept: an interrupted run goes on.

The second form lists the seconds of the steps of a real training, from a run folder of the
solver gan with solver.evaluate_every=1 (and few events to evaluate on, solver.held_out)."""
import argparse
import json
import math
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

NUMBERS = 51206  # weights of the published generator
STEP = 0.05  # seconds, mean
SIGMA = 0.5
# What travels, the settings, and for how many ranks and steps.
STRATEGIES = {
    "double_binary_tree": ("check_every=0", {4: 100, 64: 20, 400: 20, 1024: 5, 4096: 2}),
    "allreduce": ("check_every=0", {4: 100, 64: 20}),
    "grouped_ring": ("group=4,every=50", {4: 100, 64: 50}),
    "local_sgd": ("every=100", {4: 100}),
    "gossip": ("every=1", {4: 100, 64: 20, 400: 20, 1024: 10, 4096: 5}),
    "rma_ring": ("reach=4", {4: 100, 64: 10, 400: 10, 1024: 10, 4096: 5}),
}
NETWORKS = {
    # Five links of 0.4 us between groups of the dragonfly: 2 us. Four ranks share a node.
    "accelerators": {"bw": "25GBps", "lat": "0.4us", "loop_bw": "200GBps", "loop_lat": "1us"},
    "ethernet": {"bw": "1.25GBps", "lat": "12.5us", "loop_bw": "8GBps", "loop_lat": "1us"},
}
PER_NODE = 4
REPEATS = 3  # of real runs: the fastest was disturbed least
REAL_STEPS, REAL_STEP = 50, 0.1  # seconds: long beside the turns of a core that others use too
# Steps and seed of steps that wait for all, by sigma and ranks.
STRAGGLERS = {0.25: {4: (800, 7), 16: (600, 7), 64: (300, 7), 400: (150, 7)},
              0.5: {400: (100, 1), 4: (3000, 7), 16: (2500, 7), 64: (1500, 7)},
              1.0: {4: (12000, 7), 16: (8000, 7), 64: (4000, 7), 400: (1500, 7)}}


# Steps with times that were measured, by ranks.
MEASURED = {"double_binary_tree": {4: 200, 64: 40, 400: 10}, "rma_ring": {4: 200, 64: 40, 400: 10}}


def step_times(run):
    """Seconds between lines of the training in metrics.jsonl; the first few warm up."""
    rows = [json.loads(line) for line in (Path(run) / "metrics.jsonl").read_text().splitlines()]
    rows = [r for r in rows if r["step"] == "train"]
    return [(b["t"] - a["t"]) / (b["iteration"] - a["iteration"]) for a, b in zip(rows, rows[1:])][10:]


def expected_of(times, ranks):
    """E[T]/E[max over ranks of T] where T is drawn from a list."""
    t, n = sorted(times), len(times)
    most = sum(x * (((i + 1) / n) ** ranks - (i / n) ** ranks) for i, x in enumerate(t))
    return sum(t) / n / most


def platform(network, nodes):
    n = NETWORKS[network] if isinstance(network, str) else network
    attributes = 'prefix="n" suffix="" speed="1Gf" bw="%(bw)s" lat="%(lat)s" loopback_bw="%(loop_bw)s" loopback_lat="%(loop_lat)s"' % n
    if network == "accelerators":
        # Whatever part of it is used: 8 groups of 4 chassis of 8 blades of 4 nodes.
        nodes = 1024
        attributes += ' topology="DRAGONFLY" topo_parameters="8,4;4,3;8,2;4"'
    elif network == "ethernet":
        attributes += ' bb_bw="%dGBps" bb_lat="0us"' % max(2, nodes)  # a switch that is no bottleneck
    return """<?xml version='1.0'?>
<!DOCTYPE platform SYSTEM "https://simgrid.org/simgrid.dtd">
<platform version="4.1"><zone id="world" routing="Full">
  <cluster id="cluster" radical="0-%d" sharing_policy="SPLITDUPLEX" %s/>
</zone></platform>
""" % (nodes - 1, attributes)


def expected(ranks, sigma):
    """E[T]/E[max over ranks of T] of log-normal T with mean 1, by quadrature over ln T."""
    cdf = lambda z: 0.5 * math.erfc(-z / math.sqrt(2))
    n, lo, hi = 4000, -10.0, 12.0
    h = (hi - lo) / n
    mean = sum(math.exp(sigma * (lo + (i + 0.5) * h) - sigma**2 / 2)
               * (cdf(lo + (i + 1) * h) ** ranks - cdf(lo + i * h) ** ranks) for i in range(n))
    return 1 / mean


class Study:
    def __init__(self, options):
        self.options = options
        self.out = Path(options.out)
        self.out.mkdir(parents=True, exist_ok=True)
        self.file = self.out / "scaling-sim.json"
        self.rows = {}
        if self.file.exists() and not options.fresh:
            self.rows = json.loads(self.file.read_text())

    def row(self, key, make):
        if key not in self.rows:
            print(key, end=": ", file=sys.stderr, flush=True)
            self.rows[key] = make()
            print(json.dumps(self.rows[key]), file=sys.stderr, flush=True)
            self.file.write_text(json.dumps(self.rows, indent=1) + "\n")
        return self.rows[key]

    def simulate(self, network, ranks, *words, per_node=PER_NODE):
        nodes = (ranks + per_node - 1) // per_node
        (self.out / "platform.xml").write_text(platform(network, nodes))
        (self.out / "hosts").write_text("".join("n%d\n" % (r // per_node) for r in range(ranks)))
        command = ["smpirun", "-np", str(ranks), "-platform", "platform.xml", "-hostfile", "hosts",
                   "--cfg=smpi/privatization:no", "--cfg=smpi/simulate-computation:no",
                   "--cfg=smpi/test:0", "--cfg=smpi/wtime:0", "--cfg=smpi/bw-factor:0:1",
                   "--cfg=smpi/lat-factor:0:1", "--cfg=contexts/stack-size:256",
                   "--log=root.thres:warning", str(Path(self.options.programs).resolve() / "femto_scaling_sim"),
                   *map(str, words)]
        return self.line(command)

    def really(self, ranks, *words):
        command = [self.options.mpirun, "--oversubscribe", "-n", str(ranks),
                   str(Path(self.options.programs).resolve() / "femto_scaling_real"), *map(str, words)]
        return self.line(command)

    def line(self, command):
        environment = dict(os.environ, OMPI_ALLOW_RUN_AS_ROOT="1", OMPI_ALLOW_RUN_AS_ROOT_CONFIRM="1")
        done = subprocess.run(command, cwd=self.out, env=environment, capture_output=True, text=True, timeout=3600)
        found = re.search(r"^\{.*\}$", done.stdout, re.M)
        if done.returncode or not found:
            raise SystemExit("%s ended with %d:\n%s%s" % (" ".join(command), done.returncode, done.stdout, done.stderr))
        return json.loads(found[0])

    def validate(self):
        """Real processes of this machine against the same runs on its simulated twin."""
        net = self.row("machine", lambda: self.really(2, "pingpong", "-", 1, NUMBERS, 1, 0, 1))
        twin = {"bw": "100GBps", "lat": "1us", "loop_bw": "%.0fBps" % net["bytes_per_second"],
                "loop_lat": "%.4gus" % (1e6 * net["latency"])}
        for strategy, settings in [("allreduce", "check_every=0"), ("double_binary_tree", "check_every=0"),
                                   ("rma_ring", "-"), ("local_sgd", "every=10")]:
            for ranks in (2, 4):
                words = (strategy, settings, REAL_STEPS, NUMBERS, REAL_STEP, SIGMA, 1)
                self.row("real %s %d" % (strategy, ranks), lambda: min(
                    (self.really(ranks, *words) for _ in range(REPEATS)), key=lambda r: r["seconds"]))
                self.row("twin %s %d" % (strategy, ranks), lambda: self.simulate(twin, ranks, *words, per_node=ranks))

    def stragglers(self):
        for sigma, counts in STRAGGLERS.items():
            for ranks, (steps, seed) in counts.items():
                self.row("waiting %g %d" % (sigma, ranks), lambda: self.simulate(
                    "accelerators", ranks, "double_binary_tree", "check_every=0", steps, 1, 1, sigma, seed))

    def measured(self):
        """Steps that take as long as those of a real training."""
        file = Path(self.options.times).resolve()
        mean = sum(self.times()) / len(self.times())
        for strategy, counts in MEASURED.items():
            for ranks, steps in counts.items():
                self.row("measured %s %d" % (strategy, ranks), lambda: self.simulate(
                    "accelerators", ranks, strategy, STRATEGIES[strategy][0], steps, NUMBERS, mean, file, 1))

    def times(self):
        return [float(x) for x in Path(self.options.times).read_text().split()]

    def scale(self):
        for ranks in (4, 16, 64, 400, 1024, 4096):
            if ranks > self.options.ranks:
                break
            for network in NETWORKS:
                for strategy, (settings, counts) in STRATEGIES.items():
                    if ranks in counts:
                        self.row("%s %s %d" % (network, strategy, ranks), lambda: self.simulate(
                            network, ranks, strategy, settings, counts[ranks], NUMBERS, STEP, SIGMA, 1))

    def tables(self):
        text = [] if "machine" not in self.rows else ["Simulated twin of this machine (2 cores; %.2f us, %.2f GB/s between two ranks), %d steps of %.0f ms,\nsigma 0.5, the same step times; real: the fastest of %d runs:\n"
                % (1e6 * self.rows["machine"]["latency"], self.rows["machine"]["bytes_per_second"] / 1e9, REAL_STEPS, 1e3 * REAL_STEP, REPEATS)]
        text += [] if not text else ["| strategy | ranks | real s | simulated s | ratio |", "|---|---|---|---|---|"]
        for key, real in self.rows.items():
            if key.startswith("real "):
                twin = self.rows.get("twin" + key[4:])
                if twin:
                    text.append("| %s | %d | %.2f | %.2f | %.2f |" % (key.split()[1], real["ranks"], real["seconds"], twin["seconds"], real["seconds"] / twin["seconds"]))
        text += ["\nEfficiency of a step that waits for all, simulated / quadrature:\n",
                 "| ranks | sigma 0.25 | 0.5 | 1 |", "|---|---|---|---|"]
        for ranks in (4, 16, 64, 400):
            cells = []
            for sigma in STRAGGLERS:
                got = self.rows.get("waiting %g %d" % (sigma, ranks))
                cells.append("%.3f / %.3f" % (got["efficiency_to_last"], expected(ranks, sigma)) if got else "-")
            text.append("| %d | %s |" % (ranks, " | ".join(cells)))
        if any(key.startswith("measured") for key in self.rows):
            t = self.times()
            mean = sum(t) / len(t)
            sigma = math.sqrt(sum((x / mean - 1) ** 2 for x in t) / len(t))
            text += ["\nSteps as long as %d of a real game (%.1f ms on average, standard deviation %.0f %% of it, longest %.1f times it), on `accelerators`:\n"
                     % (len(t), 1e3 * mean, 100 * sigma, max(t) / mean),
                     "| strategy | ranks | efficiency | if all wait for all | staleness (max) | steps |", "|---|---|---|---|---|---|"]
            for strategy, counts in MEASURED.items():
                for ranks in counts:
                    r = self.rows.get("measured %s %d" % (strategy, ranks))
                    if r:
                        text.append("| %s | %d | %.3f | %.3f | %.2f (%d) | %d |" % (
                            strategy, ranks, r["efficiency"], expected_of(t, ranks), r["staleness"], r["staleness_max"], r["steps"]))
        for network in NETWORKS:
            if not any(key.startswith(network) for key in self.rows):
                continue
            text += ["\n`%s`: 51,206 numbers, steps of 50 ms, sigma 0.5:\n" % network,
                     "| strategy | ranks | efficiency | staleness (max) | MB per rank and step | steps |",
                     "|---|---|---|---|---|---|"]
            for strategy, (settings, counts) in STRATEGIES.items():
                for ranks in counts:
                    r = self.rows.get("%s %s %d" % (network, strategy, ranks))
                    if r:
                        text.append("| %s %s | %s | %.3f | %.2f (%d) | %.2f | %d |" % (
                            strategy, "" if settings == "check_every=0" else "`%s`" % settings, format(ranks, ","),
                            r["efficiency"], r["staleness"], r["staleness_max"], r["bytes_per_step"] / 1e6, r["steps"]))
        return "\n".join(text) + "\n"

    def write(self):
        document = Path(self.options.docs)
        begin, end = "<!-- scaling-sim -->\n", "<!-- /scaling-sim -->"
        text = document.read_text()
        before, rest = text.split(begin)
        document.write_text(before + begin + self.tables() + end + rest.split(end)[1])
        values = [{"network": n, "strategy": s, "ranks": c, "efficiency": round(self.rows[k]["efficiency"], 4),
                   "staleness": self.rows[k]["staleness"]}
                  for n in NETWORKS for s, (_, counts) in STRATEGIES.items() for c in counts
                  for k in ["%s %s %d" % (n, s, c)] if k in self.rows]
        figure = {"$schema": "https://vega.github.io/schema/vega-lite/v5.json",
                  "title": "Efficiency on simulated clusters, log-normal step times of 50 ms, sigma 0.5",
                  "data": {"values": values}, "mark": {"type": "line", "point": True},
                  "encoding": {"x": {"field": "ranks", "type": "quantitative", "scale": {"type": "log", "base": 2}},
                               "y": {"field": "efficiency", "type": "quantitative", "scale": {"domain": [0, 1]}},
                               "color": {"field": "strategy", "type": "nominal"},
                               "column": {"field": "network", "type": "nominal"}}}
        image = document.parent / "images" / "scaling-sim.vl.json"
        image.write_text(json.dumps(figure, indent=1) + "\n")


def main():
    here = Path(__file__).resolve().parent.parent
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    options.add_argument("--programs", help="folder of the two drivers")
    options.add_argument("--step-times", metavar="RUN", help="list the step times of a run")
    options.add_argument("--times", default=here / "bench/sim/step_times.txt", help="measured step times")
    options.add_argument("--out", default=here / "build/bench/scaling-sim")
    options.add_argument("--docs", default=here / "docs/scaling.md")
    options.add_argument("--mpirun", default="mpirun")
    options.add_argument("--ranks", type=int, default=4096, help="the largest number of ranks")
    options.add_argument("--fresh", action="store_true", help="forget the rows of earlier runs")
    options.add_argument("--tables", action="store_true", help="only write what is there")
    given = options.parse_args()
    if given.step_times:
        print("\n".join("%.6f" % t for t in step_times(given.step_times)))
        return
    if not given.programs:
        options.error("--programs is needed")
    study = Study(given)
    if not given.tables:
        if not shutil.which("smpirun") or not (Path(given.programs) / "femto_scaling_sim").exists():
            print("scaling-sim needs SimGrid (apt-get install libsimgrid-dev simgrid): skipped")
            return
        study.scale()
        study.stragglers()
        study.measured()
        study.validate()
    study.write()


if __name__ == "__main__":
    main()
