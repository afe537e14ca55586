// SPDX-License-Identifier: Apache-2.0
// A bound program: the flat array of steps that a run walks. Lives in the caller's arena.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "runtime/core/layout.h"
#include "runtime/kernels/kernels.h"
#include "runtime/schema/program_generated.h"
#include "vitro/vitro.h"

namespace vitro {

// The rows that one call of an op's run function treats.
struct RowTile {
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

  uint8_t* at(const RowTile& tile) const {
    return reinterpret_cast<uint8_t*>(
        base + (in_scratch ? reinterpret_cast<uintptr_t>(tile.scratch) : tile.first * row_bytes));
  }
  RowParams* row_params(const RowTile& tile) const {
    const uintptr_t start =
        in_scratch ? reinterpret_cast<uintptr_t>(tile.scratch) : tile.first * sizeof(RowParams);
    return reinterpret_cast<RowParams*>(base + params + start);
  }
};

// An op, bound: its file knows what the bytes are.
struct BoundOp {
  void (*run)(const BoundOp& op, const RowTile& tile);
  alignas(void*) unsigned char bytes[6 * sizeof(void*) + 48];  // as many as the largest needs
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
  const vitro::BoundStep* steps;  // as many as the program's
  const vitro::schema::Program* program;
  const vitro::KernelTable* kernels;
  vitro_config config;
  uint8_t* input;
  const uint8_t* planned;  // start of the planned region of the arena
};

namespace vitro {

// What lies where in the arena, as offsets: the session, its steps, its ops, then the planned
// region.
struct ArenaParts {
  uint64_t steps, ops, planned;
};

inline ArenaParts arena_parts(const schema::Program& p) {
  uint64_t op_count = 0;
  for (const schema::Step* step : *p.steps()) op_count += step->ops()->size();
  ArenaParts parts;
  parts.steps = align_up(sizeof(vitro_session), alignof(BoundStep));
  parts.ops = align_up(parts.steps + p.steps()->size() * sizeof(BoundStep), alignof(BoundOp));
  parts.planned = align_up(parts.ops + op_count * sizeof(BoundOp), VITRO_ALIGNMENT);
  return parts;
}

}  // namespace vitro
