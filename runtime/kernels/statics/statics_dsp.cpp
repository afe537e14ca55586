// SPDX-License-Identifier: Apache-2.0
// static_norm, static_quantise and static_add for ARMv7E-M, Cortex-M4 and M7: the FPU takes one
// value after the other; four are on their way at once, since each of its steps has to be waited
// for.
#include "runtime/kernels/targets.h"

#if defined(VITRO_HAVE_DSP)
VITRO_TARGET_DSP

#include "runtime/kernels/norms/norm_rows.h"
#include "runtime/kernels/tiles/dsp_math.h"

namespace vitro::dsp {

namespace {

NormSums sums(const int16_t* x, size_t dim) {
  NormSums s{0, 0};
  size_t c = 0;
#pragma GCC unroll 2
  for (; c + 2 <= dim; c += 2) {
    const int16x2_t pair = load4(x + c);
    s.sum = __smlad(pair, twice(1), s.sum);
    s.squares = __smlald(pair, pair, s.squares);
  }
  if (c < dim) {
    s.sum += x[c];
    s.squares += x[c] * x[c];
  }
  return s;
}

// dst[i] = step(i) for all of them.
template <typename Number, typename Step>
VITRO_INLINE void each(size_t count, Number* dst, Step step) {
  size_t i = 0;
  for (; i + 4 <= count; i += 4) {
    float y[4];
#pragma GCC unroll 4
    for (size_t j = 0; j < 4; ++j) y[j] = step.scaled(i + j);
#pragma GCC unroll 4
    for (size_t j = 0; j < 4; ++j) dst[i + j] = step.finished(i + j, rhe(y[j]));
  }
  for (; i < count; ++i) dst[i] = step.finished(i, rhe(step.scaled(i)));
}

// (x * dim - sum) * scale.
struct Quantised {
  const int16_t* x;
  int32_t dim, sum;
  float scale;
  int32_t zero_point;

  VITRO_INLINE float scaled(size_t i) const { return static_cast<float>(x[i] * dim - sum) * scale; }
  VITRO_INLINE int8_t finished(size_t, int32_t h) const {
    return static_cast<int8_t>(__ssat(h + zero_point, 8));
  }
};

struct Added {
  const int8_t* q;
  const int16_t* addend;
  float scale;

  VITRO_INLINE float scaled(size_t i) const { return static_cast<float>(q[i]) * scale; }
  VITRO_INLINE int16_t finished(size_t i, int32_t h) const {
    return static_cast<int16_t>(sat16(addend[i] + h));
  }
};

__attribute__((noinline)) void quantise(size_t count, int8_t* dst, Quantised values) {
  each(count, dst, values);
}

void normalise(const StaticNormArgs& args, size_t m, int32_t sum, float inverse_deviation) {
  const size_t at = m * args.dim;
  quantise(args.dim, args.dst + at,
           {args.src + at, static_cast<int32_t>(args.dim), sum, inverse_deviation * args.scale,
            args.zero_point});
}

}  // namespace

void static_norm(const StaticNormArgs& args) { norm_rows<sums, normalise>(args); }

void static_quantise(const StaticQuantiseArgs& args) {
  quantise(args.count, args.dst, {args.src, 1, 0, args.scale, args.zero_point});
}

void static_add(const StaticAddArgs& args) {
  each(args.count, args.dst, Added{args.src, args.addend, args.scale});
}

}  // namespace vitro::dsp

VITRO_BASELINE_END
#endif  // VITRO_HAVE_DSP
