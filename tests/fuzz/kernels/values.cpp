// SPDX-License-Identifier: Apache-2.0
// Kernels that turn int16 values into others of the same number.
#include <cstring>

#include "runtime/core/bounds.h"
#include "runtime/kernels/kernels.h"
#include "tests/fuzz/kernels/checks.h"
#include "tests/fuzz/kernels/compare.h"

namespace vitro::fuzz {

namespace {

// The sources of affine and multiply: two, of which the kernel may find one in its destination.
struct Pair {
  const int16_t *first, *second;
  size_t in_place;  // 0: neither, 1: the first, 2: the second
};

Pair pair_of(size_t count, size_t cols, Input& in, Edge edge, Choices& c) {
  static Operand first, second;
  int16_t* const a = first.place_of<int16_t>(count, edge);
  int16_t* const b = second.place_of<int16_t>(count, edge);
  fill_rows(a, count, cols, in.below(8), c);
  fill_rows(b, count, cols, in.below(8), c);
  return {a, b, in.below(3)};
}

// The destination, with the source that is in place.
int16_t* place(Pair& sources, size_t count, Edge edge) {
  int16_t* const dst = written().bytes.place_of<int16_t>(count, edge);
  std::memset(dst, 0xee, count * 2);
  if (sources.in_place == 0) return dst;
  const int16_t*& source = sources.in_place == 1 ? sources.first : sources.second;
  std::memcpy(dst, source, count * 2);
  source = dst;
  return dst;
}

// Of a program's columns: mostly such that something saturates and something does not.
void fill_scales(float* scale, size_t count, Choices& c) {
  for (size_t i = 0; i < count; ++i)
    scale[i] = c.one_in(8) ? 0
                           : c.signed_magnitude(c.one_in(4) ? kChannelRange.smallest : 0x1p-8f,
                                                c.one_in(4) ? kChannelRange.largest : 0x1p8f);
}

}  // namespace

void check_silu(Input& in) {
  SiluArgs a{nullptr, in.from(1, 300),
             static_cast<uint8_t>(in.from(kMinSiluFraction, kMaxSiluFraction))};
  const size_t kind = in.below(8);
  const Edge edge = in.edge();
  Choices c(in.seed());
  static Operand source;
  int16_t* const values = source.place_of<int16_t>(a.count, edge);
  fill_rows(values, a.count, a.count, kind, c);
  Written& w = written();
  w.params.place(0, edge);
  w.workspace.place(0, edge);
  compare("silu", [&](const KernelTable& table) {
    a.values = w.bytes.place_of<int16_t>(a.count, edge);
    std::memcpy(a.values, values, a.count * 2);
    table.silu(a);
  });
}

void check_affine(Input& in) {
  const size_t m = in.from(1, 6), dim = in.from(1, 130);
  const bool adds = in.flag();
  const Edge edge = in.edge();
  Choices c(in.seed());
  const Pair sources = pair_of(m * dim, dim, in, edge, c);
  static Operand channels;
  float* const scale = channels.place_of<float>(2 * dim, edge);
  fill_scales(scale, 2 * dim, c);
  Written& w = written();
  w.params.place(0, edge);
  w.workspace.place(0, edge);
  compare("affine", [&](const KernelTable& table) {
    Pair placed = sources;
    if (!adds && placed.in_place == 2) placed.in_place = 1;
    int16_t* const dst = place(placed, m * dim, edge);
    table.affine({placed.first, m, dim, scale, scale + dim, adds ? placed.second : nullptr, dst});
  });
}

void check_multiply(Input& in) {
  const size_t count = in.from(1, 300);
  const Edge edge = in.edge();
  Choices c(in.seed());
  const Pair sources = pair_of(count, count, in, edge, c);
  const float scale = c.magnitude(kScaleRange.smallest, kScaleRange.largest);
  Written& w = written();
  w.params.place(0, edge);
  w.workspace.place(0, edge);
  compare("multiply", [&](const KernelTable& table) {
    Pair placed = sources;
    int16_t* const dst = place(placed, count, edge);
    table.multiply({placed.first, placed.second, count, scale, dst});
  });
}

void check_rotate_pairs(Input& in) {
  RotatePairsArgs a{};
  a.heads = in.from(1, 5);
  a.head_dim = 4 * in.from(1, in.below(16) == 0 ? kLargestHead / 4 : 40);
  const size_t kind = in.below(8), cols = a.heads * a.head_dim;
  const Edge edge = in.edge();
  Choices c(in.seed());
  static Operand source, turns, scales;
  int16_t* const src = source.place_of<int16_t>(cols, edge);
  fill_rows(src, cols, cols, kind, c);
  int16_t* const turn = turns.place_of<int16_t>(a.head_dim, edge);
  for (size_t i = 0; i < a.head_dim; ++i)
    turn[i] = static_cast<int16_t>(kind < 4 && c.one_in(2) ? (c.one_in(2) ? 16384 : -16384)
                                                           : c.between(-16384, 16384));
  float* const scale = scales.place_of<float>(a.heads, edge);
  for (size_t h = 0; h < a.heads; ++h)
    scale[h] = c.magnitude(kScaleRange.smallest, kScaleRange.largest);
  a.src = src, a.turns = turn, a.scale = scale;
  Written& w = written();
  w.params.place(0, edge);
  w.workspace.place(0, edge);
  compare("rotate_pairs", [&](const KernelTable& table) {
    a.dst = reinterpret_cast<int8_t*>(w.bytes.place(cols, edge));
    std::memset(a.dst, 0xee, cols);
    table.rotate_pairs(a);
  });
}

void check_norm(Input& in) {
  const bool wide = in.below(64) == 0, in_place = in.flag();
  const size_t m = in.from(1, 6), dim = in.from(1, wide ? kMaxNormCols : 130), kind = in.below(8);
  const Edge edge = in.edge();
  Choices c(in.seed());
  static Operand source, channels;
  int16_t* const src = source.place_of<int16_t>(m * dim, edge);
  fill_rows(src, m * dim, dim, kind, c);
  float* const gamma = channels.place_of<float>(2 * dim, edge);
  fill_scales(gamma, 2 * dim, c);
  const float epsilon = c.magnitude(kEpsilonRange.smallest, kEpsilonRange.largest);
  Written& w = written();
  w.params.place(0, edge);
  w.workspace.place(0, edge);
  compare("norm", [&](const KernelTable& table) {
    Pair placed{src, src, in_place ? size_t{1} : 0};
    int16_t* const dst = place(placed, m * dim, edge);
    table.norm({placed.first, m, dim, epsilon, gamma, gamma + dim, dst});
  });
}

void check_head_norm(Input& in) {
  HeadNormArgs a{};
  a.heads = in.from(1, 36);
  a.head_dim = in.from(1, in.below(16) == 0 ? kLargestHead : 70);
  if (a.heads * a.head_dim > kMaxNormCols) a.heads = 1;
  const size_t kind = in.below(8), cols = a.heads * a.head_dim;
  const Edge edge = in.edge();
  Choices c(in.seed());
  static Operand source, gains;
  int16_t* const src = source.place_of<int16_t>(cols, edge);
  fill_rows(src, cols, cols, kind, c);
  float* const gain = gains.place_of<float>(cols, edge);
  fill_scales(gain, cols, c);
  a.src = src, a.gain = gain;
  a.epsilon = c.magnitude(kEpsilonRange.smallest, kEpsilonRange.largest);
  Written& w = written();
  w.params.place(0, edge);
  w.workspace.place(0, edge);
  compare("head_norm", [&](const KernelTable& table) {
    a.dst = reinterpret_cast<int8_t*>(w.bytes.place(cols, edge));
    std::memset(a.dst, 0xee, cols);
    table.head_norm(a);
  });
}

}  // namespace vitro::fuzz
