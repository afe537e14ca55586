// SPDX-License-Identifier: Apache-2.0
// What a program says of itself, and the words for a status.
#include "runtime/kernels/kernels.h"
#include "runtime/schema/program_generated.h"
#include "vitro/vitro.h"

namespace {

// Null for a program that is not open.
const vitro::schema::Program* schema_of(const vitro_program* program) {
  return program && program->data ? vitro::schema::GetProgram(program->data) : nullptr;
}

}  // namespace

extern "C" const char* vitro_status_text(vitro_status status) {
  switch (status) {
    case VITRO_OK: return "done";
    case VITRO_BAD_ARGUMENT: return "an argument that cannot be";
    case VITRO_NOT_A_PROGRAM: return "not a vitro program";
    case VITRO_UNSUPPORTED: return "a program for a newer runtime";
    case VITRO_CORRUPT: return "a damaged program";
    case VITRO_PROGRAM_MISALIGNED: return "the program does not start at a multiple of 64 bytes";
    case VITRO_ARENA_MISALIGNED: return "the arena does not start at a multiple of 64 bytes";
    case VITRO_ARENA_TOO_SMALL: return "the arena is smaller than vitro_arena_bytes()";
    case VITRO_ISA_UNAVAILABLE: return "this CPU or build does not have that kernel variant";
    case VITRO_GOLDEN_MISMATCH:
      return "the golden vectors do not match: this machine computes something else";
  }
  return "unknown status";
}

extern "C" size_t vitro_class_count(const vitro_program* program) {
  const auto* p = schema_of(program);
  return p ? p->tensors()->Get(p->output())->cols() : 0;
}

extern "C" size_t vitro_image_size(const vitro_program* program) {
  const auto* p = schema_of(program);
  return p ? p->preprocessing()->image_size() : 0;
}

extern "C" const char* vitro_label(const vitro_program* program, size_t index) {
  const auto* p = schema_of(program);
  const auto* labels = p ? p->labels() : nullptr;
  return labels && index < labels->size() ? labels->Get(static_cast<unsigned>(index))->c_str()
                                          : nullptr;
}

extern "C" const char* vitro_isa_name(size_t index) {
  const vitro::KernelTable* table = vitro::kernel_table(index);
  return table ? table->isa : nullptr;
}
