"""Turns Google Benchmark's JSON into bench.json and bench.md: each benchmark with its ratios.

raw.json -> DIR/bench.json, DIR/bench.md. A label 'of=NAME' names the limit that the counter
'work' is held against; 'vs=NAME' names the benchmark that does the same work plainly.
Repetitions were run in turns; every figure is the median over them."""
import json
import re
import statistics
import sys


def medians(raw):
    runs = {}
    for row in raw["benchmarks"]:
        if row.get("error_occurred"):
            sys.exit(f"{row['name']}: {row['error_message']}")
        if row["run_type"] == "iteration":
            runs.setdefault(row["run_name"], []).append(row)
    table = {}
    for name, rows in runs.items():
        median = lambda key: statistics.median(r[key] for r in rows) if key in rows[0] else None
        seconds = {"ns": 1e-9, "us": 1e-6, "ms": 1e-3, "s": 1}[rows[0]["time_unit"]]
        table[name] = {
            "seconds": median("real_time") * seconds,
            "cpu_seconds": median("cpu_time") * seconds,
            "items_per_second": median("items"),
            "work_per_second": median("work"),
            "label": rows[0].get("label", ""),
        }
    return table


def bare(name):
    return re.sub(r"/(real_time|process_time)", "", name or "")


def with_ratios(table):
    short = {bare(name): name for name in table}
    for row in table.values():
        named = dict(part.split("=", 1) for part in row.pop("label").split() if "=" in part)
        limit, plain = short.get(bare(named.get("of"))), short.get(bare(named.get("vs")))
        if limit:
            row["limit"] = bare(named["of"])
            row["of_limit"] = row["work_per_second"] / table[limit]["work_per_second"]
        if plain:
            row["plain"] = bare(named["vs"])
            row["times_faster_than_plain"] = table[plain]["seconds"] / row["seconds"]
    return {bare(name): row for name, row in table.items()}


def duration(seconds):
    for unit, size in (("s", 1), ("ms", 1e-3), ("µs", 1e-6)):
        if seconds >= size:
            return f"{seconds / size:.3g} {unit}"
    return f"{seconds * 1e9:.3g} ns"


def rate(value):
    if value is None:
        return ""
    for unit, size in (("G", 1e9), ("M", 1e6), ("k", 1e3)):
        if value >= size:
            return f"{value / size:.3g} {unit}"
    return f"{value:.3g}"


def markdown(context, table):
    lines = [f"{context.get('num_cpus')} cores, medians of repetitions run in turns, {context.get('date', '')[:10]}.", "",
             "| benchmark | wall | items/s | work/s | of limit | times faster than |",
             "|---|---|---|---|---|---|"]
    for name, row in sorted(table.items(), key=lambda item: (not item[0].startswith("limit/"), item[0])):
        limit = f"{row['of_limit']:.2f} of {row['limit'].removeprefix('limit/')}" if "limit" in row else ""
        plain = f"{row['times_faster_than_plain']:.2f} × {row['plain']}" if "plain" in row else ""
        lines.append(f"| {name} | {duration(row['seconds'])} | {rate(row['items_per_second'])} "
                     f"| {rate(row['work_per_second'])} | {limit} | {plain} |")
    return "\n".join(lines) + "\n"


source, out = sys.argv[1], sys.argv[2]
with open(source) as f:
    raw = json.load(f)
table = with_ratios(medians(raw))
with open(f"{out}/bench.json", "w") as f:
    json.dump({"context": raw["context"], "benchmarks": table}, f, indent=1)
with open(f"{out}/bench.md", "w") as f:
    f.write(markdown(raw["context"], table))
print(markdown(raw["context"], table))
