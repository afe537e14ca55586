#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# coverage.sh [CORPUS]: which lines and branches of the readers and the runtime the corpus reaches (build/fuzz/corpus unless given) together with the seeds: builds the preset fuzz-coverage, runs
# every input once, prints lines, functions and branches by folder, and lists files by name in build/fuzz-coverage/coverage.txt. Needs llvm-profdata and llvm-cov of clang's version.
set -eu
. "$(dirname "$0")/../../toolchains/usage.sh"
[ $# -eq 0 ] || [ -d "$1" ] || wrong_usage
root=$(cd "$(dirname "$0")/../.." && pwd)
cd "$root"
corpus=$(cd "${1:-build/fuzz/corpus}" && pwd)
version=$(clang --version | sed -n 's/.*version \([0-9]*\).*/\1/p')
for tool in llvm-profdata llvm-cov; do
  command -v $tool-"$version" > /dev/null || { echo "coverage.sh: $tool-$version not found: install llvm-$version" >&2; exit 1; }
done
build=build/fuzz-coverage
cmake --preset fuzz-coverage > /dev/null
cmake --build --preset fuzz-coverage -j "$(nproc)" > $build/build.log 2>&1 || { tail -20 $build/build.log; exit 1; }
profiles=$root/$build/profiles
rm -rf "$profiles"
mkdir -p "$profiles/temporary"
objects=
for target in $build/tests/fuzz/fuzz_*; do
  name=${target##*/fuzz_}
  [ -f "$target" ] && [ -x "$target" ] || continue  # dictionaries, ctest's files
  case $name in digest | agree_test) continue ;; esac
  mkdir -p "$corpus/$name"
  TMPDIR=$profiles/temporary LLVM_PROFILE_FILE=$profiles/$name.profraw timeout 600 "$target" -runs=0 -timeout=60 "$corpus/$name" "$build/tests/fuzz/seeds/$name" > "$profiles/$name.log" 2>&1 ||
    echo "coverage.sh: $name ended with an error: see $profiles/$name.log" >&2
  objects="$objects -object $target"
done
llvm-profdata-"$version" merge -sparse "$profiles"/*.profraw -o "$profiles/all.profdata"
# The first target stands without -object: without it llvm-cov takes another word for the program.
# shellcheck disable=SC2086
llvm-cov-"$version" export ${objects# -object} -summary-only -instr-profile="$profiles/all.profdata" > "$profiles/summary.json"
python3 - "$profiles/summary.json" "$root" $build/coverage.txt << 'END'
import json
import os
import sys

FOLDERS = """runtime/program runtime/ops runtime/core runtime/kernels runtime/digest runtime/picture converter/base converter/checkpoint converter/calibration
    models/config models/adapters models/names platforms/host/pictures platforms/host/signature platforms/host/evaluation platforms/firmware""".split()
KINDS = ("lines", "functions", "branches")

summary, root, listing = sys.argv[1:]
counts = {}
for file in json.load(open(summary))["data"][0]["files"]:
    name = os.path.relpath(os.path.normpath(file["filename"]), root)
    if not name.startswith(("..", "tests/", "build/")):
        counts[name] = [(file["summary"][kind]["covered"], file["summary"][kind]["count"]) for kind in KINDS]


def row(name, cells):
    return f"{name:<48}" + "".join(f" {100 * covered / count:8.1f}%" if count else f" {'-':>9}" for covered, count in cells)


def total(folder):
    inside = [cells for name, cells in counts.items() if name.startswith(folder + "/")]
    return [tuple(sum(cells[kind][i] for cells in inside) for i in (0, 1)) for kind in range(len(KINDS))]


head = f"{'':<48} {'lines':>9} {'functions':>9} {'branches':>9}"
with open(listing, "w") as out:
    print(head, *(row(name, cells) for name, cells in sorted(counts.items())), sep="\n", file=out)
print(head, *(row(folder, total(folder)) for folder in FOLDERS), sep="\n")
END
