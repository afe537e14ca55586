// SPDX-License-Identifier: Apache-2.0
#include "tests/support/run_program.h"

#include <thread>

#include "runtime/core/golden.h"

namespace vitro {

void backwards(void*, void (*task)(void* context, size_t i), void* context, size_t count) {
  while (count-- > 0) task(context, count);
}

void in_threads(void*, void (*task)(void* context, size_t i), void* context, size_t count) {
  std::vector<std::thread> threads;
  for (size_t i = 0; i < count; ++i) threads.emplace_back(task, context, i);
  for (std::thread& thread : threads) thread.join();
}

RunResult run_program(const vitro_program& program, const RunOptions& options) {
  vitro_config config{};
  config.threads = options.threads;
  if (options.threads > 1) config.parallel_for = options.real_threads ? in_threads : backwards;
  config.isa = options.isa;
  GuardedMemory arena(vitro_arena_bytes(&program, options.threads));
  constexpr size_t kWorthFilling = 1 << 20;
  if (arena.size() <= kWorthFilling) arena.fill(options.arena_byte);
  vitro_session* session = nullptr;
  if (const vitro_status status =
          vitro_bind(&program, &config, arena.data(), arena.size(), &session))
    return {vitro_status_text(status), {}};
  size_t bytes = 0;
  uint8_t* input = vitro_input(session, &bytes);
  const size_t height = vitro_image_height(&program), width = vitro_image_width(&program);
  if (bytes != height * width * 3) return {"an input of another size", {}};
  golden_picture(options.picture, input, height, width);
  vitro_run(session);
  RunResult result{arena.guards_intact() ? "" : "wrote outside the arena", {}};
  for (size_t i = 0; i < vitro_output_count(&program); ++i) {
    vitro_output_info info;
    if (vitro_output(&program, i, &info) != VITRO_OK) return {"an output that is not there", {}};
    const auto* values = reinterpret_cast<const uint8_t*>(vitro_output_values(session, i));
    result.logits.insert(result.logits.end(), values,
                         values + info.rows * info.cols * sizeof(float));
  }
  return result;
}

}  // namespace vitro
