// SPDX-License-Identifier: Apache-2.0
// The kernel variants of this build, VITRO_HAVE_<ISA> for each: all that the compiler can make for
// the CPU that it compiles for and whose sources are there. So every source of the runtime may be
// given to every compiler, without flags for single files. A build that defines VITRO_ISAS_CHOSEN
// says itself which it has; with nothing else it has the reference kernels alone.
#pragma once

#if !defined(__GNUC__)
#error "vitro: compile with GCC or clang"
#endif

// The law (core/arithmetic.md) needs IEEE arithmetic in exactly the order written.
#if defined(__FAST_MATH__) || defined(__ASSOCIATIVE_MATH__) || defined(__RECIPROCAL_MATH__) || \
    defined(__NO_SIGNED_ZEROS__) || __FINITE_MATH_ONLY__ + 0 != 0
#error \
    "vitro: the arithmetic law needs IEEE semantics: do not build with -ffast-math or a part of it"
#endif
#if __FLT_EVAL_METHOD__ + 0 < 0 || __FLT_EVAL_METHOD__ + 0 == 1 || __FLT_EVAL_METHOD__ + 0 == 2
#error "vitro: floats are not computed as floats: build for x86-64, or with -msse2 -mfpmath=sse"
#endif

#if !defined(VITRO_ISAS_CHOSEN)

// Compilers that take a function's instructions from an attribute and have the intrinsics of all of
// them, whatever CPU the file is compiled for; a build that gives flags needs less of clang.
#if defined(__clang__) && defined(VITRO_FLAGS_GIVEN)
#define VITRO_COMPILER(gcc, clang) true
#elif defined(__clang__)
#define VITRO_COMPILER(gcc, clang) (__clang_major__ >= (clang))
#else
#define VITRO_COMPILER(gcc, clang) (__GNUC__ >= (gcc))
#endif

#if defined(__x86_64__)
#if defined(__AVX2__) || VITRO_COMPILER(8, 9)
#define VITRO_OF_CPU_AVX2
#endif
#if defined(__AVXVNNI__) || VITRO_COMPILER(11, 12)
#define VITRO_OF_CPU_AVX_VNNI
#endif
#if defined(__AVX512VNNI__) || VITRO_COMPILER(8, 9)
#define VITRO_OF_CPU_AVX512_VNNI
#endif
#if __has_include("runtime/digest/sha256_x86.cpp")
#define VITRO_HAVE_SHA256_INSTRUCTIONS
#endif

#elif defined(__ARM_NEON)
#define VITRO_OF_CPU_NEON
#if defined(__aarch64__)
#if defined(__ARM_FEATURE_DOTPROD) || VITRO_COMPILER(10, 16)
#define VITRO_OF_CPU_NEON_DOTPROD
#endif
#if defined(__ARM_FEATURE_MATMUL_INT8) || VITRO_COMPILER(10, 16)
#define VITRO_OF_CPU_NEON_I8MM
#endif
#if defined(__LP64__) && (defined(__ARM_FEATURE_SHA2) || VITRO_COMPILER(10, 16))
#if __has_include("runtime/digest/sha256_aarch64.cpp")
#define VITRO_HAVE_SHA256_INSTRUCTIONS
#endif
#endif
#endif

#elif defined(__ARM_FEATURE_MVE) && (__ARM_FEATURE_MVE & 2)
#define VITRO_OF_CPU_HELIUM
#elif defined(__ARM_FEATURE_DSP) && __ARM_ARCH_PROFILE == 'M'
#define VITRO_OF_CPU_DSP
#endif

// Cores that have kernels, built by flags that leave them out: dozens of times slower, and nothing
// else would say so.
#if defined(__arm__) && __ARM_ARCH == 8 && __ARM_ARCH_PROFILE == 'M' && \
    !defined(__ARM_ARCH_8M_MAIN__) && !defined(__ARM_ARCH_8M_BASE__) && \
    !defined(VITRO_OF_CPU_HELIUM)  // ARMv8.1-M
#error \
    "vitro: this core's Helium needs -mfloat-abi=hard and an -mcpu= with MVE; -DVITRO_ISAS_CHOSEN -DVITRO_HAVE_DSP builds without it"
#elif defined(__arm__) && __ARM_ARCH_PROFILE == 'A' && __ARM_ARCH >= 7 && \
    !defined(VITRO_OF_CPU_NEON)
#error \
    "vitro: no NEON: build with -mfpu=neon-vfpv4 (or -mfpu=neon); -DVITRO_ISAS_CHOSEN builds the reference kernels alone"
#elif defined(__aarch64__) && !defined(VITRO_OF_CPU_NEON)
#error \
    "vitro: no NEON: build without -mgeneral-regs-only; -DVITRO_ISAS_CHOSEN builds the reference kernels alone"
#endif

// A source tree may leave kernels out (vitro emit --runtime): what is not there is not in the
// build.
#if defined(VITRO_OF_CPU_AVX2) && __has_include("runtime/kernels/linear/linear_avx2.cpp")
#define VITRO_HAVE_AVX2
#endif
#if defined(VITRO_OF_CPU_AVX_VNNI) && __has_include("runtime/kernels/linear/linear_avx_vnni.cpp")
#define VITRO_HAVE_AVX_VNNI
#endif
#if defined(VITRO_OF_CPU_AVX512_VNNI) && \
    __has_include("runtime/kernels/linear/linear_avx512_vnni.cpp")
#define VITRO_HAVE_AVX512_VNNI
#endif
#if defined(VITRO_OF_CPU_NEON) && __has_include("runtime/kernels/linear/linear_neon.cpp")
#define VITRO_HAVE_NEON
#endif
#if defined(VITRO_OF_CPU_NEON_DOTPROD) && \
    __has_include("runtime/kernels/linear/linear_neon_dotprod.cpp")
#define VITRO_HAVE_NEON_DOTPROD
#endif
#if defined(VITRO_OF_CPU_NEON_I8MM) && __has_include("runtime/kernels/linear/linear_neon_i8mm.cpp")
#define VITRO_HAVE_NEON_I8MM
#endif
#if defined(VITRO_OF_CPU_HELIUM) && __has_include("runtime/kernels/linear/linear_helium.cpp")
#define VITRO_HAVE_HELIUM
#endif
#if defined(VITRO_OF_CPU_DSP) && __has_include("runtime/kernels/linear/linear_dsp.cpp")
#define VITRO_HAVE_DSP
#endif

#endif  // VITRO_ISAS_CHOSEN
