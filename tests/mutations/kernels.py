# SPDX-License-Identifier: Apache-2.0
"""Mutations of the arithmetic, of each ISA's kernels, and of the detection of CPUs.

name: (file, text, mutated text, targets of the tests, filter of its cases[, preset: host-release unless given])
"""

MUTATIONS = {
    "attention's outputs in other units": (
        "runtime/kernels/law_constants.h", "kAttentionUnits = 258.0f", "kAttentionUnits = 257.0f", "frozen_programs_test", "*"),
    "the second highest score passed over": (
        "runtime/kernels/attention/attention_reference.cpp", "} else if (score[j] > h.second) {", "} else if (score[j] > h.second && j % 7) {",
        "kernels_test", "*"),
    "the reference passes on half a remainder": (
        "runtime/kernels/attention/attention_reference.cpp", "remainder[j % 32] = u & 63;", "remainder[j % 32] = u & 31;", "kernels_test", "*"),
    "rollout: what is little counts as little, not as nothing": (
        "runtime/kernels/rollout.h", "v < 0x1p-40f ? 0.0f", "v < 0.0f ? 0.0f", "hostile_test", "Rollout*"),
    "rollout: more than everything": (
        "runtime/kernels/rollout.h", "v > 1.0f ? 1.0f : v", "v", "hostile_test", "Rollout*"),
    "rollout: distances to the first score": (
        "runtime/kernels/rollout/rollout_reference.cpp", "highest = score[j] > highest ? score[j] : highest;", "(void)j;", "hostile_test", "Rollout*"),
    "AVX2: rollout's weights beyond the last token stay": (
        "runtime/kernels/rollout/rollout_avx2.cpp", "static_cast<int32_t>(padded - tokens)", "static_cast<int32_t>(padded - padded)", "kernels_test",
        "Isas.Rollout*/avx2"),
    "AVX2: rollout's highest score among every other eight passed over": (
        "runtime/kernels/rollout/rollout_avx2.cpp", "high1 = _mm256_max_ps(high1,", "high1 = _mm256_min_ps(high1,", "kernels_test", "Isas.Rollout*/avx2"),
    "rollout: the first head's queries for every head": (
        "runtime/ops/rollout.cpp", "args.q = a.q + head * a.head_dim;", "args.q = a.q;", "hostile_test", "Rollout*"),
    "arg_max: the last of the largest": (
        "runtime/kernels/law.h", "if (x[c] > x[at]) at = c;", "if (x[c] >= x[at]) at = c;", "hostile_test", "PickRows*"),
    "picked rows rounded up from a half": (
        "runtime/kernels/law.h", "static_cast<uint32_t>(clamp(index, 0.0f, last))", "static_cast<uint32_t>(clamp(index, 0.0f, last) + 0.5f)",
        "hostile_test", "PickRows*"),
    "every ISA's rows rounded at a quarter": (
        "runtime/kernels/rows/row_quantiser.h", "(0.5f - (position", "(0.25f - (position", "kernels_test", "*"),
    "the reference's rows rounded at a quarter": (
        "runtime/kernels/rows/rows_reference.cpp", "(0.5f - (position", "(0.25f - (position", "kernels_test", "*"),
    "AVX-512 without its registers' state": (
        "runtime/kernels/cpu_features.h", "has_all(w.xcr0, 0xe6)", "has_all(w.xcr0, 0x06)", "cpu_test", "*"),
    "AVX2 without the operating system": (
        "runtime/kernels/cpu_features.h", "has_all(w.leaf1_ecx, 1u << 27) && has_all(w.xcr0, 0x06) &&",
        "has_all(w.xcr0, 0x02) &&", "cpu_test", "*"),
    "i8mm of another bit": (
        "runtime/kernels/cpu_features.h", "has_all(h.hwcap2, 1u << 13)", "has_all(h.hwcap2, 1u << 12)", "cpu_test", "*"),
    "AVX2: the zero point added": (
        "runtime/kernels/linear/avx2_outputs.h", "_mm256_sub_epi32(load(acc)", "_mm256_add_epi32(load(acc)", "kernels_test", "Isas.Linear*/avx2"),
    "AVX2: int8 outputs of -128": (
        "runtime/kernels/linear/avx2_outputs.h", "_mm_set1_epi8(-127));", "_mm_set1_epi8(-128));", "kernels_test", "Isas.Linear*/avx2"),
    "AVX2: GELU cut off instead of rounded": (
        "runtime/kernels/linear/avx2_gelu.h", "kGelu[7] + (1 << (14 - fraction_bits))", "kGelu[7]", "kernels_test", "Isas.Gelu*/avx2"),
    "AVX2: SiLU cut off instead of rounded": (
        "runtime/kernels/activation/activation_avx2.cpp", "kSilu[11] + (1 << (13 - fraction_bits))", "kSilu[11]", "kernels_test", "Isas.Silu*/avx2"),
    "AVX-512: SiLU of the last few values not stored": (
        "runtime/kernels/activation/activation_avx512_vnni.cpp", "_mm512_mask_storeu_epi16(args.values + i + 32, second, h[1])", "", "kernels_test",
        "Isas.Silu*/avx512_vnni"),
    "AVX2: rotated to -128": (
        "runtime/kernels/rotation/rotation_avx2.cpp", "_mm256_set1_ps(-127)", "_mm256_set1_ps(-128)", "kernels_test", "Isas.Rotate*/avx2"),
    "AVX2: a norm's values that are too high wrap": (
        "runtime/kernels/norms/norms_avx2.cpp", "_mm256_min_ps(y, _mm256_set1_ps(highest))", "_mm256_min_ps(y, _mm256_set1_ps(highest * 0x1p40f))",
        "kernels_test", "Isas.Norms*/avx2"),
    "AVX2: heads of -128": (
        "runtime/kernels/norms/norms_avx2.cpp", "_mm_max_epi8(bytes, _mm_set1_epi8(-127))", "bytes", "kernels_test", "Isas.Norms*/avx2"),
    "AVX2: two squares of the lowest number are none": (
        "runtime/kernels/norms/avx2_sums.h", "_mm256_set1_epi64x(0xffffffff)", "_mm256_set1_epi64x(0x7fffffff)", "kernels_test", "Isas.Norms*/avx2"),
    "AVX2: a static norm's highest values wrap": (
        "runtime/kernels/statics/statics_avx2.cpp", "_mm256_adds_epi16(narrow16(low, high), zero_point)", "_mm256_add_epi16(narrow16(low, high), zero_point)",
        "kernels_test", "Isas.Statics*/avx2"),
    "AVX2: the first eight of a static layer's outputs for the next eight too": (
        "runtime/kernels/statics/statics_avx2.cpp", "_mm_srli_si128(q, 8)", "q", "kernels_test", "Isas.Statics*/avx2"),
    "AVX2: a table's values below zero among those above": (
        "runtime/kernels/lookup/lookup_avx2.cpp", "x = _mm256_subs_epi8(x,", "x = _mm256_sub_epi8(x,", "kernels_test", "Isas.Statics*/avx2"),
    "AVX-512: the half of a table by the next value's sign": (
        "runtime/kernels/lookup/lookup_avx512_vnni.cpp", "words_with(0x8000)", "words_with(0x80)", "kernels_test", "Isas.Statics*/avx512_vnni"),
    "norms: heads after the sixteenth as long as the first ones": (
        "runtime/kernels/norms/norm_rows.h", "sums(args.src + (first + i) * dim, dim).squares", "sums(args.src + i * dim, dim).squares", "kernels_test",
        "Isas.Norms*/avx2"),
    "head_norm: keys beyond the first 512 columns of the first ones' numbers": (
        "runtime/ops/head_norm.cpp", "args.src += at_once, ", "", "hostile_test", "HeadNorm.*"),
    "AVX2: values of affine and multiply that are too high wrap": (
        "runtime/kernels/elementwise/elementwise_avx2.cpp", "_mm256_min_ps(y, _mm256_set1_ps(32767.0f))", "y", "kernels_test", "Isas.*/avx2"),
    "AVX2: the first row's addend in each row's last columns": (
        "runtime/kernels/elementwise/elementwise_avx2.cpp", "memcpy(addend, args.addend + at,", "memcpy(addend, args.addend + column,", "kernels_test",
        "Isas.*/avx2"),
    "AVX2: the last products are of the first values": (
        "runtime/kernels/elementwise/elementwise_avx2.cpp", "memcpy(b, args.b + i,", "memcpy(b, args.b,", "kernels_test", "Isas.*/avx2"),
    "AVX-512: the last pairs' turns are the first's": (
        "runtime/kernels/rotation/rotation_avx512_vnni.cpp", "args.turns + 2 * i", "args.turns + 0 * i", "kernels_test", "Isas.Rotate*/avx512_vnni"),
    "AVX2: the sixth row not written": (
        "runtime/kernels/tiles/avx2_tile.h", "if constexpr (Rows > 5) row5.write", "if constexpr (Rows > 6) row5.write", "kernels_test", "Isas.*/avx2"),
    "AVX2: deep rows' first part alone": (
        "runtime/kernels/tiles/avx2_tile.h", "                   depth > 0);", "                   false);", "kernels_test", "Isas.Linear*/avx2"),
    "AVX2: sums of more products than 31 bits hold": (
        "runtime/kernels/tiles/avx2_tile.h", "kTileDepth = 384", "kTileDepth = 768", "kernels_test", "Isas.Linear*/avx2"),
    "AVX2: sums of more weighed values than 31 bits hold": (
        "runtime/kernels/tiles/avx2_tile.h", "kUnsignedDepth = 256", "kUnsignedDepth = 1024", "kernels_test", "Isas.Att*/avx2"),
    "AVX2: scores beyond the last token count": (
        "runtime/kernels/attention/avx2_softmax.h", "tokens_ - j < 16 ? tokens_ - j : 16;", "16;", "kernels_test",
        "Isas.Att*/avx2"),
    "AVX2: the leader sixteen tokens further on": (
        "runtime/kernels/attention/avx2_softmax.h", "(of_word[word] - 1u) * 16", "of_word[word] * 16u", "kernels_test", "Isas.Att*/avx2"),
    "AVX2: the last columns of a row from its last sixteen": (
        "runtime/kernels/rows/rows_avx2.cpp", "left > 16 ? load16(x + c + 16, left - 16, 0) : lo", "lo", "kernels_test", "Isas.Rows*/avx2"),
    "AVX-VNNI: the last tile without GELU": (
        "runtime/kernels/linear/linear_avx_vnni.cpp", "later.finish();", "", "kernels_test_avx_vnni_as_avx512", "Isas.*/avx_vnni"),
    "AVX-VNNI: rows too long for copies taken for unsigned ones": (
        "runtime/kernels/linear/avx_vnni_full_tile.h", "if (rows.copied)", "if (true)", "kernels_test_avx_vnni_as_avx512",
        "Isas.Linear*/avx_vnni"),
    "AVX-VNNI: the last two tokens of four do not come": (
        "runtime/kernels/linear/avx_vnni_full_tile.h", "if (waits_) put_two(token - 2, load(waiting_));", "(void)token;",
        "kernels_test_avx_vnni_as_avx512", "Isas.Linear*/avx_vnni"),
    "AVX-VNNI: sums start without the lowest bit of the weights' sum": (
        "runtime/kernels/linear/avx_vnni_full_tile.h", "_mm256_set1_epi32(127)", "_mm256_set1_epi32(126)", "kernels_test_avx_vnni_as_avx512",
        "Isas.Linear*/avx_vnni"),
    "AVX-512: of two lanes only the highest": (
        "runtime/kernels/attention/avx512_softmax.h", "second = _mm512_max_epi32(second, v.second);", "", "kernels_test", "Isas.Att*/avx512_vnni"),
    "AVX-512: the last rows' averages stay sums": (
        "runtime/kernels/attention/attention_avx512_vnni.cpp", "  averages.put();\n}", "}", "kernels_test", "Isas.Att*/avx512_vnni"),
    "AVX-512: half a remainder passed on": (
        "runtime/kernels/attention/avx512_softmax.h", "_mm512_and_si512(u, _mm512_set1_epi16(63))", "_mm512_and_si512(u, _mm512_set1_epi16(31))",
        "kernels_test", "Isas.Att*/avx512_vnni"),
    "AVX-512: tokens beyond the last have weights": (
        "runtime/kernels/attention/avx512_softmax.h", "_mm512_maskz_mov_epi8(there, sorted(first, other))", "sorted(first, other)", "kernels_test",
        "Isas.Att*/avx512_vnni"),
    "AVX-512: zeros beyond a row count as its highest": (
        "runtime/kernels/rows/rows_avx512_vnni.cpp", "highest = _mm512_mask_max_epi16(highest, lanes, highest, v);", "highest = _mm512_max_epi16(highest, v);",
        "kernels_test", "Isas.Rows*/avx512_vnni"),
    "affine without its shift": (
        "runtime/kernels/law.h", "static_cast<float>(x) * scale + shift;", "static_cast<float>(x) * scale + 0 * shift;", "hand_made_test", "MixingOps.*:StaticOps.*"),
    "static sums that wrap": (
        "runtime/kernels/law.h", "return sat16(addend + rhe(static_cast<float>(q) * scale));",
        "return static_cast<int16_t>(addend + rhe(static_cast<float>(q) * scale));", "hand_made_test", "MixingOps.*:StaticOps.*"),
    "a bias of the next query": (
        "runtime/kernels/attention/score_terms.h", "args.terms->first_query + m + i", "args.terms->first_query + m + i + 1", "kernels_test", "Isas.Att*/avx2"),
    "the reference's bias of the next query": (
        "runtime/kernels/attention/attention_reference.cpp", "const size_t row = head * terms.queries + query,", "const size_t row = head * terms.queries + query + 1,",
        "kernels_test", "*"),
    "regions that differ by one are the same": (
        "runtime/kernels/attention/score_terms.h", "terms.regions[j] == region ?", "(terms.regions[j] | 1) == (region | 1) ?", "kernels_test", "Isas.Att*/avx2"),
    "NEON: the zero point added": (
        "runtime/kernels/linear/neon_outputs.h", "vmlsq_s32(vld1q_s32(acc", "vmlaq_s32(vld1q_s32(acc", "kernels_test", "Isas.Linear*/neon", "aarch64-qemu"),
    "NEON: int8 outputs of -128": (
        "runtime/kernels/linear/neon_outputs.h", "vdup_n_s8(-127)", "vdup_n_s8(-128)", "kernels_test", "Isas.Linear*/neon_dotprod", "aarch64-qemu"),
    "NEON: static sums as bits of a float that cannot hold them": (
        "runtime/kernels/linear/neon_static_columns.h", "shifted = most < 1 << 22;", "shifted = most < 1 << 30;", "kernels_test", "Isas.Linear*/neon_dotprod", "aarch64-qemu"),
    "NEON: static outputs that leave int16": (
        "runtime/kernels/linear/neon_static_columns.h", "most_scale < 32000.0f", "most_scale < 1e9f", "kernels_test", "Isas.Linear*/neon_dotprod", "aarch64-qemu"),
    "NEON: whole tiles of fewer columns than a tile has": (
        "runtime/kernels/linear/neon_whole_tiles.h", "args.m < 4 || args.n < 16 ||", "args.m < 4 ||", "kernels_test", "Isas.Linear*/neon_dotprod", "aarch64-qemu"),
    "NEON: a static linear without its bias": (
        "runtime/kernels/linear/neon_static_columns.h", "vmlsq_s32(offset, zero_point,", "vmlsq_s32(vdupq_n_s32(0 * vgetq_lane_s32(offset, 0)), zero_point,",
        "kernels_test", "Isas.Linear*/neon", "aarch64-qemu"),
    "NEON: static scales above 64": (
        "runtime/kernels/linear/neon_static_columns.h", "most_scale <= 64.0f", "most_scale <= 1000.0f", "kernels_test", "Isas.Linear*/neon", "aarch64-qemu"),
    "NEON: GELU cut off instead of rounded": (
        "runtime/kernels/linear/neon_gelu.h", "vrshlq_s16(r[v], to_unit)", "vshlq_s16(r[v], to_unit)", "kernels_test", "Isas.Gelu*/neon", "aarch64-qemu"),
    "NEON: SiLU cut off instead of rounded": (
        "runtime/kernels/activation/activation_neon.cpp", "vrshlq_s16(r[v], to_unit)", "vshlq_s16(r[v], to_unit)", "kernels_test", "Isas.Silu*/neon", "aarch64-qemu"),
    "NEON: the last pairs rotated backwards": (
        "runtime/kernels/rotation/rotation_neon.cpp", "vmlsl_s16(vmull_s16(x1, c1), y1, s1)", "vmlal_s16(vmull_s16(x1, c1), y1, s1)", "kernels_test",
        "Isas.Rotate*/neon", "aarch64-qemu"),
    "NEON: the last columns of a norm with the first ones' shifts": (
        "runtime/kernels/norms/norms_neon.cpp", "memcpy(beta, args.beta + c,", "memcpy(beta, args.beta,", "kernels_test", "Isas.Norms*/neon", "aarch64-qemu"),
    "NEON: the last columns of a head with the first ones' gains": (
        "runtime/kernels/norms/norms_neon.cpp", "memcpy(gains, gain + c,", "memcpy(gains, gain,", "kernels_test", "Isas.Norms*/neon", "aarch64-qemu"),
    "NEON: a static layer's lowest values wrap": (
        "runtime/kernels/statics/statics_neon.cpp", "vqaddq_s16(words.second, zero_point)", "vaddq_s16(words.second, zero_point)", "kernels_test",
        "Isas.Statics*/neon", "aarch64-qemu"),
    "NEON: half of a row's squares": (
        "runtime/kernels/norms/neon_sums.h", "vaddq_u64(squares[0], squares[1])", "squares[0]", "kernels_test", "Isas.Statics*/neon", "aarch64-qemu"),
    "NEON: the last quarter of a table by the third's place": (
        "runtime/kernels/lookup/lookup_neon.cpp", "quarters[3], vsubq_u8(third, quarter)", "quarters[3], third", "kernels_test", "Isas.Statics*/neon",
        "aarch64-qemu"),
    "NEON: rollout's weights beyond the last token stay": (
        "runtime/kernels/rollout/rollout_neon.cpp", "static_cast<int32_t>(padded - tokens)", "static_cast<int32_t>(padded - padded)", "kernels_test",
        "Isas.Rollout*/neon", "aarch64-qemu"),
    "NEON: half of rollout's weights in the sum": (
        "runtime/kernels/rollout/rollout_neon.cpp", "vpadalq_u16(vpadalq_u16(sums, w.low), w.high)", "vpadalq_u16(sums, w.low)", "kernels_test",
        "Isas.Rollout*/neon", "aarch64-qemu"),
    "NEON: sums onto an addend that wrap": (
        "runtime/kernels/elementwise/elementwise_neon.cpp", "y = vqaddq_s16(y,", "y = vaddq_s16(y,", "kernels_test", "Isas.*/neon", "aarch64-qemu"),
    "NEON: the second highest among every other four passed over": (
        "runtime/kernels/attention/neon_leader.h", "vmaxq_s32(highest[0], highest[1])", "highest[0]", "kernels_test", "Isas.Att*/neon", "aarch64-qemu"),
    "NEON: the leader looked for in another place": (
        "runtime/kernels/attention/neon_leader.h", "reduce_max(vandq_u8(equal, vld1q_u8(kPlaces)))", "reduce_max(equal) & 15u", "kernels_test", "Isas.Att*/neon",
        "aarch64-qemu"),
    "NEON: a leader by less than a step weighs nothing": (
        "runtime/kernels/attention/neon_softmax.h", "lead * scale > 0.5f", "lead * scale > 0.0f", "kernels_test", "Isas.Att*/neon_dotprod", "aarch64-qemu"),
    "NEON: the last row of a tile with GELU in its neighbour's place": (
        "runtime/kernels/linear/neon_gelu_tiles.h", "last_to = dst + stride * 3;", "last_to = dst + stride * 2;", "kernels_test", "Isas.Linear*/neon_dotprod",
        "aarch64-qemu"),
    "NEON: weights beyond the last token stay": (
        "runtime/kernels/attention/neon_softmax.h", "vbslq_s8(beyond, none, some)", "some", "kernels_test", "Isas.Att*/neon", "aarch64-qemu"),
    "NEON: remainders of the odd sixteen tokens for the next": (
        "runtime/kernels/attention/neon_softmax.h", "next0 = behind0, next1 = behind1;", "next0 = behind1, next1 = behind0;", "kernels_test", "Isas.Att*/neon",
        "aarch64-qemu"),
    "NEON: whole tiles of int8 with -128": (
        "runtime/kernels/linear/neon_whole_outputs.h", "vdupq_n_s8(-127)", "vdupq_n_s8(-128)", "kernels_test", "Isas.Linear*/neon", "aarch64-qemu"),
    "NEON: keys of two tokens in each other's place": (
        "runtime/kernels/linear/neon_whole_outputs.h", "vtrn2q_s64(odd01, odd23)", "vtrn2q_s64(odd23, odd01)", "kernels_test", "Isas.Linear*/neon", "aarch64-qemu"),
    "NEON: values of the last eight columns on those before them": (
        "runtime/kernels/linear/neon_whole_outputs.h", "second.store_bytes(", "first.store_bytes(", "kernels_test", "Isas.Linear*/neon", "aarch64-qemu"),
    "NEON: sums that are not exact as floats": (
        "runtime/kernels/linear/neon_whole_tiles.h", "args.k > kExactDepth", "args.k > 8 * kExactDepth", "kernels_test", "Isas.Linear*/neon", "aarch64-qemu"),
    "dotprod: a deep tile's sums taken for shifted ones": (
        "runtime/kernels/linear/neon_whole_tile.h", "return args.k <= kShiftedDepth;", "return args.k <= 2 * kShiftedDepth;", "kernels_test",
        "Isas.Linear*/neon_dotprod", "aarch64-qemu"),
    "NEON: the last four of a depth that eight does not divide": (
        "runtime/kernels/tiles/neon_tile.h", "panel + j * 4 + (k - 4) * 16, acc + j,", "panel + j * 4 + (k - 8) * 16, acc + j,", "kernels_test",
        "Isas.Linear*/neon", "aarch64-qemu"),
    "NEON: zeros beyond a row count as its extremes": (
        "runtime/kernels/rows/rows_neon.cpp", "load8(x + c, dim - c, x[0])", "load8(x + c, dim - c, 0)", "kernels_test", "Isas.Rows*/neon", "aarch64-qemu"),
    "dotprod: the fourth quad's lane": (
        "runtime/kernels/tiles/neon_dotprod_tile.h", "vdotq_laneq_s32(sums[i][q], w3, a[i], 3)", "vdotq_laneq_s32(sums[i][q], w3, a[i], 2)", "kernels_test",
        "Isas.Linear*/neon_dotprod", "aarch64-qemu"),
    "i8mm: an odd row written as if there were its pair": (
        "runtime/kernels/tiles/neon_i8mm_tile.h", "i * 2 + 1 < row_count ? a[i * 2] + row_stride : a[i * 2]", "a[i * 2]", "kernels_test",
        "Isas.Linear*/neon_i8mm", "aarch64-qemu"),
}
