// SPDX-License-Identifier: Apache-2.0
// For sources of one ISA: VITRO_TARGET_<ISA> makes the functions from there to VITRO_TARGET_END
// ones of that ISA, unless the flags of the file have done so already (VITRO_FLAGS_GIVEN). Headers
// that are not vitro's come before it, hence here.
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "runtime/kernels/law_flags.h"

#if defined(__x86_64__)
#include <immintrin.h>
#if !defined(__clang__) && !defined(VITRO_FLAGS_GIVEN)
// GCC 12 takes _mm512_undefined_epi32() of its own headers for an uninitialised variable.
#pragma GCC diagnostic ignored "-Wuninitialized"
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#endif
#elif defined(__ARM_NEON)
#include <arm_neon.h>
#elif defined(__arm__)
#include <arm_acle.h>
#if defined(__ARM_FEATURE_MVE)
#include <arm_mve.h>
#endif
#endif

#define VITRO_PRAGMA(text) _Pragma(#text)
#if defined(VITRO_FLAGS_GIVEN)
#define VITRO_OPTIMISED(options)
#define VITRO_FEATURES(of_gcc, of_clang)
#define VITRO_TARGET_END
#define VITRO_BASELINE_END
#elif defined(__clang__)
#define VITRO_OPTIMISED(options)
#define VITRO_FEATURES(of_gcc, of_clang) \
  VITRO_PRAGMA(clang attribute push(__attribute__((target(of_clang))), apply_to = function))
#define VITRO_TARGET_END VITRO_PRAGMA(clang attribute pop)
#define VITRO_BASELINE_END
#else
#define VITRO_OPTIMISED(options) VITRO_PRAGMA(GCC push_options) VITRO_PRAGMA(GCC optimize(options))
#define VITRO_FEATURES(of_gcc, of_clang) VITRO_PRAGMA(GCC target(of_gcc))
#define VITRO_TARGET_END VITRO_PRAGMA(GCC pop_options)
#define VITRO_BASELINE_END VITRO_TARGET_END
#endif

// Optimisations are GCC's, and toolchains/kernels.cmake explains them: -O3 even where the rest is
// built for size, or the loops over accumulators are not unrolled.
#define VITRO_TARGET_AVX2 VITRO_OPTIMISED("O3") VITRO_FEATURES("avx2", "avx2")
#if defined(VITRO_AVX_VNNI_AS_AVX512)
#define VITRO_TARGET_AVX_VNNI       \
  VITRO_OPTIMISED("O3,no-tree-pre") \
  VITRO_FEATURES("avx2,avx512f,avx512vl,avx512vnni", "avx2,avx512f,avx512vl,avx512vnni")
#else
#define VITRO_TARGET_AVX_VNNI       \
  VITRO_OPTIMISED("O3,no-tree-pre") \
  VITRO_FEATURES("avx2,avxvnni", "avx2,avxvnni")
#endif
#define VITRO_TARGET_AVX512_VNNI                                  \
  VITRO_OPTIMISED("O3,no-tree-pre")                               \
  VITRO_FEATURES("avx512f,avx512bw,avx512dq,avx512vl,avx512vnni", \
                 "avx512f,avx512bw,avx512dq,avx512vl,avx512vnni")
#define VITRO_TARGET_NEON_DOTPROD         \
  VITRO_OPTIMISED("O3,no-schedule-insns") \
  VITRO_FEATURES("arch=armv8.2-a+dotprod,tune=cortex-a76", "v8.2a,dotprod")
#define VITRO_TARGET_NEON_I8MM            \
  VITRO_OPTIMISED("O3,no-schedule-insns") \
  VITRO_FEATURES("arch=armv8.2-a+dotprod+i8mm,tune=cortex-a76", "v8.2a,dotprod,i8mm")
#define VITRO_TARGET_SHA_X86 \
  VITRO_OPTIMISED("O2") VITRO_FEATURES("ssse3,sse4.1,sha", "ssse3,sse4.1,sha")
#define VITRO_TARGET_SHA_AARCH64 VITRO_OPTIMISED("O2") VITRO_FEATURES("arch=armv8-a+crypto", "sha2")

// ISAs that the flags of the whole build allow or not; they end with VITRO_BASELINE_END.
#define VITRO_TARGET_NEON VITRO_OPTIMISED("O3,no-schedule-insns")
#define VITRO_TARGET_HELIUM VITRO_OPTIMISED("O3")
#define VITRO_TARGET_DSP VITRO_OPTIMISED("O3")
