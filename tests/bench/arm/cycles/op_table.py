#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""op_table.py NAME=FILE...: prints a Markdown table of the instructions and modelled cycles of each kind of op, one
column for each FILE, which `cycles.py --json` wrote. Layers that differ in the number of their block alone are one row.
"""
import json
import re
import sys
from collections import Counter

# Patterns of names that many models have in common.
LAYERS = (
    (r".*\.(q|k|v|qkv)$", "query, key, value"),
    (r".*\.proj$", "projection"),
    (r".*\.fc1$", "MLP, first, with GELU"),
    (r".*\.fc2$", "MLP, second"),
)


def main():
    columns = [argument.partition("=") for argument in sys.argv[1:]]
    if not columns or not all(path for _, _, path in columns):
        sys.exit(__doc__)
    names = [name for name, _, _ in columns]
    results = [json.load(open(path)) for _, _, path in columns]
    table = [(by_kind(result, "instructions"), by_kind(result, "cycles")) for result in results]
    kinds = sorted({kind for instructions, _ in table for kind in instructions}, key=lambda kind: -max(instructions[kind] for instructions, _ in table))
    print("| millions of instructions (modelled cycles) | " + " | ".join(names) + " |")
    print("|" + "---|" * (len(names) + 1))
    for kind in kinds:
        row(kind, [(instructions[kind], cycles[kind]) for instructions, cycles in table])
    row("**all**", [(result["instructions"], result["cycles"]) for result in results])


def by_kind(result, quantity):
    sums = Counter()
    for op in result["ops"]:
        sums[kind_of(op)] += op[quantity]
    return sums


def kind_of(op):
    for pattern, name in LAYERS if op["op"] == "Linear" else ():
        if re.fullmatch(pattern, op["name"]):
            return f"Linear: {name}"
    return op["op"] if op["op"] != "Linear" else "Linear: others"


def row(kind, cells):
    print(f"| {kind} | " + " | ".join(f"{count / 1e6:.1f} ({cycles / 1e6:.1f})" if count else "" for count, cycles in cells) + " |")


if __name__ == "__main__":
    main()
