// SPDX-License-Identifier: Apache-2.0
// Where keys and values lie packed (AttentionArgs), in bytes, for all kernels that write and read
// them; the law has functions of its own, which tests hold these to.
//
// Expressions and not inline functions: GCC schedules and allocates differently what it has
// inlined, to some per cent of a kernel's code, and images for Cortex-M have no bytes to lose.
#pragma once

// Keys, [head][ceil(tokens/16)][head_dim/4][16][4]: four columns of a token lie together, those of
// the next token behind them, 16 tokens to a panel.
#define VITRO_KEY_PANELS(tokens) (((tokens) + 15) / 16)
#define VITRO_KEY_HEAD_BYTES(tokens, head_dim) (VITRO_KEY_PANELS(tokens) * (head_dim)*16)
// From where a head begins, address or offset, to a token; from there to a column, a multiple of
// four.
#define VITRO_KEY_TOKEN(head, token, head_dim) \
  ((head) + (token) / 16 * (head_dim)*16 + (token) % 16 * 4)
#define VITRO_KEY_COLUMN(token, column) ((token) + (column)*16)

// Values, [head][ceil(head_dim/16)][ceil(tokens/4)][16][4]: four tokens of a column lie together,
// those of the next column behind them, 16 columns to a panel.
#define VITRO_VALUE_QUADS(tokens) (((tokens) + 3) / 4)
#define VITRO_VALUE_PANELS(head_dim) (((head_dim) + 15) / 16)
#define VITRO_VALUE_HEAD_BYTES(head_dim, quads) (VITRO_VALUE_PANELS(head_dim) * (quads)*64)
// From where a head begins to a column; from there to a token.
#define VITRO_VALUE_COLUMN(head, column, quads) \
  ((head) + (column) / 16 * (quads)*64 + (column) % 16 * 4)
#define VITRO_VALUE_TOKEN(column, token) ((column) + (token) / 4 * 64 + (token) % 4)
