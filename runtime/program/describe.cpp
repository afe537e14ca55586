// SPDX-License-Identifier: Apache-2.0
// What a program says of itself, and the words for a status.
#include "runtime/core/outputs.h"
#include "runtime/kernels/kernels.h"
#include "vitro/vitro.h"

namespace {

// Null for a program that is not open.
const vitro::schema::Program* schema_of(const vitro_program* program) {
  return program && program->data ? vitro::schema::GetProgram(program->data) : nullptr;
}

const vitro::schema::Tensor* input_of(const vitro_program* program) {
  const auto* p = schema_of(program);
  return p ? p->tensors()->Get(p->input()) : nullptr;
}

}  // namespace

extern "C" const char* vitro_status_text(vitro_status status) {
  switch (status) {
    case VITRO_OK: return "done";
    case VITRO_BAD_ARGUMENT: return "invalid argument";
    case VITRO_NOT_A_PROGRAM: return "not a vitro program";
    case VITRO_UNSUPPORTED: return "the program needs a newer runtime";
    case VITRO_CORRUPT: return "the program is damaged";
    case VITRO_PROGRAM_MISALIGNED: return "the program does not start at a multiple of 64 bytes";
    case VITRO_ARENA_MISALIGNED: return "the arena does not start at a multiple of 64 bytes";
    case VITRO_ARENA_TOO_SMALL: return "the arena is smaller than vitro_arena_bytes()";
    case VITRO_ISA_UNAVAILABLE: return "this CPU or build does not have that kernel variant";
    case VITRO_GOLDEN_MISMATCH:
      return "the golden vectors do not match: this machine computes something else";
    case VITRO_NO_DIGEST: return "the program has no digest: nothing tells whether it is whole";
    case VITRO_DIGEST_MISMATCH:
      return "the digest does not match: a byte of the program is not as it was written";
    case VITRO_UNSIGNED: return "the program is not signed";
    case VITRO_OTHER_KEY: return "the program is signed with another key";
    case VITRO_SIGNATURE_MISMATCH:
      return "the signature does not match: program or trailer are not what was signed";
    case VITRO_ROLLED_BACK: return "the program is older than what is accepted here";
    case VITRO_NO_GOLDEN: return "the program has no golden vectors to test with";
    case VITRO_STOPPED: return "stopped";
    case VITRO_BAD_PICTURE: return "there can be no such picture";
    case VITRO_WORKSPACE_MISALIGNED:
      return "the workspace does not start at a multiple of 64 bytes";
    case VITRO_WORKSPACE_TOO_SMALL: return "the workspace is too small";
    case VITRO_THREADS_REFUSED:
      return "the system has no threads of that priority, stack or processor";
    case VITRO_MEMORY_MISALIGNED:
      return "a memory of the session does not start at a multiple of 64 bytes";
    case VITRO_MEMORY_TOO_SMALL:
      return "a memory of the session is smaller than vitro_memory_bytes() says";
    case VITRO_MEMORIES_OVERLAP: return "memories of the session overlap";
  }
  return "unknown status";
}

extern "C" size_t vitro_class_count(const vitro_program* program) {
  vitro_output_info first;
  return vitro_output(program, 0, &first) == VITRO_OK && first.kind == VITRO_OUTPUT_LOGITS
             ? first.cols
             : 0;
}

extern "C" size_t vitro_output_count(const vitro_program* program) {
  const auto* p = schema_of(program);
  return p ? vitro::output_count(*p) : 0;
}

extern "C" vitro_status vitro_output(const vitro_program* program, size_t index,
                                     vitro_output_info* info) {
  if (!info || index >= vitro_output_count(program)) return VITRO_BAD_ARGUMENT;
  const auto* p = schema_of(program);
  const vitro::ProgramOutput output = vitro::output_of(*p, static_cast<uint32_t>(index));
  const vitro::schema::Tensor& tensor = *p->tensors()->Get(output.tensor);
  *info = {output.name, static_cast<vitro_output_kind>(output.kind), tensor.rows(), tensor.cols()};
  return VITRO_OK;
}

extern "C" size_t vitro_image_width(const vitro_program* program) {
  const auto* input = input_of(program);
  return input ? input->cols() / 3 : 0;
}

extern "C" size_t vitro_image_height(const vitro_program* program) {
  const auto* input = input_of(program);
  return input ? input->rows() : 0;
}

extern "C" size_t vitro_image_size(const vitro_program* program) {
  const size_t width = vitro_image_width(program);
  return width == vitro_image_height(program) ? width : 0;
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
