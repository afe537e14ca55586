// SPDX-License-Identifier: Apache-2.0
// vitro_arena_bytes and vitro_bind: the session, its steps and ops at the start of the arena, then
// the planned region.
#include <string.h>

#include "runtime/core/shared_counter.h"
#include "runtime/ops/ops.h"
#include "vitro/vitro.h"

namespace vitro {

namespace {

uint64_t planned_bytes(const schema::Program& p, size_t threads) {
  uint64_t bytes = 0;
  for (const schema::Step* step : *p.steps()) {
    const uint64_t step_end = step->scratch_offset() + step->scratch_bytes() * threads;
    bytes = step_end > bytes ? step_end : bytes;
  }
  for (const schema::Tensor* t : *p.tensors()) {
    if (t->storage() != schema::Storage::Arena) continue;
    const uint64_t tensor_end = t->offset() + tensor_bytes(*t);
    bytes = tensor_end > bytes ? tensor_end : bytes;
  }
  return bytes;
}

const KernelTable* find_kernels(const char* isa) {
  for (size_t i = 0; const KernelTable* table = kernel_table(i); ++i)
    if (!isa || strcmp(table->isa, isa) == 0) return table;
  return nullptr;
}

}  // namespace

}  // namespace vitro

extern "C" size_t vitro_arena_bytes(const vitro_program* program, size_t threads) {
  using namespace vitro;
  if (!program || !program->data || threads > VITRO_MAX_THREADS) return 0;
  const schema::Program& p = *schema::GetProgram(program->data);
  const uint64_t bytes = arena_parts(p).planned + planned_bytes(p, threads ? threads : 1);
  return bytes <= SIZE_MAX ? static_cast<size_t>(bytes) : 0;
}

extern "C" vitro_status vitro_bind(const vitro_program* program, const vitro_config* config,
                                   void* arena, size_t arena_bytes, vitro_session** session) {
  using namespace vitro;
  if (session) *session = nullptr;
  if (!program || !program->data || !arena || !session) return VITRO_BAD_ARGUMENT;
  vitro_config effective = config ? *config : vitro_config{};
  if (effective.threads == 0) effective.threads = 1;
  if (effective.threads > kMostThreads || (effective.threads > 1 && !effective.parallel_for))
    return VITRO_BAD_ARGUMENT;
  if (reinterpret_cast<uintptr_t>(arena) % VITRO_ALIGNMENT != 0) return VITRO_ARENA_MISALIGNED;

  const schema::Program& p = *schema::GetProgram(program->data);
  const ArenaParts parts = arena_parts(p);
  if (arena_bytes < parts.planned + planned_bytes(p, effective.threads))
    return VITRO_ARENA_TOO_SMALL;
  const KernelTable* kernels = find_kernels(effective.isa);
  if (!kernels) return VITRO_ISA_UNAVAILABLE;

  uint8_t* base = static_cast<uint8_t*>(arena);
  uint8_t* planned = base + parts.planned;
  BoundStep* step = reinterpret_cast<BoundStep*>(base + parts.steps);
  BoundOp* op = reinterpret_cast<BoundOp*>(base + parts.ops);
  vitro_session* s = static_cast<vitro_session*>(arena);
  const schema::Tensor& input = *p.tensors()->Get(p.input());
  *s = {step, &p, kernels, effective, planned + input.offset(), planned};
  for (const schema::Step* source : *p.steps()) {
    *step++ = {op,
               source->ops()->size(),
               source->rows(),
               source->tile_rows(),
               planned + source->scratch_offset(),
               static_cast<size_t>(source->scratch_bytes())};
    const Binder binder{p, *kernels, planned, *source};
    for (const schema::Op* source_op : *source->ops())
      op_type(source_op->args_type())->bind(binder, source_op->args(), *op++);
  }
  *session = s;
  return VITRO_OK;
}
