// SPDX-License-Identifier: Apache-2.0
// The outputs of a program, whether it lists them or, as the first files of version 2, names one
// tensor.
#pragma once

#include "runtime/schema/program_generated.h"

namespace vitro {

struct ProgramOutput {
  const char* name;
  schema::OutputKind kind;
  uint32_t tensor;
};

inline uint32_t output_count(const schema::Program& program) {
  return program.outputs() && program.outputs()->size() > 0 ? program.outputs()->size() : 1;
}

// index below output_count().
inline ProgramOutput output_of(const schema::Program& program, uint32_t index) {
  if (!program.outputs() || program.outputs()->size() == 0)
    return {"logits", schema::OutputKind::Logits, program.output()};
  const schema::Output& output = *program.outputs()->Get(index);
  return {output.name()->c_str(), output.kind(), output.tensor()};
}

}  // namespace vitro
