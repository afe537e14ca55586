// SPDX-License-Identifier: Apache-2.0
// Where what lies in the trailer of a signed program (vitro_signed.h).
#pragma once

#include <stdint.h>

namespace vitro {

constexpr char kTrailerMagic[8] = {'V', 'T', 'R', 'O', 'S', 'I', 'G', 'N'};
constexpr uint32_t kTrailerVersion = 1;

/// Byte offsets.
enum Trailer : uint32_t {
  kTrailerMagicAt = 0,
  kTrailerVersionAt = 8,    // 32 bits
  kTrailerReservedAt = 12,  // 32 bits, 0
  kTrailerCounterAt = 16,   // 64 bits
  kTrailerSizeAt = 24,      // 64 bits
  kTrailerKeyAt = 32,       // SHA-256 of the public key
  kTrailerSignatureAt = 64,
};

}  // namespace vitro
