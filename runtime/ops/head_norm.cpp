// SPDX-License-Identifier: Apache-2.0
// Int16 to int8 queries or keys of which each head has one length: cosine attention.
#include "runtime/kernels/kernels.h"
#include "runtime/ops/ops.h"
#include "runtime/ops/packed_keys.h"

namespace vitro {

namespace {

struct Bound {
  HeadNormKernel kernel;
  Operand src, dst;
  const float* gain;
  uint32_t cols, head_dim;
  PackedKeys keys;
  float epsilon;
};

bool verify_keys(Checker& checker, const schema::Tensor& dst, uint32_t head_dim) {
  return dst.format() != schema::Format::Keys ||
         (checker.check(dst.storage() == schema::Storage::Arena &&
                            dst.cols() == uint64_t{head_dim} * dst.heads(),
                        "head_norm into keys in scratch or of other heads") &&
          checker.check(head_dim % 4 == 0, "head_norm into keys of heads that are no fours"));
}

bool verify(Checker& checker, const schema::HeadNorm& a) {
  const schema::Tensor* src = checker.row_source(a.src(), schema::Format::S16);
  const schema::Tensor* dst = src ? checker.row_destination(a.dst()) : nullptr;
  return dst &&
         checker.check(dst->format() == schema::Format::S8 || dst->format() == schema::Format::Keys,
                       "head_norm into another format than int8 or keys") &&
         checker.shapes_fit(dst->cols() == src->cols()) &&
         checker.check(
             a.head_dim() > 0 && a.head_dim() <= kLargestHead && src->cols() % a.head_dim() == 0,
             "head_norm of heads of an impossible size") &&
         verify_keys(checker, *dst, a.head_dim()) && checker.normalisable(*src, a.epsilon()) &&
         checker.floats(a.channels(), src->cols(), kChannelRange);
}

OpCost cost(const schema::HeadNorm& a, const schema::Program& program, const StepShape&) {
  return {0, sizeof(float) * uint64_t{program.tensors()->Get(a.src())->cols()}};
}

// As many heads at once as the memory holds: the kernel divides for all of them together.
void run_into_keys(const Bound& a, HeadNormArgs args, uint32_t row, uint8_t* keys) {
  int8_t heads[kLargestHead];
  const uint32_t at_once = static_cast<uint32_t>(sizeof heads) / a.head_dim * a.head_dim;
  args.dst = heads;
  for (uint32_t c = 0; c < a.cols; c += at_once, args.src += at_once, args.gain += at_once) {
    const uint32_t cols = a.cols - c < at_once ? a.cols - c : at_once;
    args.heads = cols / a.head_dim;
    a.kernel(args);
    for (uint32_t d = 0; d < cols; d += a.head_dim)
      store_head(a.keys, heads + d, a.head_dim, c + d, row, keys);
  }
}

void run(const Bound& a, const RowTile& tile) {
  HeadNormArgs args;
  args.src = reinterpret_cast<const int16_t*>(a.src.at(tile));
  args.heads = a.cols / a.head_dim;
  args.head_dim = a.head_dim;
  args.epsilon = a.epsilon;
  args.gain = a.gain;
  uint8_t* const dst = a.dst.at(tile);  // of keys the whole tensor
  args.dst = reinterpret_cast<int8_t*>(dst);
  for (uint32_t r = 0; r < tile.rows; ++r, args.src += a.cols, args.dst += a.cols)
    if (a.keys.tokens > 0)
      run_into_keys(a, args, static_cast<uint32_t>(tile.first) + r, dst);
    else
      a.kernel(args);
}

Bound bind(const Binder& binder, const schema::HeadNorm& a) {
  const schema::Tensor& dst = binder.tensor(a.dst());
  return {binder.kernels.head_norm,
          binder.operand(a.src()),
          binder.operand(a.dst()),
          reinterpret_cast<const float*>(binder.constant(a.channels())),
          dst.cols(),
          a.head_dim(),
          packed_keys(dst),
          a.epsilon()};
}

}  // namespace

const OpType kHeadNorm = TypedOp<schema::HeadNorm, Bound, row_wise, verify, bind, run, cost>::type;

}  // namespace vitro
