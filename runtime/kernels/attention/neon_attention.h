// SPDX-License-Identifier: Apache-2.0
// The NEON ISAs' attention by the tile of int8 that linear has: weights go into it less 128, and
// 128 times the sums of the values' columns are added to what comes out. For
// attention/attention_neon*.cpp alone; everything has internal linkage, so that no other object can
// pick it up.
#pragma once

#include "runtime/kernels/attention/neon_softmax.h"
#include "runtime/kernels/attention/score_terms.h"
#include "runtime/kernels/kernels.h"
#include "runtime/kernels/tiles/packed_heads.h"

namespace vitro {
namespace {

// Sums of 128 times the weights less 128, as they are stored: integers.
struct IntegerSums {
  VITRO_INLINE static int32x4_t offset(int32x4_t sums) { return sums; }
  VITRO_INLINE static float32x4_t with_offset(int32x4_t sum, int32x4_t offset) {
    return vcvtq_f32_s32(vaddq_s32(sum, offset));
  }
};

#if defined(VITRO_WITH_DOTPROD)

// Sums up to 2^22 as the bits of the float kRounder + sum; an offset, which is as small, as those
// of kRounder - offset. For cores where a conversion takes longer than a difference.
struct ShiftedSums {
  VITRO_INLINE static int32x4_t offset(int32x4_t sums) {
    return vsubq_s32(vdupq_n_s32(kRounderBits), sums);
  }
  VITRO_INLINE static float32x4_t with_offset(int32x4_t sum, int32x4_t offset) {
    return vsubq_f32(vreinterpretq_f32_s32(sum), vreinterpretq_f32_s32(offset));
  }
};

alignas(16) constexpr int32_t kRounderLanes[4] = {kRounderBits, kRounderBits, kRounderBits,
                                                  kRounderBits};

// A token's byte of the four in each lane, as a float: the product with a one in its place is added
// to the bits of kRounder. They are loaded, because the instruction overwrites them, and the pipes
// for loads have more time than those for vectors.
struct ByteOfFour {
  int8x16_t one;

  void set(uint32_t token) { one = vreinterpretq_s8_u32(vdupq_n_u32(1u << token % 4 * 8)); }
  VITRO_INLINE float32x4_t of(int8x16_t fours) const {
    int32x4_t bits;
    __asm__ volatile("ldr %q0, [%1]" : "=w"(bits) : "r"(kRounderLanes));
    return vsubq_f32(vreinterpretq_f32_s32(vdotq_s32(bits, fours, one)), vdupq_n_f32(kRounder));
  }
};

#else

// A token's byte of the four in each lane, as a float.
struct ByteOfFour {
  int32x4_t shift;  // brings it to the top

  void set(uint32_t token) { shift = vdupq_n_s32(static_cast<int32_t>(24 - token % 4 * 8)); }
  VITRO_INLINE float32x4_t of(int8x16_t fours) const {
    return vcvtq_f32_s32(vshrq_n_s32(vshlq_s32(vreinterpretq_s32_s8(fours), shift), 24));
  }
};

#endif

// sums += the columns' sums over some quads of a panel, at most kMostQuads.
#if defined(VITRO_WITH_DOTPROD)
constexpr size_t kMostQuads = SIZE_MAX;
VITRO_INLINE void add_quads(const int8_t* panel, size_t quads, int32x4_t (&sums)[4]) {
  for (const int8_t* const end = panel + quads * 64; panel < end; panel += 64)
#pragma GCC unroll 4
    for (size_t i = 0; i < 4; ++i)
      sums[i] = vdotq_s32(sums[i], vld1q_s8(panel + i * 16), vdupq_n_s8(1));
}
#else
constexpr size_t kMostQuads = 64;  // whose sums stay within int16
VITRO_INLINE void add_quads(const int8_t* panel, size_t quads, int32x4_t (&sums)[4]) {
  int16x8_t pairs[4] = {vdupq_n_s16(0), vdupq_n_s16(0), vdupq_n_s16(0), vdupq_n_s16(0)};
  for (const int8_t* const end = panel + quads * 64; panel < end; panel += 64)
#pragma GCC unroll 4
    for (size_t i = 0; i < 4; ++i) pairs[i] = vpadalq_s8(pairs[i], vld1q_s8(panel + i * 16));
#pragma GCC unroll 4
  for (size_t i = 0; i < 4; ++i) sums[i] = vpadalq_s16(sums[i], pairs[i]);
}
#endif

// The offsets of the 16 columns of a panel [quads][16][4]: 128 times their sums.
template <typename Sums>
inline void column_sums(const int8_t* panel, size_t quads, int32_t* offset) {
  int32x4_t total[4] = {vdupq_n_s32(0), vdupq_n_s32(0), vdupq_n_s32(0), vdupq_n_s32(0)};
  while (quads > 0) {
    const size_t some = quads < kMostQuads ? quads : kMostQuads;
    add_quads(panel, some, total);
    panel += some * 64;
    quads -= some;
  }
#pragma GCC unroll 4
  for (size_t i = 0; i < 4; ++i) vst1q_s32(offset + i * 4, Sums::offset(vshlq_n_s32(total[i], 7)));
}

// A query's averages: others * its sums + leader * the leader's values.
struct Average {
  float32x4_t others, leader;
  ByteOfFour byte;
  size_t four;  // where the leader's four tokens lie in a panel

  void set(const Factors& factors, size_t i, uint32_t token) {
    others = vdupq_n_f32(factors.others[i]);
    leader = vdupq_n_f32(factors.leader[i]);
    byte.set(token);
    four = token / 4 * 64;
  }

  template <typename Sums>
  VITRO_INLINE float32x4_t of(const int32_t* acc, const int32_t* offset,
                              const int8_t* values) const {
    const float32x4_t sum = Sums::with_offset(vld1q_s32(acc), vld1q_s32(offset));
    return vaddq_f32(vmulq_f32(sum, others), vmulq_f32(byte.of(vld1q_s8(values)), leader));
  }

  // Eight columns, whose sums are acc + offset: means of values from -127 to 127, which need no
  // clamp.
  template <typename Sums>
  VITRO_INLINE int16x8_t of_eight(const int32_t* acc, const int32_t* offset,
                                  const int8_t* values) const {
    return round_small(of<Sums>(acc, offset, values), of<Sums>(acc + 4, offset + 4, values + 16));
  }

  template <typename Sums>
  VITRO_INLINE void store(const int32_t* acc, const int32_t* offset, const int8_t* panel,
                          int16_t* dst) const {
    store_pair(dst, of_eight<Sums>(acc, offset, panel + four),
               of_eight<Sums>(acc + 8, offset + 8, panel + four + 32));
  }
};

// Averages of `rows` queries and up to 16 columns.
template <typename Sums>
inline void store_averages(const Average* averages, size_t rows, const int32_t (*acc)[16],
                           const int32_t* offset, const int8_t* panel, int16_t* dst,
                           size_t dst_stride, size_t columns) {
  if (columns >= 16) {
    for (size_t i = 0; i < rows; ++i)
      averages[i].store<Sums>(acc[i], offset, panel, dst + i * dst_stride);
    return;
  }
  for (size_t i = 0; i < rows; ++i) {
    int16_t lanes[16];
    averages[i].store<Sums>(acc[i], offset, panel, lanes);
    memcpy(dst + i * dst_stride, lanes, columns * 2);
  }
}

// At most Rows queries at a time: scores of one head in the workspace, never a whole map. Head by
// head, so that its values are summed once. What `multiply` leaves are Scores and Sums.
template <size_t Rows, MultiplyPanel multiply, typename Scores = IntegerScores,
          typename Sums = IntegerSums>
inline void attention_by(const AttentionArgs& args) {
  static_assert(Rows <= kAttentionRows);
  const size_t dim = args.heads * args.head_dim, dst_dim = args.heads * args.value_dim,
               padded = VITRO_KEY_PANELS(args.tokens) * 16,
               depth = VITRO_VALUE_QUADS(args.tokens) * 4;
  const size_t value_panels = VITRO_VALUE_PANELS(args.value_dim);
  int32_t* const scores = static_cast<int32_t*>(args.workspace);
  const int8_t* const weights = static_cast<const int8_t*>(args.workspace);
  int32_t acc[Rows][16];
  int32_t offset[kLargestHead];  // 128 times the columns' sums: weights are read as int8
  WeighedRow weighed[Rows];
  Average averages[Rows];

  for (size_t head = 0; head < args.heads; ++head) {
    const size_t key_head = args.shared_keys ? 0 : head, value_head = args.shared_values ? 0 : head;
    const int8_t* const keys = args.keys + key_head * padded * args.head_dim;
    const int8_t* const values = args.values + value_head * value_panels * depth * 16;
    for (size_t panel = 0; panel < value_panels; ++panel)
      column_sums<Sums>(values + panel * depth * 16, depth / 4, offset + panel * 16);
    for (size_t m = 0; m < args.m; m += Rows) {
      const size_t rows = args.m - m < Rows ? args.m - m : Rows;
      const int8_t* const q = args.q + m * dim + head * args.head_dim;
      int16_t* const dst = args.dst + m * dst_dim + head * args.value_dim;
      for (size_t j = 0; j < padded; j += 16)
        multiply(q, dim, rows, keys + j * args.head_dim, args.head_dim, scores + j, padded);
      if (args.terms) add_terms(args, head, m, rows, scores, padded);
      weigh_rows<Scores>(scores, args.tokens, rows, args.score_scale[head], weighed, acc);
      const Factors factors(weighed, rows, args.score_scale[head]);
      for (size_t i = 0; i < rows; ++i) averages[i].set(factors, i, weighed[i].leader);
      for (size_t column = 0; column < args.value_dim; column += 16) {
        const int8_t* const panel = values + column * depth;
        multiply(weights, padded * 4, rows, panel, depth, acc[0], 16);
        store_averages<Sums>(averages, rows, acc, offset + column, panel, dst + column, dst_dim,
                             args.value_dim - column);
      }
    }
  }
}

}  // namespace
}  // namespace vitro
