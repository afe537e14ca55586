# SPDX-License-Identifier: Apache-2.0
"""Runs an executable that sets marks (mark.h) under QEMU, and gives the blocks that ran under each mark, their cache
misses and their cycles."""
import shutil
import subprocess
import sys
import tempfile
from collections import Counter, defaultdict, namedtuple
from pathlib import Path

import timing

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
from skip import absent  # noqa: E402

Ran = namedtuple("Ran", "mark executions l1_misses l2_misses code symbol")


class Failed(Exception):
    pass


def need_programs(core):
    missing = [name for name in ("cc", core.emulator, timing.DISASSEMBLER, timing.MODEL) if not shutil.which(name)]
    if missing:
        absent(f"not installed: {', '.join(missing)} (packages gcc, qemu-user, llvm-19)")


def run_counting(core, command, *, caches, options=()):
    """Runs a command under QEMU, with further `options` for QEMU. Returns a Ran for each block and mark."""
    with tempfile.TemporaryDirectory() as work:
        plugin, found = Path(work, "libblocks.so"), Path(work, "blocks")
        subprocess.run(["cc", "-O2", "-fPIC", "-shared", "-fvisibility=hidden", HERE / "blocks.c", HERE / "cache.c", "-o", plugin], check=True)
        arguments = f"{plugin},out={found}" + (f",l1={core.l1},l2={core.l2}" if caches else "")
        run = subprocess.run([core.emulator, "-cpu", core.cpu, *options, "-plugin", arguments, *command])
        if run.returncode != 0:
            raise Failed(f"{command[0]} under {core.emulator} ended with {run.returncode}")
        ran = [parsed(line) for line in open(found)]
    if not ran:
        raise Failed(f"{command[0]} set no mark: nothing was counted")
    return ran


def parsed(line):
    mark, executions, misses1, misses2, _, code, symbol = line.rstrip("\n").split(" ", 6)
    return Ran(int(mark), int(executions), int(misses1), int(misses2), code, symbol)


def sums(ran, core, key):
    """The cycles, instructions, instructions without a model, and cache misses, summed over all `ran` with the same
    key."""
    cycles, found = timing.cycles_of(sorted({one.code for one in ran}), core), defaultdict(Counter)
    for one in ran:
        taken, unmodelled = cycles[one.code]
        found[key(one)].update(
            cycles=one.executions * taken,
            instructions=one.executions * timing.length(one.code),
            unmodelled=one.executions * unmodelled,
            l1_misses=one.l1_misses,
            l2_misses=one.l2_misses,
        )
    return found


def measure(core, infer, program, *, isa, caches):
    """All measurements of one inference of infer.cpp, as `cycles.py --json` prints them."""
    need_programs(core)
    with tempfile.NamedTemporaryFile("r") as listed:
        # Only the second inference is counted; the first fills the caches.
        ran = run_counting(core, [infer, program, isa, "1", "2", listed.name], caches=caches)
        ops = [line.rstrip("\n").split(" ", 2) for line in listed]
    by_both = sums(ran, core, lambda one: (one.mark, one.symbol))
    by_op, by_symbol, total = defaultdict(Counter), defaultdict(Counter), Counter()
    for (mark, symbol), sum_ in by_both.items():
        for whole in (by_op[mark], by_symbol[symbol], total):
            whole.update(sum_)
    names = demangled(by_symbol)
    kernels = [described(sum_, 0, core) | {"symbol": names[symbol]} for symbol, sum_ in by_symbol.items()]
    return {
        "core": core.name,
        "model": core.model,
        "isa": isa,
        "macs_per_cycle_limit": core.macs,
        **described(total, sum(int(macs) for macs, _, _ in ops), core),
        "instructions_without_model": total["unmodelled"],
        "ops": [described(by_op[mark], int(macs), core) | {"op": op, "name": name} for mark, (macs, op, name) in enumerate(ops, 1)],
        "kernels": sorted(kernels, key=lambda kernel: -kernel["cycles"]),
    }


def described(sum_, macs, core):
    taken, ideal = sum_["cycles"], macs / core.macs
    kept = {name: sum_[name] for name in ("instructions", "l1_misses", "l2_misses")}
    return {"cycles": round(taken), "macs": macs, "ideal_cycles": round(ideal), "efficiency": round(ideal / taken, 4) if taken else None, **kept}


def demangled(symbols):
    symbols = list(symbols)
    if not shutil.which("c++filt"):
        return {symbol: symbol for symbol in symbols}
    names = subprocess.run(["c++filt"], input="\n".join(symbols), capture_output=True, text=True, check=True).stdout.split("\n")
    return dict(zip(symbols, names))
