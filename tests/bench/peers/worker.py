# SPDX-License-Identifier: Apache-2.0
"""worker.py ENGINE PRECISION THREADS WORK: runs one engine in a process of its own; peers.py drives it through pipes.

Each line of standard input is a command with its arguments, as a JSON list. The answer to each is one line of JSON on
standard output.
"""
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

LIMIT_S = {"prepare": 300, "load": 60, "burst": 60, "spread": 300, "peak_bytes": 60, "accuracy": 300}


def main():
    engine, precision, threads, work = sys.argv[1], sys.argv[2], int(sys.argv[3]), Path(sys.argv[4])
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[-threads:])
    # The engines print to standard output too. Answers get it for themselves; the engines' output goes to standard
    # error.
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    served = Served(engine, precision, threads, work)
    for line in sys.stdin:
        command, *arguments = json.loads(line)
        signal.alarm(LIMIT_S[command])
        try:
            answer = {"value": getattr(served, command)(*arguments)}
        except subprocess.CalledProcessError as fault:
            answer = {"error": f"{Path(fault.cmd[0]).name} ended with exit code {fault.returncode}"}
        except Exception as fault:
            answer = {"error": f"{type(fault).__name__}: {str(fault).strip()}".splitlines()[0]}
        signal.alarm(0)
        print(json.dumps(answer), file=answers, flush=True)


class Served:
    def __init__(self, name, precision, threads, work):
        self.name, self.precision, self.threads, self.work = name, precision, threads, work
        self.config = json.loads((work / "config.json").read_text())

    def prepare(self):
        """Prepares this engine's files or, under the name 'inputs', what all engines start from."""
        if self.name == "inputs":
            import inputs

            inputs.prepare(self.work, self.config)
        else:
            from engines import ENGINES

            ENGINES[self.name].prepare(self.work, self.config)

    def load(self):
        from engines import ENGINES

        self.engine = ENGINES[self.name](self.work, self.config, self.precision, self.threads)
        return self.engine.version()

    def burst(self, runs):
        return self.engine.burst(runs)

    def spread(self, runs):
        return self.engine.spread(runs)

    def peak_bytes(self):
        return self.engine.peak_bytes()

    def accuracy(self):
        return self.engine.accuracy()


if __name__ == "__main__":
    main()
