// SPDX-License-Identifier: Apache-2.0
// Measures each kernel of every variant that this machine runs, on the layers of a model: time
// and, for kernels that multiply, GMAC/s.
//
//   kernels_bench --benchmark_filter=linear/avx2 --benchmark_repetitions=5
//                 --benchmark_report_aggregates_only=true
#include <benchmark/benchmark.h>

#include <cstdlib>
#include <memory>
#include <string>

#include "tests/runtime/kernels/cases.h"

namespace vitro {
namespace {

constexpr const char* kKernelNames[] = {
    "linear",      "layer_norm",      "quantise_rows", "attention", "silu",
    "affine",      "multiply",        "rotate_pairs",  "norm",      "head_norm",
    "static_norm", "static_quantise", "static_add",    "lookup",    "add_softmax"};

struct Free {
  void operator()(void* memory) const { std::free(memory); }
};

// Makes case number `wanted` of a group again, in memory of its own: a list makes its cases one
// after the other in the same memory.
void measure(benchmark::State& state, const KernelTable& table, Group group, size_t wanted) {
  constexpr size_t kBytes = memory_bytes(List::models);
  const std::unique_ptr<uint8_t, Free> bytes(static_cast<uint8_t*>(std::aligned_alloc(64, kBytes)));
  CaseMemory memory(bytes.get(), kBytes, Alignment::most);
  size_t index = 0;
  visit_cases(List::models, group, memory, [&](const Case& c) {
    if (index++ != wanted) return;
    uint8_t* const dst = memory.aligned(c.bytes);
    for (auto _ : state) run(c, table, dst);
    if (macs(c) == 0) return;
    state.counters["GMAC/s"] = benchmark::Counter(static_cast<double>(macs(c)) * 1e-9,
                                                  benchmark::Counter::kIsIterationInvariantRate);
  });
  if (memory.overflowed()) state.SkipWithError("memory_bytes() is too small");
}

void register_all(const KernelTable& table) {
  constexpr size_t kBytes = memory_bytes(List::models);
  const std::unique_ptr<uint8_t, Free> bytes(static_cast<uint8_t*>(std::aligned_alloc(64, kBytes)));
  CaseMemory memory(bytes.get(), kBytes, Alignment::most);
  for (const Group group : kAllGroups) {
    size_t index = 0;
    visit_cases(List::models, group, memory, [&](const Case& c) {
      const std::string name =
          std::string(kKernelNames[static_cast<size_t>(c.kernel)]) + "/" + table.isa + "/" + c.name;
      benchmark::RegisterBenchmark(name.c_str(),
                                   [&table, group, wanted = index++](benchmark::State& state) {
                                     measure(state, table, group, wanted);
                                   });
    });
  }
}

}  // namespace
}  // namespace vitro

int main(int argc, char** argv) {
  for (size_t i = 0; const vitro::KernelTable* table = vitro::kernel_table(i); ++i)
    vitro::register_all(*table);
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 1;
  benchmark::RunSpecifiedBenchmarks();
}
