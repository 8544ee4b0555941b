"""Joins the JSON of several benchmark programs into bench.json and a Markdown table."""
import json
import sys

out, parts = sys.argv[1], sys.argv[2:]
rows, context = [], {}
for part in parts:
    with open(part) as f:
        data = json.load(f)
    context = data["context"]
    rows += [b for b in data["benchmarks"] if b.get("aggregate_name") == "median"]
known = {"name", "run_name", "run_type", "repetitions", "threads", "aggregate_name", "aggregate_unit",
         "iterations", "real_time", "cpu_time", "time_unit", "family_index", "per_family_instance_index",
         "repetition_index", "label"}
with open(f"{out}/bench.json", "w") as f:
    json.dump({"context": context, "benchmarks": rows}, f, indent=1)
with open(f"{out}/bench.md", "w") as f:
    f.write(f"{context.get('num_cpus')} cores at {context.get('mhz_per_cpu')} MHz, {context.get('date')}; medians of 3\n\n")
    f.write("| benchmark | wall | CPU | more |\n|---|---|---|---|\n")
    for b in rows:
        more = ", ".join(f"{k} {v:.4g}" for k, v in b.items() if k not in known and isinstance(v, float))
        unit = b["time_unit"]
        f.write(f"| {b['run_name']} | {b['real_time']:.4g} {unit} | {b['cpu_time']:.4g} {unit} | {more} |\n")
