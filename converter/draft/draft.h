// SPDX-License-Identifier: Apache-2.0
// A program in the making: the schema's own tables, before offsets and tile sizes are known.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "runtime/schema/program_generated.h"

namespace vitro::converter {

/// `tensor` is rows of `base` from `first_row` on: it lies where they lie.
struct View {
  uint32_t tensor, base;
  size_t first_row;
};

class Draft {
 public:
  schema::ProgramT program;
  std::vector<View> views;

  uint32_t add_tensor(const std::string& name, schema::Format format, schema::Storage storage,
                      size_t rows, size_t cols, size_t heads = 1);
  uint32_t add_view(const std::string& name, uint32_t base, size_t first_row, size_t rows);
  /// A constant tensor with these bytes.
  uint32_t add_constant_tensor(const std::string& name, schema::Format format, size_t rows,
                               size_t cols, const void* bytes);

  void begin_step(const std::string& name, size_t rows);
  template <class Args>
  void add_op(const std::string& name, Args args) {
    auto op = std::make_unique<schema::OpT>();
    op->name = name;
    op->args.Set(std::move(args));
    program.steps.back()->ops.push_back(std::move(op));
  }

  /// Appends to the constants at a multiple of 64 and returns the offset.
  uint64_t add_constant(const void* bytes, size_t count);
  template <class T>
  uint64_t add_constant(const std::vector<T>& values) {
    return add_constant(values.data(), values.size() * sizeof(T));
  }

  schema::TensorT& tensor(uint32_t index) { return *program.tensors[index]; }
  const schema::TensorT& tensor(uint32_t index) const { return *program.tensors[index]; }
};

}  // namespace vitro::converter
