// SPDX-License-Identifier: Apache-2.0
// Incremental SHA-256 (FIPS 180-4): names checkpoints in provenance and logits in results, on every
// platform.
#pragma once

#include <stddef.h>
#include <stdint.h>

namespace vitro {

class Sha256 {
 public:
  void update(const void* bytes, size_t size);
  /// Lower-case hex of everything given so far, with a 0 at the end; may be called at any time,
  /// more may follow.
  void hex(char (&text)[65]) const;

 private:
  void block(const uint8_t* bytes);

  uint32_t state_[8] = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                        0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
  uint64_t size_ = 0;      // bytes given
  uint8_t tail_[64] = {};  // the first size_ % 64 are pending
};

}  // namespace vitro
