# SPDX-License-Identifier: Apache-2.0
"""The cycles of pieces of code without branches inside, by llvm-mca."""
import json
import re
import subprocess

DISASSEMBLER, MODEL = "llvm-mc-19", "llvm-mca-19"
# For a call, the model adds a constant for the called function. Here that function is timed as blocks of its own, so
# calls become branches.
CALLS = {"bl": "b", "blr": "br", "blx": "b"}
# Instructions that end a block, and a few that only look like them.
JUMPS = r"(b|cb|tb|ret|eret|svc|it)|.*\bpc\b"
# Features of 32-bit Linux systems, which LLVM does not assume.
FEATURES = "+neon,+vfp4"
# (most instructions, repetitions): short pieces are repeated more often, so that the filling of the pipes counts
# little.
REPETITIONS = ((16, 200), (64, 100), (1 << 30, 40))


class Failed(Exception):
    pass


def length(code):
    """The number of instructions in a piece of code, which is given as hex words separated by dots."""
    return code.count(".") + 1


def size(code):
    """The bytes of a piece of code."""
    return len(code.replace(".", "")) // 2


def without_jump(codes, core):
    """Those pieces of code that do not end where a jump, a call or a system call made QEMU end them."""
    found = set()
    for thumb in (False, True):
        last = {code: code.rsplit(".", 1)[-1] for code in codes if bool(core.thumb and is_thumb(code)) == thumb}
        texts = disassembled(set(last.values()), core.thumb if thumb else core.triple, core.model) if last else {}
        found.update(code for code, word in last.items() if texts[word] and not re.match(JUMPS, texts[word]))
    return found


def is_thumb(code):
    """Whether 32-bit code is Thumb: it has instructions of two bytes, or all begin as Thumb's instructions of four bytes
    do."""
    words = code.split(".")
    return any(len(word) == 4 for word in words) or all(word[2:4] >= "e8" for word in words)


def is_condition(word):
    """Whether this is IT, which makes the following instructions conditional. Here others would follow it."""
    return len(word) == 4 and word[2:] == "bf" and word[1] != "0"


def disassembler_options(triple, cpu):
    if triple.startswith("aarch64"):
        return ["-mattr=+all"]
    return [f"-mattr={FEATURES}"] if "v7a" in triple else [f"-mcpu={cpu}"]


def disassembled(words, triple, cpu):
    """The text of each instruction, which is given as bytes in hex; None where LLVM does not know it."""
    known = dict.fromkeys(words, None) | dict.fromkeys(filter(is_condition, words), "nop")
    unknown = sorted(word for word, text in known.items() if not text)
    # In brackets, so that an instruction that LLVM does not know ends where it ends.
    lines = "\n".join("[" + " ".join(f"0x{word[i : i + 2]}" for i in range(0, len(word), 2)) + "]" for word in unknown)
    command = [DISASSEMBLER, "--disassemble", f"-triple={triple}", *disassembler_options(triple, cpu), "-show-encoding"]
    run = subprocess.run(command, input=lines, capture_output=True, text=True)
    for line in run.stdout.splitlines():
        found = re.match(r"\s*(.*?)\s*(?:@|//) encoding: \[(.*)\]", line)
        if found:
            known[found.group(2).replace("0x", "").replace(",", "")] = rewritten(found.group(1))
    return known


def rewritten(text):
    mnemonic, _, operands = text.partition("\t")
    if mnemonic == "blx" and operands.startswith("r"):
        mnemonic = "bx"
    return f"{CALLS.get(mnemonic, mnemonic)}\t{operands}"


def cycles_of(codes, core):
    """(cycles, instructions without a model) for each piece of code, as if it ran again and again. A piece is hex words
    separated by dots."""
    found = {}
    for thumb in (False, True):
        same = [code for code in codes if bool(core.thumb and is_thumb(code)) == thumb]
        triple, shorter = core.thumb if thumb else core.triple, 0
        texts = disassembled([word for code in same for word in code.split(".")], triple, core.model) if same else {}
        for longest, repetitions in REPETITIONS:
            chosen = [code for code in same if shorter < length(code) <= longest]
            shorter = longest
            if chosen:
                found.update(modelled(chosen, texts, (triple, core.model), repetitions))
    return found


def modelled(codes, texts, target, repetitions):
    triple, cpu = target
    source = []
    for number, code in enumerate(codes):
        source += [f"# LLVM-MCA-BEGIN {number}", *filter(None, map(texts.get, code.split("."))), "# LLVM-MCA-END"]
    command = [MODEL, f"-mtriple={triple}", f"-mcpu={cpu}", *([f"-mattr={FEATURES}"] if "v7a" in triple else []), f"-iterations={repetitions}", "-skip-unsupported-instructions=any"]
    run = subprocess.run([*command, "-all-views=false", "-summary-view", "--json"], input="\n".join(source) + "\n", capture_output=True, text=True)
    try:
        regions = {int(region["Name"]): region for region in json.loads(run.stdout)["CodeRegions"]}
    except (ValueError, KeyError):
        raise Failed(f"{MODEL} -mcpu={cpu}: {(run.stderr.strip() or 'no answer').splitlines()[0]}") from None
    found = {}
    for number, code in enumerate(codes):
        region = regions.get(number)
        timed = len(region["Instructions"]) if region else 0
        found[code] = (region["SummaryView"]["TotalCycles"] / repetitions if timed else 0.0, length(code) - timed)
    return found
