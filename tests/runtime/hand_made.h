// SPDX-License-Identifier: Apache-2.0
// Programs written op by op, without the converter. Every tensor has memory of its own.
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

  /// Adds a tensor in the arena; `groups` is for keys and values.
  uint32_t tensor(schema::Format format, uint32_t rows, uint32_t cols, uint32_t groups = 1);
  /// Adds a tensor in the scratch of the current step.
  uint32_t scratch(schema::Format format, uint32_t cols);
  /// Adds an S16 constant of values.size() / cols rows, and a step that copies it to the arena.
  uint32_t rows(const std::vector<int16_t>& values, uint32_t cols);
  /// Adds an S16 constant of values.size() / cols rows.
  uint32_t constant_rows(const std::vector<int16_t>& values, uint32_t cols);
  uint64_t constant(const void* bytes, size_t count);

  void step(uint32_t rows, uint32_t tile_rows);
  template <class Args>
  void op(Args args) {
    program.steps.back()->ops.push_back(std::make_unique<schema::OpT>());
    program.steps.back()->ops.back()->args.Set(std::move(args));
  }
  /// Adds a linear from `src` to `dst`. weights: [n][k]; one scale for all channels, biases of 0.
  void linear(uint32_t src, uint32_t dst, const std::vector<int8_t>& weights, float scale,
              int8_t zero_point = 0);
  /// Reserves `bytes` of the current step's scratch for an op's workspace. Returns their offset.
  uint64_t workspace(uint64_t bytes);

  void output(const std::string& name, schema::OutputKind kind, uint32_t tensor);

  /// Returns the file. Throws std::runtime_error where vitro_open refuses it.
  AlignedBytes finish();

 private:
  uint64_t arena_ = 0, scratch_ = 0;
};

/// Adds a golden vector with what the reference kernels compute for each output.
void add_golden(HandMade& made, uint32_t seed);

/// Opens what finish() returned. Throws std::runtime_error where vitro_open refuses it.
vitro_program open_program(const AlignedBytes& file);
/// Why finish() throws; empty if it does not.
std::string fault_of(HandMade& made);

}  // namespace vitro
