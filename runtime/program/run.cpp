// SPDX-License-Identifier: Apache-2.0
// Running a bound program: each step's rows are shared among the threads, tile by tile, by who
// comes first.
#include <string.h>

#include "runtime/core/bounds.h"
#include "runtime/core/golden.h"
#include "runtime/core/layout.h"
#include "runtime/core/outputs.h"
#include "runtime/core/session.h"
#include "runtime/core/shared_counter.h"
#include "vitro/vitro.h"

namespace vitro {

namespace {

// Where the rows of a step are divided: each thread begins with a range of its own, whose rows are
// in its cache from the step before. More threads than this share ranges.
constexpr size_t kMaxRanges = 8;

struct StepRun {
  const vitro_session* session;
  size_t index;
  uint32_t threads, ranges;
  uint32_t rows, grain, grains;  // rows are shared in grains of so many
  uint32_t tile_rows;
  SharedCounter untaken[kMaxRanges];  // the first row of each range that nobody has taken
};

size_t range_begin(const StepRun& run, size_t range) {
  const size_t begin = size_t{run.grains} * range / run.ranges * run.grain;
  return begin < run.rows ? begin : run.rows;
}

// Takes the next tile of a range. Rows are all that this hands over: what they contain is visible
// since the step began.
bool take_tile(StepRun& run, size_t range, RowTile& tile) {
  const size_t end = range_begin(run, range + 1);
  SharedCounter& untaken = run.untaken[range];
  uint32_t first = untaken.load();
  do {
    if (first >= end) return false;
    tile.first = first;
    tile.rows = end - first < run.tile_rows ? end - first : run.tile_rows;
    if (run.threads == 1) {  // no exclusive access: memory that is not cached may have none
      untaken.store(static_cast<uint32_t>(first + tile.rows));
      return true;
    }
  } while (!untaken.exchange(first, static_cast<uint32_t>(first + tile.rows)));
  return true;
}

// What one thread does of a step: its own range, then what the others have not begun. So whoever
// has a core works, and a thread that comes late finds nothing to do.
void run_share(void* context, size_t thread) {
  StepRun& run = *static_cast<StepRun*>(context);
  const vitro_session& session = *run.session;
  const BoundStep& step = session.steps[run.index];
  const size_t own = thread * run.ranges / run.threads;
  RowTile tile{0, 0,     step.scratch + thread * step.scratch_bytes, &session.config, run.index,
               0, thread};
  for (size_t i = 0; i < run.ranges; ++i) {
    const size_t range = (own + i) % run.ranges;
    while (take_tile(run, range, tile)) {
      for (tile.op = 0; tile.op < step.op_count; ++tile.op) {
        if (session.config.trace)
          session.config.trace(session.config.trace_context, run.index, tile.op);
        step.ops[tile.op].run(step.ops[tile.op], tile);
      }
      if (session.config.trace)
        session.config.trace(session.config.trace_context, run.index, step.op_count);
    }
  }
}

// Whether the run came to its end.
bool run_steps(vitro_session* session) {
  const vitro_config& config = session->config;
  for (size_t i = 0; i < vitro_step_count(session); ++i) {
    if (config.stop && config.stop(config.stop_context)) return false;
    vitro_run_step(session, i);
  }
  return true;
}

// Of one golden vector: logits of the first output, digests of the others.
bool as_golden(const vitro_session& session, const schema::Golden& golden) {
  const auto& logits = *golden.logits();
  if (memcmp(vitro_output_values(&session, 0), logits.Data(), logits.size() * sizeof(float)) != 0)
    return false;
  for (uint32_t i = 1; i < output_count(*session.program); ++i) {
    const schema::Tensor& t =
        *session.program->tensors()->Get(output_of(*session.program, i).tensor);
    const size_t bytes = static_cast<size_t>(t.rows()) * t.cols() * sizeof(float);
    if (output_digest(vitro_output_values(&session, i), bytes) != golden.digests()->Get(i - 1))
      return false;
  }
  return true;
}

}  // namespace

}  // namespace vitro

extern "C" vitro_status vitro_run_step(vitro_session* session, size_t index) {
  using namespace vitro;
  if (index >= vitro_step_count(session)) return VITRO_BAD_ARGUMENT;
  const BoundStep& step = session->steps[index];
  const size_t threads = session->config.threads;
  StepRun run;
  run.session = session;
  run.index = index;
  run.rows = step.rows;
  // No more rows than a grain are shared one by one: they may be heads, each with much to do.
  run.grain = step.rows <= kRowGrain ? 1 : kRowGrain;
  run.grains = (step.rows + run.grain - 1) / run.grain;
  run.threads = run.grains < threads ? run.grains : static_cast<uint32_t>(threads);
  run.ranges = run.threads < kMaxRanges ? run.threads : kMaxRanges;
  // No larger than the threads' equal shares.
  const uint32_t share = (run.grains + run.threads - 1) / run.threads * run.grain;
  run.tile_rows = share < step.tile_rows ? share : step.tile_rows;
  for (size_t i = 0; i < run.ranges; ++i)
    run.untaken[i].store(static_cast<uint32_t>(range_begin(run, i)));
  if (run.threads == 1)
    run_share(&run, 0);
  else
    session->config.parallel_for(session->config.pool, run_share, &run, run.threads);
  return VITRO_OK;
}

extern "C" const float* vitro_run(vitro_session* session) {
  return vitro::run_steps(session) ? vitro_output_values(session, 0) : nullptr;
}

extern "C" const float* vitro_output_values(const vitro_session* session, size_t index) {
  const vitro::schema::Program& program = *session->program;
  if (index >= vitro::output_count(program)) return nullptr;
  const uint32_t tensor = vitro::output_of(program, static_cast<uint32_t>(index)).tensor;
  return reinterpret_cast<const float*>(session->planned +
                                        program.tensors()->Get(tensor)->offset());
}

extern "C" vitro_status vitro_self_test(vitro_session* session) {
  const vitro::schema::Program& program = *session->program;
  const vitro::schema::Tensor& picture = *program.tensors()->Get(program.input());
  if (program.golden()->size() == 0) return VITRO_NO_GOLDEN;
  for (const vitro::schema::Golden* golden : *program.golden()) {
    vitro::golden_picture(golden->seed(), session->input, picture.rows(), picture.cols() / 3);
    if (!vitro::run_steps(session)) return VITRO_STOPPED;
    if (!vitro::as_golden(*session, *golden)) return VITRO_GOLDEN_MISMATCH;
  }
  return VITRO_OK;
}

extern "C" uint8_t* vitro_input(vitro_session* session, size_t* bytes) {
  const vitro::schema::Program& program = *session->program;
  if (bytes)
    *bytes = static_cast<size_t>(vitro::tensor_bytes(*program.tensors()->Get(program.input())));
  return session->input;
}

extern "C" size_t vitro_step_count(const vitro_session* session) {
  return session->program->steps()->size();
}

extern "C" const char* vitro_session_isa(const vitro_session* session) {
  return session->kernels->isa;
}
