#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""cycles.py --core CORE PROGRAM: estimates the cycles of one inference on an Arm core, without a board.

QEMU counts how often each block of code runs, llvm-mca gives the cycles of a block, and a model of the caches counts
misses. README.md says what this includes and what it leaves out. Needs a build of the core's preset, a C compiler,
QEMU with plugins, and llvm-19. Exits with 77 where one of these programs is not installed, and with 1 where something
failed.
"""
import argparse
import json
import re
import subprocess
import sys
from collections import Counter, defaultdict
from pathlib import Path

import measure
import timing
from cores import CORES  # in the folder above, which `measure` added to the path

ROOT = Path(__file__).resolve().parents[4]


def main():
    options = parse_options()
    core = CORES[options.core]
    firmware = core.preset.startswith("cortex-m")
    target = "tests/platforms/cortex_m/ops_cortex_m.elf" if firmware else "tests/bench/arm/infer"
    binary = options.binary or ROOT / "build" / core.preset / target
    if not binary.exists():
        sys.exit(f"cycles.py: {binary} does not exist: build the preset {core.preset}, or name the file with --binary")
    options.caches = options.caches and bool(core.l1)
    try:
        if firmware:
            result = measure.measure_firmware(core, binary, options.vitro, options.program)
        else:
            result = measure.measure(core, binary, options.program, isa=options.isa or core.isa, caches=options.caches)
    except (measure.Failed, timing.Failed, subprocess.CalledProcessError) as fault:
        sys.exit(f"cycles.py: {fault}")
    if options.json:
        print(json.dumps(result, indent=2))
    else:
        show(result, options)


def parse_options():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program", help="a .vitro file")
    parser.add_argument("--core", choices=CORES, required=True, metavar="CORE", help=", ".join(CORES))
    parser.add_argument("--isa", help="kernels to run; default: the core's")
    parser.add_argument("--binary", type=Path, help="infer or the microcontroller's image; default: that of the core's preset")
    parser.add_argument("--vitro", type=Path, default=ROOT / "build/host-release/platforms/host/vitro", help="the host's tool, for microcontrollers' flash images")
    parser.add_argument("--no-caches", dest="caches", action="store_false", help="do not count cache misses; takes half the time")
    parser.add_argument("--kernels", type=int, default=12, metavar="N", help="how many functions to list")
    parser.add_argument("--json", action="store_true", help="everything, every op and every function, as JSON")
    return parser.parse_args()


def show(result, options):
    caches = f", {millions(result['l1_misses'])} M misses of L1, {millions(result['l2_misses'])} M of L2" if options.caches else ""
    print(f"{result['core']} by LLVM's {result['model']}: {millions(result['cycles'])} M cycles, {millions(result['instructions'])} M instructions{caches}")
    limit = f"{result['macs'] / 1e6:.0f} M multiply-accumulates at {result['macs_per_cycle_limit']:.4g} a cycle"
    print(f"{limit}: {millions(result['ideal_cycles'])} M cycles, efficiency {result['efficiency']:.3f}")
    if result["instructions_without_model"]:
        print(f"{result['instructions_without_model']} executed instructions have no model and count as none")
    show_ops(result, options)
    print("\n| function | M cycles | share | M instructions | L1 misses | L2 misses |\n|---|---|---|---|---|---|")
    for kernel in result["kernels"][: options.kernels]:
        misses = [f"{kernel['l1_misses']}", f"{kernel['l2_misses']}"] if options.caches else ["", ""]
        share = f"{100 * kernel['cycles'] / result['cycles']:.1f} %"
        print("| " + " | ".join([short(kernel["symbol"]), millions(kernel["cycles"]), share, millions(kernel["instructions"]), *misses]) + " |")


def show_ops(result, options):
    """Ops that differ in the number of their block alone are one row."""
    print("\n| op | name | M cycles | share | limit | efficiency | M instructions | L1 misses | L2 misses |\n|---|---|---|---|---|---|---|---|---|")
    groups = defaultdict(Counter)
    for row in result["ops"]:
        sums = {key: row[key] for key in ("cycles", "ideal_cycles", "instructions", "l1_misses", "l2_misses")}
        groups[row["op"], re.sub(r"\.\d+\.", ".*.", row["name"])].update(sums)
    for (op, name), row in sorted(groups.items(), key=lambda item: -item[1]["cycles"]):
        print(table_row(f"{op} | {name}", row, result, options.caches))


def table_row(head, row, result, caches):
    efficiency = f"{row['ideal_cycles'] / row['cycles']:.2f}" if row["ideal_cycles"] else ""
    misses = [f"{row['l1_misses']}", f"{row['l2_misses']}"] if caches else ["", ""]
    share = f"{100 * row['cycles'] / result['cycles']:.1f} %"
    limit = millions(row["ideal_cycles"]) if row["ideal_cycles"] else ""
    return "| " + " | ".join([head, millions(row["cycles"]), share, limit, efficiency, millions(row["instructions"]), *misses]) + " |"


def millions(count):
    return f"{count / 1e6:.2f}"


def short(symbol):
    """A demangled name, without namespaces, return type and arguments."""
    name, depth = symbol.replace("(anonymous namespace)::", "").replace("vitro::", ""), 0
    for at in range(len(name) - 1, -1, -1):
        depth += (name[at] == ")") - (name[at] == "(")
        if name.endswith(")") and name[at] == "(" and depth == 0:
            name = name[:at]
            break
    return name.removeprefix("void ").replace("|", "/")[:80]


if __name__ == "__main__":
    main()
