// SPDX-License-Identifier: Apache-2.0
// Each kernel of every variant that this machine runs, on the shapes of the models: time, and
// GMAC/s where there are products.
//
//   kernels_bench --benchmark_filter=linear/avx2 --benchmark_repetitions=5
//   --benchmark_report_aggregates_only=true
#include <benchmark/benchmark.h>

#include <algorithm>
#include <cstdlib>
#include <random>
#include <string>
#include <utility>

#include "runtime/kernels/kernels.h"

namespace vitro {
namespace {

// The rows of a tile of the program are a few dozen of these; a kernel sees no more.
constexpr size_t kRows = 48, kTokens = 197, kHeads = 3, kHeadDim = 64, kDim = kHeads * kHeadDim;

template <class T>
class Buffer {
 public:
  explicit Buffer(size_t count)
      : data_(static_cast<T*>(std::aligned_alloc(64, (count * sizeof(T) + 63) / 64 * 64))),
        count_(count) {
    std::fill(data_, data_ + count, T{});
  }
  Buffer(size_t count, int lowest, int highest) : Buffer(count) {
    std::mt19937 random(1);
    for (size_t i = 0; i < count; ++i)
      data_[i] = static_cast<T>(
          lowest + static_cast<int>(random() % static_cast<unsigned>(highest - lowest + 1)));
  }
  Buffer(Buffer&& other) noexcept
      : data_(std::exchange(other.data_, nullptr)), count_(other.count_) {}
  ~Buffer() { std::free(data_); }
  T* get() { return data_; }

 private:
  T* data_;
  size_t count_;
};

void count_macs(benchmark::State& state, size_t macs) {
  state.counters["GMAC/s"] = benchmark::Counter(static_cast<double>(macs) * 1e-9,
                                                benchmark::Counter::kIsIterationInvariantRate);
}

struct LinearShape {
  const char* name;
  size_t k, n;
  LinearOutput output;
};

constexpr LinearShape kLinears[] = {
    {"patch_embed", 768, kDim, LinearOutput::residual},
    {"q", kDim, kDim, LinearOutput::s8},
    {"k", kDim, kDim, LinearOutput::keys},
    {"v", kDim, kDim, LinearOutput::values},
    {"proj", kDim, kDim, LinearOutput::residual},
    {"fc1", kDim, 4 * kDim, LinearOutput::gelu},
    {"fc2", 4 * kDim, kDim, LinearOutput::residual},
    {"head", kDim, 1000, LinearOutput::f32},
};

void linear(benchmark::State& state, const KernelTable* table, const LinearShape& shape) {
  const size_t channels = (shape.n + 15) / 16 * 16;
  Buffer<int8_t> src(kRows * shape.k, -128, 127), weights(channels * shape.k, -127, 127);
  Buffer<float> scale(channels, 1, 2), bias(channels, -3, 3);
  Buffer<int32_t> weight_sum(channels, -9999, 9999);
  Buffer<RowParams> rows(kRows);
  for (size_t i = 0; i < kRows; ++i) rows.get()[i] = {0.01f, 3};
  Buffer<float> dst(kTokens * shape.n + 4096), addend(kRows * shape.n);
  LinearArgs args{};
  args.src = src.get(), args.src_rows = rows.get(), args.m = kRows, args.k = shape.k,
  args.n = shape.n;
  args.weights = weights.get(), args.scale = scale.get(), args.bias = bias.get(),
  args.weight_sum = weight_sum.get();
  args.output = shape.output, args.fraction_bits = 11, args.dst = dst.get(),
  args.addend = addend.get(), args.dst_stride = shape.n;
  args.first_token = 0, args.tokens = kTokens, args.head_dim = kHeadDim;
  for (auto _ : state) table->linear(args);
  count_macs(state, kRows * shape.k * shape.n);
}

void attention(benchmark::State& state, const KernelTable* table) {
  const size_t padded = (kTokens + 15) / 16 * 16, quads = (kTokens + 3) / 4;
  Buffer<int8_t> q(kRows * kDim, -127, 127), keys(padded * kDim, -127, 127),
      values(kHeads * kHeadDim * quads * 4, -127, 127);
  Buffer<float> score_scale(kHeads);
  for (size_t head = 0; head < kHeads; ++head) score_scale.get()[head] = 0.05f;
  Buffer<int16_t> dst(kRows * kDim);
  Buffer<uint8_t> workspace(attention_workspace_bytes(kTokens));
  AttentionArgs args{};
  args.q = q.get(), args.m = kRows, args.keys = keys.get(), args.values = values.get();
  args.tokens = kTokens, args.heads = kHeads, args.head_dim = kHeadDim,
  args.score_scale = score_scale.get();
  args.dst = dst.get(), args.workspace = workspace.get();
  for (auto _ : state) table->attention(args);
  count_macs(state, 2 * kRows * kTokens * kDim);
}

void layer_norm(benchmark::State& state, const KernelTable* table) {
  Buffer<int16_t> src(kRows * kDim, -9000, 9000);
  Buffer<int8_t> dst(kRows * kDim);
  Buffer<RowParams> rows(kRows);
  for (auto _ : state) table->layer_norm({src.get(), kRows, kDim, 1.0f, dst.get(), rows.get()});
}

void quantise_rows(benchmark::State& state, const KernelTable* table, size_t dim) {
  Buffer<int16_t> src(kRows * dim, -9000, 9000);
  Buffer<int8_t> dst(kRows * dim);
  Buffer<RowParams> rows(kRows);
  for (auto _ : state) table->quantise_rows({src.get(), kRows, dim, 0.001f, dst.get(), rows.get()});
}

}  // namespace
}  // namespace vitro

int main(int argc, char** argv) {
  using namespace vitro;
  for (size_t i = 0; const KernelTable* table = kernel_table(i); ++i) {
    const std::string isa = table->isa;
    for (const LinearShape& shape : kLinears)
      benchmark::RegisterBenchmark(
          ("linear/" + isa + "/" + shape.name).c_str(),
          [table, &shape](benchmark::State& state) { linear(state, table, shape); });
    benchmark::RegisterBenchmark(("attention/" + isa).c_str(),
                                 [table](benchmark::State& state) { attention(state, table); });
    benchmark::RegisterBenchmark(("layer_norm/" + isa).c_str(),
                                 [table](benchmark::State& state) { layer_norm(state, table); });
    for (const size_t dim : {kDim, 4 * kDim})
      benchmark::RegisterBenchmark(
          ("quantise_rows/" + isa + "/" + std::to_string(dim)).c_str(),
          [table, dim](benchmark::State& state) { quantise_rows(state, table, dim); });
  }
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 1;
  benchmark::RunSpecifiedBenchmarks();
}
