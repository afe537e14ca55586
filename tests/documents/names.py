#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""names.py ROOT: checks that what the documents name exists.

A source file in `backticks` must be a file of this project, with as much of its path as is given. A path in
`backticks` from the project's top must exist, and so must the target of a link. Where the first cell of a table's row
is a file and the second names functions, the file must contain them. Exits with 1 where something of this is not so.
"""
import pathlib
import re
import sys

SOURCE = re.compile(r"`([\w./{},*-]+\.(?:h|hpp|c|cpp|S|ld|cmake|def|fbs|md|sh|awk|py|in))`")
FOLDER = re.compile(r"`((?:\.\./)*(?:platforms|models|converter|runtime|tests|toolchains)/[\w/.-]+)/?`")
LINK = re.compile(r"\]\(([^)#\s:]+)\)")
ROW = re.compile(r"^\| `([\w./-]+)` \| ([^|]+) \|", re.M)
# Files that users have, or that the commands of a document make.
THEIRS = {"table.md", "model.c", "model.h", "deit_tiny.c", "cifar10_vit.c", "cifar10_vit.h", "app.c", "toolchain.cmake", "main.c"}
SKIPPED = {"build", ".git"}


def spellings(name):
    """Expands `a.{h,cpp}` to a.h and a.cpp."""
    match = re.search(r"\{([^}]*)\}", name)
    return [name.replace(match[0], part) for part in match[1].split(",")] if match else [name]


def main(root):
    files = ["/" + str(file.relative_to(root)) for file in root.rglob("*") if file.is_file() and file.relative_to(root).parts[0] not in SKIPPED]
    faults, count = [], 0
    for file in sorted(name for name in files if name.endswith(".md")):
        document = root / file[1:]
        text = document.read_text()
        prose = re.sub(r"^(?: {4}|\t)[^\n]*$|^```.*?^```$", "", text, flags=re.M | re.S)
        for name in (spelling for written in SOURCE.findall(prose) for spelling in spellings(written)):
            count += 1
            pattern = re.compile("/" + re.escape(re.sub(r"^(\.\./)+", "", name)).replace(r"\*", "[^/]*") + "$")
            if name not in THEIRS and not any(pattern.search(other) for other in files):
                faults.append(f"{file[1:]}: there is no {name}")
        for name in FOLDER.findall(prose):
            count += 1
            if not list(root.glob(re.sub(r"^(\.\./)+", "", name) + "*")):
                faults.append(f"{file[1:]}: there is no {name}")
        for link in LINK.findall(text):
            count += 1
            if not (document.parent / link).exists():
                faults.append(f"{file[1:]}: the link {link} leads nowhere")
        for name, cell in ROW.findall(text):
            source = root / name
            functions = re.findall(r"`([A-Za-z_][\w:]*)`", cell)
            if source.is_file() and functions and "/" in name:
                words = set(re.findall(r"\w+", source.read_text()))
                count += len(functions)
                faults += [f"{file[1:]}: {name} has no {function}" for function in functions if not set(function.split("::")) <= words]
    print("\n".join(faults) or f"{count} names in documents, and all of them exist")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(pathlib.Path(sys.argv[1]).resolve()))
