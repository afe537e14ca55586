// SPDX-License-Identifier: Apache-2.0
// Which kernel variants a CPU is found to run: for made-up CPUs, and for this machine, compared
// with what its operating system says.
#include <gtest/gtest.h>

#include <fstream>
#include <set>
#include <sstream>
#include <string>

#include "runtime/kernels/cpu.h"
#include "runtime/kernels/cpu_features.h"
#include "vitro/vitro.h"

namespace vitro {
namespace {

constexpr uint32_t kXgetbv = 1u << 27;  // leaf 1, ecx
constexpr uint32_t kAvx2 = 1u << 5, kF = 1u << 16, kDq = 1u << 17, kBw = 1u << 30, kVl = 1u << 31;
constexpr uint32_t kAvx512 = kF | kDq | kBw | kVl;         // leaf 7, ebx
constexpr uint32_t kVnni = 1u << 11;                       // leaf 7, ecx
constexpr uint32_t kAvxVnni = 1u << 4;                     // leaf 7.1, eax
constexpr uint32_t kSse = 0x03, kYmm = 0x07, kZmm = 0xe7;  // xcr0, with x87's bit

// The best variant, in the order of kernels.def.
std::string best(const X86Words& w) {
  if (has_avx512_vnni(w)) return "avx512_vnni";
  if (has_avx_vnni(w)) return "avx_vnni";
  return has_avx2(w) ? "avx2" : "reference";
}

TEST(Cpu, X86) {
  EXPECT_EQ(best({}), "reference");
  EXPECT_EQ(best({kXgetbv, 0, 0, 0, kYmm}), "reference") << "Sandy Bridge: AVX alone";
  EXPECT_EQ(best({kXgetbv, kAvx2, 0, 0, kYmm}), "avx2") << "Haswell";
  EXPECT_EQ(best({kXgetbv, kAvx2 | kAvx512, 0, 0, kZmm}), "avx2") << "Skylake-X: no VNNI";
  EXPECT_EQ(best({kXgetbv, kAvx2 | kAvx512, kVnni, 0, kZmm}), "avx512_vnni") << "Ice Lake";
  EXPECT_EQ(best({kXgetbv, kAvx2, 0, kAvxVnni, kYmm}), "avx_vnni") << "Alder Lake";
  EXPECT_EQ(best({kXgetbv, kAvx2 | kAvx512, kVnni, kAvxVnni, kZmm}), "avx512_vnni") << "Zen 5";
  EXPECT_EQ(best({~0u, ~0u, ~0u, ~0u, ~0u}), "avx512_vnni");
}

// The CPU has the instructions, but the operating system does not save their registers.
TEST(Cpu, X86WithoutTheOperatingSystem) {
  const uint32_t ebx = kAvx2 | kAvx512;
  EXPECT_EQ(best({kXgetbv, ebx, kVnni, kAvxVnni, kYmm}), "avx_vnni");
  EXPECT_EQ(best({kXgetbv, ebx, kVnni, 0, kYmm}), "avx2");
  EXPECT_EQ(best({kXgetbv, ebx, kVnni, kAvxVnni, kSse}), "reference");
  EXPECT_EQ(best({kXgetbv, ebx, kVnni, kAvxVnni, 0}), "reference");
  EXPECT_EQ(best({0, ebx, kVnni, kAvxVnni, kZmm}), "reference") << "no xgetbv";
  for (const uint32_t bit : {0x20u, 0x40u, 0x80u})  // opmask, upper halves, upper sixteen
    EXPECT_EQ(best({kXgetbv, ebx, kVnni, 0, kZmm & ~bit}), "avx2") << bit;
  for (const uint32_t bit : {0x02u, 0x04u})  // xmm, ymm
    EXPECT_EQ(best({kXgetbv, ebx, kVnni, kAvxVnni, kZmm & ~bit}), "reference") << bit;
}

TEST(Cpu, X86NeedsEveryBit) {
  for (const uint32_t bit : {kF, kDq, kBw, kVl})
    EXPECT_EQ(best({kXgetbv, (kAvx2 | kAvx512) & ~bit, kVnni, 0, kZmm}), "avx2") << bit;
  EXPECT_EQ(best({~0u, ~0u, ~kVnni, ~0u, ~0u}), "avx_vnni");
  EXPECT_EQ(best({~0u, ~0u, ~kVnni, ~kAvxVnni, ~0u}), "avx2");
  EXPECT_EQ(best({~0u, ~kAvx2 & ~kF, ~0u, ~0u, ~0u}), "reference");
}

// The Features of /proc/cpuinfo, and the kernel's bits for them (asm/hwcap.h).
TEST(Cpu, AArch64Linux) {
  const Hwcaps a53{0x8ff, 0};         // fp asimd evtstrm aes pmull sha1 sha2 crc32 cpuid
  const Hwcaps a72{0x887, 0};         // fp asimd evtstrm crc32 cpuid: a Raspberry Pi 4
  const Hwcaps a76{0x119fff, 0};      // ... atomics fphp asimdhp asimdrdm lrcpc dcpop asimddp: Pi 5
  const Hwcaps v1{0x119fff, 0x2000};  // and i8mm
  EXPECT_FALSE(has_neon_dotprod(a53));
  EXPECT_FALSE(has_neon_dotprod(a72));
  EXPECT_TRUE(has_neon_dotprod(a76));
  EXPECT_TRUE(has_neon_dotprod(v1));
  EXPECT_FALSE(has_neon_i8mm(a53));
  EXPECT_FALSE(has_neon_i8mm(a76));
  EXPECT_TRUE(has_neon_i8mm(v1));
  for (int bit = 0; bit < 64; ++bit) {
    EXPECT_EQ(has_neon_dotprod(Hwcaps{uint64_t{1} << bit, ~uint64_t{0}}), bit == 20);
    EXPECT_EQ(has_neon_i8mm(Hwcaps{~uint64_t{0}, uint64_t{1} << bit}), bit == 13);
  }
}

TEST(Cpu, AArch64IdRegisters) {
  const IdRegisters a53{0x0000000000011120, 0}, a76{0x0000100010211120, 0x0000000000100001};
  EXPECT_FALSE(has_neon_dotprod(a53));
  EXPECT_TRUE(has_neon_dotprod(a76));
  EXPECT_FALSE(has_neon_i8mm(a76));
  EXPECT_TRUE(has_neon_i8mm(IdRegisters{0, uint64_t{1} << 52}));
  for (int bit = 0; bit < 64; ++bit) {
    EXPECT_EQ(has_neon_dotprod(IdRegisters{uint64_t{1} << bit, ~uint64_t{0}}),
              bit >= 44 && bit < 48);
    EXPECT_EQ(has_neon_i8mm(IdRegisters{~uint64_t{0}, uint64_t{1} << bit}), bit >= 52 && bit < 56);
  }
}

TEST(Cpu, Sha256) {
  constexpr uint32_t kSsse3 = 1u << 9, kSse41 = 1u << 19, kSha = 1u << 29;
  EXPECT_TRUE(has_sha256(X86Words{kSsse3 | kSse41, kSha, 0, 0, 0})) << "needs no wide registers";
  EXPECT_FALSE(has_sha256(X86Words{kSse41, kSha, 0, 0, 0}));
  EXPECT_FALSE(has_sha256(X86Words{kSsse3, kSha, 0, 0, 0}));
  EXPECT_FALSE(has_sha256(X86Words{~0u, ~kSha, ~0u, ~0u, ~0u}));
  for (int bit = 0; bit < 64; ++bit)
    EXPECT_EQ(has_sha256(Hwcaps{uint64_t{1} << bit, ~uint64_t{0}}), bit == 6);
  for (int bit = 0; bit < 64; ++bit)
    EXPECT_EQ(has_sha256(IdRegisters{uint64_t{1} << bit, ~uint64_t{0}}), bit / 4 == 3);
}

std::set<std::string> cpuinfo_flags() {
  std::ifstream cpuinfo("/proc/cpuinfo");
  for (std::string line; std::getline(cpuinfo, line);)
    if (line.rfind("flags", 0) == 0) {
      std::istringstream words(line.substr(line.find(':') + 1));
      std::set<std::string> flags;
      for (std::string word; words >> word;) flags.insert(word);
      return flags;
    }
  return {};
}

// Linux's flags leave out what the kernel itself does not support.
TEST(Cpu, ThisMachineAsLinuxSeesIt) {
#if defined(__x86_64__) && defined(__linux__)
  const std::set<std::string> flags = cpuinfo_flags();
  if (flags.empty()) GTEST_SKIP() << "no flags in /proc/cpuinfo";
  const auto all = [&](std::initializer_list<const char*> names) {
    for (const char* name : names)
      if (!flags.count(name)) return false;
    return true;
  };
  std::set<std::string> offered, expected = {"reference"};
  for (size_t i = 0; vitro_isa_name(i); ++i) offered.insert(vitro_isa_name(i));
  [[maybe_unused]] const bool avx512 =
      all({"avx512f", "avx512dq", "avx512bw", "avx512vl", "avx512_vnni"});
#if defined(VITRO_HAVE_AVX2)
  if (all({"avx2"})) expected.insert("avx2");
#endif
#if defined(VITRO_AVX_VNNI_AS_AVX512)
  if (avx512) expected.insert("avx_vnni");
#elif defined(VITRO_HAVE_AVX_VNNI)
  if (all({"avx2", "avx_vnni"})) expected.insert("avx_vnni");
#endif
#if defined(VITRO_HAVE_AVX512_VNNI)
  if (avx512) expected.insert("avx512_vnni");
#endif
  EXPECT_EQ(offered, expected);
  EXPECT_EQ(cpu_has_sha256(), all({"ssse3", "sse4_1", "sha_ni"}));
#else
  GTEST_SKIP() << "x86 alone";
#endif
}

}  // namespace
}  // namespace vitro
