// SPDX-License-Identifier: Apache-2.0
// Which kernel variants a CPU runs, from the words that it and its operating system say of
// themselves. Pure functions, so that a test may ask about CPUs that are not at hand.
#pragma once

#include <stdint.h>

namespace vitro {

constexpr bool has_all(uint64_t value, uint64_t bits) { return (value & bits) == bits; }

// Of cpuid's leaves 1, 7 and 7.1, and of xgetbv (0 where there is none): which register states the
// operating system saves. Without its help an instruction that the CPU has is a SIGILL.
struct X86Words {
  uint32_t leaf1_ecx, leaf7_ebx, leaf7_ecx, leaf7_1_eax, xcr0;
};

constexpr bool has_avx2(const X86Words& w) {
  return has_all(w.leaf1_ecx, 1u << 27) && has_all(w.xcr0, 0x06) &&  // xgetbv; xmm, ymm state
         has_all(w.leaf7_ebx, 1u << 5);                              // AVX2
}

constexpr bool has_avx_vnni(const X86Words& w) {
  return has_avx2(w) && has_all(w.leaf7_1_eax, 1u << 4);
}

constexpr bool has_avx512_vnni(const X86Words& w) {
  return has_all(w.leaf1_ecx, 1u << 27) && has_all(w.xcr0, 0xe6) &&  // opmask, zmm state as well
         has_all(w.leaf7_ebx, 1u << 16 | 1u << 17 | 1u << 30 | 1u << 31) &&  // F, DQ, BW, VL
         has_all(w.leaf7_ecx, 1u << 11);                                     // VNNI
}

// With SSSE3 and SSE4.1, which the digest shuffles bytes with.
constexpr bool has_sha256(const X86Words& w) {
  return has_all(w.leaf1_ecx, 1u << 9 | 1u << 19) && has_all(w.leaf7_ebx, 1u << 29);
}

// AArch64 Linux: the auxiliary vector's AT_HWCAP and AT_HWCAP2.
struct Hwcaps {
  uint64_t hwcap, hwcap2;
};

constexpr bool has_neon_dotprod(const Hwcaps& h) { return has_all(h.hwcap, 1u << 20); }  // ASIMDDP
constexpr bool has_neon_i8mm(const Hwcaps& h) { return has_all(h.hwcap2, 1u << 13); }    // I8MM

constexpr bool has_sha256(const Hwcaps& h) { return has_all(h.hwcap, 1u << 6); }  // SHA2

// AArch64 without an operating system: ID_AA64ISAR0_EL1 and ID_AA64ISAR1_EL1. Fields of four bits;
// 0 is "not there".
struct IdRegisters {
  uint64_t isar0, isar1;
};

constexpr bool has_neon_dotprod(const IdRegisters& id) { return (id.isar0 >> 44 & 15) != 0; }  // DP
constexpr bool has_neon_i8mm(const IdRegisters& id) { return (id.isar1 >> 52 & 15) != 0; }  // I8MM
constexpr bool has_sha256(const IdRegisters& id) { return (id.isar0 >> 12 & 15) != 0; }     // SHA2

}  // namespace vitro
