// SPDX-License-Identifier: Apache-2.0
#include "runtime/core/outputs.h"

namespace vitro {

uint32_t output_count(const schema::Program& program) {
  return program.outputs() && program.outputs()->size() > 0 ? program.outputs()->size() : 1;
}

ProgramOutput output_of(const schema::Program& program, uint32_t index) {
  if (!program.outputs() || program.outputs()->size() == 0)
    return {"logits", 6, schema::OutputKind::Logits, program.output()};
  const schema::Output& output = *program.outputs()->Get(index);
  return {output.name()->c_str(), output.name()->size(), output.kind(), output.tensor()};
}

}  // namespace vitro
