// SPDX-License-Identifier: Apache-2.0
#include "tests/runtime/hand_made.h"

#include <cstring>
#include <stdexcept>

#include "runtime/core/golden.h"
#include "runtime/core/layout.h"
#include "tests/support/run_program.h"

namespace vitro {

using schema::Format;
using schema::Storage;

namespace {

uint64_t bytes_of(const schema::TensorT& t) {
  return align_up(t.groups * tensor_bytes(t.format, t.rows / t.groups, t.cols, t.heads), 64);
}

}  // namespace

HandMade::HandMade(uint32_t height, uint32_t width) {
  program.version = 2;
  program.residual_scale = 1;
  program.preprocessing = std::make_unique<schema::PreprocessingT>();
  auto& p = *program.preprocessing;
  if (height == width)
    p.image_size = height;
  else
    p.image_height = height, p.image_width = width;
  p.resize = height;
  p.mean = p.std = {0.5f, 0.5f, 0.5f};
  program.input = tensor(Format::U8, height, width * 3);
}

uint32_t HandMade::tensor(Format format, uint32_t rows, uint32_t cols, uint32_t groups) {
  auto t = std::make_unique<schema::TensorT>();
  t->format = format, t->rows = rows, t->cols = cols, t->groups = groups;
  t->offset = arena_;
  arena_ += bytes_of(*t);
  program.tensors.push_back(std::move(t));
  return static_cast<uint32_t>(program.tensors.size() - 1);
}

uint32_t HandMade::scratch(Format format, uint32_t cols) {
  auto t = std::make_unique<schema::TensorT>();
  t->format = format, t->storage = Storage::Scratch;
  t->rows = program.steps.back()->tile_rows, t->cols = cols;
  t->offset = workspace(bytes_of(*t));
  program.tensors.push_back(std::move(t));
  return static_cast<uint32_t>(program.tensors.size() - 1);
}

uint64_t HandMade::constant(const void* bytes, size_t count) {
  const uint64_t offset = align_up(program.constants.size(), 64);
  program.constants.resize(offset + count);
  if (count > 0) std::memcpy(program.constants.data() + offset, bytes, count);
  return offset;
}

uint32_t HandMade::constant_rows(const std::vector<int16_t>& values, uint32_t cols) {
  auto t = std::make_unique<schema::TensorT>();
  t->format = Format::S16, t->storage = Storage::Constant;
  t->rows = static_cast<uint32_t>(values.size()) / cols, t->cols = cols;
  t->offset = constant(values.data(), values.size() * sizeof(int16_t));
  program.tensors.push_back(std::move(t));
  return static_cast<uint32_t>(program.tensors.size() - 1);
}

uint32_t HandMade::rows(const std::vector<int16_t>& values, uint32_t cols) {
  const uint32_t rows = static_cast<uint32_t>(values.size()) / cols;
  schema::CopyT copy;
  copy.src = constant_rows(values, cols);
  copy.dst = tensor(Format::S16, rows, cols);
  step(rows, rows);
  op(copy);
  return copy.dst;
}

void HandMade::step(uint32_t rows, uint32_t tile_rows) {
  auto step = std::make_unique<schema::StepT>();
  step->rows = rows, step->tile_rows = tile_rows;
  program.steps.push_back(std::move(step));
}

uint64_t HandMade::workspace(uint64_t bytes) {
  uint64_t& size = program.steps.back()->scratch_bytes;
  const uint64_t at = size;
  size += align_up(bytes, 64);
  return at;
}

void HandMade::linear(uint32_t src, uint32_t dst, const std::vector<int8_t>& weights, float scale,
                      int8_t zero_point) {
  const size_t n = program.tensors[dst]->cols, k = weights.size() / n,
               channels = static_cast<size_t>(channel_count(n));
  std::vector<int8_t> packed(channels * k);
  std::vector<float> floats(channels * 2);
  std::vector<int32_t> sums(channels);
  for (size_t c = 0; c < n; ++c) {
    floats[c] = scale;
    for (size_t i = 0; i < k; ++i) {
      packed[c / 16 * 16 * k + i / 4 * 64 + c % 16 * 4 + i % 4] = weights[c * k + i];
      sums[c] += weights[c * k + i];
    }
  }
  schema::LinearT args;
  args.src = src, args.dst = dst, args.zero_point = zero_point;
  args.weights = constant(packed.data(), packed.size());
  std::vector<uint8_t> bytes(channels * 12);
  std::memcpy(bytes.data(), floats.data(), channels * 8);
  std::memcpy(bytes.data() + channels * 8, sums.data(), channels * 4);
  args.channels = constant(bytes.data(), bytes.size());
  op(args);
}

void HandMade::output(const std::string& name, schema::OutputKind kind, uint32_t tensor) {
  auto output = std::make_unique<schema::OutputT>();
  output->name = name, output->kind = kind, output->tensor = tensor;
  if (program.outputs.empty()) program.output = tensor;
  program.outputs.push_back(std::move(output));
}

AlignedBytes HandMade::finish() {
  for (auto& step : program.steps) step->scratch_offset = arena_;
  AlignedBytes file = pack(program);
  open_program(file);
  return file;
}

void add_golden(HandMade& made, uint32_t seed) {
  const AlignedBytes file = made.finish();
  const vitro_program program = open_program(file);
  RunOptions options;
  options.isa = "reference";
  options.picture = seed;
  const std::vector<uint8_t> bytes = run_program(program, options).logits;
  auto golden = std::make_unique<schema::GoldenT>();
  golden->seed = seed;
  size_t at = 0;
  for (size_t i = 0; i < vitro_output_count(&program); ++i) {
    vitro_output_info info;
    vitro_output(&program, i, &info);
    const size_t size = info.rows * info.cols * sizeof(float);
    if (i == 0) {
      golden->logits.resize(info.rows * info.cols);
      std::memcpy(golden->logits.data(), bytes.data(), size);
    } else {
      golden->digests.push_back(output_digest(bytes.data() + at, size));
    }
    at += size;
  }
  made.program.golden.push_back(std::move(golden));
}

vitro_program open_program(const AlignedBytes& file) {
  vitro_program program;
  if (vitro_open(file.data(), file.size(), &program) != VITRO_OK)
    throw std::runtime_error(program.fault ? program.fault : "not a program");
  return program;
}

std::string fault_of(HandMade& made) {
  try {
    made.finish();
  } catch (const std::runtime_error& refused) {
    return refused.what();
  }
  return "";
}

}  // namespace vitro
