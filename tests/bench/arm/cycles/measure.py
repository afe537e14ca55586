# SPDX-License-Identifier: Apache-2.0
"""Runs an executable that sets marks (mark.h) under QEMU, and gives the blocks that ran under each mark, their cache
misses and their cycles."""
import json
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

FIRMWARE = HERE.parents[2] / "platforms/cortex_m/blocks.sh"
Ran = namedtuple("Ran", "mark executions l1_misses l2_misses code symbol")


class Failed(Exception):
    pass


def need_programs(core):
    missing = [name for name in ("cc", core.emulator, timing.DISASSEMBLER, timing.MODEL) if not shutil.which(name)]
    if missing:
        absent(f"not installed: {', '.join(missing)} (packages gcc, qemu-user, llvm-19)")


def build_plugin(work):
    plugin = Path(work, "libblocks.so")
    subprocess.run(["cc", "-O2", "-fPIC", "-shared", "-fvisibility=hidden", HERE / "blocks.c", HERE / "cache.c", "-o", plugin], check=True)
    return plugin


def run_counting(core, command, *, caches, options=()):
    """Runs a command under QEMU, with further `options` for QEMU. Returns a Ran for each block and mark."""
    with tempfile.TemporaryDirectory() as work:
        found = Path(work, "blocks")
        arguments = f"{build_plugin(work)},out={found}" + (f",l1={core.l1},l2={core.l2}" if caches else "")
        run = subprocess.run([core.emulator, "-cpu", core.cpu, *options, "-plugin", arguments, *command])
        if run.returncode != 0:
            raise Failed(f"{command[0]} under {core.emulator} ended with {run.returncode}")
        ran = [parsed(line) for line in open(found)]
    if not ran:
        raise Failed(f"{command[0]} set no mark: nothing was counted")
    return joined(ran, core)


def run_firmware(core, image, vitro, program):
    """Boots a microcontroller's image of tests/platforms/cortex_m/ops.cpp. Returns a Ran for each block and mark."""
    with tempfile.TemporaryDirectory() as work:
        found = Path(work, "blocks")
        run = subprocess.run(["sh", FIRMWARE, vitro, core.name, image, program, build_plugin(work), found], stdout=subprocess.PIPE, text=True)
        if run.returncode != 0:
            raise Failed(f"{image}: {run.stdout.strip() or f'exit code {run.returncode}'}")
        ran = [parsed(line) for line in open(found)]
    if not ran:
        raise Failed(f"{image} set no mark: nothing was counted")
    return joined(ran, core)


def parsed(line):
    mark, executions, misses1, misses2, address, code, symbol = line.rstrip("\n").split(" ", 6)
    return address, Ran(int(mark), int(executions), int(misses1), int(misses2), code, symbol)


def joined(ran, core):
    """Blocks, given as (address, Ran), with those made one again that QEMU cut: it also ends a block at the end of a page
    and where its translation grows too long, and each part would be timed as if it were repeated by itself."""
    starts = defaultdict(list)
    for address, one in ran:
        starts[one.mark, int(address, 16)].append(one)
    cut = timing.without_jump({one.code for _, one in ran}, core)
    for mark, address in sorted(starts, reverse=True):
        first = starts[mark, address]
        if len(first) > 1 or first[0].code not in cut:
            continue
        after = mark, address + timing.size(first[0].code)
        second = starts.get(after, [])
        if len(second) != 1 or second[0].executions < first[0].executions:
            continue
        # Others may continue there too: the way into a loop that lies across the cut, beside the loop itself.
        here, elsewhere = divided(second[0], first[0].executions)
        starts[mark, address] = [both(first[0], here)]
        if elsewhere.executions:
            starts[after] = [elsewhere]
        else:
            del starts[after]
    return [one for blocks in starts.values() for one in blocks]


def divided(one, executions):
    """A block as two: that many of its executions and the others, with their shares of the misses."""
    share = {key: getattr(one, key) * executions // max(one.executions, 1) for key in ("l1_misses", "l2_misses")}
    rest = {key: getattr(one, key) - part for key, part in share.items()}
    return one._replace(executions=executions, **share), one._replace(executions=one.executions - executions, **rest)


def both(first, second):
    misses = {key: getattr(first, key) + getattr(second, key) for key in ("l1_misses", "l2_misses")}
    return first._replace(code=f"{first.code}.{second.code}", **misses)


def times_of(ran, core):
    """What timing.cycles_of says of every piece of code that ran."""
    return timing.cycles_of(sorted({one.code for one in ran}), core)


def sums(ran, times, key):
    """The cycles, instructions, instructions without a model, and cache misses, summed over all `ran` with the same
    key."""
    found = defaultdict(Counter)
    for one in ran:
        taken, unmodelled = times[one.code]
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
    return described_ops(core, ran, ops) | {"isa": isa}


def measure_firmware(core, image, vitro, program):
    """Likewise of an image for a microcontroller, which has one kernel variant."""
    need_programs(core)
    inspected = subprocess.run([vitro, "inspect", "-m", program, "--json"], check=True, capture_output=True)
    ops = [(step["macs"], step["op"], step["name"]) for step in json.loads(inspected.stdout)["steps"]]
    return described_ops(core, run_firmware(core, image, vitro, program), ops) | {"isa": core.isa}


def described_ops(core, ran, ops):
    """`ops`: (multiply-accumulates, op, name) of each op of the program, marked from 1 on."""
    times = times_of(ran, core)
    by_op = sums(ran, times, lambda one: one.mark)
    rows = [described(by_op[mark], int(macs), core) | {"op": op, "name": name} for mark, (macs, op, name) in enumerate(ops, 1)]
    total = whole(core, sums(ran, times, lambda one: one.symbol), sum(row["macs"] for row in rows))
    return total | {"ops": rows}


def whole(core, by_symbol, macs):
    """The totals of one inference, and those of each function."""
    total = Counter()
    for sum_ in by_symbol.values():
        total.update(sum_)
    names = demangled(by_symbol)
    kernels = [described(sum_, 0, core) | {"symbol": names[symbol]} for symbol, sum_ in by_symbol.items()]
    return {
        "core": core.name,
        "model": core.model,
        "macs_per_cycle_limit": core.macs,
        **described(total, macs, core),
        "instructions_without_model": total["unmodelled"],
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
