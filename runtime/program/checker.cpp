#include "runtime/program/checker.h"

#include <string.h>

namespace vitro {

namespace {

uint64_t end_of(const schema::Tensor& t) { return t.offset() + tensor_bytes(t); }

bool overlap(const schema::Tensor& a, const schema::Tensor& b) {
  return a.storage() == b.storage() && a.offset() < end_of(b) && b.offset() < end_of(a);
}

// Rows of one tensor seen as another: the patch rows or the class row of the tokens, say. Any bytes are sound as these formats' elements.
bool is_view(const schema::Tensor& a, const schema::Tensor& b) {
  const bool plain = a.format() == schema::Format::S16 || a.format() == schema::Format::F32;
  const uint64_t apart = a.offset() < b.offset() ? b.offset() - a.offset() : a.offset() - b.offset();
  return plain && a.format() == b.format() && a.cols() == b.cols() && apart % row_bytes(a.format(), a.cols()) == 0;
}

}  // namespace

bool Checker::tensor_sound(const schema::Tensor& t) {
  if (t.format() > schema::Format::MAX || t.storage() > schema::Storage::MAX) return fail("a tensor of an unknown format or storage");
  if (t.rows() == 0 || t.cols() == 0 || t.rows() >= kMaxExtent || t.cols() >= kMaxExtent) return fail("a tensor with an impossible shape");
  if (t.heads() == 0 || t.cols() % t.heads() != 0) return fail("a tensor whose columns are not whole heads");
  if (t.offset() % 4 != 0 || t.offset() > UINT32_MAX) return fail("a tensor at an impossible offset");
  if (t.storage() == schema::Storage::Constant) return constants(t.offset(), tensor_bytes(t), 4);
  return check(end_of(t) < (uint64_t{1} << 31), "a tensor beyond 2 GiB");
}

const schema::Tensor* Checker::operand(uint32_t index) {
  if (index >= program_.tensors()->size()) {
    fail("an operand that is not a tensor");
    return nullptr;
  }
  const schema::Tensor* t = program_.tensors()->Get(index);
  const bool placed = t->storage() == schema::Storage::Constant ||
                      end_of(*t) <= (t->storage() == schema::Storage::Arena ? step().scratch_offset() : step().scratch_bytes());
  if (!placed) {
    fail("an operand outside its memory, or in another's scratch");
    return nullptr;
  }
  return t;
}

// Whether everything that was last written where `tensor` lies was written as this tensor (or as a view of it).
bool Checker::written_before(const schema::Tensor& tensor) {
  if (tensor.storage() == schema::Storage::Constant || &tensor == program_.tensors()->Get(program_.input())) return true;
  for (size_t s = step_ + 1; s-- > 0;) {
    const auto& ops = *program_.steps()->Get(static_cast<unsigned>(s))->ops();
    for (size_t o = s == step_ ? op_ : ops.size(); o-- > 0;) {
      const int64_t written = operands_of(*ops.Get(static_cast<unsigned>(o))).destination;
      if (written < 0 || written >= program_.tensors()->size()) continue;
      const schema::Tensor& other = *program_.tensors()->Get(static_cast<unsigned>(written));
      if (&other == &tensor) return true;
      if (!overlap(other, tensor)) continue;
      if (!is_view(other, tensor)) return fail("an operand that something else was written over");
      if (other.offset() <= tensor.offset() && end_of(other) >= end_of(tensor)) return true;
    }
    if (tensor.storage() == schema::Storage::Scratch) break;
  }
  const bool plain = tensor.format() == schema::Format::S16 || tensor.format() == schema::Format::F32;
  return check(plain && tensor.storage() == schema::Storage::Arena, "an operand that nothing wrote");
}

const schema::Tensor* Checker::row_source(uint32_t index, schema::Format format) {
  const schema::Tensor* t = operand(index);
  if (!t) return nullptr;
  const uint32_t rows = t->storage() == schema::Storage::Scratch ? step().tile_rows() : step().rows();
  if (!check(t->format() == format, "an operand of the wrong format") || !check(t->rows() == rows, "an operand with the wrong number of rows") ||
      !written_before(*t))
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
    const int64_t written = operands_of(*op).destination;
    if (written < 0 || written >= program_.tensors()->size()) continue;
    if (!check(!overlap(*program_.tensors()->Get(static_cast<unsigned>(written)), *t), "an operand that its own step writes")) return nullptr;
  }
  return written_before(*t) ? t : nullptr;
}

const schema::Tensor* Checker::row_destination(uint32_t index) {
  const schema::Tensor* t = operand(index);
  if (!t) return nullptr;
  const uint32_t rows = t->storage() == schema::Storage::Scratch ? step().tile_rows() : step().rows();
  if (!check(t->storage() != schema::Storage::Constant, "a destination in the constants") ||
      !check(t->rows() == rows, "a destination with the wrong number of rows"))
    return nullptr;
  // In place is sound for rows of one tensor alone: anything else that overlaps would be read while it is written.
  const OpOperands operands = operands_of(*step().ops()->Get(static_cast<unsigned>(op_)));
  for (const int64_t source : operands.sources) {
    if (source < 0 || source == index || source >= program_.tensors()->size()) continue;
    if (!check(!overlap(*program_.tensors()->Get(static_cast<unsigned>(source)), *t), "a destination that overlaps a source")) return nullptr;
  }
  return t;
}

bool Checker::float_in_range(float value, int exponent, bool zero_allowed) {
  uint32_t bits;
  memcpy(&bits, &value, sizeof bits);
  bits &= 0x7fffffff;
  const int biased = static_cast<int>(bits >> 23);
  return check((bits == 0 && zero_allowed) || (biased >= 127 - exponent && biased <= 127 + exponent), "a number out of range");
}

bool Checker::floats(uint64_t offset, uint64_t count, int exponent, bool zero_allowed) {
  if (!constants(offset, count * sizeof(float), alignof(float))) return false;
  const float* values = reinterpret_cast<const float*>(constant_data(offset));
  for (uint64_t i = 0; i < count; ++i)
    if (!float_in_range(values[i], exponent, zero_allowed)) return false;
  return true;
}

bool Checker::constants(uint64_t offset, uint64_t bytes, uint64_t alignment) {
  const uint64_t size = program_.constants()->size();
  return check(offset % alignment == 0 && offset <= size && bytes <= size - offset, "constants outside the file");
}

}  // namespace vitro
