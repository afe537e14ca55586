// SPDX-License-Identifier: Apache-2.0
// Program files: open, describe, bind, run in all ways. agree.h has the oracle.
#include <cstring>

#include "converter/base/aligned_bytes.h"
#include "runtime/ops/ops.h"
#include "tests/fuzz/programs/agree.h"
#include "tests/fuzz/programs/mutate.h"

extern "C" size_t LLVMFuzzerMutate(uint8_t* data, size_t size, size_t max_size);

namespace vitro::fuzz {

namespace {

// Whether it can be taken to pieces: its ops may all be unknown or wrong otherwise.
bool unpack(const uint8_t* data, size_t size, schema::ProgramT& program) {
  if (size < 64) return false;
  AlignedBytes file(size);
  std::memcpy(file.data(), data, size);
  flatbuffers::Verifier structure(file.data(), size);
  if (!schema::VerifyProgramBuffer(structure)) return false;
  const schema::Program& p = *schema::GetProgram(file.data());
  for (const schema::Step* step : *p.steps())
    for (const schema::Op* op : *step->ops())
      if (!op_type(op->args_type())) return false;
  schema::UnPackTo(p, &program);
  return true;
}

void change(schema::ProgramT& program, Choices& choices) {
  const size_t kind = choices.below(4);
  for (size_t n = 1 + choices.below(4); n > 0; --n) {
    if (kind == 0) grow(program, choices);
    if (kind == 1) reshape(program, choices);
    if (kind >= 2) damage(program, choices);
  }
  if (kind == 0 || choices.one_in(kind == 1 ? 2 : 12)) spread(program);
  if (!choices.one_in(6)) repair_weights(program);
}

size_t pack(const schema::ProgramT& program, uint8_t* data, size_t max_size) {
  flatbuffers::FlatBufferBuilder builder(program.constants.size() + 4096);
  schema::FinishProgramBuffer(builder, schema::CreateProgram(builder, &program));
  if (builder.GetSize() > max_size) return 0;
  std::memcpy(data, builder.GetBufferPointer(), builder.GetSize());
  return builder.GetSize();
}

}  // namespace

}  // namespace vitro::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  vitro::fuzz::check_program(data, size);
  return 0;
}

extern "C" size_t LLVMFuzzerCustomMutator(uint8_t* data, size_t size, size_t max_size,
                                          unsigned seed) {
  using namespace vitro::fuzz;
  Choices choices(seed);
  vitro::schema::ProgramT program;
  if (choices.one_in(8) || !unpack(data, size, program))
    return LLVMFuzzerMutate(data, size, max_size);
  change(program, choices);
  const size_t packed = pack(program, data, max_size);
  return packed ? packed : size;
}
