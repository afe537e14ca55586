#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""known.py KNOWN: checks the tool on loops whose cycles can be counted by hand, those of known.c, on Cortex-A72 (32
KiB of L1 with 2 ways, 1 MiB of L2 with 16 ways). Exits with 1 where a count is outside its range."""
import sys

import measure
from cores import CORES

TURNS, LINE = 10000, 64
# (mark, quantity, least, most). From Arm's Cortex-A72 Software Optimization Guide: a 64-bit multiplication has a
# latency of 5 cycles, which is also in LLVM's model; long vector products go to a single pipe, one in each cycle.
EXPECTED = [
    (1, "cycles", 20 * TURNS, 20.2 * TURNS),
    (2, "cycles", 8 * TURNS, 8.2 * TURNS),
    (3, "l1_misses", (1 << 14) // LINE, (1 << 14) // LINE + 8),
    (3, "l2_misses", 0, 8),
    (4, "l1_misses", (1 << 18) // LINE, (1 << 18) // LINE + 8),
    (4, "l2_misses", 0, 8),
    (5, "l1_misses", (1 << 21) // LINE, (1 << 21) // LINE + 8),
    (5, "l2_misses", (1 << 21) // LINE, (1 << 21) // LINE + 8),
    (3, "instructions", 2 * 3 * (1 << 14) // LINE, 2 * 3 * (1 << 14) // LINE + 100),
]


def main():
    core = CORES["cortex-a72"]
    measure.need_programs(core)
    ran = measure.run_counting(core, [sys.argv[1]], caches=True)
    by_mark = measure.sums(ran, measure.times_of(ran, core), lambda one: one.mark)
    failed = False
    for mark, quantity, least, most in EXPECTED:
        found = by_mark[mark][quantity]
        fine = least <= found <= most
        failed |= not fine
        print(f"{'ok' if fine else 'FAILED'}: loop {mark}: {quantity} {found:.0f}, expected {least:.0f} to {most:.0f}")
    sys.exit(failed)


if __name__ == "__main__":
    main()
