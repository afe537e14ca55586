// SPDX-License-Identifier: Apache-2.0
// Incremental SHA-256 (FIPS 180-4): tells whether a program is whole, names checkpoints in
// provenance and logits in results, on every platform.
#pragma once

#include <stddef.h>
#include <stdint.h>

namespace vitro {

class Sha256 {
 public:
  static constexpr size_t kBytes = 32;

  void update(const void* bytes, size_t size);
  /// The digest of everything given so far; may be called at any time, more may follow.
  void finish(uint8_t (&digest)[kBytes]) const;
  /// The same in lower-case hex, with a 0 at the end.
  void hex(char (&text)[65]) const;

 private:
  uint32_t state_[8] = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                        0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
  uint64_t size_ = 0;      // bytes given
  uint8_t tail_[64] = {};  // the first size_ % 64 are pending
};

}  // namespace vitro
