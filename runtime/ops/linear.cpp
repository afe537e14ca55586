// SPDX-License-Identifier: Apache-2.0
#include "runtime/ops/linear.h"

#include "runtime/ops/weights.h"

namespace vitro {

namespace {

OpOperands operands(const schema::Linear& a, const schema::Program&) {
  OpOperands operands;
  operands.sources[0] = {a.src(), InPlace::no};
  operands.sources[1] = {a.addend(), InPlace::yes};
  operands.destination = a.dst();
  return operands;
}

LinearOutput output_of(const schema::Linear& a, schema::Format format) {
  switch (format) {
    case schema::Format::S8: return LinearOutput::s8;
    case schema::Format::Keys: return LinearOutput::keys;
    case schema::Format::Values: return LinearOutput::values;
    case schema::Format::S16:
      if (a.activation() == schema::Activation::Gelu) return LinearOutput::gelu;
      return a.addend() >= 0 ? LinearOutput::residual : LinearOutput::s16;
    default: return LinearOutput::f32;
  }
}

// Kernels differ in how they use weight_sum, so a wrong one would give other bits on other
// machines.
bool verify_panel(Checker& checker, const int8_t* panel, uint64_t k, const int32_t* weight_sum) {
  const uint32_t depth = static_cast<uint32_t>(k);
  const PanelFacts facts = panel_facts(panel, depth);
  uint32_t differences = 0;
  for (int i = 0; i < 16; ++i)
    differences |= (facts.sums[i] - 128 * depth) ^ static_cast<uint32_t>(weight_sum[i]);
  return checker.check(!facts.has_lowest, "a weight of -128, which no kernel supports") &&
         checker.check(differences == 0, "weight_sum does not match the weights");
}

bool verify_constants(Checker& checker, const schema::Linear& a, uint64_t n, uint64_t k,
                      bool is_static) {
  const uint64_t channels = channel_count(n), sums = a.channels() + channels * 8;
  if (!checker.floats(a.channels(), channels * 2, kChannelRange) ||
      !checker.constants(sums, channels * 4, 4) ||
      !checker.constants(a.weights(), packed_weight_bytes(n, k), 64) ||
      !checker.scan(packed_weight_bytes(n, k)))
    return false;
  const int8_t* weights = reinterpret_cast<const int8_t*>(checker.constant_data(a.weights()));
  const int32_t* weight_sum = reinterpret_cast<const int32_t*>(checker.constant_data(sums));
  for (uint64_t channel = 0; channel < channels; channel += 16)
    if (!verify_panel(checker, weights + channel * k, k, weight_sum + channel)) return false;
  if (!is_static) return true;
  const float* floats = reinterpret_cast<const float*>(checker.constant_data(a.channels()));
  return verify_static_channels(checker, floats, floats + channels, n);
}

bool verify_addend(Checker& checker, const schema::Linear& a, const schema::Tensor& dst) {
  if (a.addend() < 0) return true;
  if (!checker.check(dst.format() == schema::Format::S16 || dst.format() == schema::Format::F32,
                     "an addend with an int8 output"))
    return false;
  const schema::Tensor* addend =
      checker.row_source(static_cast<uint32_t>(a.addend()), dst.format());
  return addend && checker.shapes_fit(addend->cols() == dst.cols());
}

bool verify_activation(Checker& checker, const schema::Linear& a, const schema::Tensor& dst) {
  if (a.activation() == schema::Activation::None) return true;
  const bool silu = a.activation() == schema::Activation::Silu;
  const unsigned least = silu ? kMinSiluFraction : kMinGeluFraction,
                 most = silu ? kMaxSiluFraction : kMaxGeluFraction;
  return checker.check(dst.format() == schema::Format::S16 && a.addend() < 0 &&
                           a.fraction_bits() >= least && a.fraction_bits() <= most,
                       "an activation with an unsupported output or fraction_bits");
}

bool is_format(const schema::Program& program, uint32_t tensor, schema::Format format) {
  return tensor < program.tensors()->size() && program.tensors()->Get(tensor)->format() == format;
}

bool is_int8(schema::Format format) {
  return format == schema::Format::S8 || format == schema::Format::Keys ||
         format == schema::Format::Values;
}

bool verify(Checker& checker, const schema::Linear& a) {
  const bool is_static = is_format(checker.program(), a.src(), schema::Format::S8);
  const schema::Tensor* src =
      checker.row_source(a.src(), is_static ? schema::Format::S8 : schema::Format::RowS8);
  const schema::Tensor* dst = src ? checker.row_destination(a.dst()) : nullptr;
  if (!dst ||
      !checker.check(dst->format() != schema::Format::U8 && dst->format() != schema::Format::RowS8,
                     "a linear into a wrong format") ||
      !checker.check(!is_static || is_int8(dst->format()),
                     "a static linear into another format than int8"))
    return false;
  const uint64_t k = src->cols(), n = dst->cols();
  if (!checker.check(k % 4 == 0 && k <= kMaxDepth,
                     "the depth of a linear is too large or not a multiple of 4"))
    return false;
  const bool packed =
      dst->format() == schema::Format::Keys || dst->format() == schema::Format::Values;
  if (packed &&
      !checker.check(
          dst->storage() == schema::Storage::Arena && dst->cols() / dst->heads() % 4 == 0,
          "keys or values in scratch, or with columns per head that are not a multiple of 4"))
    return false;
  return verify_activation(checker, a, *dst) && verify_addend(checker, a, *dst) &&
         verify_constants(checker, a, n, k, is_static);
}

OpCost cost(const schema::Linear& a, const schema::Program& program, const StepShape&) {
  const uint64_t k = program.tensors()->Get(a.src())->cols(),
                 n = program.tensors()->Get(a.dst())->cols();
  return {n * k, packed_weight_bytes(n, k) + channel_count(n) * kChannelBytes};
}

void run(const BoundLinear& a, const RowTile& tile) {
  if (a.is_static) return run_static_linear(a, tile);
  call_linear_kernel(a, tile, a.src.row_params(tile), 0);
  if (a.has_silu)
    a.kernels->silu({reinterpret_cast<int16_t*>(a.dst.at(tile)), tile.rows * a.n, a.fraction_bits});
}

BoundLinear bind(const Binder& binder, const schema::Linear& a) {
  const schema::Tensor& dst = binder.tensor(a.dst());
  BoundLinear b;
  b.is_static = binder.tensor(a.src()).format() == schema::Format::S8;
  b.zero_point = a.zero_point();
  b.kernels = &binder.kernels;
  b.weights = reinterpret_cast<const int8_t*>(binder.constant(a.weights()));
  b.channels = reinterpret_cast<const float*>(binder.constant(a.channels()));
  b.src = binder.operand(a.src());
  b.dst = binder.operand(a.dst());
  b.has_addend = a.addend() >= 0;
  b.addend = b.has_addend ? binder.operand(static_cast<uint32_t>(a.addend())) : Operand{};
  b.k = binder.tensor(a.src()).cols();
  b.n = dst.cols();
  b.head_dim = dst.cols() / dst.heads();
  b.output = output_of(a, dst.format());
  b.fraction_bits = a.fraction_bits();
  b.has_silu = a.activation() == schema::Activation::Silu;
  const bool packed = b.output == LinearOutput::keys || b.output == LinearOutput::values;
  b.tokens = packed ? group_rows(dst) : kMaxExtent;
  b.group_bytes = packed ? static_cast<uint32_t>(group_bytes(dst)) : 0;
  return b;
}

}  // namespace

void call_linear_kernel(const BoundLinear& a, const RowTile& tile, const RowParams* params,
                        size_t alike) {
  const size_t channels = channel_count(a.n);
  LinearArgs args;
  args.src = reinterpret_cast<const int8_t*>(a.src.at(tile));
  args.k = a.k;
  args.n = a.n;
  args.weights = a.weights;
  args.scale = a.channels;
  args.bias = a.channels + channels;
  args.weight_sum = reinterpret_cast<const int32_t*>(a.channels + 2 * channels);
  args.output = a.output;
  args.fraction_bits = a.fraction_bits;
  args.is_static = a.is_static;
  args.addend = a.has_addend ? a.addend.at(tile) : nullptr;
  args.dst_stride = a.n;
  args.tokens = a.tokens;
  args.head_dim = a.head_dim;
  uint8_t* const dst = a.dst.at(tile);  // packed formats have row_bytes 0: the whole tensor
  const size_t most = alike ? alike : tile.rows, row_bytes = a.output == LinearOutput::s8 ? a.n : 0;
  for (size_t row = 0; row < tile.rows; row += args.m, args.src += args.m * args.k) {
    const uint32_t token = static_cast<uint32_t>(tile.first + row), group = token / a.tokens;
    args.first_token = token - group * a.tokens;
    args.m = tile.rows - row < most ? tile.rows - row : most;
    if (args.m > a.tokens - args.first_token) args.m = a.tokens - args.first_token;
    args.src_rows = alike ? params : params + row;
    args.dst = dst + group * size_t{a.group_bytes} + row * row_bytes;
    a.kernels->linear(args);
  }
}

const OpType kLinear =
    TypedOp<schema::Linear, BoundLinear, operands, verify, bind, run, cost>::type;

}  // namespace vitro
