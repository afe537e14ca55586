#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""run.py FOLDER [NAME...]: breaks the sources on purpose, one small fault at a time, and checks that a test notices.
run.py --texts: only checks that each mutation's text is still in its file, which takes no time.

FOLDER, a new one or that of an earlier run, gets a copy of this tree, so that nothing here is changed, and a build for
each preset that mutations need. Each mutation replaces a text that must occur exactly once in its file, builds the
test that must notice it, runs it, and restores the file. Failures are: a text that is no longer there, a mutation that
does not build, one that makes the test hang, and one that no test notices.

FOLDER/results.json keeps the results: a run that was stopped continues where it was, and a mutation that was noticed
runs again only when its definition or its file changed. NAME: run these mutations, or all of an area (verifier,
kernels, planner, converter, tool), whatever the results say.
"""
import argparse
import hashlib
import importlib
import json
import shutil
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
AREAS = ("verifier", "kernels", "planner", "converter", "tool")
LONGEST = 300  # seconds that a test may take

# {preset: the command before the test}
RUN = {"host-release": [], "aarch64-qemu": ["qemu-aarch64", "-cpu", "max", "-L", "/usr/aarch64-linux-gnu"]}


def mutations():
    sys.path.insert(0, str(Path(__file__).resolve().parent))
    all_of_them = {}
    for area in AREAS:
        for name, mutation in importlib.import_module(area).MUTATIONS.items():
            if name in all_of_them:
                sys.exit(f"{name}: two mutations of this name")
            all_of_them[name] = (area, *mutation)
    return all_of_them


def copy_tree(tree):
    """Copies this tree to `tree`; files that are equal already are not written."""
    wanted = set()
    for path in sorted(ROOT.rglob("*")):
        inside = path.relative_to(ROOT)
        if inside.parts[0] in (".git", "build") or not path.is_file() or "__pycache__" in inside.parts:
            continue
        wanted.add(inside)
        there, content = tree / inside, path.read_bytes()
        if not there.is_file() or there.read_bytes() != content:
            there.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(path, there)
    for path in [p for p in tree.rglob("*") if p.is_file() and p.relative_to(tree).parts[0] != "build" and p.relative_to(tree) not in wanted]:
        path.unlink()
    sysroot = ROOT / "build/sysroot"  # the libraries for the cross compilers, by toolchains/install.sh
    link = tree / "build/sysroot"
    if link.is_symlink():  # to where an earlier run's checkout was
        link.unlink()
    if sysroot.is_dir() and not link.exists():
        (tree / "build").mkdir(exist_ok=True)
        link.symlink_to(sysroot)


def check_texts(listed):
    """Prints each mutation whose text does not occur exactly once in its file. Returns the exit code."""
    gone = {name: m[1] for name, m in listed.items() if (ROOT / m[1]).read_text().count(m[2]) != 1}
    for name, file in gone.items():
        print(f"{name}: its text does not occur once in {file}; say there which text makes that fault now")
    print(f"{len(listed) - len(gone)} of {len(listed)} mutations can be made")
    return 1 if gone else 0


def cost(file):
    """For sorting, cheap ones first: what includes a header is compiled again, and few files include kernels' headers."""
    return (file.endswith(".h"), not file.startswith("runtime/kernels/"))


def build_folder(folder, preset):
    return folder / "tree/build" / preset


def configure(folder, preset):
    if (build_folder(folder, preset) / "build.ninja").exists():
        return
    launcher = [f"-DCMAKE_{language}_COMPILER_LAUNCHER=ccache" for language in ("C", "CXX")] if shutil.which("ccache") else []
    done = subprocess.run(["cmake", "--preset", preset, *launcher], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, cwd=folder / "tree")
    if done.returncode != 0:
        sys.exit(done.stdout)


def build(folder, preset, target):
    command = ["cmake", "--build", build_folder(folder, preset), "--target", target]
    return subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def run_test(folder, preset, target, cases):
    """None if all cases pass, otherwise what was noticed, and how."""
    test = next(path for path in (build_folder(folder, preset) / "tests").rglob(target) if path.is_file())
    try:
        run = subprocess.run([*RUN[preset], test, f"--gtest_filter={cases}"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                             errors="replace", timeout=LONGEST)
    except subprocess.TimeoutExpired:
        return f"HANGS for {LONGEST} s"
    if run.returncode == 0:
        return None
    failed = {line.split()[3].rstrip(",") for line in run.stdout.splitlines() if line.startswith("[  FAILED  ]") and "." in line.split()[3]}
    if failed:
        return "noticed by " + ", ".join(sorted(failed)[:4])
    begun = [line.split()[3] for line in run.stdout.splitlines() if line.startswith("[ RUN      ]")]
    return f"noticed by a crash in {begun[-1]}" if begun else f"DOES NOT START, exit code {run.returncode}"


def preset_of(mutation):
    return (*mutation[6:], "host-release")[0]


def verdict(folder, mutation):
    file, text, mutated, targets, cases = mutation[1:6]
    preset = preset_of(mutation)
    path = folder / "tree" / file
    source = path.read_text()
    if source.count(text) != 1:
        return f"NOT THERE: its text occurs {source.count(text)} times in {file}, not once"
    path.write_text(source.replace(text, mutated))
    try:
        for target in targets.split():
            if build(folder, preset, target).returncode != 0:
                return "DOES NOT BUILD"
            if noticed := run_test(folder, preset, target, cases):
                return noticed
        return "NOT NOTICED"
    finally:
        path.write_text(source)


def sound(folder, chosen):
    """Checks that every test passes without a mutation."""
    for preset, target, cases in sorted({(preset_of(m), target, m[5]) for m in chosen.values() for target in m[4].split()}):
        configure(folder, preset)
        done = build(folder, preset, target)
        if done.returncode != 0:
            sys.exit(f"{preset}: {target} does not build\n{done.stdout}")
        if failed := run_test(folder, preset, target, cases):
            sys.exit(f"{preset}: {target} --gtest_filter={cases}, nothing mutated: {failed}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", metavar="FOLDER", type=Path, nargs="?")
    parser.add_argument("names", metavar="NAME", nargs="*")
    parser.add_argument("--texts", action="store_true")
    arguments = parser.parse_args()
    listed = mutations()
    if arguments.texts:
        return check_texts(listed)
    if arguments.folder is None:
        parser.error("give a FOLDER, or --texts")
    folder, names = arguments.folder.resolve(), arguments.names
    if unknown := [name for name in names if name not in listed and name not in AREAS]:
        parser.error(f"{unknown[0]}: no such mutation or area")
    (folder / "tree").mkdir(parents=True, exist_ok=True)
    copy_tree(folder / "tree")
    book = folder / "results.json"
    known = json.loads(book.read_text()) if book.exists() else {}
    key = {name: hashlib.sha256(repr(m).encode() + (ROOT / m[1]).read_bytes()).hexdigest() for name, m in listed.items()}

    def noticed(name):
        return known.get(name, {}).get("of") == key[name] and known[name]["result"].startswith("noticed")

    chosen = {name: m for name, m in listed.items() if (name in names or m[0] in names if names else not noticed(name))}
    sound(folder, chosen)
    for name, mutation in sorted(chosen.items(), key=lambda item: cost(item[1][1])):
        started = time.monotonic()
        result = verdict(folder, mutation)
        known[name] = {"of": key[name], "result": result, "seconds": round(time.monotonic() - started)}
        book.write_text(json.dumps(known, indent=1))
        print(f"{mutation[0]}: {name}: {mutation[4]}: {result} ({known[name]['seconds']} s)", flush=True)
    left = 0
    for area in AREAS:
        of_area = [name for name, m in listed.items() if m[0] == area]
        caught = sum(map(noticed, of_area))
        left += len(of_area) - caught
        print(f"{area}: {caught} of {len(of_area)} noticed")
    return 1 if left else 0


if __name__ == "__main__":
    sys.exit(main())
