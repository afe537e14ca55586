# SPDX-License-Identifier: Apache-2.0
"""one.py ENGINE PRECISION WORK count|accuracy: one engine on one thread, run by Python for aarch64 under QEMU.

count: one inference, then another between marks (../../arm/cycles/mark.h). accuracy: prints the engine's version, agreement and
SQNR as JSON."""
import json
import os
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

import numpy as np  # noqa: E402
from engines import ENGINES  # noqa: E402

MARK_BASE = 0x60000000


def mark(value):
    try:
        os.close(MARK_BASE + value)
    except OSError:
        pass  # always: it is no open file


def main():
    name, precision, work, what = sys.argv[1:]
    engine = ENGINES[name](Path(work), {}, precision, 1)
    if what == "accuracy":
        agreement, sqnr = engine.accuracy()
        print(json.dumps({"version": engine.version(), "agreement": agreement, "logit_sqnr_db": sqnr}))
        return
    picture = np.array(np.load(engine.work / "evaluation.npy", mmap_mode="r")[:1])
    engine.run(picture)
    mark(1)
    engine.run(picture)
    mark(0)


if __name__ == "__main__":
    main()
