// SPDX-License-Identifier: Apache-2.0
// How many bytes a tensor takes and where its parts lie: the one place where a Format becomes
// numbers.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "runtime/kernels/kernels.h"
#include "runtime/schema/program_generated.h"

namespace vitro {

// To a power of two. No division: of 64 bits it is a library's loop on 32-bit cores, here and
// below.
constexpr uint64_t align_up(uint64_t value, uint64_t power) {
  return (value + power - 1) & ~(power - 1);
}

// Bytes from one row to the next; 0 for packed formats, which have no rows.
uint64_t row_bytes(schema::Format format, uint64_t cols);

// RowS8: where the RowParams start.
inline uint64_t row_params_offset(uint64_t rows, uint64_t cols) { return align_up(rows * cols, 8); }

// Bytes of a tensor of one group. rows, cols below 2^24 and heads >= 1 are the caller's to check;
// nothing overflows then.
uint64_t tensor_bytes(schema::Format format, uint64_t rows, uint32_t cols, uint32_t heads);

// Rows of one group: the tokens that a query of it attends to. Bytes from one group to the next.
inline uint32_t group_rows(const schema::Tensor& t) { return t.rows() / t.groups(); }
uint64_t group_bytes(const schema::Tensor& t);

uint64_t tensor_bytes(const schema::Tensor& t);

// Linear's packed weights and the channels array (float scale, float bias, int32 weight_sum).
inline uint64_t packed_weight_bytes(uint64_t n, uint64_t k) { return align_up(n, 16) * k; }
inline uint64_t channel_count(uint64_t n) { return align_up(n, 16); }
constexpr uint64_t kChannelBytes = 2 * sizeof(float) + sizeof(int32_t);

}  // namespace vitro
