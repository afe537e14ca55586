#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""mutations.py BUILD [NAME...]: breaks the sources on purpose, one small fault at a time, and looks whether a test notices.

BUILD is a configured build folder of this tree (build/host-release). Each mutation replaces a text that must occur exactly once in its file, builds
the test that has to notice, runs it and puts the file back. A text that is no longer there, a mutation that does not build and one that no test
notices are failures. Takes about half a minute a mutation: run it after work on the tests, or on what the mutations touch; CI does not.

The faults are of kinds that tests have overlooked here: bounds one too high, what converter and runtime share, numbers behind loose thresholds,
detection of what this machine has not.
"""
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

# name: (file, text, mutated text, target of the test, filter of its cases)
MUTATIONS = {
    "operand 4 bytes into what lies behind the scratch": (
        "runtime/core/checker.cpp", ": step().scratch_bytes());", ": step().scratch_bytes() + 4);", "bounds_test", "*"),
    "floats of twice the largest magnitude": (
        "runtime/core/checker.cpp", "biased <= 127 + range.exponent)", "biased <= 128 + range.exponent)", "bounds_test", "*"),
    "attention's workspace 64 bytes beyond the scratch": (
        "runtime/core/checker.cpp", "bytes <= scratch - offset,", "bytes <= scratch - offset + 64,", "bounds_test", "*"),
    "mean_rows over one row too many": (
        "runtime/core/bounds.h", "kMaxMeanRows = 32768", "kMaxMeanRows = 32769", "limits_test", "*"),
    "static_norm's scale up to 32769": (
        "runtime/core/bounds.h", "kMaxStaticNormScale = 32768", "kMaxStaticNormScale = 32769", "bounds_test", "*"),
    "attention over 65,537 tokens": (
        "runtime/core/bounds.h", "kMaxTokens = 65536", "kMaxTokens = 65537", "limits_test", "*"),
    "heads of 516 columns": (
        "runtime/kernels/kernels.h", "kLargestHead = 512", "kLargestHead = 516", "limits_test", "*"),
    "score scales one too large": (
        "runtime/kernels/kernels.h", "kScoreScaleLimit = 65535.0f", "kScoreScaleLimit = 65536.0f", "bounds_test", "*"),
    "GELU with 14 fraction bits": (
        "runtime/core/bounds.h", "kMaxGeluFraction = 13", "kMaxGeluFraction = 14", "bounds_test", "*"),
    "1025 threads": (
        "runtime/include/vitro/vitro.h", "#define VITRO_MAX_THREADS 1024", "#define VITRO_MAX_THREADS 1025", "bounds_test", "*"),
    "golden picture of other noise": (
        "runtime/core/golden.cpp", "seed * 2u + 1u", "seed * 2u + 3u", "frozen_programs_test", "*"),
    "two fields of the format change places": (
        "runtime/schema/program_generated.h", "    VT_SRC = 4,\n    VT_DST = 6,\n    VT_EPSILON = 8\n  };",
        "    VT_SRC = 6,\n    VT_DST = 4,\n    VT_EPSILON = 8\n  };", "frozen_programs_test", "*"),
    "every ISA's rows rounded at a quarter": (
        "runtime/kernels/rows/row_quantiser.h", "(0.5f - (position", "(0.25f - (position", "kernels_test", "*"),
    "the reference's rows rounded at a quarter": (
        "runtime/kernels/rows/reference.cpp", "(0.5f - (position", "(0.25f - (position", "kernels_test", "*"),
    "AVX-512 without its registers' state": (
        "runtime/kernels/cpu_features.h", "has_all(w.xcr0, 0xe6)", "has_all(w.xcr0, 0x06)", "cpu_test", "*"),
    "AVX2 without the operating system": (
        "runtime/kernels/cpu_features.h", "has_all(w.leaf1_ecx, 1u << 27) && has_all(w.xcr0, 0x06) &&",
        "has_all(w.xcr0, 0x02) &&", "cpu_test", "*"),
    "i8mm of another bit": (
        "runtime/kernels/cpu_features.h", "has_all(h.hwcap2, 1u << 13)", "has_all(h.hwcap2, 1u << 12)", "cpu_test", "*"),
    "a saved std is not read": (
        "converter/calibration/calibration.cpp", "  std::copy(file.std.begin(), file.std.end(), out.preprocessing.std);\n", "",
        "calibration_test", "*"),
    "a saved filter is another": (
        "converter/calibration/calibration.cpp", "p.filter = static_cast<ResizeFilter>(file.filter);",
        "p.filter = static_cast<ResizeFilter>(file.filter ^ 1);", "calibration_test", "*"),
    "GPTQ in the order of rising variance": (
        "converter/quantise/gptq.cpp", "moments.covariance[a * k + a] > moments", "moments.covariance[a * k + a] < moments", "gptq_test", "*"),
    "a sum over rows that its step still reads": (
        "converter/passes/fused_memory.cpp", "if (f.step == fused.nodes[i].step &&", "if (false &&", "fuse_test", "*"),
    "heads not rotated": (
        "converter/passes/rotate.cpp", "Rotation head_rotation(size_t n) {\n",
        "Rotation head_rotation(size_t n) {\n  if (n > 0) {\n    Rotation one(n * n, 0.0);\n"
        "    for (size_t i = 0; i < n; ++i) one[i * n + i] = 1;\n    return one;\n  }\n", "rotate_test", "*"),
    "no bias correction": (
        "converter/nodes/linear.cpp", "of_one_row ? linear.bias : corrected_bias(weights, moments.mean, l.statistics(f.node).mean)", "linear.bias",
        "convert_test", "*"),
    "no headroom in the residual stream": (
        "converter/quantise/units.cpp", "kStreamHeadroom = 1.5f", "kStreamHeadroom = 1.0f", "convert_test", "*"),
    "the table of layers doubled": (
        "converter/report/layers.cpp", "10 * std::log10", "20 * std::log10", "convert_test", "*"),
    "eval's SQNR doubled": (
        "platforms/host/evaluation/scores.cpp", "return 10 * std::log10", "return 20 * std::log10", "evaluation_test", "*"),
    "the longer side rounded": (
        "platforms/host/pictures/resampler.cpp", "uint64_t{width} * p.resize_width / shorter", "(uint64_t{width} * p.resize_width + shorter / 2) / shorter",
        "image_test", "*Side*"),
    "a bicubic filter of another sharpness": (
        "platforms/host/pictures/taps.cpp", "constexpr double a = -0.5;", "constexpr double a = -0.75;", "image_test", "*KnownBytes*"),
    "the crop's margin rounded down": (
        "platforms/host/pictures/resampler.cpp", "margin % 2 == 1 && half % 2 == 1", "margin % 2 == 1 && half % 2 == 2", "image_test", "*Crop*"),
}


def apply(name):
    file, text, mutated = MUTATIONS[name][:3]
    path = ROOT / file
    source = path.read_text()
    if source.count(text) != 1:
        sys.exit(f"{name}: its text occurs {source.count(text)} times in {file}, not once: adapt the mutation to the sources")
    path.write_text(source.replace(text, mutated))
    return path, source


def verdict(build, target, cases):
    built = subprocess.run(["cmake", "--build", build, "--target", target], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if built.returncode != 0:
        print(built.stdout)
        return "DOES NOT BUILD"
    test = next(path for path in Path(build).rglob(target) if path.is_file())
    run = subprocess.run([test, f"--gtest_filter={cases}"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if run.returncode == 0:
        return "NOT NOTICED"
    failed = {line.split()[3].rstrip(",") for line in run.stdout.splitlines() if line.startswith("[  FAILED  ]") and "." in line.split()[3]}
    return "noticed by " + ", ".join(sorted(failed)[:4]) if failed else f"a crash, exit code {run.returncode}"


def main():
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    build, names = sys.argv[1], sys.argv[2:] or list(MUTATIONS)
    failed = 0
    for name in names:
        path, source = apply(name)
        try:
            result = verdict(build, *MUTATIONS[name][3:])
        finally:
            path.write_text(source)
        failed += not result.startswith("noticed")
        print(f"{name}: {MUTATIONS[name][3]}: {result}", flush=True)
    print(f"{len(names) - failed} of {len(names)} noticed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
