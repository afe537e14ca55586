// SPDX-License-Identifier: Apache-2.0
#include "tests/runtime/bounds.h"

#include <cmath>
#include <limits>

#include "tests/support/run_program.h"

namespace vitro {

using schema::ProgramT;

void expect_sound(const Base& base, const Change& change) {
  ProgramT changed = base.make();
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

void expect_refused(const Base& base, const Change& change, vitro_status status) {
  ProgramT changed = base.make();
  change(changed);
  const AlignedBytes file = pack(changed);
  vitro_program program;
  EXPECT_EQ(vitro_open(file.data(), file.size(), &program), status)
      << (program.fault ? program.fault : "");
}

float below(float x) { return std::nextafterf(x, 0); }
float above(float x) { return std::nextafterf(x, INFINITY); }

void expect_floats(const char* what, const Floats& allowed, const SetFloat& set, const Base& base) {
  SCOPED_TRACE(what);
  const auto expect = [&](float value, bool good) {
    SCOPED_TRACE(value);
    const Change change = [&](ProgramT& p) { set(p, value); };
    good ? expect_sound(base, change) : expect_refused(base, change, VITRO_CORRUPT);
  };
  for (const float sign : {1.0f, -1.0f}) {
    const bool sign_allowed = sign > 0 || allowed.negative;
    expect(sign * allowed.smallest, sign_allowed);
    expect(sign * allowed.largest, sign_allowed);
    if (sign > 0 || !allowed.zero ||
        allowed.negative)  // a table does not store -0 in a field whose default is 0
      expect(sign * 0.0f, allowed.zero);
    for (const float bad : {below(allowed.smallest), above(allowed.largest), 0x1p-149f, 0x1p-127f,
                            std::numeric_limits<float>::max(), INFINITY, NAN,
                            std::numeric_limits<float>::signaling_NaN()})
      expect(std::copysign(bad, sign), false);
  }
}

}  // namespace vitro
