// SPDX-License-Identifier: Apache-2.0
// Replaces the application: runs one inference of the flash image's program, on a golden picture,
// and marks each op for tests/bench/arm/cycles/blocks.c: op i of the program with 1 + i.
#include "platforms/firmware/application.h"
#include "platforms/firmware/board.h"
#include "runtime/core/golden.h"
#include "runtime/schema/program_generated.h"
#include "tests/bench/arm/cycles/mark.h"
#include "tests/platforms/cortex_m/flash_program.h"
#include "vitro/vitro.h"

namespace vitro {

namespace {

volatile uint8_t marks[kMarkerBytes];
constexpr size_t kMostSteps = 256;
uint16_t first_op[kMostSteps + 1];

__attribute__((noinline, noclone)) void mark(size_t value) { marks[value] = 0; }

void trace(void*, size_t step, size_t op) {
  const size_t index = first_op[step] + op;
  mark(index < first_op[step + 1] ? 1 + index : 0);
}

// Whether there is room for all of the program's ops.
bool count_ops(const schema::Program& program) {
  const auto& steps = *program.steps();
  if (steps.size() > kMostSteps) return false;
  size_t count = 0;
  for (uint32_t s = 0; s < steps.size(); ++s) {
    count += steps.Get(s)->ops()->size();
    if (count >= sizeof marks) return false;
    first_op[s + 1] = static_cast<uint16_t>(count);
  }
  return true;
}

const char* run() {
  vitro_program program;
  if (const char* const fault = open_flash_program(program)) return fault;
  if (!count_ops(*schema::GetProgram(program.data))) return "the program has too many ops";
  vitro_config config{};
  config.trace = trace;
  vitro_session* session = nullptr;
  const board::Memory arena = board::arena();
  const vitro_status bound = vitro_bind(&program, &config, arena.data, arena.bytes, &session);
  if (bound != VITRO_OK) return vitro_status_text(bound);
  golden_picture(1, vitro_input(session, nullptr), vitro_image_height(&program),
                 vitro_image_width(&program));
  mark(0);
  vitro_run(session);
  mark(0);
  return nullptr;
}

}  // namespace

void run_application() { stop_with(run()); }

}  // namespace vitro
