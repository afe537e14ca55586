// SPDX-License-Identifier: Apache-2.0
// SHA-256 against NIST's examples, and by the CPU's instructions for it against plain arithmetic.
#include "runtime/digest/sha256.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "runtime/digest/sha256_blocks.h"
#include "runtime/kernels/cpu.h"

namespace vitro {
namespace {

std::string hex_of(const std::string& bytes) {
  Sha256 digest;
  digest.update(bytes.data(), bytes.size());
  char text[65];
  digest.hex(text);
  return text;
}

// FIPS 180-2, appendix B, and the empty message.
TEST(Sha256, IsNists) {
  EXPECT_EQ(hex_of(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(hex_of("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(hex_of("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"),
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
  EXPECT_EQ(hex_of(std::string(1000000, 'a')),
            "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

std::vector<uint8_t> seeded(size_t size) {
  std::vector<uint8_t> bytes(size);
  uint32_t x = 1;
  for (uint8_t& byte : bytes) byte = static_cast<uint8_t>((x = x * 1664525 + 1013904223) >> 24);
  return bytes;
}

// Pieces of every size around a block and around 64 of them, where other code takes over.
TEST(Sha256, DoesNotDependOnThePieces) {
  const std::vector<uint8_t> bytes = seeded(20000);
  Sha256 whole;
  whole.update(bytes.data(), bytes.size());
  char expected[65], text[65];
  whole.hex(expected);
  for (const size_t piece : {1, 63, 64, 65, 127, 128, 129, 4031, 4032, 4095, 4096, 4097, 4160}) {
    Sha256 pieces;
    for (size_t at = 0; at < bytes.size(); at += piece)
      pieces.update(bytes.data() + at, std::min(piece, bytes.size() - at));
    pieces.update(nullptr, 0);
    pieces.hex(text);
    EXPECT_STREQ(text, expected) << "pieces of " << piece;
  }
}

TEST(Sha256, InstructionsEqualPlainArithmetic) {
#if defined(VITRO_HAVE_SHA256_INSTRUCTIONS)
  if (!cpu_has_sha256()) GTEST_SKIP() << "this CPU has no instructions for SHA-256";
  const std::vector<uint8_t> bytes = seeded(16 + 130 * kSha256BlockBytes);
  for (const size_t count : {0, 1, 2, 3, 7, 64, 130})
    for (size_t offset = 0; offset < 16; ++offset) {
      uint32_t plain[8], fast[8];
      for (uint32_t i = 0; i < 8; ++i) plain[i] = fast[i] = 0x01234567u * (i + 1);
      sha256_blocks(plain, bytes.data() + offset, count);
      sha256_blocks_by_instructions(fast, bytes.data() + offset, count);
      EXPECT_TRUE(std::equal(plain, plain + 8, fast)) << count << " blocks from byte " << offset;
    }
#else
  GTEST_SKIP() << "this processor has no instructions for SHA-256";
#endif
}

}  // namespace
}  // namespace vitro
