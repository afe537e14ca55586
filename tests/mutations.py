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
        "runtime/core/bounds.h", "kChannelRange{0x1p-40f, 0x1p40f, true, true}", "kChannelRange{0x1p-40f, 0x1p41f, true, true}", "bounds_test", "*"),
    "floats below the smallest, subnormal ones among them": (
        "runtime/core/checker.cpp", "magnitude - lowest > span", "magnitude > lowest + span", "bounds_test", "*"),
    "negative floats everywhere": (
        "runtime/core/checker.cpp", "(bits & sign) | ", "(bits & sign & 1) | ", "bounds_test", "*"),
    "zero for every float": (
        "runtime/core/checker.cpp", "range.zero ? 0 : lowest", "0", "bounds_test", "*"),
    "constant addends not looked at": (
        "runtime/core/checker.cpp", "t.format() == schema::Format::F32\n", "t.format() == schema::Format::S8\n", "bounds_test", "*"),
    "mean_rows with any reciprocal": (
        "runtime/ops/mean_rows.cpp", "kReciprocalRange", "kMeanRange", "bounds_test", "*"),
    "a static linear in place": (
        "runtime/ops/linear.cpp", "{a.src(), InPlace::no}", "{a.src(), InPlace::yes}", "hostile_test", "Aliasing*"),
    "no norm in place": (
        "runtime/ops/norm.cpp", "InPlace::yes", "InPlace::no", "hostile_test", "Aliasing*"),
    "an overlap of four bytes counts as none": (
        "runtime/core/checker.cpp", "return a.begin < b.end && b.begin < a.end;", "return a.begin + 4 < b.end && b.begin + 4 < a.end;",
        "hostile_test", "Aliasing*"),
    "views in scratch by any distance": (
        "runtime/core/checker.cpp", ": apart == 0);", ": true);", "flow_test", "*"),
    "a view in the middle covers what lies behind it": (
        "runtime/core/checker.cpp", "else if (end_of(other) >= range.end)", "else", "flow_test", "*"),
    "views of rows by any distance": (
        "runtime/core/checker.cpp", "row_bytes(a.format(), a.cols())) == 0", "row_bytes(a.format(), a.cols())) % 4 == 0", "flow_test", "*"),
    "views of other widths": (
        "runtime/core/checker.cpp", " && a.cols() == b.cols() &&", " &&", "flow_test", "*"),
    "a workspace over its operand": (
        "runtime/core/checker.cpp", "!check(!overlap(range_of(*t), {offset, offset + bytes}),", "!check(!overlap(range_of(*t), {offset, offset}),",
        "bounds_test", "*"),
    "a whole operand written in the step that reads it": (
        "runtime/core/checker.cpp", "!check(!overlap(*program_.tensors()->Get(static_cast<unsigned>(written)), *t),", "!check(true,", "hostile_test", "*"),
    "constants three bytes beyond the file": (
        "runtime/core/checker.cpp", "bytes <= size - offset,", "bytes <= size - offset + 3,", "bounds_test", "*"),
    "the last output may be unwritten": (
        "runtime/program/verify.cpp", "  for (uint32_t i = 0; i < output_count(p); ++i)\n    if (!checker.output_written",
        "  for (uint32_t i = 0; i < 1; ++i)\n    if (!checker.output_written", "hostile_test", "*"),
    "65 golden vectors": (
        "runtime/core/bounds.h", "kMaxGoldens = 64", "kMaxGoldens = 65", "bounds_test", "*"),
    "65 ops of a step": (
        "runtime/core/bounds.h", "kMaxStepOps = 64", "kMaxStepOps = 65", "bounds_test", "*"),
    "constants read five times over": (
        "runtime/core/bounds.h", "kMaxScans = 4", "kMaxScans = 5", "bounds_test", "*"),
    "as many looks at ops as there are pairs": (
        "runtime/core/bounds.h", "kMaxLooks = 1 << 20", "kMaxLooks = 1 << 30", "flow_test", "*"),
    "more calls than the law allows": (
        "runtime/core/bounds.h", "kMaxCalls = 1 << 24", "kMaxCalls = (1 << 24) + 1", "work_test", "*"),
    "more bytes than the law allows": (
        "runtime/core/bounds.h", "kMaxBytes = uint64_t{1} << 40", "kMaxBytes = (uint64_t{1} << 40) + 4", "work_test", "*"),
    "groups that begin with a tile counted twice": (
        "runtime/ops/attention.cpp", "groups - 1 - aligned", "groups - 1", "work_test", "*"),
    "rows' parameters cost nothing": (
        "runtime/ops/work.cpp", "== schema::Format::RowS8 ? sizeof(RowParams)", "== schema::Format::RowS8 ? 4", "work_test", "*"),
    "sums of weights that overflow": (
        "runtime/ops/weights.h", "kMost = 128", "kMost = 129", "weights_test", "*"),
    "a weight of -128 beside a sign bit": (
        "runtime/ops/weights.h", "(word - 0x01010101) & ~word", "(word - 0x01010101) & word", "weights_test", "*"),
    "static biases up to 2^32": (
        "runtime/ops/static_linear.cpp", "b <= 1073741824.0f", "b <= 4294967296.0f", "bounds_test", "*"),
    "the step past the last": (
        "runtime/program/run.cpp", "index >= vitro_step_count(session)", "index > vitro_step_count(session)", "run_test", "*"),
    "a stopped run that answers": (
        "runtime/program/run.cpp", "return vitro::run_steps(session) ? vitro_output_values(session, 0) : nullptr;",
        "vitro::run_steps(session);\n  return vitro_output_values(session, 0);", "run_test", "*"),
    "a self-test of nothing": (
        "runtime/program/run.cpp", "if (program.golden()->size() == 0) return VITRO_NO_GOLDEN;", "", "run_test", "*"),
    "attention's outputs in other units": (
        "runtime/kernels/law_constants.h", "kAttentionUnits = 258.0f", "kAttentionUnits = 257.0f", "frozen_programs_test", "*"),
    "the second highest score passed over": (
        "runtime/kernels/attention/reference.cpp", "} else if (score[j] > h.second) {", "} else if (score[j] > h.second && j % 7) {",
        "kernels_test", "*"),
    "the reference passes on half a remainder": (
        "runtime/kernels/attention/reference.cpp", "remainder[j % 32] = u & 63;", "remainder[j % 32] = u & 31;", "kernels_test", "*"),
    "tensors that live to the end are given up early": (
        "converter/plan/plan.cpp", "block.until = program_.steps.size();", "block.until = block.from;", "plan_test", "*"),
    "scratch beneath what lives": (
        "converter/plan/plan.cpp", "step.scratch_offset = live_end_[s];", "step.scratch_offset = live_end_[s] / 2 / 64 * 64;", "plan_test", "*"),
    "tiles larger than their budget": (
        "converter/plan/plan.cpp", "if (step.scratch_offset + step.scratch_bytes <= budget) return;", "return;", "plan_test", "*"),
    "blocks alive at once in one place": (
        "converter/plan/plan.cpp", "block.from <= other->until && other->from <= block.until", "block.from < other->until && other->from < block.until",
        "plan_test", "*"),
    "attention's workspace 64 bytes beyond the scratch": (
        "runtime/core/checker.cpp", "bytes <= scratch - offset,", "bytes <= scratch - offset + 64,", "bounds_test", "*"),
    "mean_rows over one row too many": (
        "runtime/core/bounds.h", "kMaxMeanRows = 32768", "kMaxMeanRows = 32769", "limits_test", "*"),
    "static_norm's scale up to 32769": (
        "runtime/core/bounds.h", "kStaticNormScaleRange{0x1p-40f, 32768}", "kStaticNormScaleRange{0x1p-40f, 32769}", "bounds_test", "*"),
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
