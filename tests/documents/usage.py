#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""usage.py ROOT: checks that scripts which people run say what they are for when asked, and do nothing else.

Each is run with --help and must answer with its name and exit code 0; with an argument that it does not take it must
answer with its usage and exit code 2. Otherwise a word too many writes over sources or installs packages. Every script
that reads toolchains/usage.sh or uses argparse is run, except in folders whose scripts need packages that the tests do
not install. Exits with 1 where something is not so.
"""
import pathlib
import subprocess
import sys
import tempfile

LEAST = 17  # so that the search is known to find them
WITH_PACKAGES = ("build", "models", "tests/bench/peers", "tests/models")


def scripts(root):
    for path in sorted([*root.rglob("*.py"), *root.rglob("*.sh")]):
        left_out = path.name == "usage.py" or str(path.relative_to(root)).startswith(WITH_PACKAGES)
        if not left_out and ("ArgumentParser(" if path.suffix == ".py" else '/usage.sh"\n') in path.read_text():
            yield path


def main(root):
    faults, count = [], 0
    for script in scripts(root):
        count += 1
        name = str(script.relative_to(root))
        with tempfile.TemporaryDirectory() as folder:
            for argument, code in (("--help", 0), ("--no-such-option", 2)):
                command = [sys.executable if script.suffix == ".py" else "sh", script, argument]
                try:
                    done = subprocess.run(command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=20)
                except subprocess.TimeoutExpired:
                    faults.append(f"{name} {argument}: does something instead")
                    continue
                if done.returncode != code or script.name not in done.stdout or argument == "--no-such-option" and "usage:" not in done.stdout:
                    faults.append(f"{name} {argument}: exit code {done.returncode}, {done.stdout[:300]}")
            if any(pathlib.Path(folder).iterdir()):
                faults.append(f"{name}: writes files when it is asked what it does")
    if count < LEAST:
        faults.append(f"only {count} scripts say how they are used, of at least {LEAST}")
    print("\n".join(faults) or f"{count} scripts say how they are used, and do nothing else when they are asked")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(pathlib.Path(sys.argv[1]).resolve()))
