// SPDX-License-Identifier: Apache-2.0
// The sums of a row that a norm needs, for NEON. For norms/norms_neon.cpp and
// statics/statics_neon.cpp alone; everything has internal linkage, so that no other object can pick
// it up.
#pragma once

#include "runtime/kernels/norms/norm_rows.h"
#include "runtime/kernels/tiles/neon_math.h"

namespace vitro {
namespace {

constexpr size_t kLanes = 8;

// Zeros beyond the end of a row.
VITRO_INLINE int16x8_t load_rest(const int16_t* x, size_t count) {
  int16_t values[kLanes] = {};
  memcpy(values, x, count * sizeof *x);
  return vld1q_s16(values);
}

inline NormSums sums(const int16_t* x, size_t dim) {
  int32x4_t sum[2] = {vdupq_n_s32(0), vdupq_n_s32(0)};
  uint64x2_t squares[2] = {vdupq_n_u64(0), vdupq_n_u64(0)};
  const auto add = [&](size_t to, int16x8_t v) __attribute__((always_inline)) {
    sum[to] = vpadalq_s16(sum[to], v);
    const int32x4_t two =  // two squares fit 32 bits without a sign
        vmlal_s16(vmull_s16(vget_low_s16(v), vget_low_s16(v)), vget_high_s16(v), vget_high_s16(v));
    squares[to] = vpadalq_u32(squares[to], vreinterpretq_u32_s32(two));
  };
  size_t c = 0;
  for (; c + 2 * kLanes <= dim; c += 2 * kLanes) {  // two, for cores that run in order
    add(0, vld1q_s16(x + c));
    add(1, vld1q_s16(x + c + kLanes));
  }
  if (c + kLanes <= dim) {
    add(0, vld1q_s16(x + c));
    c += kLanes;
  }
  if (c < dim) add(1, load_rest(x + c, dim - c));
  const int64x2_t halves = vpaddlq_s32(vaddq_s32(sum[0], sum[1]));
  const uint64x2_t all = vaddq_u64(squares[0], squares[1]);
  return {static_cast<int32_t>(vgetq_lane_s64(halves, 0) + vgetq_lane_s64(halves, 1)),
          static_cast<int64_t>(vgetq_lane_u64(all, 0) + vgetq_lane_u64(all, 1))};
}

}  // namespace
}  // namespace vitro
