// SPDX-License-Identifier: Apache-2.0
// Running a bound program: each step's rows are shared among the threads, each thread walks its
// rows tile by tile.
#include <string.h>

#include "runtime/core/bounds.h"
#include "runtime/core/golden.h"
#include "runtime/core/layout.h"
#include "runtime/core/outputs.h"
#include "runtime/core/session.h"
#include "vitro/vitro.h"

namespace vitro {

namespace {

struct StepRun {
  const vitro_session* session;
  size_t index;
  size_t threads;
};

void run_share(void* context, size_t thread) {
  const StepRun& run = *static_cast<const StepRun*>(context);
  const vitro_session& session = *run.session;
  const BoundStep& step = session.steps[run.index];
  const size_t grains = (size_t{step.rows} + kRowGrain - 1) / kRowGrain;
  const size_t begin = grains * thread / run.threads * kRowGrain;
  size_t end = grains * (thread + 1) / run.threads * kRowGrain;
  if (end > step.rows) end = step.rows;

  RowTile tile{begin, 0,     step.scratch + thread * step.scratch_bytes, &session.config, run.index,
               0,     thread};
  for (; tile.first < end; tile.first += step.tile_rows) {
    tile.rows = end - tile.first < step.tile_rows ? end - tile.first : step.tile_rows;
    for (size_t i = 0; i < step.op_count; ++i) {
      if (session.config.trace) session.config.trace(session.config.trace_context, run.index, i);
      tile.op = i;
      step.ops[i].run(step.ops[i], tile);
    }
    if (session.config.trace)
      session.config.trace(session.config.trace_context, run.index, step.op_count);
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
  const size_t grains = (size_t{session->steps[index].rows} + kRowGrain - 1) / kRowGrain;
  StepRun run{session, index, grains < session->config.threads ? grains : session->config.threads};
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
