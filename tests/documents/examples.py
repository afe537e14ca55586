#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""examples.py ROOT: checks that the code which a document quotes from a source file is in that file.

PATH must contain all lines of a code block that follows a line `<!-- from PATH -->`, in this order; blank lines do not
count. Exits with 1 where it does not.
"""
import pathlib
import re
import sys

BLOCK = re.compile(r"^<!-- from (\S+) -->\n```\w*\n(.*?)^```$", re.M | re.S)


def missing(block, source):
    """The first line of `block` that `source` does not contain after the line before it; None if it contains all."""
    lines = iter([line.strip() for line in source.splitlines()])
    for wanted in (line.strip() for line in block.splitlines()):
        if wanted and not any(line == wanted for line in lines):
            return wanted
    return None


def main(root):
    faults, blocks = [], 0
    for document in sorted(root.glob("**/*.md")):
        if "build" in document.relative_to(root).parts:
            continue
        for path, block in BLOCK.findall(document.read_text()):
            blocks += 1
            line = missing(block, (root / path).read_text())
            if line is not None:
                faults.append(f"{document.relative_to(root)}: not in {path}, or not in this order: {line}")
    if not blocks:
        faults.append("no document takes code from a source file")
    print("\n".join(faults) or f"{blocks} blocks of code are in their sources")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(pathlib.Path(sys.argv[1]).resolve()))
