// SPDX-License-Identifier: Apache-2.0
// lookup for NEON: on AArch64 16 values at a time, from a table in registers; ARMv7's instructions
// hold an eighth of it, so that one value after the other is faster there.
#include "runtime/kernels/targets.h"

#if defined(VITRO_HAVE_NEON)
VITRO_TARGET_NEON

#include "runtime/kernels/inline.h"
#include "runtime/kernels/kernels.h"
#include "runtime/kernels/lookup/lookup_by_four.h"
#include "runtime/kernels/tiles/neon_math.h"

namespace vitro::neon {

#if defined(__aarch64__)

namespace {

// The table's quarters, in the order of a value's bits without a sign.
struct Quarters {
  int8x16x4_t quarters[4];

  explicit Quarters(const int8_t* table)
      : quarters{vld1q_s8_x4(table + 128), vld1q_s8_x4(table + 192), vld1q_s8_x4(table),
                 vld1q_s8_x4(table + 64)} {}

  VITRO_INLINE int8x16_t of(int8x16_t x) const {
    const uint8x16_t at = vreinterpretq_u8_s8(x), quarter = vdupq_n_u8(64);
    // An index beyond a quarter gives 0 or leaves what is there.
    const uint8x16_t second = vsubq_u8(at, quarter), third = vsubq_u8(second, quarter);
    int8x16_t y = vqtbl4q_s8(quarters[0], at);
    y = vqtbx4q_s8(y, quarters[1], second);
    y = vqtbx4q_s8(y, quarters[2], third);
    return vqtbx4q_s8(y, quarters[3], vsubq_u8(third, quarter));
  }
};

}  // namespace

void lookup(const LookupArgs& args) {
  const Quarters quarters(args.table);
  size_t i = 0;
  for (; i + 16 <= args.count; i += 16) vst1q_s8(args.dst + i, quarters.of(vld1q_s8(args.src + i)));
  if (i == args.count) return;
  int8_t rest[16] = {};
  memcpy(rest, args.src + i, args.count - i);
  vst1q_s8(rest, quarters.of(vld1q_s8(rest)));
  memcpy(args.dst + i, rest, args.count - i);
}

#else

void lookup(const LookupArgs& args) { lookup_by_four(args); }

#endif

}  // namespace vitro::neon

VITRO_BASELINE_END
#endif  // VITRO_HAVE_NEON
