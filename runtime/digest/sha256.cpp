// SPDX-License-Identifier: Apache-2.0
#include "runtime/digest/sha256.h"

#include <string.h>

#include "runtime/digest/sha256_blocks.h"
#include "runtime/kernels/cpu.h"

namespace vitro {
namespace {

uint32_t rotate(uint32_t x, int n) { return x >> n | x << (32 - n); }

void mix(uint32_t* state, const uint8_t* bytes, size_t count) {
#if defined(VITRO_HAVE_SHA256_INSTRUCTIONS)
  // Asking the CPU takes microseconds in a virtual machine, as long as some dozen blocks.
  if (count >= 64 && cpu_has_sha256()) return sha256_blocks_by_instructions(state, bytes, count);
#endif
  sha256_blocks(state, bytes, count);
}

}  // namespace

void sha256_blocks(uint32_t* state, const uint8_t* bytes, size_t count) {
  for (; count > 0; --count, bytes += kSha256BlockBytes) {
    uint32_t w[64];
    for (size_t i = 0; i < 16; ++i) {
      w[i] = uint32_t{bytes[4 * i]} << 24 | uint32_t{bytes[4 * i + 1]} << 16 |
             uint32_t{bytes[4 * i + 2]} << 8 | bytes[4 * i + 3];
    }
    for (int i = 16; i < 64; ++i) {
      const uint32_t s0 = rotate(w[i - 15], 7) ^ rotate(w[i - 15], 18) ^ w[i - 15] >> 3;
      const uint32_t s1 = rotate(w[i - 2], 17) ^ rotate(w[i - 2], 19) ^ w[i - 2] >> 10;
      w[i] = w[i - 16] + s0 + w[i - 7] + s1;
    }
    uint32_t a = state[0], b = state[1], c = state[2], d = state[3];
    uint32_t e = state[4], f = state[5], g = state[6], h = state[7];
    for (int i = 0; i < 64; ++i) {
      const uint32_t t1 = h + (rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25)) +
                          ((e & f) ^ (~e & g)) + kSha256Round[i] + w[i];
      const uint32_t t2 =
          (rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22)) + ((a & b) ^ (a & c) ^ (b & c));
      h = g, g = f, f = e, e = d + t1, d = c, c = b, b = a, a = t1 + t2;
    }
    const uint32_t mixed[8] = {a, b, c, d, e, f, g, h};
    for (int i = 0; i < 8; ++i) state[i] += mixed[i];
  }
}

void Sha256::update(const void* bytes, size_t size) {
  if (size == 0) return;
  const uint8_t* next = static_cast<const uint8_t*>(bytes);
  const size_t pending = static_cast<size_t>(size_ % kSha256BlockBytes);
  size_ += size;
  if (pending > 0) {
    const size_t missing = kSha256BlockBytes - pending, taken = size < missing ? size : missing;
    memcpy(tail_ + pending, next, taken);
    if (taken < missing) return;
    sha256_blocks(state_, tail_, 1);
    next += taken, size -= taken;
  }
  const size_t count = size / kSha256BlockBytes;
  mix(state_, next, count);
  memcpy(tail_, next + count * kSha256BlockBytes, size % kSha256BlockBytes);
}

void Sha256::finish(uint8_t (&digest)[kBytes]) const {
  Sha256 closed = *this;
  uint8_t padding[72] = {0x80};
  const size_t pending = static_cast<size_t>(size_ % 64),
               length = (pending < 56 ? 56 : 120) - pending;
  for (size_t i = 0; i < 8; ++i)
    padding[length + i] = static_cast<uint8_t>(size_ * 8 >> (56 - 8 * i));
  closed.update(padding, length + 8);
  uint8_t* next = digest;
  for (const uint32_t word : closed.state_)
    for (int shift = 24; shift >= 0; shift -= 8) *next++ = static_cast<uint8_t>(word >> shift);
}

void Sha256::hex(char (&text)[65]) const {
  uint8_t digest[kBytes];
  finish(digest);
  char* next = text;
  for (const uint8_t byte : digest) {
    *next++ = "0123456789abcdef"[byte >> 4];
    *next++ = "0123456789abcdef"[byte & 15];
  }
  *next = '\0';
}

}  // namespace vitro
