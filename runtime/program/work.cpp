// SPDX-License-Identifier: Apache-2.0
// vitro_work, vitro_op_work: what a run costs, before anything is bound.
#include "runtime/ops/ops.h"
#include "vitro/vitro.h"

extern "C" vitro_status vitro_op_work(const vitro_program* program, size_t step, size_t op,
                                      vitro_work_info* work) {
  if (!program || !program->data || !work) return VITRO_BAD_ARGUMENT;
  const vitro::schema::Program& p = *vitro::schema::GetProgram(program->data);
  if (step >= p.steps()->size()) return VITRO_BAD_ARGUMENT;
  const vitro::schema::Step& s = *p.steps()->Get(static_cast<unsigned>(step));
  if (op >= s.ops()->size()) return VITRO_BAD_ARGUMENT;
  *work = vitro::work_of(*s.ops()->Get(static_cast<unsigned>(op)), s, p);
  return VITRO_OK;
}

extern "C" vitro_status vitro_work(const vitro_program* program, vitro_work_info* work) {
  if (!program || !program->data || !work) return VITRO_BAD_ARGUMENT;
  *work = {};
  const vitro::schema::Program& p = *vitro::schema::GetProgram(program->data);
  for (const vitro::schema::Step* step : *p.steps())
    for (const vitro::schema::Op* op : *step->ops()) {
      const vitro_work_info one = vitro::work_of(*op, *step, p);
      work->macs += one.macs;
      work->bytes += one.bytes;
      work->calls += one.calls;
    }
  return VITRO_OK;
}
