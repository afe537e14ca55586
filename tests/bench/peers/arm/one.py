# SPDX-License-Identifier: Apache-2.0
"""one.py ENGINE PRECISION WORK count|accuracy: one engine on one thread, run by Python for aarch64 under QEMU.

count: one inference, then another between marks (../../arm/cycles/mark.h); fails where another thread works beside it.
accuracy: prints the engine's version, agreement and
SQNR as JSON."""
import json
import os
import sys
import threading
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

import numpy as np  # noqa: E402
from engines import ENGINES  # noqa: E402

MARK_BASE = 0x60000000
MOST_TICKS = 20  # of a second's 100; QEMU has threads of its own


def mark(value):
    try:
        os.close(MARK_BASE + value)
    except OSError:
        pass  # always: it is no open file


def ticks_of_others():
    """CPU time of the process's other threads."""
    total = 0
    for task in Path("/proc/self/task").iterdir():
        if int(task.name) != threading.get_native_id():
            total += sum(map(int, (task / "stat").read_text().rsplit(")", 1)[1].split()[11:13]))
    return total


def main():
    name, precision, work, what = sys.argv[1:]
    engine = ENGINES[name](Path(work), {}, precision, 1)
    if what == "accuracy":
        agreement, sqnr = engine.accuracy()
        print(json.dumps({"version": engine.version(), "agreement": agreement, "logit_sqnr_db": sqnr}))
        return
    picture = np.array(np.load(engine.work / "evaluation.npy", mmap_mode="r")[:1])
    engine.run(picture)
    before = ticks_of_others()
    mark(1)
    engine.run(picture)
    mark(0)
    if ticks_of_others() - before > MOST_TICKS:
        sys.exit(f"{engine.title} runs on more threads than one")


if __name__ == "__main__":
    main()
