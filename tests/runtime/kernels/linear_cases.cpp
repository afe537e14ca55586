// SPDX-License-Identifier: Apache-2.0
// Cases of linear layers, static ones among them.
#include <string.h>

#include "tests/runtime/kernels/cases.h"

namespace vitro {
namespace {

using namespace deit_tiny;

struct LinearShape {
  size_t m, k, n, heads;
  size_t first_token = 2;  // of keys and values
};

constexpr LinearOutput kOutputs[] = {LinearOutput::f32,      LinearOutput::s16, LinearOutput::gelu,
                                     LinearOutput::residual, LinearOutput::s8,  LinearOutput::keys,
                                     LinearOutput::values};

size_t linear_bytes(const LinearShape& shape, LinearOutput output, size_t tokens) {
  const size_t head_dim = shape.n / shape.heads;
  switch (output) {
    case LinearOutput::f32: return shape.m * shape.n * 4;
    case LinearOutput::s8: return shape.m * shape.n;
    case LinearOutput::keys: return round_up(tokens, 16) * head_dim * shape.heads;
    case LinearOutput::values: return round_up(head_dim, 16) * round_up(tokens, 4) * shape.heads;
    default: return shape.m * shape.n * 2;
  }
}

Case linear(CaseMemory& memory, const LinearShape& shape, LinearOutput output, Values values,
            uint32_t seed) {
  Source source(seed, values);
  memory.begin();
  const size_t n16 = round_up(shape.n, 16);
  const bool narrow =
      output == LinearOutput::s8 || output == LinearOutput::keys || output == LinearOutput::values;
  Case c{};
  c.kernel = Case::Kernel::linear;
  c.values = values;
  c.seed = seed;
  LinearArgs& args = c.linear;
  args.src = memory.integers<int8_t>(source, shape.m * shape.k, -128, 127);
  int8_t* const weights = memory.integers<int8_t>(source, n16 * shape.k, -127, 127);
  int32_t* const sums = memory.get<int32_t>(n16);
  for (size_t n = 0; n < n16; ++n) {
    sums[n] = 0;
    for (size_t k = 0; k < shape.k; ++k) {
      int8_t& w = weights[packed(shape.k, n, k)];
      if (n >= shape.n) w = 0;
      sums[n] += w;
    }
  }
  args.scale = memory.reals(source, n16, narrow ? 1e-4f : 1e-2f, narrow ? 4e-4f : 4e-2f);
  args.bias = memory.reals(source, n16, -50.0f, 50.0f);
  RowParams* const rows = memory.get<RowParams>(shape.m);
  for (size_t m = 0; m < shape.m; ++m)
    rows[m] = {source.real(0.1f, values == Values::random ? 1.0f : 1000.0f),
               source.integer(-128, 127)};
  args.src_rows = rows;
  args.m = shape.m;
  args.k = shape.k;
  args.n = shape.n;
  args.weights = weights;
  args.weight_sum = sums;
  args.output = output;
  args.fraction_bits = static_cast<uint8_t>(6 + seed % 8);
  args.dst_stride = shape.n;
  if (output == LinearOutput::residual)
    args.addend = memory.integers<int16_t>(source, shape.m * shape.n, -32768, 32767);
  if (output == LinearOutput::f32 && seed % 2)
    args.addend = memory.reals(source, shape.m * shape.n, -10, 10);
  args.first_token = shape.first_token;
  args.tokens = shape.first_token + shape.m + 1;
  args.head_dim = shape.n / shape.heads;
  c.bytes = linear_bytes(shape, output, args.tokens);
  return c;
}

constexpr LinearShape kFrozenLinears[] = {
    {1, 4, 4, 1},     {1, 8, 12, 1},     {2, 4, 16, 2},    {3, 12, 20, 1},    {5, 60, 36, 3},
    {6, 64, 64, 1},   {7, 64, 68, 1},    {11, 100, 80, 2}, {4, 16, 32, 2},    {13, 48, 132, 1},
    {18, 192, 48, 3}, {33, 128, 64, 1},  {17, 36, 24, 2},  {1, 192, 1000, 1}, {5, 588, 208, 13},
    {4, 1280, 80, 1}, {3, 3072, 76, 19}, {3, 516, 21, 1},  {2, 20, 7, 1},     {25, 768, 32, 1}};
constexpr LinearShape kLargeLinears[] = {
    {11, 100, 160, 2, 0}, {12, 192, 192, 3, 4},  {24, 192, 768, 3, 12}, {25, 768, 192, 3, 7},
    {9, 3072, 76, 19, 0}, {14, 1036, 320, 5, 2}, {21, 64, 72, 6, 16},   {8, 32, 84, 3, 8},
    {4, 256, 16, 1, 0},   {4, 260, 16, 1, 0},    {4, 1032, 16, 1, 0},   {4, 1036, 16, 1, 0},
    {5, 20, 3, 1, 0},     {8, 16, 12, 1, 4}};

template <size_t N>
void linears(const LinearShape (&shapes)[N], CaseMemory& memory, CaseVisitor visit) {
  uint32_t seed = 1;
  for (const LinearShape& shape : shapes)
    for (const LinearOutput output : kOutputs) {
      if ((output == LinearOutput::keys || output == LinearOutput::values) &&
          shape.n / shape.heads % 4 != 0)
        continue;
      for (const Values values : kAllValues) visit(linear(memory, shape, output, values, seed++));
    }
}

// Sums at both ends of what int8 allows, of which the zero point's part takes all but a few units:
// outputs show whether a sum lost one. Depths at kernels' limits for sums as floats.
void cancelled_sums(CaseMemory& memory, CaseVisitor visit) {
  constexpr size_t kDepths[] = {256, 260, 1032, 1036};
  constexpr LinearOutput kNarrow[] = {LinearOutput::s16, LinearOutput::keys};
  for (const size_t k : kDepths)
    for (const LinearOutput output : kNarrow) {
      constexpr size_t kRows = 4, kColumns = 16;
      Case c = linear(memory, {kRows, k, kColumns, 1}, output, Values::alternating, 1);
      int8_t* const src = memory.get<int8_t>(kRows * k);
      int8_t* const weights = memory.get<int8_t>(kColumns * k);
      int32_t* const sums = memory.get<int32_t>(kColumns);
      float* const ones = memory.get<float>(kColumns);
      float* const bias = memory.get<float>(kColumns);
      RowParams* const rows = memory.get<RowParams>(kRows);
      memset(src, -128, kRows * k);
      for (size_t n = 0; n < kColumns; ++n) {
        for (size_t i = 0; i < k; ++i) weights[packed(k, n, i)] = n % 2 ? 127 : -127;
        weights[packed(k, n, k - 1)] = static_cast<int8_t>(n);  // what remains of a row's last
        sums[n] = static_cast<int32_t>(k - 1) * (n % 2 ? 127 : -127) + static_cast<int32_t>(n);
        ones[n] = 1.0f;
        bias[n] = 0.0f;
      }
      for (size_t m = 0; m < kRows; ++m) {
        src[m * k + k - 1] = static_cast<int8_t>(-128 + static_cast<int>(m) + 1);
        rows[m] = {1.0f, -128};
      }
      c.linear.src = src;
      c.linear.weights = weights;
      c.linear.weight_sum = sums;
      c.linear.scale = ones;
      c.linear.bias = bias;
      c.linear.src_rows = rows;
      visit(c);
    }
}

// Scales and biases as static linears have them: units of 2^-16, a whole number of scales, and what
// is within 128 of the bias has 24 bits.
enum class Channels : uint8_t {
  usual,
  smallest,       // the largest sums are still within int8
  powers_of_two,  // with biases of up to 24 bits
  cancelling,     // biases that leave little of the first row's sums
  largest         // every fourth column without weights, or nothing would be within int8
};
constexpr Channels kAllChannels[] = {Channels::usual, Channels::smallest, Channels::powers_of_two,
                                     Channels::cancelling, Channels::largest};

int32_t units_of(Channels channels, Source& source) {
  switch (channels) {
    case Channels::usual: return source.integer(16, 400);
    case Channels::smallest: return source.integer(1, 4);
    case Channels::powers_of_two: return 1 << source.integer(0, 16);
    case Channels::cancelling: return (2 * source.integer(1, 7) + 1) << source.integer(8, 13);
    case Channels::largest: break;
  }
  return source.integer(1 << 16, 1 << 23);
}

int32_t sum_of_first_row(const LinearArgs& args, size_t n, int32_t zero_point) {
  int32_t sum = 0;
  for (size_t k = 0; k < args.k; ++k)
    sum += (args.src[k] - zero_point) * args.weights[packed(args.k, n, k)];
  return sum;
}

void make_exact(Case& c, Channels channels, int8_t* weights, int32_t* sums, uint32_t seed,
                CaseMemory& memory) {
  LinearArgs& args = c.linear;
  Source source(seed, Values::random);
  const size_t n16 = round_up(args.n, 16);
  float* const scale = memory.get<float>(n16);
  float* const bias = memory.get<float>(n16);
  const int32_t zero_point = seed % 3 == 0 ? -128 : seed % 3 == 1 ? 127 : source.integer(-128, 127);
  for (size_t n = 0; n < n16; ++n) {
    const int32_t units = units_of(channels, source);
    const int64_t room = (int64_t{1} << (24 + __builtin_ctz(static_cast<unsigned>(units)))) -
                         (int64_t{128} << 16),
                  most = (room < 1 << 30 ? room : 1 << 30) / units;
    const int32_t largest = static_cast<int32_t>(
        channels == Channels::powers_of_two || most < 1 << 19 ? most : 1 << 19);
    int32_t offset = largest > 0 ? source.integer(-largest, largest) : 0;
    if (channels == Channels::largest && n % 4 == 0) {
      offset = largest > 0 ? source.integer(-1, 1) : 0;
      sums[n] = 0;
      for (size_t k = 0; k < args.k; ++k) weights[packed(args.k, n, k)] = 0;
    }
    if (channels == Channels::cancelling) {
      offset = source.integer(-50, 50) - sum_of_first_row(args, n, zero_point);
      if (offset < -most || offset > most) offset = 0;
    }
    scale[n] = static_cast<float>(units) / 65536.0f;
    bias[n] = static_cast<float>(offset) * scale[n];
  }
  RowParams* const rows = memory.get<RowParams>(args.m);
  for (size_t m = 0; m < args.m; ++m) rows[m] = {1.0f, zero_point};
  args.scale = scale;
  args.bias = bias;
  args.src_rows = rows;
  args.is_static = true;
}

constexpr LinearShape kStaticLinears[] = {
    {12, 192, 192, 3, 4}, {25, 768, 48, 3, 7}, {11, 100, 80, 2, 0},
    {8, 16, 36, 1, 8},    {4, 256, 16, 1, 0},  {8, 480, 64, 1, 8},
    {4, 1036, 16, 1, 0},  {24, 4, 160, 1, 4},  {6, 1280, 32, 2, 12}};

void static_linears(CaseMemory& memory, CaseVisitor visit) {
  constexpr LinearOutput kBytes[] = {LinearOutput::s8, LinearOutput::keys, LinearOutput::values};
  uint32_t seed = 1;
  for (const LinearShape& shape : kStaticLinears)
    for (const LinearOutput output : kBytes)
      for (const Values values : kAllValues)
        for (const Channels channels : kAllChannels) {
          Case c = linear(memory, shape, output, values, seed);
          make_exact(c, channels, const_cast<int8_t*>(c.linear.weights),
                     const_cast<int32_t*>(c.linear.weight_sum), seed++, memory);
          visit(c);
        }
}

constexpr struct {
  const char* name;
  size_t k, n;
  LinearOutput output;
} kLayers[] = {
    {"patch_embed", 768, kDim, LinearOutput::residual},
    {"q", kDim, kDim, LinearOutput::s8},
    {"k", kDim, kDim, LinearOutput::keys},
    {"v", kDim, kDim, LinearOutput::values},
    {"proj", kDim, kDim, LinearOutput::residual},
    {"fc1", kDim, 4 * kDim, LinearOutput::gelu},
    {"fc2", 4 * kDim, kDim, LinearOutput::residual},
    {"head", kDim, 1000, LinearOutput::f32},
};

void layers(CaseMemory& memory, CaseVisitor visit) {
  for (const auto& layer : kLayers) {
    const LinearShape shape = {kRows, layer.k, layer.n, layer.n == kDim ? kHeads : 1};
    Case c = linear(memory, shape, layer.output, Values::random, 5);  // 11 fraction bits
    c.name = layer.name;
    c.linear.first_token = kRows;
    c.linear.tokens = kTokens;
    c.bytes = linear_bytes(shape, layer.output, kTokens);
    visit(c);
  }
}

}  // namespace

void visit_linears(List list, CaseMemory& memory, CaseVisitor visit) {
  if (list == List::frozen) return linears(kFrozenLinears, memory, visit);
  if (list == List::models) return layers(memory, visit);
  linears(kLargeLinears, memory, visit);
  static_linears(memory, visit);
  cancelled_sums(memory, visit);
}

}  // namespace vitro
