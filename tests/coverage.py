#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""coverage.py FOLDER: builds runtime/core, ops and program with counters for their branches, runs their tests, and
lists each branch that no test took.

FOLDER is a build folder, a new one or that of an earlier run. Exits with 1 if a test fails or a branch was not taken.
There are no exceptions to this: the runtime is compiled without C++ exceptions, so each branch that GCC counts at -O0
is one in the sources. Headers of other projects, and of the schema, are not counted.

Needs GCC; the environment variable VITRO_GCOV may name its gcov. Takes some minutes, most of them to build the
converter, which the tests need; CI does not run it.
"""
import argparse
import collections
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
COUNTED = ("runtime/core/", "runtime/ops/", "runtime/program/")
# In addition to tests/runtime: every op on every frozen program, signed programs with real signatures, the best classes.
OTHER_TESTS = ["frozen_programs_test", "signature_test", "top_test"]


def run(command, stderr=subprocess.STDOUT, **options):
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=stderr, text=True, errors="replace", **options)
    if done.returncode != 0:
        sys.exit(f"{done.stdout}\n{' '.join(map(str, command))}: exit status {done.returncode}")
    return done.stdout


def build(folder):
    """Builds the tests. Returns their executables."""
    if not (folder / "build.ninja").exists():
        launcher = [f"-DCMAKE_{language}_COMPILER_LAUNCHER=ccache" for language in ("C", "CXX")] if shutil.which("ccache") else []
        run(["cmake", "--preset", "host-release", "-B", folder, "-DVITRO_COVERAGE=ON", *launcher], cwd=ROOT)
    lists = (ROOT / "tests/runtime/CMakeLists.txt").read_text().splitlines()
    tests = [line.split("(")[1].split()[0] for line in lists if line.startswith("vitro_test(")] + OTHER_TESTS
    run(["cmake", "--build", folder, "--target", *tests])
    return [next(path for path in (folder / "tests").rglob(test) if path.is_file()) for test in tests]


def branches_of(folder):
    """{file: {(function, line, branch of the line): how often it was taken}}. With the function, because the instances
    of a template are counted separately."""
    taken = collections.defaultdict(collections.Counter)
    objects = folder / "runtime/CMakeFiles/vitro_runtime.dir"
    for notes in sorted(objects.rglob("*.gcno")):
        report = run([os.environ.get("VITRO_GCOV", "gcov"), "--json-format", "--branch-probabilities", "--stdout", notes],
                     stderr=subprocess.DEVNULL, cwd=folder)  # which says where counts are missing: nothing ran
        for line_of_report in report.splitlines():
            for file in json.loads(line_of_report)["files"]:
                name = os.path.relpath((folder / file["file"]).resolve(), ROOT)
                if not name.startswith(COUNTED):
                    continue
                for line in file["lines"]:
                    for i, branch in enumerate(line["branches"]):
                        taken[name][line.get("function_name", ""), line["line_number"], i] += branch["count"]
    return taken


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", metavar="FOLDER", type=Path)
    folder = parser.parse_args().folder.resolve()
    tests = build(folder)
    for counts in folder.rglob("*.gcda"):
        counts.unlink()
    for test in tests:
        print(f"{test.name}", file=sys.stderr, flush=True)
        run([test, "--gtest_brief=1"])
    taken = branches_of(folder)
    if not taken:
        sys.exit(f"{folder}: no branches were counted: is its compiler GCC, and gcov that compiler's? Give VITRO_GCOV")
    left = 0
    for name in sorted(taken):
        lines = (ROOT / name).read_text().splitlines()
        missing = sorted(where for where, count in taken[name].items() if count == 0)
        left += len(missing)
        print(f"{name}: {len(taken[name]) - len(missing)} of {len(taken[name])} branches")
        for function, line, i in missing:
            print(f"  {name}:{line}: branch {i} never taken: {lines[line - 1].strip()}  [{function}]")
    total = sum(map(len, taken.values()))
    print(f"{total - left} of {total} branches")
    return 1 if left else 0


if __name__ == "__main__":
    sys.exit(main())
