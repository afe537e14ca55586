// SPDX-License-Identifier: Apache-2.0
// layer_norm and quantise_rows for Helium, Cortex-M55: eight columns at a time, all in 16 bits.
#include "runtime/kernels/targets.h"

#if defined(VITRO_HAVE_HELIUM)
VITRO_TARGET_HELIUM

#include "runtime/kernels/kernels.h"
#include "runtime/kernels/rows/row_quantiser.h"
#include "runtime/kernels/tiles/helium_math.h"

namespace vitro::helium {

namespace {

void quantise(const RowQuantiser& row, const int16_t* x, size_t dim, int8_t* dst) {
  const int32_t shift = static_cast<int32_t>(row.shift);
  const uint16x8_t multiplier = vdupq_n_u16(row.multiplier);
  for (size_t c = 0; c < dim; c += 8) {
    const mve_pred16_t present = lanes8(dim - c);
    const uint16x8_t v = vreinterpretq_u16_s16(vld1q_z_s16(x + c, present));
    const uint16x8_t d = vqaddq_n_u16(vshlq_r_u16(vsubq_n_u16(v, row.lo), shift), row.offset);
    const uint16x8_t q = vminq_u16(vmulhq_u16(d, multiplier), vdupq_n_u16(255));
    vstrbq_p_u16(reinterpret_cast<uint8_t*>(dst + c), veorq_u16(q, vdupq_n_u16(0x80)), present);
  }
}

RowStatistics statistics(const int16_t* x, size_t dim) {
  int32_t sum = 0;
  int64_t squares = 0;
  int16_t lowest = x[0], highest = x[0];
  for (size_t c = 0; c < dim; c += 8) {
    const mve_pred16_t present = lanes8(dim - c);
    const int16x8_t v = vld1q_z_s16(x + c, present);
    sum = vaddvaq_s16(sum, v);
    squares = vmlaldavaq_s16(squares, v, v);
    lowest = vminvq_p_s16(lowest, v, present);
    highest = vmaxvq_p_s16(highest, v, present);
  }
  return {sum, {lowest, highest}, squares};
}

Extremes extremes(const int16_t* x, size_t dim) {
  int16_t lowest = 0, highest = 0;
  for (size_t c = 0; c < dim; c += 8) {
    const int16x8_t v = vld1q_z_s16(x + c, lanes8(dim - c));
    lowest = vminvq_s16(lowest, v);
    highest = vmaxvq_s16(highest, v);
  }
  return {lowest, highest};
}

}  // namespace

void layer_norm(const LayerNormArgs& args) { layer_norm_rows<statistics, quantise>(args); }

void quantise_rows(const QuantiseRowsArgs& args) { quantise_each_row<extremes, quantise>(args); }

}  // namespace vitro::helium

VITRO_BASELINE_END
#endif  // VITRO_HAVE_HELIUM
