// SPDX-License-Identifier: Apache-2.0
#include "converter/draft/draft.h"

#include <cstring>

namespace vitro::converter {

uint32_t Draft::add_tensor(const std::string& name, schema::Format format, schema::Storage storage,
                           size_t rows, size_t cols, size_t heads) {
  auto t = std::make_unique<schema::TensorT>();
  t->name = name;
  t->format = format;
  t->storage = storage;
  t->rows = static_cast<uint32_t>(rows);
  t->cols = static_cast<uint32_t>(cols);
  t->heads = static_cast<uint32_t>(heads);
  program.tensors.push_back(std::move(t));
  return static_cast<uint32_t>(program.tensors.size() - 1);
}

uint32_t Draft::add_view(const std::string& name, uint32_t base, size_t first_row, size_t rows) {
  const schema::TensorT& of = tensor(base);
  const uint32_t view = add_tensor(name, of.format, of.storage, rows, of.cols, of.heads);
  tensor(view).scale = of.scale;
  for (const View& other : views)
    if (other.tensor == base) {
      base = other.base;
      first_row += other.first_row;
      break;
    }
  views.push_back({view, base, first_row});
  return view;
}

uint32_t Draft::add_constant_tensor(const std::string& name, schema::Format format, size_t rows,
                                    size_t cols, const void* bytes) {
  const uint32_t index = add_tensor(name, format, schema::Storage::Constant, rows, cols);
  const size_t element = format == schema::Format::S16 ? 2 : format == schema::Format::F32 ? 4 : 1;
  tensor(index).offset = add_constant(bytes, rows * cols * element);
  return index;
}

void Draft::begin_step(const std::string& name, size_t rows) {
  auto step = std::make_unique<schema::StepT>();
  step->name = name;
  step->rows = static_cast<uint32_t>(rows);
  program.steps.push_back(std::move(step));
  memory.emplace_back();
}

uint64_t Draft::add_constant(const void* bytes, size_t count) {
  std::vector<uint8_t>& constants = program.constants;
  constants.resize((constants.size() + 63) / 64 * 64);
  const uint64_t offset = constants.size();
  constants.resize(offset + count);
  std::memcpy(constants.data() + offset, bytes, count);
  return offset;
}

uint64_t Draft::add_shared_constant(const void* bytes, size_t count) {
  const auto [at, inserted] =
      shared_.try_emplace(std::string(static_cast<const char*>(bytes), count));
  if (inserted) at->second = add_constant(bytes, count);
  return at->second;
}

}  // namespace vitro::converter
