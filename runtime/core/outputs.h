// SPDX-License-Identifier: Apache-2.0
// The outputs of a program, whether it lists them or, as the first files of version 2, names one
// tensor.
#pragma once

#include "runtime/schema/program_generated.h"

namespace vitro {

struct ProgramOutput {
  const char* name;
  uint32_t name_bytes;
  schema::OutputKind kind;
  uint32_t tensor;
};

uint32_t output_count(const schema::Program& program);

// index below output_count().
ProgramOutput output_of(const schema::Program& program, uint32_t index);

}  // namespace vitro
