// What the ops' verify functions ask about the program under verification. Every question that is answered "no" leaves its fault here.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "runtime/program/layout.h"

namespace vitro {

constexpr uint32_t kMaxExtent = 1u << 24;  // rows and columns of a tensor

class Checker {
 public:
  explicit Checker(const schema::Program& program) : program_(program) {}

  const char* fault() const { return fault_; }
  bool fail(const char* fault) {
    fault_ = fault;
    return false;
  }
  bool check(bool good, const char* fault) { return good || fail(fault); }

  void enter_step(size_t index) { step_ = index; }
  void enter_op(size_t index) { op_ = index; }
  const schema::Step& step() const { return *program_.steps()->Get(static_cast<unsigned>(step_)); }
  const schema::Program& program() const { return program_; }

  bool tensor_sound(const schema::Tensor& tensor);

  // The tensor at `index` as an operand of the current op, or null with a fault.
  // Row-wise operands have the step's rows (tile_rows in scratch); whole operands lie in the arena and are written by earlier steps.
  const schema::Tensor* row_source(uint32_t index, schema::Format format);
  const schema::Tensor* whole_source(uint32_t index, schema::Format format);
  const schema::Tensor* row_destination(uint32_t index);

  // `count` floats in the constants, each 0 (where allowed) or of a magnitude in [2^-exponent, 2^exponent].
  bool floats(uint64_t offset, uint64_t count, int exponent, bool zero_allowed);
  bool float_in_range(float value, int exponent, bool zero_allowed);
  // `bytes` in the constants at an offset that is a multiple of `alignment`.
  bool constants(uint64_t offset, uint64_t bytes, uint64_t alignment);
  const uint8_t* constant_data(uint64_t offset) const { return program_.constants()->Data() + offset; }

 private:
  const schema::Tensor* operand(uint32_t index);
  bool written_before(const schema::Tensor& tensor);

  const schema::Program& program_;
  const char* fault_ = nullptr;
  size_t step_ = 0, op_ = 0;
};

// The tensors that an op reads and writes, as indices; -1 for none.
struct OpOperands {
  int64_t sources[4] = {-1, -1, -1, -1};
  int64_t destination = -1;
};
OpOperands operands_of(const schema::Op& op);

}  // namespace vitro
