# SPDX-License-Identifier: Apache-2.0
"""Mutations of the verifier, of sessions and of the format: bounds that are one too high, aliasing, views, digests.

name: (file, text, mutated text, targets of the tests, filter of its cases[, preset: host-release unless given])
"""

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
        "runtime/core/checker.cpp", ": apart == 0);", ": true);", "hand_made_test", "Flow.*"),
    "a view in the middle covers what lies behind it": (
        "runtime/core/checker.cpp", "else if (end_of(other) >= range.end)", "else", "hand_made_test", "Flow.*"),
    "views of rows by any distance": (
        "runtime/core/checker.cpp", "row_bytes(a.format(), a.cols())) == 0", "row_bytes(a.format(), a.cols())) % 4 == 0", "hand_made_test", "Flow.*"),
    "views of other widths": (
        "runtime/core/checker.cpp", " && a.cols() == b.cols() &&", " &&", "hand_made_test", "Flow.*"),
    "a bias shifted by ten": (
        "runtime/ops/biased_attention.cpp", "shift <= kLargestBiasShift", "shift <= kLargestBiasShift + 1", "hostile_test", "BiasedAttention*"),
    "score scales as without a bias": (
        "runtime/ops/attention.cpp", "static_cast<float>(head_dim + reach)", "static_cast<float>(head_dim + 0 * reach)", "hostile_test",
        "BiasedAttention*"),
    "a row beyond those to be gathered": (
        "runtime/ops/gather_rows.cpp", "index[i] < src->rows()", "index[i] <= src->rows()", "hostile_test", "GatherRows*"),
    "a sine beyond 1": (
        "runtime/ops/rotate_pairs.cpp", "turns[i] <= kLargestTurn", "turns[i] <= kLargestTurn + 1", "hostile_test", "RotatePairs*"),
    "rotated keys of other heads than attention's": (
        "runtime/ops/rotate_pairs.cpp", "(!keys || dst->heads() == heads)", "(!keys || dst->heads() >= heads)", "hostile_test", "RotatePairs*:Hostile.Refused"),
    "rotated keys in scratch": (
        "runtime/ops/rotate_pairs.cpp", "!keys || dst->storage() == schema::Storage::Arena,", "true,", "hostile_test", "RotatePairs*:Hostile.Refused"),
    "turns of the rows of a tile alone": (
        "runtime/ops/rotate_pairs.cpp", "a.turns + (tile.first + r) * a.head_dim", "a.turns + r * a.head_dim", "hostile_test", "RotatePairs*"),
    "the first head's scale for every head of keys": (
        "runtime/ops/rotate_pairs.cpp", "++args.scale, args.src += a.head_dim", "args.src += a.head_dim", "hostile_test", "RotatePairs*"),
    "keys with as many columns as heads that have twice as many": (
        "runtime/ops/head_norm.cpp", "dst.cols() == uint64_t{head_dim} * dst.heads(),", "dst.cols() <= uint64_t{head_dim} * dst.heads(),", "hostile_test",
        "HeadNorm*:Hostile.Refused"),
    "normalised heads of 513 columns": (
        "runtime/ops/head_norm.cpp", "a.head_dim() <= kLargestHead &&", "a.head_dim() <= kLargestHead + 1 &&", "hostile_test", "HeadNorm*"),
    "the first head's gains for every head": (
        "runtime/kernels/norms/norms_reference.cpp", "args.gain + c,", "args.gain,", "kernels_test", "Isas.Norms*"),
    "the first 512 columns' gains for those beyond": (
        "runtime/ops/head_norm.cpp", ", args.gain += at_once) {", ") {", "hostile_test", "HeadNorm*"),
    "every group's keys in the first group's place": (
        "runtime/ops/packed_keys.h", "keys += size_t{group} * packed.group_bytes +", "keys += size_t{group} * 0 +", "hostile_test", "HeadNorm*"),
    "every head's keys in the first head's place": (
        "runtime/ops/packed_keys.h", "row - group * packed.tokens, column);", "row - group * packed.tokens, column % head_dim);", "hostile_test",
        "RotatePairs*"),
    "affine shifts by its scales": (
        "runtime/ops/affine.cpp", "a.channels, a.channels + a.cols,", "a.channels, a.channels,", "hand_made_test", "MixingOps*"),
    "the first row of each tile multiplied alone": (
        "runtime/ops/multiply.cpp", "tile.rows * m.cols", "m.cols", "hostile_test", "Multiply*"),
    "a bias's shifts not counted as read": (
        "runtime/ops/biased_attention.cpp", "!checker.scan(shifts))", "false)", "hand_made_test", "ScanLimits.*"),
    "a table of rows not counted as read": (
        "runtime/ops/gather_rows.cpp", "!checker.scan(count * sizeof(uint32_t)))", "false)", "hand_made_test", "ScanLimits.*"),
    "an empty list of shifts is a bias": (
        "runtime/ops/attention.cpp", "shift && shift->size() > 0", "shift", "hostile_test", "BiasedAttention*"),
    "more heads of queries than of keys": (
        "runtime/ops/attention.cpp", "(k->heads() == heads || k->heads() == 1) &&", "k->heads() <= heads &&", "hostile_test", "BiasedAttention*"),
    "more heads of queries than of values": (
        "runtime/ops/attention.cpp", "(v->heads() == heads || v->heads() == 1) &&", "v->heads() <= heads &&", "hostile_test", "BiasedAttention*"),
    "an empty scratch must not lie in the session": (
        "runtime/program/bind.cpp", "to - from < a_bytes && b_bytes > 0", "to - from < a_bytes", "hand_made_test", "Memories.*"),
    "a tile for each thread that wants it": (
        "runtime/program/run.cpp", "} while (!untaken.exchange(first, static_cast<uint32_t>(first + tile.rows)));",
        "} while (untaken.exchange(first, static_cast<uint32_t>(first + tile.rows)), false);", "hand_made_test", "Shares.*"),
    "twelve rows for one thread": (
        "runtime/program/run.cpp", "step.rows <= kRowGrain ?", "step.rows < kRowGrain ?", "hand_made_test", "Shares.*"),
    "a workspace over its operand": (
        "runtime/core/checker.cpp", "!check(!overlap(range_of(*t), {offset, offset + bytes}),", "!check(!overlap(range_of(*t), {offset, offset}),",
        "bounds_test", "*"),
    "a sum of words alone, whatever their order": (
        "runtime/program/sum.cpp", "sums_of_sums += sums;", "", "stages_test", "Sum.*"),
    "the program's last bytes not summed": (
        "runtime/program/sum.cpp", "memcpy(&words, data, bytes);", "", "stages_test", "Sum.*"),
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
        "runtime/core/bounds.h", "kMaxLooks = 1 << 20", "kMaxLooks = 1 << 30", "hand_made_test", "Flow.*"),
    "more calls than the law allows": (
        "runtime/core/bounds.h", "kMaxCalls = 1 << 24", "kMaxCalls = (1 << 24) + 1", "hand_made_test", "Work.*"),
    "more bytes than the law allows": (
        "runtime/core/bounds.h", "kMaxBytes = uint64_t{1} << 40", "kMaxBytes = (uint64_t{1} << 40) + 4", "hand_made_test", "Work.*"),
    "rollout's workspace over what it reads": (
        "runtime/ops/rollout.cpp", "rollout_workspace_bytes(k->rows(), head_dim), *v, *dst);", "rollout_workspace_bytes(k->rows(), head_dim), *dst, *dst);",
        "hostile_test", "Hostile.Refused"),
    "rollout's scales not counted as read": (
        "runtime/ops/rollout.cpp", "!checker.scan(uint64_t{heads} * sizeof(float)))", "false)", "hand_made_test", "ScanLimits.*"),
    "queries that rollout leaves alone counted as read": (
        "runtime/ops/rollout.cpp", "tensor_bytes(k) - (tokens - rows) * k.cols()", "tensor_bytes(k)", "hand_made_test", "PartsWork.*"),
    "rollout's values of as many columns as there are": (
        "runtime/ops/rollout.cpp", "!checker.shapes_fit(v->cols() == k->rows())", "!checker.shapes_fit(v->cols() <= k->rows())", "hostile_test",
        "Hostile.Refused"),
    "arg_max from the column after the last": (
        "runtime/ops/arg_max.cpp", "a.first() < src->cols()", "a.first() <= src->cols()", "hostile_test", "PickRows*"),
    "a leading row more than there are": (
        "runtime/ops/pick_rows.cpp", "a.leading() <= src->rows() &&", "a.leading() <= src->rows() + 1 &&", "hostile_test", "PickRows*"),
    "patches from beyond the picture's last row": (
        "runtime/ops/strided_patches.cpp", "patch > 0 && patch <= height &&", "patch > 0 && patch <= height + 1 &&", "hostile_test", "StridedPatches*"),
    "groups that begin with a tile counted twice": (
        "runtime/ops/attention.cpp", "groups - 1 - aligned", "groups - 1 - 0 * aligned", "hand_made_test", "Work.*"),
    "rows' parameters cost nothing": (
        "runtime/ops/op_work.cpp", "== schema::Format::RowS8 ? sizeof(RowParams)", "== schema::Format::RowS8 ? 4", "hand_made_test", "Work.*"),
    "sums of weights that overflow": (
        "runtime/ops/weights.h", "kMost = 128", "kMost = 129", "stages_test", "Weights.*"),
    "a weight of -128 beside a sign bit": (
        "runtime/ops/weights.h", "(word - 0x01010101) & ~word", "(word - 0x01010101) & word", "stages_test", "Weights.*"),
    "static biases up to 2^32": (
        "runtime/ops/static_linear.cpp", "b <= 1073741824.0f", "b <= 4294967296.0f", "bounds_test", "*"),
    "the step past the last": (
        "runtime/program/run.cpp", "index >= vitro_step_count(session)", "index > vitro_step_count(session)", "stages_test", "Run.*"),
    "a stopped run that answers": (
        "runtime/program/run.cpp", "return vitro::run_steps(session) ? vitro_output_values(session, 0) : nullptr;",
        "vitro::run_steps(session);\n  return vitro_output_values(session, 0);", "stages_test", "Run.*"),
    "a self-test of nothing": (
        "runtime/program/run.cpp", "if (program.golden()->size() == 0) return VITRO_NO_GOLDEN;", "", "stages_test", "Run.*"),
    "attention's workspace 64 bytes beyond the scratch": (
        "runtime/core/checker.cpp", "bytes <= scratch - offset,", "bytes <= scratch - offset + 64,", "bounds_test", "*"),
    "mean_rows over one row too many": (
        "runtime/core/bounds.h", "kMaxMeanRows = 32768", "kMaxMeanRows = 32769", "stages_test", "Limits.*"),
    "static_norm's scale up to 32769": (
        "runtime/core/bounds.h", "kStaticNormScaleRange{0x1p-40f, 32768}", "kStaticNormScaleRange{0x1p-40f, 32769}", "bounds_test", "*"),
    "attention over 65,537 tokens": (
        "runtime/core/bounds.h", "kMaxTokens = 65536", "kMaxTokens = 65537", "stages_test", "Limits.*"),
    "heads of 516 columns": (
        "runtime/kernels/kernels.h", "kLargestHead = 512", "kLargestHead = 516", "stages_test", "Limits.*"),
    "score scales one too large": (
        "runtime/kernels/kernels.h", "kScoreScaleLimit = 65535.0f", "kScoreScaleLimit = 65536.0f", "bounds_test", "*"),
    "GELU with 14 fraction bits": (
        "runtime/core/bounds.h", "kMaxGeluFraction = 13", "kMaxGeluFraction = 14", "bounds_test", "*"),
    "SiLU with 12 fraction bits": (
        "runtime/core/bounds.h", "kMaxSiluFraction = 11", "kMaxSiluFraction = 12", "bounds_test", "*"),
    "1025 threads": (
        "runtime/include/vitro/vitro.h", "#define VITRO_MAX_THREADS 1024", "#define VITRO_MAX_THREADS 1025", "bounds_test", "*"),
    "golden picture of other noise": (
        "runtime/core/golden.cpp", "seed * 2u + 1u", "seed * 2u + 3u", "frozen_programs_test", "*"),
    "two fields of the format change places": (
        "runtime/schema/program_generated.h", "    VT_SRC = 4,\n    VT_DST = 6,\n    VT_EPSILON = 8\n  };",
        "    VT_SRC = 6,\n    VT_DST = 4,\n    VT_EPSILON = 8\n  };", "frozen_programs_test", "*"),
}
