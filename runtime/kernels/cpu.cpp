// SPDX-License-Identifier: Apache-2.0
#include "runtime/kernels/cpu.h"

#include <stdint.h>

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

struct Features {
  unsigned leaf1_ecx = 0, leaf7_ebx = 0, leaf7_ecx = 0, leaf7_1_eax = 0;
  unsigned xcr0 = 0;  // which register states the operating system saves
};

Features features() {
  Features f;
  unsigned eax = 0, ebx = 0, ecx = 0, edx = 0;
  if (!__get_cpuid(1, &eax, &ebx, &ecx, &edx)) return f;
  f.leaf1_ecx = ecx;
  if (__get_cpuid_count(7, 0, &eax, &ebx, &ecx, &edx)) {
    f.leaf7_ebx = ebx;
    f.leaf7_ecx = ecx;
    if (eax >= 1 && __get_cpuid_count(7, 1, &eax, &ebx, &ecx, &edx)) f.leaf7_1_eax = eax;
  }
  constexpr unsigned kOsxsave = 1u << 27;
  if (f.leaf1_ecx & kOsxsave) {
    unsigned high = 0;
    __asm__("xgetbv" : "=a"(f.xcr0), "=d"(high) : "c"(0));
  }
  return f;
}

constexpr bool has_all(unsigned value, unsigned bits) { return (value & bits) == bits; }

}  // namespace

bool cpu_has_avx2() {
  const Features f = features();
  return has_all(f.xcr0, 0x06) && has_all(f.leaf7_ebx, 1u << 5);  // xmm, ymm state; AVX2
}

bool cpu_has_avx_vnni() {
#ifdef VITRO_AVX_VNNI_AS_AVX512
  return cpu_has_avx512_vnni();
#else
  return cpu_has_avx2() && has_all(features().leaf7_1_eax, 1u << 4);
#endif
}

bool cpu_has_avx512_vnni() {
  const Features f = features();
  const unsigned f_dq_bw_vl = (1u << 16) | (1u << 17) | (1u << 30) | (1u << 31);
  return has_all(f.xcr0, 0xe6) && has_all(f.leaf7_ebx, f_dq_bw_vl) &&
         has_all(f.leaf7_ecx, 1u << 11);
}

#endif

#if defined(__ARM_NEON)
bool cpu_has_neon() { return true; }  // the build's baseline: AArch64, or ARMv7 with NEON
#endif

#if defined(__aarch64__) && !__STDC_HOSTED__
namespace {

// Fields of four bits; 0 is "not there". Readable at EL1 and above, where code without an operating
// system runs.
unsigned id_field(uint64_t id_register, unsigned lowest_bit) {
  return id_register >> lowest_bit & 15;
}

uint64_t id_aa64isar0() {
  uint64_t value;
  __asm__("mrs %0, ID_AA64ISAR0_EL1" : "=r"(value));
  return value;
}

uint64_t id_aa64isar1() {
  uint64_t value;
  __asm__("mrs %0, ID_AA64ISAR1_EL1" : "=r"(value));
  return value;
}

}  // namespace
#endif

#if defined(VITRO_HAVE_NEON_DOTPROD)
#if defined(__ARM_FEATURE_DOTPROD)
bool cpu_has_neon_dotprod() { return true; }
#elif !__STDC_HOSTED__
bool cpu_has_neon_dotprod() { return id_field(id_aa64isar0(), 44) != 0; }  // DP
#elif defined(__linux__)
bool cpu_has_neon_dotprod() {
  return getauxval(AT_HWCAP) & 1ul << 20;
}  // HWCAP_ASIMDDP, which old headers lack
#else
bool cpu_has_neon_dotprod() { return false; }
#endif
#endif

#if defined(VITRO_HAVE_NEON_I8MM)
#if defined(__ARM_FEATURE_MATMUL_INT8)
bool cpu_has_neon_i8mm() { return true; }
#elif !__STDC_HOSTED__
bool cpu_has_neon_i8mm() { return id_field(id_aa64isar1(), 52) != 0; }     // I8MM
#elif defined(__linux__)
bool cpu_has_neon_i8mm() { return getauxval(AT_HWCAP2) & 1ul << 13; }  // HWCAP2_I8MM
#else
bool cpu_has_neon_i8mm() { return false; }
#endif
#endif

// Cortex-M: the build's baseline, since firmware is made for one core.
#if defined(VITRO_HAVE_HELIUM)
bool cpu_has_helium() { return true; }
#endif
#if defined(VITRO_HAVE_DSP)
bool cpu_has_dsp() { return true; }
#endif

}  // namespace vitro
