#!/usr/bin/env python3
"""Runs command-line transcripts and compares what they print.

A transcript is a text file of commands (`$ ` and continuation lines `> `), each followed
by what it prints (stdout and stderr together) and a line `[exit N]` if N is not 0.
A line `...` stands for any lines; `<time>` for a duration. Folders are shown as <tmp> and
<source>. Every transcript runs in an empty folder of its own.

Usage: transcripts.py [--update] --bin DIR --source DIR FILE...
"""
import argparse
import difflib
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path


def parse(text):
    """Comments and blocks [(command lines, expected lines)]."""
    head, blocks = [], []
    for line in text.splitlines():
        if line.startswith("$ "):
            blocks.append(([line[2:]], []))
        elif line.startswith("> ") and blocks and not blocks[-1][1]:
            blocks[-1][0].append(line[2:])
        elif blocks:
            blocks[-1][1].append(line)
        else:
            head.append(line)
    return head, blocks


def normalise(text, tmp, source):
    text = text.replace(str(tmp), "<tmp>").replace(str(source), "<source>")
    text = re.sub(r"\d+(\.\d+)? (s|min \d+ s)\b", "<time>", text)
    text = re.sub(r"[0-9a-f]{12}(-dirty)?\)", "<revision>)", text)
    return [line.rstrip() for line in text.splitlines()]


def run(commands, tmp, environment, source):
    done = subprocess.run(
        ["bash", "-c", "\n".join(commands)],
        cwd=tmp,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        timeout=300,
        text=True,
    )
    lines = normalise(done.stdout, tmp, source)
    if done.returncode:
        lines.append("[exit %d]" % done.returncode)
    return lines


def matches(expected, got):
    """Whether the lines agree; `...` in expected stands for any number of lines."""
    if not expected:
        return not got
    if expected[0] == "...":
        return any(matches(expected[1:], got[i:]) for i in range(len(got) + 1))
    return bool(got) and expected[0] == got[0] and matches(expected[1:], got[1:])


def trimmed(lines):
    lines = list(lines)
    while lines and not lines[-1]:
        lines.pop()
    return lines


def check(file, args, environment):
    head, blocks = parse(file.read_text())
    bad, out = 0, list(head)
    with tempfile.TemporaryDirectory() as folder:
        for commands, expected in blocks:
            got = run(commands, Path(folder), environment, args.source)
            good = matches(trimmed(expected), trimmed(got))
            out += ["$ " + commands[0]] + ["> " + line for line in commands[1:]]
            out += expected if good else got + [""]
            if good:
                continue
            bad += 1
            if not args.update:
                print("%s: $ %s" % (file, commands[0]))
                diff = difflib.unified_diff(
                    trimmed(expected), trimmed(got), "expected", "got", lineterm=""
                )
                print("\n".join(diff))
    if args.update and bad:
        file.write_text("\n".join(trimmed(out)) + "\n")
        print("%s: %d commands updated" % (file, bad))
    return 0 if args.update else bad


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--update", action="store_true")
    options.add_argument("--bin", type=Path, required=True)
    options.add_argument("--source", type=Path, required=True)
    options.add_argument("files", nargs="+", type=Path)
    args = options.parse_args()
    environment = dict(os.environ)
    environment.update(
        PATH="%s:%s" % (args.bin, environment["PATH"]),
        STUDIES=str(args.source / "studies"),
        NO_COLOR="1",
        LC_ALL="C.UTF-8",
        COLUMNS="100",
    )
    environment.pop("FEMTO_PLUGIN_PATH", None)
    bad = sum(check(file, args, environment) for file in args.files)
    sys.exit(1 if bad else 0)


main()
