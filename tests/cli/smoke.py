#!/usr/bin/env python3
"""Every study runs with the changes on its first line, `# smoke: femto run {file} ...` or `unfold`."""
import os
import shlex

from runs import Bench, expect, result, status

bench = Bench()
with_networks = os.environ.get("FEMTO_NEURAL") == "ON"
mark = "# smoke: femto "
studies = sorted(bench.studies.glob("**/*.yaml"))
expect(len(studies) >= 6, "the shipped studies are there")
for study in studies:
    text = study.read_text()
    first = text.splitlines()[0]
    expect(first.startswith(mark), "%s: the first line is its smoke command" % study)
    if "type: adversarial" in text and not with_networks:
        continue
    words = shlex.split(first[len(mark) :].replace("{file}", str(study)))
    folder = bench.folder / ("%s-%s" % (study.parent.name, study.stem))
    if words[0] == "run":
        bench.run("check", study)
    bench.run(*words, "--quiet", "--out", folder)
    expect(status(folder) == "done", "%s is done" % study)
    expect((folder / "report.html").exists(), "%s has a report" % study)
    for row in result(folder)["parameters"]:
        expect(row["value"] is not None, "%s: %s has a value" % (study, row["name"]))
