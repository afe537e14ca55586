// SPDX-License-Identifier: Apache-2.0
// vitro_arena_bytes and vitro_bind: the session, its steps and ops at the start of the arena, then
// the planned region; vitro_memory_bytes and vitro_bind_memories: the same in three memories.
#include <string.h>

#include "runtime/core/shared_counter.h"
#include "runtime/ops/ops.h"
#include "vitro/vitro.h"

namespace vitro {

namespace {

// Where the tensors of the planned region end.
uint64_t activation_bytes(const schema::Program& p) {
  uint64_t bytes = 0;
  for (const schema::Tensor* t : *p.tensors()) {
    if (t->storage() != schema::Storage::Arena) continue;
    const uint64_t tensor_end = t->offset() + tensor_bytes(*t);
    bytes = tensor_end > bytes ? tensor_end : bytes;
  }
  return bytes;
}

// Where the scratch of all threads ends: within the planned region, or in a memory of its own,
// where that of every step begins at its start.
uint64_t scratch_end(const schema::Program& p, size_t threads, bool apart) {
  uint64_t bytes = 0;
  for (const schema::Step* step : *p.steps()) {
    const uint64_t step_end =
        (apart ? 0 : step->scratch_offset()) + step->scratch_bytes() * threads;
    bytes = step_end > bytes ? step_end : bytes;
  }
  return bytes;
}

uint64_t arena_bytes_of(const schema::Program& p, size_t threads) {
  const uint64_t tensors = activation_bytes(p), scratch = scratch_end(p, threads, false);
  return arena_parts(p).planned + (tensors > scratch ? tensors : scratch);
}

const KernelTable* find_kernels(const char* isa) {
  for (size_t i = 0; const KernelTable* table = kernel_table(i); ++i)
    if (!isa || strcmp(table->isa, isa) == 0) return table;
  return nullptr;
}

// Threads, at least one; false where there cannot be so many.
bool take_config(const vitro_config* given, vitro_config& config) {
  config = given ? *given : vitro_config{};
  if (config.threads == 0) config.threads = 1;
  return config.threads <= kMostThreads && (config.threads == 1 || config.parallel_for);
}

// Where a session lies. scratch: null where it is within the planned region.
struct Places {
  uint8_t *session, *planned, *scratch;
};

vitro_status bind_at(const Places& at, const schema::Program& p, const vitro_config& config,
                     vitro_session** session) {
  const KernelTable* kernels = find_kernels(config.isa);
  if (!kernels) return VITRO_ISA_UNAVAILABLE;
  const ArenaParts parts = arena_parts(p);
  BoundStep* step = reinterpret_cast<BoundStep*>(at.session + parts.steps);
  BoundOp* op = reinterpret_cast<BoundOp*>(at.session + parts.ops);
  vitro_session* s = reinterpret_cast<vitro_session*>(at.session);
  const schema::Tensor& input = *p.tensors()->Get(p.input());
  *s = {step, &p, kernels, config, at.planned + input.offset(), at.planned};
  for (const schema::Step* source : *p.steps()) {
    *step++ = {op,
               source->ops()->size(),
               source->rows(),
               source->tile_rows(),
               at.scratch ? at.scratch : at.planned + source->scratch_offset(),
               static_cast<size_t>(source->scratch_bytes())};
    const Binder binder{p, *kernels, at.planned, *source};
    for (const schema::Op* source_op : *source->ops())
      op_type(source_op->args_type())->bind(binder, source_op->args(), *op++);
  }
  *session = s;
  return VITRO_OK;
}

struct Needs {
  uint64_t session, activations, scratch;
};

Needs needs_of(const schema::Program& p, size_t threads) {
  return {arena_parts(p).planned, activation_bytes(p), scratch_end(p, threads, true)};
}

bool is_aligned(const void* data) {
  return reinterpret_cast<uintptr_t>(data) % VITRO_ALIGNMENT == 0;
}

// Of two memories of that many bytes, which may lie anywhere. The second may be empty: a program
// may need no scratch.
bool overlap(const void* a, uint64_t a_bytes, const void* b, uint64_t b_bytes) {
  const uintptr_t from = reinterpret_cast<uintptr_t>(a), to = reinterpret_cast<uintptr_t>(b);
  return from <= to ? to - from < a_bytes && b_bytes > 0 : from - to < b_bytes;
}

// Not as pointers, which a loader would have to relocate.
constexpr char kMemoryNames[3][12] = {"session", "activations", "scratch"};
constexpr char kPairNames[3][24] = {"session and activations", "session and scratch",
                                    "activations and scratch"};

// Each memory by itself, then each pair.
vitro_status check_memories(const Needs& needs, vitro_memories& memories) {
  const vitro_memory given[] = {memories.session, memories.activations, memories.scratch};
  const uint64_t bytes[] = {needs.session, needs.activations, needs.scratch};
  for (size_t i = 0; i < 3; ++i) {
    if (bytes[i] == 0) continue;
    memories.fault = kMemoryNames[i];
    if (!given[i].data) return VITRO_BAD_ARGUMENT;
    if (!is_aligned(given[i].data)) return VITRO_MEMORY_MISALIGNED;
    if (given[i].bytes < bytes[i]) return VITRO_MEMORY_TOO_SMALL;
  }
  for (size_t i = 0; i < 3; ++i) {
    const size_t a = i / 2, b = i == 0 ? 1 : 2;
    memories.fault = kPairNames[i];
    if (overlap(given[a].data, bytes[a], given[b].data, bytes[b])) return VITRO_MEMORIES_OVERLAP;
  }
  memories.fault = nullptr;
  return VITRO_OK;
}

}  // namespace

}  // namespace vitro

extern "C" size_t vitro_arena_bytes(const vitro_program* program, size_t threads) {
  using namespace vitro;
  if (!program || !program->data || threads > VITRO_MAX_THREADS) return 0;
  const uint64_t bytes = arena_bytes_of(*schema::GetProgram(program->data), threads ? threads : 1);
  return bytes <= SIZE_MAX ? static_cast<size_t>(bytes) : 0;
}

extern "C" vitro_status vitro_bind(const vitro_program* program, const vitro_config* config,
                                   void* arena, size_t arena_bytes, vitro_session** session) {
  using namespace vitro;
  if (session) *session = nullptr;
  vitro_config effective;
  if (!program || !program->data || !arena || !session || !take_config(config, effective))
    return VITRO_BAD_ARGUMENT;
  if (!is_aligned(arena)) return VITRO_ARENA_MISALIGNED;
  const schema::Program& p = *schema::GetProgram(program->data);
  if (arena_bytes < arena_bytes_of(p, effective.threads)) return VITRO_ARENA_TOO_SMALL;
  uint8_t* const base = static_cast<uint8_t*>(arena);
  return bind_at({base, base + arena_parts(p).planned, nullptr}, p, effective, session);
}

extern "C" vitro_status vitro_memory_bytes(const vitro_program* program, size_t threads,
                                           vitro_memories* memories) {
  using namespace vitro;
  if (!memories) return VITRO_BAD_ARGUMENT;
  *memories = {};
  if (!program || !program->data || threads > VITRO_MAX_THREADS) return VITRO_BAD_ARGUMENT;
  const Needs needs = needs_of(*schema::GetProgram(program->data), threads ? threads : 1);
  if (needs.session > SIZE_MAX || needs.activations > SIZE_MAX || needs.scratch > SIZE_MAX)
    return VITRO_UNSUPPORTED;
  memories->session.bytes = static_cast<size_t>(needs.session);
  memories->activations.bytes = static_cast<size_t>(needs.activations);
  memories->scratch.bytes = static_cast<size_t>(needs.scratch);
  return VITRO_OK;
}

extern "C" vitro_status vitro_bind_memories(const vitro_program* program,
                                            const vitro_config* config, vitro_memories* memories,
                                            vitro_session** session) {
  using namespace vitro;
  if (session) *session = nullptr;
  if (memories) memories->fault = nullptr;
  vitro_config effective;
  if (!program || !program->data || !memories || !session || !take_config(config, effective))
    return VITRO_BAD_ARGUMENT;
  const schema::Program& p = *schema::GetProgram(program->data);
  const vitro_status checked = check_memories(needs_of(p, effective.threads), *memories);
  if (checked != VITRO_OK) return checked;
  return bind_at({static_cast<uint8_t*>(memories->session.data),
                  static_cast<uint8_t*>(memories->activations.data),
                  static_cast<uint8_t*>(memories->scratch.data)},
                 p, effective, session);
}
