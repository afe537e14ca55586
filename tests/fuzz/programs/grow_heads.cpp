// SPDX-License-Identifier: Apache-2.0
#include "runtime/core/bounds.h"
#include "tests/fuzz/programs/grow.h"

namespace vitro::fuzz {

using schema::Format;
using schema::ProgramT;

namespace {

// Heads into which the columns of a tensor can be cut, those of rotate_pairs and keys into fours; 1
// where there are no others.
uint32_t heads_of(uint32_t cols, uint32_t multiple, Choices& c) {
  uint32_t heads = static_cast<uint32_t>(1 + c.below(4));
  while (heads > 1 && cols % (heads * multiple) != 0) --heads;
  return heads;
}

// Where rows of heads go: int8 rows or packed keys, of one group or two.
uint32_t add_heads(ProgramT& p, Format format, uint32_t src, uint32_t heads, Choices& c) {
  const uint32_t rows = p.tensors[src]->rows, cols = p.tensors[src]->cols;
  const uint32_t dst = add_tensor(p, format, rows, cols);
  if (format == Format::Keys) {
    p.tensors[dst]->heads = heads;
    if (rows % 2 == 0 && c.one_in(4)) p.tensors[dst]->groups = 2;
  }
  return dst;
}

void grow_head_norm(ProgramT& p, uint32_t src, Choices& c) {
  const uint32_t cols = p.tensors[src]->cols;
  const Format format = cols % 4 == 0 && c.one_in(2) ? Format::Keys : Format::S8;
  const uint32_t heads = heads_of(cols, format == Format::Keys ? 4 : 1, c);
  schema::HeadNormT a;
  a.src = src, a.dst = add_heads(p, format, src, heads, c), a.head_dim = cols / heads;
  a.epsilon = c.one_in(2) ? 1.0f : c.magnitude(kEpsilonRange.smallest, kEpsilonRange.largest);
  a.channels = add_channels(p, cols, c);
  append_op(p, a);
}

void grow_rotate_pairs(ProgramT& p, uint32_t src, Choices& c) {
  const uint32_t rows = p.tensors[src]->rows, cols = p.tensors[src]->cols;
  static constexpr Format kTo[] = {Format::S8, Format::Keys, Format::S16};
  const Format format = c.of(kTo);
  const uint32_t heads = heads_of(cols, 4, c);
  schema::RotatePairsT a;
  a.src = src, a.dst = add_heads(p, format, src, heads, c);
  for (uint32_t h = 0; h < heads; ++h)
    a.scale.push_back(c.one_in(2) ? c.magnitude(0x1p-30f, 0x1p-10f)
                                  : c.magnitude(kScaleRange.smallest, kScaleRange.largest));
  a.turns = add_turns(p, size_t{rows} * (cols / heads), c);
  append_op(p, a);
}

void grow_multiply(ProgramT& p, uint32_t src, Choices& c) {
  const uint32_t rows = p.tensors[src]->rows, cols = p.tensors[src]->cols;
  const auto other = written(p, Format::S16, c);
  const bool alike = other && p.tensors[*other]->rows == rows && p.tensors[*other]->cols == cols;
  schema::MultiplyT a;
  a.a = src, a.b = alike && c.one_in(2) ? *other : add_rows(p, rows, cols, c);
  if (c.one_in(4)) std::swap(a.a, a.b);
  a.dst = c.one_in(3) ? src : add_tensor(p, Format::S16, rows, cols);
  a.scale = c.one_in(2) ? c.magnitude(0x1p-18f, 0x1p-2f)
                        : c.magnitude(kScaleRange.smallest, kScaleRange.largest);
  append_op(p, a);
}

}  // namespace

void grow_heads(ProgramT& p, uint32_t src, Choices& c) {
  append_step(p, p.tensors[src]->rows, c);
  switch (c.below(3)) {
    case 0: return grow_head_norm(p, src, c);
    case 1: return grow_rotate_pairs(p, src, c);
    default: return grow_multiply(p, src, c);
  }
}

}  // namespace vitro::fuzz
