// SPDX-License-Identifier: Apache-2.0
#include "tests/runtime/bounds.h"

#include <cmath>

#include "tests/support/run_program.h"

namespace vitro {

using schema::ProgramT;

void expect_sound(Small model, const Change& change) {
  ProgramT changed = unpack(small_program(model));
  change(changed);
  const AlignedBytes file = pack(changed);
  vitro_program program;
  ASSERT_EQ(vitro_open(file.data(), file.size(), &program), VITRO_OK)
      << (program.fault ? program.fault : "");
  if (vitro_arena_bytes(&program, 1) > 64 << 20) return;
  RunOptions options;
  options.isa = "reference";
  const RunResult expected = run_program(program, options);
  ASSERT_EQ(expected.fault, "");
  for (size_t i = 0; vitro_isa_name(i); ++i) {
    options.isa = vitro_isa_name(i);
    const RunResult result = run_program(program, options);
    EXPECT_EQ(result.fault, "") << options.isa;
    EXPECT_EQ(result.logits, expected.logits) << options.isa;
  }
}

void expect_refused(Small model, const Change& change, vitro_status status) {
  ProgramT changed = unpack(small_program(model));
  change(changed);
  const AlignedBytes file = pack(changed);
  vitro_program program;
  EXPECT_EQ(vitro_open(file.data(), file.size(), &program), status)
      << (program.fault ? program.fault : "");
}

float below(float x) { return std::nextafterf(x, 0); }
float above(float x) { return std::nextafterf(x, INFINITY); }

void expect_exponents(const char* what, int exponent, const SetFloat& set, Small model) {
  const float lowest = std::ldexp(1.0f, -exponent), beyond = std::ldexp(1.0f, exponent + 1);
  expect_bound<float>(what, set, lowest, below(lowest), model);
  expect_bound<float>(what, set, below(beyond), beyond, model);
}

}  // namespace vitro
