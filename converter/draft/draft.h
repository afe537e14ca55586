// SPDX-License-Identifier: Apache-2.0
// A program in the making: the schema's own tables, before offsets and tile sizes are known.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "converter/draft/program_object_generated.h"

namespace vitro::converter {

/// `tensor` is rows of `base` from `first_row` on: it lies where they lie.
struct View {
  uint32_t tensor, base;
  size_t first_row;
};

/// What one op needs of memory: all that planning has to know of it.
struct OpMemory {
  std::vector<uint32_t> reads, writes;   // tensors; constants may be left out
  uint64_t workspace_bytes = 0;          // of the thread's scratch, while the op runs
  uint64_t* workspace_offset = nullptr;  // in the op's arguments: where planning writes it
};

class Draft {
 public:
  schema::ProgramT program;
  std::vector<View> views;
  std::vector<std::vector<OpMemory>> memory;  // of each op of each step

  uint32_t add_tensor(const std::string& name, schema::Format format, schema::Storage storage,
                      size_t rows, size_t cols, size_t heads = 1);
  uint32_t add_view(const std::string& name, uint32_t base, size_t first_row, size_t rows);
  /// A constant tensor with these bytes.
  uint32_t add_constant_tensor(const std::string& name, schema::Format format, size_t rows,
                               size_t cols, const void* bytes);

  void begin_step(const std::string& name, size_t rows);
  /// To the latest step. An op with a workspace has a field of that name in its arguments.
  template <class Args>
  void add_op(const std::string& name, Args args, std::vector<uint32_t> reads,
              std::vector<uint32_t> writes, uint64_t workspace_bytes = 0) {
    auto op = std::make_unique<schema::OpT>();
    op->name = name;
    op->args.Set(std::move(args));
    OpMemory needs{std::move(reads), std::move(writes), workspace_bytes, nullptr};
    if constexpr (HasWorkspace<Args>::value)
      needs.workspace_offset = &static_cast<Args*>(op->args.value)->workspace;
    if constexpr (std::is_same_v<Args, schema::BiasedAttentionT>)
      needs.workspace_offset = &static_cast<Args*>(op->args.value)->attention->workspace;
    memory.back().push_back(std::move(needs));
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

  /// What is there already, if the same bytes were added by it before.
  template <class T>
  uint64_t add_shared_constant(const std::vector<T>& values) {
    return add_shared_constant(values.data(), values.size() * sizeof(T));
  }

 private:
  uint64_t add_shared_constant(const void* bytes, size_t count);

  std::map<std::string, uint64_t> shared_;  // offsets by the bytes there
  template <class Args, class = void>
  struct HasWorkspace : std::false_type {};
  template <class Args>
  struct HasWorkspace<Args, std::void_t<decltype(std::declval<Args&>().workspace)>>
      : std::true_type {};
};

}  // namespace vitro::converter
