// SPDX-License-Identifier: Apache-2.0
#include <cstring>

#include "converter/base/aligned_bytes.h"
#include "runtime/ops/ops.h"
#include "tests/fuzz/programs/mutate.h"

namespace vitro::fuzz {

bool unpack(const uint8_t* data, size_t size, schema::ProgramT& program) {
  if (size < 64) return false;
  AlignedBytes file(size);
  std::memcpy(file.data(), data, size);
  flat::Verifier structure(file.data(), size, kMaxNesting, kMaxTables);
  if (!schema::VerifyProgramBuffer(structure)) return false;
  const schema::Program& p = *schema::GetProgram(file.data());
  for (const schema::Step* step : *p.steps())
    for (const schema::Op* op : *step->ops())
      if (!op_type(op->args_type())) return false;
  schema::UnPackTo(p, &program);
  return true;
}

void change(schema::ProgramT& program, Choices& choices) {
  const size_t kind = choices.below(4), tensors = program.tensors.size();
  for (size_t n = 1 + choices.below(4); n > 0; --n) {
    if (kind == 0) grow(program, choices);
    if (kind == 1) reshape(program, choices);
    if (kind >= 2) damage(program, choices);
  }
  if (kind == 0 || choices.one_in(kind == 1 ? 2 : 12))
    spread(program, kind == 0 && !choices.one_in(4) ? tensors : 0);
  if (!choices.one_in(6)) repair_weights(program);
}

std::vector<uint8_t> pack(const schema::ProgramT& program) {
  flatbuffers::FlatBufferBuilder builder(program.constants.size() + 4096);
  schema::FinishProgramBuffer(builder, schema::CreateProgram(builder, &program));
  return {builder.GetBufferPointer(), builder.GetBufferPointer() + builder.GetSize()};
}

}  // namespace vitro::fuzz
