#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""campaign.py [--seconds N] [--only PART,...] [--built] [--json FILE]: the hostile campaign in its short form. Prints a table and writes build/campaign.json.

Needs what `toolchains/install.sh tests` installs. Builds are brought up to date first. From a new clone all of it, builds among it, is meant to stay
below 15 minutes on two cores that do nothing else; beside the time by the clock stands that of processors, which tells as much on a machine that
others use. Each fuzz target runs for N seconds (20 unless given), as many at once as there are cores. A part that fails or finds anything fails
the whole (exit code 1), as does what this machine cannot run (no QEMU, no clang).
"""
import argparse
import json
import os
import re
import resource
import shutil
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
JOBS = str(os.cpu_count())

# Some that few tests can notice, in sources that nothing includes; `mutations/run.py FOLDER` has all of them, in hours.
MUTANTS = [
    "an overlap of four bytes counts as none",
    "a sine beyond 1",
    "constants three bytes beyond the file",
]

# What of host-release the parts run.
HOST_TARGETS = ["files_test", "stages_test", "bounds_test", "hostile_test", "hand_made_test", "fuzz_digest", "fuzz_agree_test", "sweep_test", "threads_test",
                "signature_test", "tool_test", "vitro", "vitro_signed_only", "soft_errors"]

PHOTOS = [f"models/cifar10_vit/samples/{name}.jpg" for name in ("bird", "ship", "frog")]


def run(command, **options):
    return subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, **options)


def last_line(text):
    lines = text.strip().splitlines()
    return lines[-1] if lines else "(no output)"


def processor_seconds():
    """Of all that was run so far."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def configure_and_build(preset, targets):
    # The copy of the tree that mutations change finds there what was compiled here.
    launcher = [f"-DCMAKE_{language}_COMPILER_LAUNCHER=ccache" for language in ("C", "CXX")] if shutil.which("ccache") else []
    start, used = time.monotonic(), processor_seconds()
    for command in (["cmake", "--preset", preset, *launcher], ["cmake", "--build", f"build/{preset}", "-j", JOBS, "--target", *targets]):
        done = run(command)
        if done.returncode != 0:
            sys.exit(f"campaign.py: {' '.join(command)} failed:\n{done.stdout[-3000:]}")
    print(f"{preset}: built in {time.monotonic() - start:.0f} s, {processor_seconds() - used:.0f} s of processors: {' '.join(targets)}", flush=True)


def ctest(suites, others=()):
    """Runs tests of host-release: all of some suites, and others by name. A suite without a test is a fault. -> (ok, figures)"""
    exact = "|".join(map(re.escape, others))
    done = run(["ctest", "--preset", "host-release", "-j", JOBS, "-R", rf"^({'|'.join(suites)})\.|^({exact})$", "--no-tests=error"])
    found = re.search(r"% tests passed(?:, (\d+) tests failed)? out of (\d+)", done.stdout)  # none failed: ctest 4 does not say so
    if not found:
        return False, {"fault": last_line(done.stdout)}
    figures = {"tests": int(found[2]), "failed": int(found[1] or 0), "skipped": done.stdout.count("***Skipped")}
    absent = [name for name in (*suites, *others) if not re.search(rf"Test +#\d+: {re.escape(name)}[. ]", done.stdout)]
    if done.returncode != 0:
        figures["fault"] = ", ".join(re.findall(r"^\s*\d+ - (\S+) \(", done.stdout, re.M))
    elif absent:
        figures["fault"] = f"no test of {', '.join(absent)}"
    return "fault" not in figures, figures


def fuzz(seconds):
    done = run(["sh", "tests/fuzz/run.sh", str(seconds)], env={**os.environ, "VITRO_FUZZ_BUILD": "build/fuzz"})
    print(done.stdout, end="", flush=True)
    targets = json.loads((ROOT / "build/fuzz/fuzz.json").read_text())["targets"]
    return done.returncode == 0, {
        "executions": sum(t["executions"] for t in targets), "finds": sum(t["finds"] for t in targets), "targets": targets}


def digests(_):
    done = run(["sh", "tests/fuzz/compare.sh"])
    if done.returncode != 0:
        return False, {"fault": done.stdout[-400:]}
    numbers = re.search(r"(\d+) files, (\d+) of them", done.stdout)
    return True, {"files": int(numbers[1]), "run": int(numbers[2])}


def soft_errors(_):
    report = ROOT / "build/soft_errors.json"
    done = run(["build/host-release/tests/soft_errors/soft_errors", "tests/programs/sealed.vitro", *PHOTOS, "--flips", "300", "--json", str(report)])
    if done.returncode != 0:
        return False, {"fault": last_line(done.stdout)}
    regions = json.loads(report.read_text())["regions"]
    stays = [region for region in regions if "noticed_by" in region]
    return True, {
        "flips": sum(r["flips"] for r in regions), "top-1 changed": sum(r["top1_changed"] for r in regions),
        "ended": sum(r["crashed"] + r["hung"] for r in regions), "that stay": sum(r["flips"] for r in stays),
        "of these noticed by the sums": sum(r["noticed_by"]["sum"] for r in stays)}


def mutants(_):
    done = run([sys.executable, "tests/mutations/run.py", "build/mutations", *MUTANTS])
    noticed = sum(": noticed" in line for line in done.stdout.splitlines())
    figures = {"mutants": len(MUTANTS), "noticed": noticed}
    if noticed != len(MUTANTS):
        figures["fault"] = done.stdout[-400:]
    return noticed == len(MUTANTS), figures


# name: (what it is, how to run it)
PARTS = {
    "fuzzing": ("every reader, for some seconds each", fuzz),
    "digests": ("programs on x86-64, AArch64 and ARMv7: the same bytes", digests),
    "verifier": ("limits, aliasing, floats, flow", lambda _: ctest(
        ("Bounds", "FloatBounds", "Limits", "ScanLimits", "Aliasing", "Flow", "Hostile", "Verify", "Oracle"), ("fuzz.made",))),
    "faults": ("memory, threads, files and kill at every point", lambda _: ctest(("Sweep", "Threads", "InputFiles", "WriteFile", "Shown"))),
    "signatures": ("RFC 8032, tampering, rollback", lambda _: ctest(
        ("Ed25519", "SignedTest", "SignatureToolTest", "Check"), ("signed_only", "openssl_signature"))),
    "soft errors": ("bits flipped in the program and in the arena", soft_errors),
    "mutants": ("faults in the sources that tests must notice", mutants),
}


def summary(figures):
    return ", ".join(f"{value:,} {name}" if isinstance(value, int) else f"{name}: {value}" for name, value in figures.items() if name != "targets")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=int, default=20)
    parser.add_argument("--only", default=",".join(PARTS), help="parts, separated by commas: " + ", ".join(PARTS))
    parser.add_argument("--built", action="store_true", help="take the builds as they are")
    parser.add_argument("--json", type=Path, default=ROOT / "build/campaign.json")
    arguments = parser.parse_args()
    names = arguments.only.split(",")
    if unknown := [name for name in names if name not in PARTS]:
        parser.error(f"no part {unknown[0]}; there are: {', '.join(PARTS)}")

    started = time.monotonic()
    if not arguments.built:
        configure_and_build("host-release", HOST_TARGETS)
        if "fuzzing" in names:
            configure_and_build("fuzz", ["fuzz"])
        if "digests" in names:
            for preset in ("fuzz", "aarch64-qemu", "armv7-qemu"):
                configure_and_build(preset, ["fuzz_digest"])
    built = time.monotonic()
    of_builds = processor_seconds()
    print(f"builds brought up to date in {built - started:.0f} s, {of_builds:.0f} s of processors", flush=True)

    results = []
    for name in names:
        what, part = PARTS[name]
        start, used = time.monotonic(), processor_seconds()
        ok, figures = part(arguments.seconds)
        results.append({"part": name, "what": what, "ok": ok, "seconds": round(time.monotonic() - start),
                        "processor_seconds": round(processor_seconds() - used), **figures})
        print(f"{name:<11} {'ok' if ok else 'FAILED':<7} {results[-1]['seconds']:>4} s  {what}: {summary(figures)}", flush=True)
    spent, whole, used = (round(seconds) for seconds in (time.monotonic() - built, time.monotonic() - started, processor_seconds()))
    ok = all(result["ok"] for result in results)
    arguments.json.write_text(json.dumps({"ok": ok, "seconds": spent, "seconds_of_builds": round(built - started), "processor_seconds": used, "parts": results}, indent=1) + "\n")
    print(f"{'all held' if ok else 'FAILED'} in {spent} s, with builds {whole} s, {used} s of processors; {arguments.json}")
    return 0 if ok else 1


if __name__ == "__main__":
    sys.exit(main())
