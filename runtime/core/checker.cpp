// SPDX-License-Identifier: Apache-2.0
#include "runtime/core/checker.h"

#include <string.h>

namespace vitro {

namespace {

uint64_t end_of(const schema::Tensor& t) { return t.offset() + tensor_bytes(t); }

Range range_of(const schema::Tensor& t) { return {t.offset(), end_of(t)}; }

bool overlap(const Range& a, const Range& b) { return a.begin < b.end && b.begin < a.end; }

bool overlap(const schema::Tensor& a, const schema::Tensor& b) {
  return a.storage() == b.storage() && overlap(range_of(a), range_of(b));
}

uint32_t bits_of(float value) {
  uint32_t bits;
  memcpy(&bits, &value, sizeof bits);
  return bits;
}

// Of rows that one may be seen as several of, and the other way round.
bool is_plain(const schema::Tensor& t) {
  return t.format() == schema::Format::S16 || t.format() == schema::Format::F32;
}

// Rows of one tensor seen as another: the patch rows or the class row of the tokens, say. In
// scratch a tile's last rows may be missing, so that only the same rows will do.
bool is_view(const schema::Tensor& a, const schema::Tensor& b) {
  const uint32_t apart =
      static_cast<uint32_t>(a.offset() < b.offset() ? b.offset() - a.offset()
                                                    : a.offset() - b.offset());  // both below 2^31
  return is_plain(a) && a.format() == b.format() && a.cols() == b.cols() &&
         (a.storage() == schema::Storage::Arena
              ? apart % static_cast<uint32_t>(row_bytes(a.format(), a.cols())) == 0
              : apart == 0);
}

}  // namespace

bool Checker::tensor_sound(const schema::Tensor& t) {
  if (t.rows() == 0 || t.cols() == 0 || t.rows() >= kMaxExtent || t.cols() >= kMaxExtent)
    return fail("a tensor with an impossible shape");
  if (t.heads() == 0 || t.cols() % t.heads() != 0)
    return fail("cols of a tensor is not a multiple of heads");
  const bool packed = t.format() == schema::Format::Keys || t.format() == schema::Format::Values;
  if (t.groups() == 0 || t.rows() % t.groups() != 0 || (t.groups() > 1 && !packed))
    return fail("groups does not divide the rows, or the tensor is not keys or values");
  if (t.scale() != 0 &&
      !(t.format() == schema::Format::S16 && float_in_range(t.scale(), kScaleRange)))
    return fail("a tensor with an impossible scale");
  if (t.offset() % 4 != 0 || t.offset() > UINT32_MAX)
    return fail("a tensor at an impossible offset");
  if (t.storage() == schema::Storage::Constant)
    return t.format() == schema::Format::F32
               ? floats(t.offset(), uint64_t{t.rows()} * t.cols(), kChannelRange)
               : constants(t.offset(), tensor_bytes(t), 4);
  return check(end_of(t) <= kMaxArenaBytes, "a tensor beyond 1 GiB");
}

const schema::Tensor* Checker::operand(uint32_t index) {
  if (index >= program_.tensors()->size()) {
    fail("an operand is not a tensor");
    return nullptr;
  }
  const schema::Tensor* t = program_.tensors()->Get(index);
  const bool placed =
      t->storage() == schema::Storage::Constant ||
      end_of(*t) <= (t->storage() == schema::Storage::Arena ? step().scratch_offset()
                                                            : step().scratch_bytes());
  if (!placed) {
    fail("an operand outside its memory or inside the scratch");
    return nullptr;
  }
  return t;
}

bool Checker::look() { return limit(looks_left_-- > 0, "more to verify than this runtime takes"); }

// Takes away from `range`, of `tensor`, what `op` wrote as this tensor or as a view of it. A write
// of anything else there is a fault.
bool Checker::uncover(const schema::Op& op, const schema::Tensor& tensor, Range& range) {
  if (!look()) return false;
  const OpOperands operands = operands_of_(op, program_);
  if (tensor.storage() == schema::Storage::Scratch &&
      overlap(range, {operands.workspace, operands.workspace + operands.workspace_bytes}))
    return fail("an operand was overwritten before it is read");
  const schema::Tensor& other =
      *program_.tensors()->Get(static_cast<unsigned>(operands.destination));
  if (other.storage() != tensor.storage() || !overlap(range_of(other), range)) return true;
  if (&other != &tensor && !is_view(other, tensor))
    return fail("an operand was overwritten before it is read");
  if (other.offset() <= range.begin)
    range.begin = end_of(other);
  else if (end_of(other) >= range.end)
    range.end = other.offset();
  return true;
}

// Whether every byte of `tensor` was last written as this tensor or as views of it: nothing
// uninitialised and nothing foreign is ever read.
bool Checker::written_before(const schema::Tensor& tensor) {
  if (tensor.storage() == schema::Storage::Constant)
    return check(is_plain(tensor) || tensor.format() == schema::Format::S8,
                 "a constant operand is not S8, S16 or F32");
  Range left = range_of(tensor);
  for (size_t s = step_ + 1; s-- > 0;) {
    if (s == program_.steps()->size()) continue;  // after the last
    const schema::Step& step = *program_.steps()->Get(static_cast<unsigned>(s));
    if (s != step_ && step.scratch_bytes() > 0 && left.end > step.scratch_offset())
      return fail("an operand is overwritten by the scratch of a step");
    const auto& ops = *step.ops();
    for (size_t o = s == step_ ? op_ : ops.size(); o-- > 0;) {
      if (!uncover(*ops.Get(static_cast<unsigned>(o)), tensor, left)) return false;
      if (left.begin >= left.end) return true;
    }
    if (tensor.storage() == schema::Storage::Scratch) break;
  }
  return check(&tensor == program_.tensors()->Get(program_.input()),
               "an operand is read before it is written");
}

bool Checker::output_written(uint32_t index) {
  enter_step(program_.steps()->size());
  enter_op(0);
  return written_before(*program_.tensors()->Get(index));
}

const schema::Tensor* Checker::row_source(uint32_t index, schema::Format format) {
  const schema::Tensor* t = operand(index);
  if (!t) return nullptr;
  const uint32_t rows =
      t->storage() == schema::Storage::Scratch ? step().tile_rows() : step().rows();
  if (!check(t->format() == format, "an operand of the wrong format") ||
      !check(t->rows() == rows, "an operand with the wrong number of rows") || !written_before(*t))
    return nullptr;
  return t;
}

const schema::Tensor* Checker::whole_source(uint32_t index, schema::Format format) {
  const schema::Tensor* t = operand(index);
  if (!t) return nullptr;
  if (!check(t->format() == format, "an operand of the wrong format") ||
      !check(t->storage() == schema::Storage::Arena, "a whole operand outside the arena"))
    return nullptr;
  for (const schema::Op* op : *step().ops()) {
    if (!look()) return nullptr;
    const int64_t written = operands_of_(*op, program_).destination;
    if (written < program_.tensors()->size() &&
        !check(!overlap(*program_.tensors()->Get(static_cast<unsigned>(written)), *t),
               "a whole operand is written in the step that reads it"))
      return nullptr;
  }
  return written_before(*t) ? t : nullptr;
}

const schema::Tensor* Checker::row_destination(uint32_t index) {
  const schema::Tensor* t = operand(index);
  if (!t) return nullptr;
  const uint32_t rows =
      t->storage() == schema::Storage::Scratch ? step().tile_rows() : step().rows();
  if (!check(t->storage() != schema::Storage::Constant, "a destination in the constants") ||
      !check(t->rows() == rows, "a destination with the wrong number of rows"))
    return nullptr;
  for (unsigned o = 0; o < step().ops()->size(); ++o) {
    // Ops of a tile follow each other, so scratch may be used again; but tiles run at once, and the
    // arena is for all of them.
    if (o != op_ && t->storage() == schema::Storage::Scratch) continue;
    if (!look() || !apart(operands_of_(*step().ops()->Get(o), program_), index, o == op_))
      return nullptr;
  }
  return t;
}

const schema::Tensor* Checker::rows_to_rows(uint32_t src, schema::Format from, uint32_t dst,
                                            schema::Format to) {
  const schema::Tensor* source = row_source(src, from);
  const schema::Tensor* destination = source ? row_destination(dst) : nullptr;
  return destination && shaped(*destination, to, source->cols()) ? source : nullptr;
}

bool Checker::shaped(const schema::Tensor& t, schema::Format format, uint64_t cols) {
  return shapes_fit(t.format() == format && t.cols() == cols);
}

bool Checker::shapes_fit(bool good) {
  return check(good, "an operand of another shape or format than the op takes");
}

bool Checker::normalisable(const schema::Tensor& rows, float epsilon) {
  return check(rows.cols() <= kMaxNormCols, "a norm over too many columns") &&
         float_in_range(epsilon, kEpsilonRange);
}

// Whether an op of the step, this one or another, may read and write what it does while
// `destination` is written. The same rows of the same tensor are another op's turn.
bool Checker::apart(const OpOperands& operands, uint32_t destination, bool of_this_op) {
  for (const Source& source : operands.sources)
    if (!check(source.tensor != destination || source.in_place == InPlace::yes || !of_this_op,
               "a destination that is a source of an op that does not work in place") ||
        !disjoint(source.tensor, destination, "a destination that overlaps a source"))
      return false;
  return disjoint(operands.destination, destination, "a destination that overlaps another");
}

// Of anything but one and the same tensor, other rows would be read or written at the same time.
bool Checker::disjoint(int64_t other, uint32_t destination, const char* fault) {
  const auto& tensors = *program_.tensors();
  if (other < 0 || other == destination || other >= tensors.size()) return true;
  return check(!overlap(*tensors.Get(static_cast<unsigned>(other)), *tensors.Get(destination)),
               fault);
}

bool Checker::workspace(uint64_t offset, uint64_t bytes, const schema::Tensor& source,
                        const schema::Tensor& destination) {
  const uint64_t scratch = step().scratch_bytes();
  if (!check(offset % 64 == 0 && offset <= scratch && bytes <= scratch - offset,
             "a workspace outside the scratch"))
    return false;
  const schema::Tensor* const operands[] = {&source, &destination};
  for (const schema::Tensor* t : operands)
    if (t->storage() == schema::Storage::Scratch &&
        !check(!overlap(range_of(*t), {offset, offset + bytes}),
               "a workspace that overlaps an operand"))
      return false;
  return true;
}

// By the bits, which have the order of the numbers: a CPU that flushes subnormals compares them as
// 0. Without branches, so that compilers take many at once.
bool Checker::numbers(const float* values, uint64_t count, const FloatRange& range) {
  const uint32_t lowest = bits_of(range.smallest), span = bits_of(range.largest) - lowest,
                 allowed = range.zero ? 0 : lowest, sign = range.negative ? 0 : 0x80000000;
  uint32_t bad = 0;
  for (uint64_t i = 0; i < count; ++i) {
    const uint32_t bits = bits_of(values[i]), magnitude = bits & 0x7fffffff;
    bad |= (bits & sign) | ((magnitude - lowest > span) & (magnitude != allowed));
  }
  return check(bad == 0, "a number out of range");
}

bool Checker::scan(uint64_t bytes) {
  if (!limit(bytes <= scans_left_, "more to verify than this runtime takes")) return false;
  scans_left_ -= bytes;
  return true;
}

bool Checker::floats(uint64_t offset, uint64_t count, const FloatRange& range) {
  const uint64_t bytes = count * sizeof(float);
  if (!constants(offset, bytes, alignof(float)) || !scan(bytes)) return false;
  return numbers(reinterpret_cast<const float*>(constant_data(offset)), count, range);
}

bool Checker::constants(uint64_t offset, uint64_t bytes, uint64_t alignment) {
  const uint64_t size = program_.constants()->size();
  return check((offset & (alignment - 1)) == 0 && offset <= size && bytes <= size - offset,
               "constants outside the file");
}

}  // namespace vitro
