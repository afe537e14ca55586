// SPDX-License-Identifier: Apache-2.0
// Heads written among an attention's packed keys, for ops that make them row by row.
#pragma once

#include <string.h>

#include "runtime/core/layout.h"
#include "runtime/kernels/law.h"

namespace vitro {

struct PackedKeys {
  uint32_t tokens, group_bytes;  // of a group; tokens is 0 where the destination has rows
};

inline PackedKeys packed_keys(const schema::Tensor& dst) {
  if (dst.format() != schema::Format::Keys) return {0, 0};
  return {group_rows(dst), static_cast<uint32_t>(group_bytes(dst))};
}

// One head of a row, whose first column is `column`, into `keys`, the whole tensor. Four columns of
// a token lie together, those of the next 16 tokens' behind them.
inline void store_head(const PackedKeys& packed, const int8_t* head, uint32_t head_dim,
                       uint32_t column, uint32_t row, uint8_t* keys) {
  const uint32_t group = row / packed.tokens;
  keys += size_t{group} * packed.group_bytes +
          law::keys_offset(packed.tokens, head_dim, row - group * packed.tokens, column);
  for (uint32_t d = 0; d < head_dim; d += 4, keys += 64) memcpy(keys, head + d, 4);
}

}  // namespace vitro
