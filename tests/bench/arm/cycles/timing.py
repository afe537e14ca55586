# SPDX-License-Identifier: Apache-2.0
"""The cycles of pieces of code without branches inside, by llvm-mca."""
import json
import re
import subprocess

DISASSEMBLER, MODEL = "llvm-mc-19", "llvm-mca-19"
# For a call, the model adds a constant for the called function. Here that function is timed as blocks of its own, so
# calls become branches.
CALLS = {"bl": "b", "blr": "br"}
# (most instructions, repetitions): short pieces are repeated more often, so that the filling of the pipes counts
# little.
REPETITIONS = ((16, 200), (64, 100), (1 << 30, 40))


class Failed(Exception):
    pass


def length(code):
    """The number of instructions in a piece of code, which is given as hex words separated by dots."""
    return code.count(".") + 1


def disassembled(words, core):
    """The text of each instruction, which is given as bytes in hex; None where LLVM does not know it."""
    words = sorted(set(words))
    lines = "\n".join(" ".join(f"0x{word[i : i + 2]}" for i in range(0, len(word), 2)) for word in words)
    run = subprocess.run([DISASSEMBLER, "--disassemble", f"-triple={core.triple}", "-mattr=+all"], input=lines, capture_output=True, text=True)
    bad = {int(line) for line in re.findall(r"^<stdin>:(\d+):\d+: warning: invalid instruction", run.stderr, re.MULTILINE)}
    texts = [line.strip() for line in run.stdout.splitlines() if line.strip() and not line.strip().startswith(".")]
    known = [word for line, word in enumerate(words, 1) if line not in bad]
    if len(texts) != len(known):
        raise Failed(f"{DISASSEMBLER} gave {len(texts)} instructions of {len(known)}: {run.stderr.strip()[:200]}")
    return dict.fromkeys(words) | {word: rewritten(text) for word, text in zip(known, texts)}


def rewritten(text):
    mnemonic, _, operands = text.partition("\t")
    return f"{CALLS.get(mnemonic, mnemonic)}\t{operands}"


def cycles_of(codes, core):
    """(cycles, instructions without a model) for each piece of code, as if it ran again and again. A piece is hex words
    separated by dots."""
    texts = disassembled([word for code in codes for word in code.split(".")], core)
    found, shorter = {}, 0
    for longest, repetitions in REPETITIONS:
        chosen = [code for code in codes if shorter < length(code) <= longest]
        shorter = longest
        if chosen:
            found.update(modelled(chosen, texts, core, repetitions))
    return found


def modelled(codes, texts, core, repetitions):
    source = []
    for number, code in enumerate(codes):
        source += [f"# LLVM-MCA-BEGIN {number}", *filter(None, map(texts.get, code.split("."))), "# LLVM-MCA-END"]
    command = [MODEL, f"-mtriple={core.triple}", f"-mcpu={core.model}", f"-iterations={repetitions}", "-skip-unsupported-instructions=any"]
    run = subprocess.run([*command, "-all-views=false", "-summary-view", "--json"], input="\n".join(source) + "\n", capture_output=True, text=True)
    try:
        regions = {int(region["Name"]): region for region in json.loads(run.stdout)["CodeRegions"]}
    except (ValueError, KeyError):
        raise Failed(f"{MODEL} -mcpu={core.model}: {(run.stderr.strip() or 'no answer').splitlines()[0]}") from None
    found = {}
    for number, code in enumerate(codes):
        region = regions.get(number)
        timed = len(region["Instructions"]) if region else 0
        found[code] = (region["SummaryView"]["TotalCycles"] / repetitions if timed else 0.0, length(code) - timed)
    return found
