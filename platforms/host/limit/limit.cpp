#include "platforms/host/limit/limit.h"

#include <algorithm>
#include <chrono>
#include <thread>
#include <vector>

namespace vitro {

namespace {

using Spin = uint64_t (*)(uint64_t, int32_t*);

Spin find_spin(const std::string& isa) {
#define VITRO_ISA(name, ...) \
  if (isa == #name) return name::spin;
#include "runtime/kernels/kernels.def"
#undef VITRO_ISA
  return nullptr;
}

double rate(Spin spin, uint64_t rounds) {
  int32_t sink = 0;
  const auto start = std::chrono::steady_clock::now();
  const uint64_t macs = spin(rounds, &sink);
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  return static_cast<double>(macs) / seconds;
}

}  // namespace

double measure_limit(const std::string& isa, size_t threads) {
  const Spin spin = find_spin(isa);
  if (!spin) return 0;
  uint64_t rounds = 1000;
  int32_t sink = 0;
  for (double seconds = 0; seconds < 2e-3; rounds *= 2) {  // a burst of about 4 ms
    const auto start = std::chrono::steady_clock::now();
    spin(rounds, &sink);
    seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  }
  std::vector<double> best(threads, 0.0);
  std::vector<std::thread> pool;
  for (size_t t = 0; t < threads; ++t)
    pool.emplace_back([&, t] {
      for (int burst = 0; burst < 25; ++burst) best[t] = std::max(best[t], rate(spin, rounds));
    });
  for (std::thread& thread : pool) thread.join();
  double sum = 0;
  for (const double b : best) sum += b;
  return sum;
}

}  // namespace vitro
