// SPDX-License-Identifier: Apache-2.0
#include "tests/runtime/edit_program.h"

#include <cstring>
#include <stdexcept>

namespace vitro {

using schema::Format;
using schema::ProgramT;
using schema::Storage;

uint32_t index_of(const ProgramT& program, const std::string& name) {
  for (uint32_t i = 0; i < program.tensors.size(); ++i)
    if (program.tensors[i]->name == name) return i;
  throw std::out_of_range("no tensor " + name);
}

schema::StepT& step(ProgramT& program, const std::string& name) {
  for (auto& step : program.steps)
    if (step->name == name) return *step;
  throw std::out_of_range("no step " + name);
}

schema::OpArgsUnion& op(ProgramT& program, const std::string& name) {
  for (auto& step : program.steps)
    for (auto& op : step->ops)
      if (op->name == name) return op->args;
  throw std::out_of_range("no op " + name);
}

uint32_t add_tensor(ProgramT& program, Format format, Storage storage, uint32_t rows, uint32_t cols,
                    uint64_t offset) {
  auto t = std::make_unique<schema::TensorT>();
  t->format = format, t->storage = storage, t->rows = rows, t->cols = cols, t->offset = offset;
  program.tensors.push_back(std::move(t));
  return static_cast<uint32_t>(program.tensors.size() - 1);
}

void overwrite_before(ProgramT& program, const std::string& before, uint64_t offset) {
  schema::CopyT copy;
  copy.src = index_of(program, "prefix");
  copy.dst = add_tensor(program, Format::S16, Storage::Arena, 1, 64, offset);
  auto step = std::make_unique<schema::StepT>();
  step->rows = step->tile_rows = 1;
  step->scratch_offset = 1 << 20;
  step->ops.push_back(std::make_unique<schema::OpT>());
  step->ops[0]->args.Set(copy);
  for (auto at = program.steps.begin(); at != program.steps.end(); ++at)
    if ((*at)->name == before) {
      program.steps.insert(at, std::move(step));
      return;
    }
  throw std::out_of_range("no step " + before);
}

void set_float(ProgramT& program, uint64_t at, float value) {
  std::memcpy(program.constants.data() + at, &value, sizeof value);
}

uint64_t add_zeros(ProgramT& program, size_t count) {
  const uint64_t offset = (program.constants.size() + 63) / 64 * 64;
  program.constants.resize(offset + count);
  return offset;
}

void make_room(ProgramT& p, uint64_t bytes) {
  for (auto& t : p.tensors)
    if (t->storage == Storage::Arena) t->offset += bytes;
  for (auto& s : p.steps) s->scratch_offset += bytes;
}

}  // namespace vitro
