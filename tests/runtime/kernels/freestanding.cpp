// SPDX-License-Identifier: Apache-2.0
#include "tests/runtime/kernels/freestanding.h"

#include <string.h>

#include "platforms/firmware/crc32.h"
#include "runtime/kernels/kernels.h"

namespace vitro {

namespace {

constexpr size_t kGuard = 64;
constexpr uint8_t kFill = 0xa5;

enum class Values { random, extreme, alternating };
constexpr Values kValues[] = {Values::random, Values::extreme, Values::alternating};

// Numbers that are the same on every machine.
class Source {
 public:
  Source(uint32_t seed, Values values) : state_(seed * 2654435761u | 1), values_(values) {}
  int32_t integer(int32_t lo, int32_t hi) {
    if (values_ == Values::extreme) return ++count_ % 7 == 0 ? lo : hi;
    if (values_ == Values::alternating) return ++count_ % 2 ? lo : hi;
    return lo + static_cast<int32_t>(next() % static_cast<uint32_t>(hi - lo + 1));
  }
  float real(float lo, float hi) {
    return lo + (hi - lo) * (static_cast<float>(next() & 0xffffff) * (1.0f / 16777216.0f));
  }

 private:
  uint32_t next() {
    state_ ^= state_ << 13;
    state_ ^= state_ >> 17;
    state_ ^= state_ << 5;
    return state_ >> 3;
  }
  uint32_t state_;
  Values values_;
  uint32_t count_ = 0;
};

// The caller's memory, given out piece by piece; a case begins again.
class Memory {
 public:
  explicit Memory(uint8_t* bytes) : bytes_(bytes) {}
  void begin() { used_ = 0; }
  bool overflowed() const { return overflowed_; }
  template <class T>
  T* get(size_t count) {
    const size_t bytes = (count * sizeof(T) + 63) / 64 * 64;
    if (used_ + bytes > kComparisonBytes) {
      overflowed_ = true;
      used_ = 0;
    }
    T* const piece = reinterpret_cast<T*>(bytes_ + used_);
    used_ += bytes;
    return piece;
  }
  template <class T>
  T* integers(Source& source, size_t count, int32_t lo, int32_t hi) {
    T* const piece = get<T>(count);
    for (size_t i = 0; i < count; ++i) piece[i] = static_cast<T>(source.integer(lo, hi));
    return piece;
  }
  float* reals(Source& source, size_t count, float lo, float hi) {
    float* const piece = get<float>(count);
    for (size_t i = 0; i < count; ++i) piece[i] = source.real(lo, hi);
    return piece;
  }

 private:
  uint8_t* bytes_;
  size_t used_ = 0;
  bool overflowed_ = false;
};

// What two kernels write, with guards around it.
struct Outputs {
  uint8_t *want, *got;
  size_t bytes;

  Outputs(Memory& memory, size_t size)
      : want(memory.get<uint8_t>(size + 2 * kGuard) + kGuard),
        got(memory.get<uint8_t>(size + 2 * kGuard) + kGuard),
        bytes(size) {
    memset(want - kGuard, kFill, size + 2 * kGuard);
    memset(got - kGuard, kFill, size + 2 * kGuard);
  }
  bool equal() const { return memcmp(want - kGuard, got - kGuard, bytes + 2 * kGuard) == 0; }
};

class Comparer {
 public:
  Comparer(uint8_t* bytes, void (*report)(const char*)) : memory(bytes), report_(report) {
    while (kernel_table(count_)) ++count_;
  }
  const KernelTable& reference() const { return *kernel_table(count_ - 1); }
  // Calls run(table, output) for the reference and each variant.
  template <class Run>
  void compare(const char* what, const Outputs& out, const Run& run) {
    run(reference(), out.want);
    result.reference_crc = crc32(result.reference_crc, out.want, out.bytes);
    for (size_t i = 0; i + 1 < count_; ++i) {
      memset(out.got - kGuard, kFill, out.bytes + 2 * kGuard);
      run(*kernel_table(i), out.got);
      ++result.compared;
      if (out.equal() && !memory.overflowed()) continue;
      ++result.different;
      report_(kernel_table(i)->isa);
      report_(" differs from the reference in ");
      report_(what);
      report_("\n");
    }
  }

  Memory memory;
  Comparison result{};

 private:
  void (*report_)(const char*);
  size_t count_ = 0;
};

struct LinearShape {
  size_t m, k, n, heads;
};

size_t linear_bytes(const LinearShape& shape, LinearOutput output, size_t tokens) {
  const size_t head_dim = shape.n / shape.heads;
  switch (output) {
    case LinearOutput::f32: return shape.m * shape.n * 4;
    case LinearOutput::s8: return shape.m * shape.n;
    case LinearOutput::keys: return (tokens + 15) / 16 * 16 * head_dim * shape.heads;
    case LinearOutput::values:
      return (head_dim + 15) / 16 * 16 * ((tokens + 3) / 4 * 4) * shape.heads;
    default: return shape.m * shape.n * 2;
  }
}

void compare_linear(Comparer& comparer, const LinearShape& shape, LinearOutput output,
                    Values values, uint32_t seed) {
  static constexpr const char* kNames[] = {
      "linear to f32", "linear to s16",  "linear to gelu",  "linear to the residual",
      "linear to s8",  "linear to keys", "linear to values"};
  Source source(seed, values);
  Memory& memory = comparer.memory;
  memory.begin();
  const size_t n16 = (shape.n + 15) / 16 * 16;
  const bool narrow =
      output == LinearOutput::s8 || output == LinearOutput::keys || output == LinearOutput::values;
  LinearArgs args{};
  args.src = memory.integers<int8_t>(source, shape.m * shape.k, -128, 127);
  int8_t* const weights = memory.integers<int8_t>(source, n16 * shape.k, -127, 127);
  int32_t* const sums = memory.get<int32_t>(n16);
  for (size_t n = 0; n < n16; ++n) {
    sums[n] = 0;
    for (size_t k = 0; k < shape.k; ++k) {
      int8_t& w = weights[n / 16 * shape.k * 16 + k / 4 * 64 + n % 16 * 4 + k % 4];
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
  args.first_token = 2;
  args.tokens = shape.m + 3;
  args.head_dim = shape.n / shape.heads;
  const Outputs out(memory, linear_bytes(shape, output, args.tokens));
  comparer.compare(kNames[static_cast<size_t>(output)], out,
                   [&](const KernelTable& table, uint8_t* dst) {
                     args.dst = dst;
                     table.linear(args);
                   });
}

void compare_linears(Comparer& comparer) {
  static constexpr LinearShape kShapes[] = {
      {1, 4, 4, 1},     {1, 8, 12, 1},     {2, 4, 16, 2},    {3, 12, 20, 1},    {5, 60, 36, 3},
      {6, 64, 64, 1},   {7, 64, 68, 1},    {11, 100, 80, 2}, {4, 16, 32, 2},    {13, 48, 132, 1},
      {18, 192, 48, 3}, {33, 128, 64, 1},  {17, 36, 24, 2},  {1, 192, 1000, 1}, {5, 588, 208, 13},
      {4, 1280, 80, 1}, {3, 3072, 76, 19}, {3, 516, 21, 1},  {2, 20, 7, 1},     {25, 768, 32, 1}};
  static constexpr LinearOutput kOutputs[] = {
      LinearOutput::f32, LinearOutput::s16,  LinearOutput::gelu,  LinearOutput::residual,
      LinearOutput::s8,  LinearOutput::keys, LinearOutput::values};
  uint32_t seed = 1;
  for (const LinearShape& shape : kShapes)
    for (const LinearOutput output : kOutputs) {
      if ((output == LinearOutput::keys || output == LinearOutput::values) &&
          shape.n / shape.heads % 4 != 0)
        continue;
      for (const Values values : kValues) compare_linear(comparer, shape, output, values, seed++);
    }
}

// Every int16 through every fraction.
void compare_gelus(Comparer& comparer) {
  constexpr size_t kColumns = 8192;
  for (uint32_t bits = 6; bits <= 13; ++bits)
    for (int32_t first = -32768; first < 32768; first += kColumns) {
      Memory& memory = comparer.memory;
      memory.begin();
      LinearArgs args{};
      int8_t* const zeros = memory.get<int8_t>(kColumns * 4);
      memset(zeros, 0, kColumns * 4);
      float* const ones = memory.get<float>(kColumns);
      float* const bias = memory.get<float>(kColumns);
      for (size_t i = 0; i < kColumns; ++i) {
        ones[i] = 1.0f;
        bias[i] = static_cast<float>(first + static_cast<int32_t>(i));
      }
      const RowParams row{1.0f, 0};
      args.src = zeros;
      args.src_rows = &row;
      args.m = 1;
      args.k = 4;
      args.n = kColumns;
      args.weights = zeros;
      args.scale = ones;
      args.bias = bias;
      args.weight_sum = reinterpret_cast<const int32_t*>(zeros);
      args.output = LinearOutput::gelu;
      args.fraction_bits = static_cast<uint8_t>(bits);
      args.dst_stride = kColumns;
      comparer.compare("gelu", Outputs(memory, kColumns * 2),
                       [&](const KernelTable& table, uint8_t* dst) {
                         args.dst = dst;
                         table.linear(args);
                       });
    }
}

// Rows of int16 of a few ranges; the output is the int8 rows and their parameters.
void compare_rows(Comparer& comparer) {
  struct Range {
    int32_t lo, hi;
  };
  static constexpr size_t kDims[] = {1, 4, 7, 8, 12, 16, 20, 29, 36, 64, 100, 192, 768, 4096};
  static constexpr Range kRanges[] = {{0, 0}, {0, 1},   {-1, 0},        {-300, 5000},
                                      {5, 9}, {-9, -5}, {-32768, 32767}};
  uint32_t seed = 1;
  for (const size_t dim : kDims)
    for (size_t m = 1; m <= 3; m += 2)
      for (const Values values : kValues)
        for (const Range& range : kRanges) {
          Source source(seed++, values);
          Memory& memory = comparer.memory;
          memory.begin();
          const int16_t* const src = memory.integers<int16_t>(source, m * dim, range.lo, range.hi);
          const size_t params = (m * dim + 7) / 8 * 8;
          const Outputs out(memory, params + m * sizeof(RowParams));
          comparer.compare("layer_norm", out, [&](const KernelTable& table, uint8_t* dst) {
            table.layer_norm({src, m, dim, 1234.5f, reinterpret_cast<int8_t*>(dst),
                              reinterpret_cast<RowParams*>(dst + params)});
          });
          comparer.compare("quantise_rows", out, [&](const KernelTable& table, uint8_t* dst) {
            table.quantise_rows({src, m, dim, 0.037f, reinterpret_cast<int8_t*>(dst),
                                 reinterpret_cast<RowParams*>(dst + params)});
          });
        }
}

void compare_attentions(Comparer& comparer) {
  struct Shape {
    size_t m, tokens, heads, head_dim;
  };
  static constexpr Shape kShapes[] = {
      {1, 1, 1, 4},   {2, 2, 1, 16},  {3, 5, 2, 12},    {7, 16, 1, 64},  {5, 17, 3, 20},
      {6, 65, 2, 64}, {8, 33, 1, 80}, {13, 197, 1, 64}, {9, 198, 1, 32}, {2, 1370, 1, 64}};
  static constexpr float kScoreScales[] = {0.01f, 0.3f, 500.0f};
  uint32_t seed = 1;
  for (const Shape& shape : kShapes)
    for (const Values values : kValues)
      for (const float score_scale : kScoreScales) {
        Source source(seed++, values);
        Memory& memory = comparer.memory;
        memory.begin();
        const size_t dim = shape.heads * shape.head_dim, value_rows = (shape.tokens + 3) / 4 * 4,
                     value_columns = (shape.head_dim + 15) / 16 * 16;
        const int8_t* const q = memory.integers<int8_t>(source, shape.m * dim, -127, 127);
        const int8_t* const keys =
            memory.integers<int8_t>(source, (shape.tokens + 15) / 16 * 16 * dim, -127, 127);
        const int8_t* const packed =
            memory.integers<int8_t>(source, value_rows * value_columns * shape.heads, -127, 127);
        const float scales[] = {score_scale, score_scale * 0.5f, score_scale * 2.0f};
        const size_t workspace_bytes = attention_workspace_bytes(shape.tokens);
        uint8_t* const workspace = memory.get<uint8_t>(workspace_bytes + kGuard);
        comparer.compare(
            "attention", Outputs(memory, shape.m * dim * 2),
            [&](const KernelTable& table, uint8_t* dst) {
              memset(workspace, kFill, workspace_bytes + kGuard);
              table.attention({q, shape.m, keys, packed, shape.tokens, shape.heads, shape.head_dim,
                               scales, reinterpret_cast<int16_t*>(dst), workspace});
              for (size_t i = 0; i < kGuard; ++i)
                if (workspace[workspace_bytes + i] != kFill)
                  dst[-1] = 0;  // as if it had been written outside of dst
            });
      }
}

// Tokens that lead, by more and by less, alone, with another or all together, at the edges of what
// kernels treat at once. Keys beyond the last token would lead too.
void compare_leaders(Comparer& comparer) {
  enum class Leaders { one, two, all };
  constexpr size_t kQueries = 7, kHeadDim = 20;
  static constexpr size_t kTokens[] = {1,  2,  3,  4,  8,  9,  15, 31, 32,
                                       33, 47, 48, 63, 64, 65, 96, 97};
  static constexpr Leaders kLeaders[] = {Leaders::one, Leaders::two, Leaders::all};
  static constexpr float kScoreScales[] = {1e-9f, 1e-5f, 0.001f, 0.01f, 0.1f, 3000.0f};
  uint32_t seed = 1;
  for (const size_t tokens : kTokens)
    for (size_t third = 0; third < 3; ++third)
      for (const Leaders leaders : kLeaders)
        for (const float score_scale : kScoreScales) {
          Source source(seed++, Values::random);
          Memory& memory = comparer.memory;
          memory.begin();
          const size_t padded = (tokens + 15) / 16 * 16, leader = third * (tokens - 1) / 2,
                       twin = (leader + tokens / 3) % tokens;
          const int8_t* const q = memory.integers<int8_t>(source, kQueries * kHeadDim, 1, 127);
          int8_t* const keys = memory.integers<int8_t>(source, padded * kHeadDim, -3, 3);
          for (size_t j = 0; j < padded; ++j)
            if (j >= tokens || j == leader || leaders == Leaders::all ||
                (leaders == Leaders::two && j == twin))
              for (size_t i = 0; i < kHeadDim; ++i)
                keys[(j / 16 * (kHeadDim / 4) + i / 4) * 64 + j % 16 * 4 + i % 4] = 127;
          const size_t depth = (tokens + 3) / 4 * 4;
          int8_t* const values = memory.integers<int8_t>(source, depth * 32, -127, 127);
          for (size_t j = tokens; j < depth; ++j)  // what no linear writes
            for (size_t n = 0; n < 32; ++n)
              values[n / 16 * depth * 16 + j / 4 * 64 + n % 16 * 4 + j % 4] = -128;
          uint8_t* const workspace = memory.get<uint8_t>(attention_workspace_bytes(tokens));
          comparer.compare(
              "attention with leaders", Outputs(memory, kQueries * kHeadDim * 2),
              [&](const KernelTable& table, uint8_t* dst) {
                memset(workspace, kFill, attention_workspace_bytes(tokens));
                table.attention({q, kQueries, keys, values, tokens, 1, kHeadDim, &score_scale,
                                 reinterpret_cast<int16_t*>(dst), workspace});
              });
        }
}

}  // namespace

Comparison compare_kernels(uint8_t* memory, void (*report)(const char* line)) {
  Comparer comparer(memory, report);
  compare_linears(comparer);
  compare_gelus(comparer);
  compare_rows(comparer);
  compare_attentions(comparer);
  compare_leaders(comparer);
  if (comparer.memory.overflowed()) {
    report("kComparisonBytes is too small\n");
    ++comparer.result.different;
  }
  return comparer.result;
}

}  // namespace vitro
