// SPDX-License-Identifier: Apache-2.0
// What a tensor contains when it is read: rows written in parts, through views, in different
// orders; and how much of this the verifier examines.
#include <gtest/gtest.h>

#include <stdexcept>

#include "tests/runtime/hand_made.h"

namespace vitro {
namespace {

using schema::Format;

constexpr uint32_t kFlowCols = 8, kRowBytes = kFlowCols * 2;
const char *const kUnwritten = "an operand is read before it is written",
                  *const kOverwritten = "an operand was overwritten before it is read";

// A tensor that views `count` rows, from `first` on, of an S16 tensor in the arena.
uint32_t view(HandMade& made, uint32_t tensor, uint32_t first, uint32_t count) {
  const uint32_t rows = made.tensor(Format::S16, count, kFlowCols);
  made.program.tensors[rows]->offset = made.program.tensors[tensor]->offset + first * kRowBytes;
  return rows;
}

void write(HandMade& made, uint32_t tensor) {
  const uint32_t rows = made.program.tensors[tensor]->rows;
  made.step(rows, rows);
  schema::CopyT copy;
  copy.src = made.constant_rows(std::vector<int16_t>(size_t{rows} * kFlowCols), kFlowCols);
  copy.dst = tensor;
  made.op(copy);
}

// Adds ops to the current step that read a tensor and make an output of it.
void read(HandMade& made, uint32_t tensor) {
  schema::QuantiseRowsT quantise;
  quantise.src = tensor, quantise.dst = made.scratch(Format::RowS8, kFlowCols), quantise.unit = 1;
  made.op(quantise);
  const uint32_t out = made.tensor(Format::F32, made.program.steps.back()->rows, 1);
  made.linear(quantise.dst, out, std::vector<int8_t>(kFlowCols), 1);
  made.output("out", schema::OutputKind::Features, out);
}

// A part of ten rows.
struct Part {
  uint32_t first, count;
};

std::string after_writing(const std::vector<Part>& parts) {
  HandMade made(4, 4);
  const uint32_t whole = made.tensor(Format::S16, 10, kFlowCols);
  for (const Part& part : parts) write(made, view(made, whole, part.first, part.count));
  made.step(10, 3);
  read(made, whole);
  return fault_of(made);
}

TEST(Flow, RowsWrittenByParts) {
  const std::vector<std::vector<Part>> sound = {{{0, 10}},
                                                {{0, 4}, {4, 6}},
                                                {{4, 6}, {0, 4}},
                                                {{0, 10}, {3, 2}},
                                                {{0, 10}, {0, 2}, {8, 2}},
                                                {{0, 6}, {4, 6}},
                                                {{0, 5}, {5, 5}, {4, 2}}};
  for (const auto& parts : sound) EXPECT_EQ(after_writing(parts), "") << parts.size() << " parts";
  const std::vector<std::vector<Part>> holes = {
      {},
      {{0, 9}},
      {{1, 9}},
      {{0, 4}, {5, 5}},
      {{0, 4}, {4, 2}},
      {{4, 6}, {4, 2}},
      {{3, 4}},
      {{0, 3}, {7, 3}, {3, 4}}};  // sound, but refused: the part in the middle is not counted
  for (const auto& parts : holes)
    EXPECT_EQ(after_writing(parts), kUnwritten) << parts.size() << " parts";
}

// Writes the tensor, then another tensor over a part of it, with another format, width and offset.
std::string overwritten_by(Format format, uint32_t cols, uint64_t offset) {
  HandMade made(4, 4);
  const uint32_t whole = made.tensor(Format::S16, 10, kFlowCols);
  write(made, whole);
  const uint32_t source = made.constant_rows(std::vector<int16_t>(size_t{3} * cols), cols);
  const uint32_t other = made.tensor(format, 3, cols);
  made.program.tensors[other]->offset = made.program.tensors[whole]->offset + offset;
  made.step(3, 3);
  if (format == Format::S16) {
    schema::CopyT copy;
    copy.src = source, copy.dst = other;
    made.op(copy);
  } else {
    schema::StaticQuantiseT quantise;
    quantise.src = source, quantise.dst = other, quantise.scale = 1;
    made.op(quantise);
  }
  made.step(10, 3);
  read(made, whole);
  return fault_of(made);
}

TEST(Flow, OnlyWholeRowsOfTheSameKindAreViews) {
  for (const uint64_t row : {0, 1, 7}) {
    EXPECT_EQ(overwritten_by(Format::S16, kFlowCols, row * kRowBytes), "") << row;
    EXPECT_EQ(overwritten_by(Format::S16, kFlowCols, row * kRowBytes + 4), kOverwritten) << row;
    EXPECT_EQ(overwritten_by(Format::S16, kFlowCols / 2, row * kRowBytes), kOverwritten) << row;
    EXPECT_EQ(overwritten_by(Format::S8, kFlowCols, row * kRowBytes), kOverwritten) << row;
  }
  EXPECT_EQ(overwritten_by(Format::S16, kFlowCols, 9 * kRowBytes), "") << "its last row";
  EXPECT_EQ(overwritten_by(Format::S16, kFlowCols, 10 * kRowBytes), "") << "behind it";
  EXPECT_EQ(overwritten_by(Format::S8, kFlowCols, 10 * kRowBytes - 4), kOverwritten)
      << "its last bytes";
}

// The last tile may have fewer rows in scratch, so a view there must be of the same rows.
TEST(Flow, ScratchViewsAreOfTheSameRows) {
  for (const uint32_t row : {0u, 1u}) {
    HandMade made(4, 4);
    const uint32_t source = made.constant_rows(std::vector<int16_t>(10 * kFlowCols), kFlowCols);
    made.step(10, 4);
    const uint32_t first = made.scratch(Format::S16, kFlowCols),
                   second = made.scratch(Format::S16, kFlowCols),  // lies after the first
        seen = made.scratch(Format::S16, kFlowCols);
    made.program.tensors[seen]->offset =
        made.program.tensors[first]->offset + row * uint64_t{kRowBytes};
    for (const uint32_t tensor : {first, second}) {
      schema::CopyT copy;
      copy.src = source, copy.dst = tensor;
      made.op(copy);
    }
    read(made, seen);
    EXPECT_EQ(fault_of(made), row == 0 ? "" : kOverwritten);
  }
}

// Each op reads what the first step wrote, so the verifier has to look past all ops in between.
TEST(Flow, LooksAreBounded) {
  for (const uint32_t ops : {500u, 3000u}) {
    HandMade made(4, 4);
    const uint32_t first = made.tensor(Format::S16, 1, kFlowCols);
    write(made, first);
    for (uint32_t i = 0; i < ops; ++i) {
      if (i % 32 == 0) made.step(1, 1);
      schema::StaticQuantiseT quantise;
      quantise.src = first, quantise.dst = made.tensor(Format::S8, 1, kFlowCols),
      quantise.scale = 1;
      made.op(quantise);
    }
    made.step(1, 1);
    read(made, first);
    EXPECT_EQ(fault_of(made), ops == 500 ? "" : "more to verify than this runtime takes");
  }
}

}  // namespace
}  // namespace vitro
