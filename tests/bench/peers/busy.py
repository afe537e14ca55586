#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Measures vitro and other engines on two cores that are not theirs alone: with more threads than cores, and beside a
process that never sleeps. DeiT-Ti in int8, batch 1, the same weights and photos, the engines in turns.

Prints a table: for each engine, number of threads and neighbour the times below which half, 90 % and 99 % of the
inferences stay, in milliseconds, each the median over the rounds.
"""
import argparse
import contextlib
import json
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

import peers
from engines import ENGINES

DEFAULT = ["vitro", "onnxruntime", "openvino", "litert"]
# Threads, and whether a busy process shares the second core.
CONDITIONS = [(1, False), (2, False), (4, False), (2, True), (4, True)]


def main():
    options = parse_options()
    cores = sorted(os.sched_getaffinity(0))[-2:]
    if len(cores) < 2:
        sys.exit("busy.py: needs two cores")
    os.sched_setaffinity(0, cores)  # the workers inherit it
    try:
        peers.check_inputs(options)
    except peers.Failed as fault:
        sys.exit(f"busy.py: {fault}")
    with tempfile.TemporaryDirectory(prefix="busy-") as work:
        work = Path(work)
        absent = prepare(options, work)
        found = {}
        for threads, busy in CONDITIONS:
            measure(options, work, (threads, busy), cores[-1], absent, found)
    print(table(options, found, absent))


def parse_options():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.ArgumentDefaultsHelpFormatter)
    parser.add_argument("--vitro", type=Path, required=True, default=argparse.SUPPRESS, help="vitro's command-line tool, as built")
    parser.add_argument("--data", type=Path, default=peers.HERE.parents[3] / "shared/data", help="folder with deit_tiny/ and photos/")
    parser.add_argument("--rounds", type=int, default=6, help="rounds; in each, every engine runs one burst")
    parser.add_argument("--runs", type=int, default=100, help="inferences in a burst")
    parser.add_argument("--photos", type=int, default=20, help="how many photos to calibrate on at most")
    parser.add_argument("--engines", nargs="+", choices=ENGINES, default=DEFAULT, metavar="NAME", help="which engines")
    options = parser.parse_args()
    for name in ("rounds", "runs", "photos"):
        if getattr(options, name) < 1:
            parser.error(f"--{name} must be at least 1")
    return options


def prepare(options, work):
    """Converts the model for each engine. {engine: why there is none}."""
    config = {"vitro": str(options.vitro.resolve()), "checkpoint": str(options.checkpoint.resolve())}
    config |= {"photos": str((options.data / "photos").resolve()), "limit": options.photos}
    (work / "config.json").write_text(json.dumps(config))
    reason = peers.prepare("inputs", work)
    if reason:
        sys.exit(f"busy.py: the inputs cannot be prepared: {reason}")
    reasons = {name: peers.prepare(name, work) for name in options.engines}
    return {name: reason for name, reason in reasons.items() if reason}


@contextlib.contextmanager
def neighbour(core):
    process = subprocess.Popen([sys.executable, "-c", "while True: pass"])
    os.sched_setaffinity(process.pid, [core])
    try:
        yield
    finally:
        process.kill()
        process.wait()


def measure(options, work, condition, core, absent, found):
    """Adds found[engine, condition], a list of [p50, p90, p99]; to absent the engines that failed."""
    threads, busy = condition
    workers = {}

    def each(action):
        for name in options.engines:
            try:
                if name not in absent:
                    action(name)
            except peers.Failed as fault:
                absent[name] = str(fault)

    def start(name):
        workers[name] = peers.Worker(name, "int8", threads, work)
        workers[name].ask("load")

    def burst(name):
        found.setdefault((name, condition), []).append(workers[name].ask("spread", options.runs))

    try:
        each(start)
        with neighbour(core) if busy else contextlib.nullcontext():
            for _ in range(options.rounds):
                each(burst)
    finally:
        for worker in workers.values():
            worker.close()


def table(options, found, absent):
    lines = ["| threads | " + " | ".join(f"{ENGINES[name].title}: p50, p90, p99" for name in options.engines) + " |"]
    lines.append("|---" * (len(options.engines) + 1) + "|")
    for condition in CONDITIONS:
        cells = []
        for name in options.engines:
            bursts = found.get((name, condition))
            cells.append(", ".join(f"{statistics.median(times):.2f}" for times in zip(*bursts)) if bursts else "not measured")
        lines.append(f"| {condition[0]}{', busy' if condition[1] else ''} | " + " | ".join(cells) + " |")
    lines += [f"\n{ENGINES[name].title}: not measured to the end: {reason}" for name, reason in absent.items()]
    return "\n".join(lines)


if __name__ == "__main__":
    main()
