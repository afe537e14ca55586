// SPDX-License-Identifier: Apache-2.0
// What the ops' verify functions ask about the program under verification. Every question that is
// answered "no" leaves its fault here.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "runtime/core/bounds.h"
#include "runtime/core/layout.h"

namespace vitro {

// A stretch of the arena or of the scratch, end excluded.
struct Range {
  uint64_t begin, end;
};

// Whether the destination of an op may be the source itself: with every kernel the op reads all of
// a row that it still needs, or of an element, before it writes that row or element.
enum class InPlace : uint8_t { no, yes };

// How an op reads a source: row by row, with the rows that it writes; or another part of it for
// each tile. Keys and values are counted by attention's own cost.
enum class Reads : uint8_t { rows, parts };

struct Source {
  int64_t tensor = -1;  // its index; -1: none
  InPlace in_place = InPlace::no;
  Reads reads = Reads::rows;
};

// The tensors that an op reads and writes, as indices (-1 for none), and the part of the scratch
// that it needs for itself.
struct OpOperands {
  Source sources[3];
  int64_t destination = -1;
  uint64_t workspace = 0, workspace_bytes = 0;
};

class Checker {
 public:
  // operands_of: of any op of the program, verified or not: its indices may be past the end.
  using OperandsOf = OpOperands (*)(const schema::Op& op, const schema::Program& program);
  Checker(const schema::Program& program, uint64_t file_bytes, OperandsOf operands_of)
      : program_(program), operands_of_(operands_of), scans_left_(file_bytes * kMaxScans) {}

  const char* fault() const { return fault_; }
  // The fault is that a limit is exceeded, which another runtime may not have.
  bool exceeded() const { return exceeded_; }
  bool fail(const char* fault) {
    fault_ = fault;
    return false;
  }
  bool check(bool good, const char* fault) {
    if (!good) fault_ = fault;
    return good;
  }
  bool limit(bool kept, const char* fault) {
    exceeded_ = !kept;
    return check(kept, fault);
  }

  void enter_step(size_t index) { step_ = index; }
  void enter_op(size_t index) { op_ = index; }
  const schema::Step& step() const { return *program_.steps()->Get(static_cast<unsigned>(step_)); }
  const schema::Program& program() const { return program_; }

  bool tensor_sound(const schema::Tensor& tensor);

  // The tensor at `index` as an operand of the current op, or null with a fault.
  // Row-wise operands have the step's rows (tile_rows in scratch); whole operands lie in the arena
  // and are written by earlier steps. A source must be completely written, and by nothing else
  // overwritten, before the op reads it.
  const schema::Tensor* row_source(uint32_t index, schema::Format format);
  const schema::Tensor* whole_source(uint32_t index, schema::Format format);
  const schema::Tensor* row_destination(uint32_t index);
  // The source of an op from rows to rows as wide, in these formats.
  const schema::Tensor* rows_to_rows(uint32_t src, schema::Format from, uint32_t dst,
                                     schema::Format to);
  // Whether the tensor is of that format and that wide.
  bool shaped(const schema::Tensor& tensor, schema::Format format, uint64_t cols);
  bool shapes_fit(bool good);
  // What any norm asks of its rows and its epsilon.
  bool normalisable(const schema::Tensor& rows, float epsilon);
  // `bytes` of the scratch for the op alone.
  bool workspace(uint64_t offset, uint64_t bytes, const schema::Tensor& source,
                 const schema::Tensor& destination);
  // After all steps: whether the tensor at `index` holds what an op wrote.
  bool output_written(uint32_t index);

  // Counts bytes that are about to be read, constants or others: shared ones are read again by each
  // op.
  bool scan(uint64_t bytes);
  // `count` floats in the constants.
  bool floats(uint64_t offset, uint64_t count, const FloatRange& range);
  bool float_in_range(float value, const FloatRange& range) { return numbers(&value, 1, range); }
  // `bytes` in the constants at an offset that is a multiple of `alignment`.
  bool constants(uint64_t offset, uint64_t bytes, uint64_t alignment);
  const uint8_t* constant_data(uint64_t offset) const {
    return program_.constants()->Data() + offset;
  }

 private:
  const schema::Tensor* operand(uint32_t index);
  bool numbers(const float* values, uint64_t count, const FloatRange& range);
  bool look();
  bool uncover(const schema::Op& op, const schema::Tensor& tensor, Range& range);
  bool written_before(const schema::Tensor& tensor);
  bool apart(const OpOperands& operands, uint32_t destination, bool of_this_op);
  bool disjoint(int64_t other, uint32_t destination, const char* fault);

  const schema::Program& program_;
  OperandsOf operands_of_;
  const char* fault_ = nullptr;
  bool exceeded_ = false;
  size_t step_ = 0, op_ = 0;
  uint64_t scans_left_;
  uint32_t looks_left_ = kMaxLooks;
};

}  // namespace vitro
