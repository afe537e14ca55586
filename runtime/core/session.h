// SPDX-License-Identifier: Apache-2.0
// A bound program: the flat array of steps that a run walks. Lives in the caller's arena.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "runtime/kernels/kernels.h"
#include "runtime/schema/program_generated.h"
#include "vitro/vitro.h"

namespace vitro {

// The rows that one call of an op's run function treats.
struct Tile {
  size_t first, rows;
  uint8_t* scratch;
  const vitro_config* config;
  size_t step, op, thread;
};

// A tensor as a bound op sees it.
struct Operand {
  uintptr_t base;        // address of row 0, or offset in the thread's scratch
  uint32_t row_bytes;    // 0 in scratch: a tile starts at the tensor's first row
  uint32_t params : 31;  // RowS8: where the RowParams are, from base
  uint32_t in_scratch : 1;

  uint8_t* at(const Tile& tile) const {
    return reinterpret_cast<uint8_t*>(
        base + (in_scratch ? reinterpret_cast<uintptr_t>(tile.scratch) : tile.first * row_bytes));
  }
  RowParams* row_params(const Tile& tile) const {
    const uintptr_t start =
        in_scratch ? reinterpret_cast<uintptr_t>(tile.scratch) : tile.first * sizeof(RowParams);
    return reinterpret_cast<RowParams*>(base + params + start);
  }
};

struct BoundPatchRows {
  Operand src, dst;
  uint32_t patch, grid;  // grid: patches in a row of the picture
};

struct BoundCopy {
  Operand src, dst;
};

struct BoundLayerNorm {
  LayerNormKernel kernel;
  Operand src, dst;
  uint32_t dim;
  float epsilon;
};

struct BoundQuantiseRows {
  QuantiseRowsKernel kernel;
  Operand src, dst;
  uint32_t dim;
  float unit;
};

struct BoundLinear {
  LinearKernel kernel;
  const int8_t* weights;
  const float* channels;
  Operand src, dst, addend;
  uint32_t k, n, head_dim;
  uint32_t tokens, group_bytes;  // keys, values: of a group. Else all rows are in one
  LinearOutput output;
  uint8_t fraction_bits;
  bool has_addend;
  int8_t zero_point;  // of a static source
};

struct BoundAttention {
  AttentionKernel kernel;
  const float* score_scale;
  const int8_t* keys;
  const int8_t* values;
  Operand q, dst;
  uint32_t workspace, heads, head_dim;
  uint32_t queries, tokens, keys_bytes, values_bytes;  // of a group
};

struct BoundMeanRows {
  Operand src, dst;
  uint32_t rows, cols;
  float reciprocal;
};

struct BoundStaticNorm {
  Operand src, dst;
  uint32_t dim;
  float epsilon, scale;
  int8_t zero_point;
};

struct BoundStaticQuantise {
  Operand src, dst;
  uint32_t dim;
  float scale;
  int8_t zero_point;
};

struct BoundLookup {
  Operand src, dst;
  const uint8_t* table;
  uint32_t dim;
};

struct BoundStaticAdd {
  Operand src, addend, dst;
  uint32_t dim;
  float scale;
};

struct BoundOp {
  void (*run)(const BoundOp& op, const Tile& tile);
  union {
    BoundPatchRows patch_rows;
    BoundCopy copy;
    BoundLayerNorm layer_norm;
    BoundQuantiseRows quantise_rows;
    BoundLinear linear;
    BoundAttention attention;
    BoundMeanRows mean_rows;
    BoundStaticNorm static_norm;
    BoundStaticQuantise static_quantise;
    BoundLookup lookup;
    BoundStaticAdd static_add;
  };
};

struct BoundStep {
  const BoundOp* ops;
  uint32_t op_count;
  uint32_t rows, tile_rows;
  uint8_t* scratch;
  size_t scratch_bytes;
};

}  // namespace vitro

struct vitro_session {
  const vitro::BoundStep* steps;
  size_t step_count;
  const vitro::schema::Program* program;
  const vitro::KernelTable* kernels;
  vitro_config config;
  uint8_t* input;
  size_t input_bytes;
  const uint8_t* planned;  // start of the planned region of the arena
};
