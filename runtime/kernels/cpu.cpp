// SPDX-License-Identifier: Apache-2.0
#include "runtime/kernels/cpu.h"

#include "runtime/kernels/cpu_features.h"
#include "runtime/kernels/isas.h"

#if defined(__x86_64__) || defined(__i386__)
#include <cpuid.h>
#endif
#if defined(__aarch64__) && __STDC_HOSTED__ && defined(__linux__)
#include <sys/auxv.h>
#endif

namespace vitro {

bool cpu_has_reference() { return true; }

#if defined(__x86_64__) || defined(__i386__)

namespace {

X86Words x86_words() {
  X86Words w{};
  unsigned eax = 0, ebx = 0, ecx = 0, edx = 0;
  if (!__get_cpuid(1, &eax, &ebx, &ecx, &edx)) return w;
  w.leaf1_ecx = ecx;
  if (__get_cpuid_count(7, 0, &eax, &ebx, &ecx, &edx)) {
    w.leaf7_ebx = ebx;
    w.leaf7_ecx = ecx;
    if (eax >= 1 && __get_cpuid_count(7, 1, &eax, &ebx, &ecx, &edx)) w.leaf7_1_eax = eax;
  }
  constexpr unsigned kXgetbv = 1u << 27;
  if (w.leaf1_ecx & kXgetbv) {
    unsigned high = 0;
    __asm__("xgetbv" : "=a"(w.xcr0), "=d"(high) : "c"(0));
  }
  return w;
}

}  // namespace

bool cpu_has_avx2() { return has_avx2(x86_words()); }

bool cpu_has_avx_vnni() {
#ifdef VITRO_AVX_VNNI_AS_AVX512
  return has_avx512_vnni(x86_words());
#else
  return has_avx_vnni(x86_words());
#endif
}

bool cpu_has_avx512_vnni() { return has_avx512_vnni(x86_words()); }

#if defined(VITRO_HAVE_SHA256_INSTRUCTIONS)
bool cpu_has_sha256() { return has_sha256(x86_words()); }
#endif

#endif

#if defined(__ARM_NEON)
bool cpu_has_neon() { return true; }  // the build's baseline: AArch64, or ARMv7 with NEON
#endif

#if defined(__aarch64__)
namespace {

#if !__STDC_HOSTED__
// Readable at EL1 and above, where code without an operating system runs.
[[maybe_unused]] IdRegisters cpu_words() {
  IdRegisters id;
  __asm__("mrs %0, ID_AA64ISAR0_EL1" : "=r"(id.isar0));
  __asm__("mrs %0, ID_AA64ISAR1_EL1" : "=r"(id.isar1));
  return id;
}
#elif defined(__linux__)
[[maybe_unused]] Hwcaps cpu_words() { return {getauxval(AT_HWCAP), getauxval(AT_HWCAP2)}; }
#else
[[maybe_unused]] Hwcaps cpu_words() { return {0, 0}; }
#endif

}  // namespace
#endif

#if defined(__aarch64__) && defined(VITRO_HAVE_SHA256_INSTRUCTIONS)
bool cpu_has_sha256() { return has_sha256(cpu_words()); }
#endif

#if defined(VITRO_HAVE_NEON_DOTPROD)
bool cpu_has_neon_dotprod() {
#if defined(__ARM_FEATURE_DOTPROD)
  return true;
#else
  return has_neon_dotprod(cpu_words());
#endif
}
#endif

#if defined(VITRO_HAVE_NEON_I8MM)
bool cpu_has_neon_i8mm() {
#if defined(__ARM_FEATURE_MATMUL_INT8)
  return true;
#else
  return has_neon_i8mm(cpu_words());
#endif
}
#endif

// Cortex-M: the build's baseline, since firmware is made for one core.
#if defined(VITRO_HAVE_HELIUM)
bool cpu_has_helium() { return true; }
#endif
#if defined(VITRO_HAVE_DSP)
bool cpu_has_dsp() { return true; }
#endif

}  // namespace vitro
