#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Compares vitro with other engines on Arm cores that are not there: DeiT-Ti, batch 1, int8, one thread, all from the same
weights and photos. The engines' own binaries for aarch64 run under QEMU, and their cycles are modelled as
../../arm/cycles/README.md says. Writes results.json, table.md and plot.svg.

Exits with 77 where QEMU, llvm-19 or everything that would have to be fetched is absent, and with 1 where something failed.
"""
import argparse
import datetime
import json
import shutil
import subprocess
import sys
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[3]
sys.path[:0] = [str(HERE.parent), str(ROOT / "tests/bench/arm"), str(ROOT / "tests/bench/arm/cycles")]
import arm_table  # noqa: E402
import fetch  # noqa: E402
import measure  # noqa: E402
import peers  # noqa: E402
import timing  # noqa: E402
from cores import CORES  # noqa: E402
from engines import ENGINES, Vitro  # noqa: E402

# Engines that have wheels for aarch64 and need no PyTorch to run.
PEERS = ["onnxruntime", "ncnn", "mnn", "litert"]
# What Linux on the board says of a core: Arm's number of the part, and features.
BASE = "fp asimd evtstrm aes pmull sha1 sha2 crc32 cpuid"
DOT = f"{BASE} atomics fphp asimdhp asimdrdm lrcpc dcpop asimddp"
SYSTEMS = {"cortex-a53": ("0xd03", BASE), "cortex-a72": ("0xd08", BASE), "cortex-a76": ("0xd0b", DOT)}


def main():
    options = parse_options()
    started = time.monotonic()

    def say(text):
        print(f"[{time.monotonic() - started:5.0f} s] {text}", flush=True)

    for core in options.cores:
        measure.need_programs(CORES[core])
    options.lab.mkdir(parents=True, exist_ok=True)
    try:
        peers.check_inputs(options)
        lab = fetch_all(options, say)
        work = prepare(options, lab, say)
        rows = [vitro_row(options, work, say), *(peer_row(name, options, lab, work, say) for name in options.engines)]
    except (peers.Failed, measure.Failed, timing.Failed) as fault:
        sys.exit(f"peers_arm.py: {fault}")
    result = {
        "date": datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%d"),
        "commit": subprocess.run(["git", "-C", ROOT, "rev-parse", "--short", "HEAD"], capture_output=True, text=True).stdout.strip() or "unknown",
        "cores": {name: {"boards": CORES[name].boards, "model": CORES[name].model} for name in options.cores},
        "evaluated": len(list((work / "evaluation").iterdir())),
        "rows": rows,
    }
    options.out.mkdir(parents=True, exist_ok=True)
    peers.write(options.out / "results.json", json.dumps(result, indent=2) + "\n")
    peers.write(options.out / "table.md", arm_table.markdown(result))
    peers.write(options.out / "plot.svg", arm_table.svg(result))
    print(f"wrote results.json, table.md and plot.svg into {options.out}")


def parse_options():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--vitro", type=Path, required=True, help="vitro's tool, built for this machine")
    parser.add_argument("--infer", type=Path, default=ROOT / "build/aarch64-qemu/tests/bench/arm/infer", help="built by the preset aarch64-qemu")
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared/data", help="folder with deit_tiny/ and photos/")
    parser.add_argument("--lab", type=Path, required=True, help="folder for what is fetched and converted; kept, and used again by the next run")
    parser.add_argument("--out", type=Path, required=True, help="folder for results.json, table.md and plot.svg")
    parser.add_argument("--photos", type=int, default=20, help="how many photos at most to calibrate on, and as many others to evaluate on")
    parser.add_argument("--cores", nargs="+", choices=SYSTEMS, default=list(SYSTEMS), metavar="CORE", help=", ".join(SYSTEMS))
    parser.add_argument("--engines", nargs="*", choices=PEERS, default=PEERS, metavar="NAME", help=", ".join(PEERS))
    options = parser.parse_args()
    options.lab = options.lab.resolve()
    return options


def fetch_all(options, say):
    """The folder with everything fetched. Engines without a wheel keep their reason in options.absent."""
    options.absent = {}
    (options.lab / "wheels").mkdir(exist_ok=True)
    try:
        say("fetching Debian's Python for arm64")
        fetch.debian(options.lab)
        fetch.wheels(options.lab, [])
    except fetch.Absent as reason:
        print(f"SKIPPED: no engine can be run: {reason}")
        sys.exit(77)
    for name in options.engines:
        say(f"fetching {ENGINES[name].package}")
        try:
            fetch.wheels(options.lab, [ENGINES[name].package])
        except fetch.Absent as reason:
            options.absent[name] = str(reason)
    if options.engines and len(options.absent) == len(options.engines):
        print(f"SKIPPED: no engine can be had: {'; '.join(options.absent.values())}")
        sys.exit(77)
    return options.lab


def prepare(options, lab, say):
    """Converts the model for each engine, as peers.py does. The folder that holds the results."""
    work, config = lab / "work", {"vitro": str(options.vitro.resolve()), "checkpoint": str(options.checkpoint.resolve())}
    config |= {"photos": str((options.data / "photos").resolve()), "limit": options.photos}
    if not (work / "config.json").exists() or json.loads((work / "config.json").read_text()) != config:
        shutil.rmtree(work, ignore_errors=True)
        work.mkdir()
        peers.write(work / "config.json", json.dumps(config))
    for name in ["inputs", "vitro", *options.engines]:
        done = work / f"{name}.prepared"
        if name in options.absent or done.exists():
            continue
        say(f"converting for {name}" if name != "inputs" else "preparing photos, ONNX and float32 logits")
        reason = peers.prepare(name, work)
        if reason and name in PEERS:
            options.absent[name] = reason
        elif reason:
            raise peers.Failed(f"{name} cannot be prepared: {reason}")
        else:
            done.touch()
    return work


def vitro_row(options, work, say):
    config = json.loads((work / "config.json").read_text())
    row = {"name": "vitro", "engine": Vitro.title, "about": Vitro.rows["int8"], "reason": None, "cores": {}}
    for name in options.cores:
        found = measure.measure(CORES[name], options.infer, work / "deit.vitro", isa=CORES[name].isa, caches=False)
        row["cores"][name] = {key: found[key] for key in ("cycles", "instructions")}
        row["macs"] = found["macs"]
        say(f"vitro on {name}: {found['cycles'] / 1e6:.1f} M cycles")
    engine = Vitro(work, config, "int8", 1)
    row["version"] = engine.version()
    row["agreement"], row["logit_sqnr_db"] = engine.accuracy()
    return row


def peer_row(name, options, lab, work, say):
    engine = ENGINES[name]
    row = {"name": name, "engine": engine.title, "about": engine.rows["int8"], "reason": options.absent.get(name), "cores": {}}
    if row["reason"]:
        return row
    try:
        for core in options.cores:
            row["cores"][core] = kept(work / f"{name}.{core}.json", lambda core=CORES[core]: counted(name, core, lab, work))
            say(f"{engine.title} on {core}: {row['cores'][core]['cycles'] / 1e6:.1f} M cycles")
        core = CORES[options.cores[-1]]
        row |= kept(work / f"{name}.accuracy.{core.name}.json", lambda: accuracy(name, core, lab, work))
        say(f"{engine.title}: agreement {100 * row['agreement']:.1f} %, SQNR {row['logit_sqnr_db']:.1f} dB")
    except (measure.Failed, timing.Failed) as fault:
        row["reason"] = str(fault)
        say(f"{engine.title}: not measured: {fault}")
    return row


def kept(path, measured):
    """What an earlier run measured, or else what is measured now, which takes minutes."""
    if not path.exists():
        peers.write(path, json.dumps(measured()))
    return json.loads(path.read_text())


def python(name, what, core, lab, work):
    """QEMU's options and the command that runs one.py by Python for aarch64, on a system that says that it has this core."""
    write_system(lab / "root", *SYSTEMS[core.name])
    limits = ["-E", f"PYTHONPATH={lab / 'site'}"]
    for library in ("OPENBLAS", "OMP"):
        limits += ["-E", f"{library}_NUM_THREADS=1"]
    return ["-L", lab / "root", *limits], [lab / "root/usr/bin" / f"python{fetch.PYTHON}", HERE / "one.py", name, "int8", work, what]


def counted(name, core, lab, work):
    options, command = python(name, "count", core, lab, work)
    ran = measure.run_counting(core, command, caches=False, options=options)
    found = measure.sums(ran, measure.times_of(ran, core), lambda one: one.mark)[1]
    return {"cycles": round(found["cycles"]), "instructions": found["instructions"], "instructions_without_model": found["unmodelled"]}


def accuracy(name, core, lab, work):
    options, command = python(name, "accuracy", core, lab, work)
    run = subprocess.run([core.emulator, "-cpu", core.cpu, *options, *command], capture_output=True, text=True)
    if run.returncode != 0:
        last = run.stderr.strip().splitlines()[-1:]
        raise measure.Failed(f"its logits could not be had: exit code {run.returncode}; {' '.join(last)}")
    return json.loads(run.stdout.strip().splitlines()[-1])


def write_system(root, part, features):
    """Engines read /proc/cpuinfo and /sys/devices/system/cpu and fail on those of an x86 machine. QEMU's -L shows them these."""
    cpu = root / "sys/devices/system/cpu"
    for folder in (root / "proc", cpu / "cpu0/topology", cpu / "cpu0/cpufreq", cpu / "cpu0/cache"):
        folder.mkdir(parents=True, exist_ok=True)
    lines = {"processor": 0, "BogoMIPS": "108.00", "Features": features, "CPU implementer": "0x41", "CPU architecture": 8, "CPU variant": "0x0"}
    lines |= {"CPU part": part, "CPU revision": 1}
    (root / "proc/cpuinfo").write_text("".join(f"{key}\t: {value}\n" for key, value in lines.items()))
    siblings = [f"cpu0/topology/{name}" for name in ("core_id", "physical_package_id", "core_siblings_list", "cluster_cpus_list", "package_cpus_list")]
    for name in ["possible", "present", "online", "kernel_max", *siblings]:
        (cpu / name).write_text("0\n")
    (cpu / "cpu0/cpufreq/cpuinfo_max_freq").write_text("2400000\n")
    (cpu / "cpu0/cpufreq/cpuinfo_min_freq").write_text("1500000\n")


if __name__ == "__main__":
    main()
