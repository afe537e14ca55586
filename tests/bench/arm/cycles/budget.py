#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""budget.py PRESET INFER PROGRAM: compares the modelled cycles of an inference with budgets.txt, on each core that it
lists for this model and that the preset builds for. The model's name is that of the program's folder. Exits with 1 where
a budget is exceeded or missing, with 77 where something that the test needs is absent (skip.py).
"""
import subprocess
import sys
from pathlib import Path

import measure
import timing
from cores import CORES
from skip import absent

BUDGETS = Path(__file__).with_name("budgets.txt")


def main():
    preset, infer, program = sys.argv[1:]
    if not Path(program).exists():
        absent(f"{program} does not exist (the tests of host-release make it)")
    lines = [line.split() for line in BUDGETS.read_text().splitlines() if line and not line.startswith("#")]
    budgets = [(core, int(budget)) for core, model, budget in lines if model == Path(program).parent.name and CORES[core].preset == preset]
    if not budgets:
        sys.exit(f"FAILED: {BUDGETS.name} has no line for {program}")
    over = False
    for name, budget in budgets:
        core = CORES[name]
        try:
            result = measure.measure(core, infer, program, isa=core.isa, caches=False)
        except (measure.Failed, timing.Failed, subprocess.CalledProcessError) as fault:
            sys.exit(f"FAILED: {fault}")
        print(f"{name:12} {result['cycles']:10} of {budget:10} cycles, efficiency {result['efficiency']:.3f}")
        # LLVM's model of Cortex-A9, which stands for A7, has no push, pop and nop: one instruction in 260.
        if result["instructions_without_model"] > result["instructions"] // 200:
            sys.exit(f"FAILED: {result['instructions_without_model']} instructions have no model")
        over |= result["cycles"] > budget
    if over:
        sys.exit("FAILED: more than the budget. Make it faster, or change budgets.txt in the same commit and say why")


if __name__ == "__main__":
    main()
