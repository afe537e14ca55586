#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Measures vitro and other engines side by side: DeiT-Ti, batch 1, with the same weights and photos, on the same
machine, all engines interleaved in one run."""
import argparse
import datetime
import json
import os
import platform
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import table
from engines import ENGINES

HERE = Path(__file__).resolve().parent
THREADS = [1, 2]


class Failed(Exception):
    """Raised when an engine cannot be measured; the message says why."""


class Worker:
    """A process with one engine. SIGSTOP holds it while it has no command, so that the threads of idle engines take no
    time from the one that is measured."""

    def __init__(self, engine, precision, threads, work):
        limits = {f"{name}_NUM_THREADS": str(threads) for name in ("OMP", "MKL", "OPENBLAS")}
        command = [sys.executable, "-W", "ignore", HERE / "worker.py", engine, precision, str(threads), work]
        self.work, self.log = work, open(work / f"{engine}.log", "ab+")
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.log, text=True, cwd=work, env=os.environ | limits
        )

    def ask(self, *command):
        self.process.send_signal(signal.SIGCONT)
        try:
            self.process.stdin.write(json.dumps(command) + "\n")
            self.process.stdin.flush()
            answer = self.process.stdout.readline()
        except BrokenPipeError:
            answer = ""
        if not answer:
            code = self.process.wait()
            raise self.failed(f"its process ended in '{command[0]}' with " + (signal.Signals(-code).name if code < 0 else f"exit code {code}"))
        self.process.send_signal(signal.SIGSTOP)
        answer = json.loads(answer)
        if "error" in answer:
            raise self.failed(answer["error"])
        return answer["value"]

    def failed(self, reason):
        """The exception to raise. Prints the engine's last lines to standard error, because its log is deleted after
        the run."""
        self.log.seek(0)
        print(*self.log.read().decode(errors="replace").splitlines()[-5:], sep="\n", file=sys.stderr)
        return Failed(reason.replace(f"{self.work}/", ""))

    def close(self):
        self.process.kill()
        self.process.wait()
        self.log.close()


def main():
    options = parse_options()
    started = time.monotonic()
    try:
        check_inputs(options)
    except Failed as fault:
        sys.exit(f"peers.py: {fault}")
    with tempfile.TemporaryDirectory(prefix="peers-") as work:
        work = Path(work)
        rows = measure(options, work, lambda text: print(f"[{time.monotonic() - started:5.0f} s] {text}", flush=True))
        evaluated = len(list((work / "evaluation").iterdir()))
    result = {
        "date": datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%d"),
        "machine": describe_machine(),
        "rounds": options.rounds,
        "runs": options.runs,
        "evaluated": evaluated,
        "rows": rows,
    }
    options.out.mkdir(parents=True, exist_ok=True)
    write(options.out / "results.json", json.dumps(result, indent=2) + "\n")
    write(options.out / "table.md", table.markdown(result))
    write(options.out / "plot.svg", table.svg(result))
    print(f"wrote results.json, table.md and plot.svg into {options.out}")


def parse_options():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.ArgumentDefaultsHelpFormatter)
    required = {"type": Path, "required": True, "default": argparse.SUPPRESS}
    parser.add_argument("--vitro", **required, help="vitro's command-line tool, as built")
    parser.add_argument("--data", type=Path, default=HERE.parents[3] / "shared/data", help="folder with deit_tiny/ and photos/")
    parser.add_argument("--out", **required, help="folder for results.json, table.md and plot.svg")
    parser.add_argument("--rounds", type=int, default=5, help="rounds; in each, every engine runs one burst")
    parser.add_argument("--runs", type=int, default=25, help="inferences in a burst")
    parser.add_argument("--photos", type=int, default=100, help="how many photos to calibrate on at most, and how many others to evaluate on")
    parser.add_argument("--engines", nargs="+", choices=ENGINES, default=list(ENGINES), metavar="NAME", help="which engines")
    options = parser.parse_args()
    for name in ("rounds", "runs", "photos"):
        if getattr(options, name) < 1:
            parser.error(f"--{name} must be at least 1")
    return options


def check_inputs(options):
    options.checkpoint = options.data / "deit_tiny/deit_tiny_patch16_224.safetensors"
    for path in (options.vitro, options.checkpoint, options.data / "photos/labels.csv", options.data / "photos/images"):
        if not path.exists():
            raise Failed(f"'{path}' is missing")


def measure(options, work, say):
    """The rows of the table: one for each precision of each chosen engine, with its numbers, or the reason why it has
    none."""
    config = {
        "vitro": str(options.vitro.resolve()),
        "checkpoint": str(options.checkpoint.resolve()),
        "photos": str((options.data / "photos").resolve()),
        "limit": options.photos,
    }
    (work / "config.json").write_text(json.dumps(config))
    say("preparing photos, ONNX and float32 logits")
    reason = prepare("inputs", work)
    if reason:
        sys.exit(f"peers.py: the inputs cannot be prepared: {reason}")
    rows = []
    for name in options.engines:
        say(f"preparing {name}")
        reason = prepare(name, work)
        if reason:
            say(f"{ENGINES[name].title}: not measured: {reason}")
        for precision, about in ENGINES[name].rows.items():
            row = {"name": name, "engine": ENGINES[name].title, "precision": precision, "about": about, "in_python": ENGINES[name].in_python}
            rows.append(row | {"threads": {}, "reason": reason})
    for threads in THREADS:
        measure_threads(rows, threads, options, work, say)
    return rows


def prepare(name, work):
    """Prepares an engine, or the common inputs. Returns why that failed, or None."""
    worker = Worker(name, "all", os.cpu_count(), work)
    try:
        worker.ask("prepare")
    except Failed as fault:
        return str(fault)
    finally:
        worker.close()


def measure_threads(rows, threads, options, work, say):
    workers = {}

    def each(action):
        for index, row in enumerate(rows):
            if row["reason"] is None:
                try:
                    action(index, row)
                except Failed as fault:
                    row["reason"], row["threads"] = str(fault), {}
                    say(f"{row['engine']} {row['precision']}: not measured: {fault}")

    def start(index, row):
        workers[index] = Worker(row["name"], row["precision"], threads, work)
        row["version"] = workers[index].ask("load")

    def burst(index, row):
        row["threads"].setdefault(str(threads), []).append(workers[index].ask("burst", options.runs))

    def summarise(index, row):
        medians, minima = zip(*row["threads"][str(threads)])
        row["threads"][str(threads)] = {"median_ms": statistics.median(medians), "min_ms": min(minima), "medians_ms": medians}
        say(f"{row['engine']} {row['precision']}, threads {threads}: median {statistics.median(medians):.2f} ms, min {min(minima):.2f} ms")

    def check(index, row):
        row["peak_bytes"] = workers[index].ask("peak_bytes")
        row["agreement"], row["logit_sqnr_db"] = workers[index].ask("accuracy")
        say(f"{row['engine']} {row['precision']}: agreement {100 * row['agreement']:.1f} %, SQNR {row['logit_sqnr_db']:.1f} dB")

    try:
        each(start)
        for turn in range(options.rounds):
            say(f"threads {threads}, round {turn + 1} of {options.rounds}")
            each(burst)
        each(summarise)
        if threads == THREADS[0]:
            each(check)
    finally:
        for worker in workers.values():
            worker.close()


def describe_machine():
    with open("/proc/cpuinfo") as file:
        lines = [line.split(":", 1)[1].strip() for line in file if line.startswith("model name")]
    return {"cpu": lines[0] if lines else platform.machine(), "cores": os.cpu_count(), "system": f"{platform.system()} {platform.machine()}"}


def write(path, text):
    """Writes a file whole, or not at all."""
    part = path.with_name(path.name + ".part")
    part.write_text(text)
    part.replace(path)


if __name__ == "__main__":
    main()
