// SPDX-License-Identifier: Apache-2.0
// Rotary positions: pairs of columns of queries and keys, turned by angles of their row.
#include "runtime/kernels/law.h"
#include "runtime/ops/ops.h"
#include "runtime/ops/packed_keys.h"

namespace vitro {

namespace {

constexpr int kLargestTurn = 1 << 14;

struct Bound {
  RotatePairsKernel kernel;
  Operand src, dst;
  const int16_t* turns;
  const float* scale;
  uint32_t heads, head_dim;
  PackedKeys keys;
  bool to_fixed;  // int16
};

bool verify_turns(Checker& checker, uint64_t offset, uint64_t count) {
  if (!checker.constants(offset, count * sizeof(int16_t), alignof(int16_t)) ||
      !checker.scan(count * sizeof(int16_t)))
    return false;
  const auto* turns = reinterpret_cast<const int16_t*>(checker.constant_data(offset));
  bool good = true;
  for (uint64_t i = 0; i < count; ++i)
    good &= turns[i] >= -kLargestTurn && turns[i] <= kLargestTurn;
  return checker.check(good, "a cosine or sine beyond 1");
}

bool verify(Checker& checker, const schema::RotatePairs& a) {
  const schema::Tensor* src = checker.row_source(a.src(), schema::Format::S16);
  const schema::Tensor* dst = src ? checker.row_destination(a.dst()) : nullptr;
  if (!dst) return false;
  const bool keys = dst->format() == schema::Format::Keys;
  const uint32_t heads = a.scale() ? a.scale()->size() : 0;
  if (!checker.shapes_fit(
          (keys || dst->format() == schema::Format::S8 || dst->format() == schema::Format::S16) &&
          dst->cols() == src->cols()) ||
      !checker.check(heads > 0 && src->cols() % heads == 0 && (!keys || dst->heads() == heads),
                     "rotate_pairs does not have a scale for each head") ||
      !checker.check(src->cols() / heads % 4 == 0 && src->cols() / heads <= kLargestHead,
                     "rotated heads of an impossible size") ||
      !checker.check(!keys || dst->storage() == schema::Storage::Arena,
                     "rotated keys in scratch") ||
      !checker.scan(uint64_t{heads} * sizeof(float)))
    return false;
  for (const float scale : *a.scale())
    if (!checker.float_in_range(scale, kScaleRange)) return false;
  return verify_turns(checker, a.turns(), uint64_t{checker.step().rows()} * (src->cols() / heads));
}

// Of row r of the tile.
RotatePairsArgs args_of(const Bound& a, const RowTile& tile, size_t r) {
  const size_t cols = size_t{a.heads} * a.head_dim;
  RotatePairsArgs args;
  args.src = reinterpret_cast<const int16_t*>(a.src.at(tile)) + r * cols;
  args.heads = a.heads;
  args.head_dim = a.head_dim;
  args.turns = a.turns + (tile.first + r) * a.head_dim;
  args.scale = a.scale;
  args.dst = nullptr;
  return args;
}

void write_keys(const Bound& a, const RowTile& tile, size_t r) {
  int8_t rotated[kLargestHead];
  RotatePairsArgs args = args_of(a, tile, r);
  args.heads = 1;
  args.dst = rotated;
  for (uint32_t h = 0; h < a.heads; ++h, ++args.scale, args.src += a.head_dim) {
    a.kernel(args);
    store_head(a.keys, rotated, a.head_dim, h * a.head_dim, static_cast<uint32_t>(tile.first + r),
               a.dst.at(tile));
  }
}

void write_row(const Bound& a, const RowTile& tile, size_t r) {
  RotatePairsArgs args = args_of(a, tile, r);
  const size_t first = r * a.heads * a.head_dim;
  if (a.to_fixed)
    return law::rotate_pairs_fixed(args, reinterpret_cast<int16_t*>(a.dst.at(tile)) + first);
  args.dst = reinterpret_cast<int8_t*>(a.dst.at(tile)) + first;
  a.kernel(args);
}

void run(const Bound& a, const RowTile& tile) {
  for (size_t r = 0; r < tile.rows; ++r)
    a.keys.tokens > 0 ? write_keys(a, tile, r) : write_row(a, tile, r);
}

Bound bind(const Binder& binder, const schema::RotatePairs& a) {
  const schema::Tensor& dst = binder.tensor(a.dst());
  return {binder.kernels.rotate_pairs,
          binder.operand(a.src()),
          binder.operand(a.dst()),
          reinterpret_cast<const int16_t*>(binder.constant(a.turns())),
          a.scale()->data(),
          a.scale()->size(),
          dst.cols() / a.scale()->size(),
          packed_keys(dst),
          dst.format() == schema::Format::S16};
}

OpCost cost(const schema::RotatePairs& a, const schema::Program& program, const StepShape& step) {
  const uint32_t heads = a.scale()->size(),
                 head_dim = program.tensors()->Get(a.src())->cols() / heads;
  return {0, uint64_t{rows_of_a_tile(step)} * head_dim * sizeof(int16_t) + heads * sizeof(float)};
}

}  // namespace

const OpType kRotatePairs =
    TypedOp<schema::RotatePairs, Bound, row_wise, verify, bind, run, cost>::type;

}  // namespace vitro
