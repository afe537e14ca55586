#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""mca.py [--build DIR] [--at-least PERCENT]: prints a Markdown table of the multiply-accumulates per cycle that the Arm
kernels' inner loops reach by llvm-mca.

The loops come from the objects of the aarch64-qemu build: for each kernel variant, the innermost loop with the most
multiply-accumulates. cores.py has the cores and LLVM's models of them. The models have no caches, so these are the best
rates that a loop can reach from L1. Needs aarch64-linux-gnu-objdump and llvm-mca-19; exits with 77 without the latter.
With --at-least, exits with 1 where a loop is below that share of its core's limit.
"""
import argparse
import re
import shutil
import subprocess
import sys
from pathlib import Path

from cores import CORES
from skip import absent

# The cores whose loops are held to a share of the limit.
TARGETS = [CORES["cortex-a72"], CORES["cortex-a76"]]
# How many MAC an instruction does, by its mnemonic and the arrangement of its first operand.
MACS = {("sdot", "4s"): 16, ("smmla", "4s"): 32, ("smull", "8h"): 8, ("smull2", "8h"): 8, ("smlal", "8h"): 8, ("smlal2", "8h"): 8,
        ("smlal", "4s"): 4, ("smlal2", "4s"): 4, ("smull", "4s"): 4, ("smull2", "4s"): 4}
LINE = re.compile(r"^\s*([0-9a-f]+):\s+(\S+)\s*(.*?)(?:\s*//.*)?$")


def macs_of(mnemonic, operands):
    arrangement = re.match(r"v\d+\.(\w+)", operands)
    return MACS.get((mnemonic, arrangement.group(1)), 0) if arrangement else 0


def functions(disassembly):
    """Yields (name, [(address, mnemonic, operands)]) for each function."""
    name, body = None, []
    for line in disassembly.splitlines():
        head = re.match(r"^[0-9a-f]+ <(.*)>:$", line)
        if head:
            if name:
                yield name, body
            name, body = head.group(1), []
        elif name and (found := LINE.match(line)):
            body.append((int(found.group(1), 16), found.group(2), found.group(3)))
    if name:
        yield name, body


def busiest_loop(body):
    """The innermost loop with the most MAC, from the target of a backward branch to that branch; and its MAC."""
    index = {address: i for i, (address, _, _) in enumerate(body)}
    best, most = [], 0
    for i, (_, mnemonic, operands) in enumerate(body):
        target = re.search(r"\b([0-9a-f]+) <", operands)
        if not (mnemonic.startswith("b.") or mnemonic in ("cbnz", "cbz")) or not target:
            continue
        start = index.get(int(target.group(1), 16), i + 1)
        loop = body[start : i + 1]
        inner = any(m.startswith("b.") or m in ("cbnz", "cbz", "b") for _, m, _ in loop[:-1])
        macs = sum(macs_of(m, o) for _, m, o in loop)
        if start <= i and not inner and macs > most:
            best, most = loop, macs
    return best, most


def cycles(loop, core):
    """The cycles of one iteration."""
    lines = [".Lloop:"]
    for _, mnemonic, operands in loop[:-1]:
        lines.append(f"{mnemonic} {operands}")
    lines.append(f"{loop[-1][1]} " + re.sub(r"\b[0-9a-f]+ <.*>", ".Lloop", loop[-1][2]))
    command = ["llvm-mca-19", f"-mtriple={core.triple}", f"-mcpu={core.model}", "-iterations=1000"]
    out = subprocess.run(command, input="\n".join(lines) + "\n", capture_output=True, text=True)
    if out.returncode != 0:
        sys.exit(f"mca.py: llvm-mca-19 refuses the loop: {out.stderr.strip().splitlines()[0]}")
    return int(re.search(r"Total Cycles:\s+(\d+)", out.stdout).group(1)) / 1000


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", default="build/aarch64-qemu", help="build folder with the objects")
    parser.add_argument("--at-least", type=float, default=0, help="per cent of the limit that every loop must reach")
    arguments = parser.parse_args()
    build = Path(arguments.build)
    if not shutil.which("llvm-mca-19"):
        absent("llvm-mca-19 is not installed (package llvm-19)")
    below = []
    print("| kernels | boards | model of | loop | MAC | cycles | MAC/cycle | of the limit |")
    print("|---|---|---|---|---|---|---|---|")
    for core in TARGETS:
        objects = sorted(build.glob(f"runtime/**/linear_{core.isa}.cpp.o"))
        if not objects:
            sys.exit(f"mca.py: {build}: no object of the {core.isa} kernels; build the preset aarch64-qemu first")
        text = subprocess.run(["aarch64-linux-gnu-objdump", "-d", "-C", "--no-show-raw-insn", objects[0]], capture_output=True, text=True, check=True).stdout
        name, loop, macs = max(((n, *busiest_loop(b)) for n, b in functions(text)), key=lambda found: found[2])
        taken = cycles(loop, core)
        short, share = re.sub(r".*::|\(.*", "", name), 100 * macs / taken / core.macs
        print(f"| {core.isa} | {core.boards} | {core.model} | {short} | {macs} | {taken:.1f} | {macs / taken:.2f} | {share:.0f} % |")
        if share < arguments.at_least:
            below.append(core.isa)
    if below:
        print(f"FAILED: below {arguments.at_least:.0f} % of the limit: {', '.join(below)}")
    return 1 if below else 0


if __name__ == "__main__":
    sys.exit(main())
