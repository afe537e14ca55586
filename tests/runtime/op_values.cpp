// SPDX-License-Identifier: Apache-2.0
#include "tests/runtime/op_values.h"

#include <gtest/gtest.h>

#include <random>

#include "runtime/core/session.h"
#include "tests/support/run_program.h"

namespace vitro {

Ints int16_numbers(uint32_t seed, size_t count) {
  std::mt19937 random(seed);
  Ints out(count);
  for (int16_t& x : out) {
    const unsigned kind = random() % 8;
    x = static_cast<int16_t>(kind == 0   ? INT16_MIN
                             : kind == 1 ? INT16_MAX
                                         : static_cast<int>(random() % 4001) - 2000);
  }
  return out;
}

Ints run_op(HandMade& made, uint32_t tensor) {
  const auto [rows, cols] =
      std::pair(made.program.tensors[tensor]->rows, made.program.tensors[tensor]->cols);
  made.step(rows, 7);
  schema::QuantiseRowsT quantise;
  quantise.src = tensor, quantise.dst = made.scratch(schema::Format::RowS8, cols),
  quantise.unit = 1;
  made.op(quantise);
  const uint32_t floats = made.tensor(schema::Format::F32, rows, 1);
  made.linear(quantise.dst, floats, std::vector<int8_t>(cols, 1), 1);
  made.output("all", schema::OutputKind::Features, floats);
  const AlignedBytes file = made.finish();
  vitro_program program;
  EXPECT_EQ(vitro_open(file.data(), file.size(), &program), VITRO_OK);
  Ints first;
  for (size_t i = 0; const char* isa = vitro_isa_name(i); ++i)
    for (const size_t threads : {1, 2, 3}) {
      vitro_config config{};
      config.isa = isa;
      config.threads = threads;
      config.parallel_for = threads > 1 ? backwards : nullptr;
      AlignedBytes arena(vitro_arena_bytes(&program, threads));
      vitro_session* session = nullptr;
      EXPECT_EQ(vitro_bind(&program, &config, arena.data(), arena.size(), &session), VITRO_OK);
      vitro_run(session);
      const auto* values =
          reinterpret_cast<const int16_t*>(session->planned + made.program.tensors[tensor]->offset);
      const Ints now(values, values + size_t{rows} * cols);
      if (first.empty()) first = now;
      EXPECT_EQ(now, first) << isa << " " << threads;
    }
  return first;
}

}  // namespace vitro
