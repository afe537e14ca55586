// SPDX-License-Identifier: Apache-2.0
// Programs written op by op, without the converter: every tensor has memory of its own.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "tests/support/small_program.h"

namespace vitro {

class HandMade {
 public:
  HandMade(uint32_t height, uint32_t width);

  schema::ProgramT program;

  /// In the arena; `groups` of keys and values.
  uint32_t tensor(schema::Format format, uint32_t rows, uint32_t cols, uint32_t groups = 1);
  /// In the scratch of the current step.
  uint32_t scratch(schema::Format format, uint32_t cols);
  /// An S16 constant of values.size() / cols rows, copied to the arena by a step of its own.
  uint32_t rows(const std::vector<int16_t>& values, uint32_t cols);
  /// An S16 constant of values.size() / cols rows.
  uint32_t constant_rows(const std::vector<int16_t>& values, uint32_t cols);
  uint64_t constant(const void* bytes, size_t count);

  void step(uint32_t rows, uint32_t tile_rows);
  template <class Args>
  void op(Args args) {
    program.steps.back()->ops.push_back(std::make_unique<schema::OpT>());
    program.steps.back()->ops.back()->args.Set(std::move(args));
  }
  /// A linear from `src` to `dst`. weights: [n][k]; one scale for all channels, biases of 0.
  void linear(uint32_t src, uint32_t dst, const std::vector<int8_t>& weights, float scale,
              int8_t zero_point = 0);
  /// `bytes` of the current step's scratch, for an op's workspace.
  uint64_t workspace(uint64_t bytes);

  void output(const std::string& name, schema::OutputKind kind, uint32_t tensor);

  /// The file. Throws std::runtime_error where vitro_open refuses it.
  AlignedBytes finish();

 private:
  uint64_t arena_ = 0, scratch_ = 0;
};

/// A golden vector with what the reference kernels compute, output by output.
void add_golden(HandMade& made, uint32_t seed);

}  // namespace vitro
