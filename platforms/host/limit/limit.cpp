// SPDX-License-Identifier: Apache-2.0
#include "platforms/host/limit/limit.h"

#include <algorithm>
#include <chrono>
#include <map>
#include <thread>
#include <vector>

namespace vitro {

namespace {

using Spin = uint64_t (*)(uint64_t, int32_t*);

Spin find_spin(const std::string& isa) {
#define VITRO_ISA(name) \
  if (isa == #name) return name::spin;
#include "runtime/kernels/kernels.def"
  return nullptr;
}

double rate(Spin spin, uint64_t rounds) {
  int32_t sink = 0;
  const auto start = std::chrono::steady_clock::now();
  const uint64_t macs = spin(rounds, &sink);
  const double seconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  return static_cast<double>(macs) / seconds;
}

struct Lane {
  std::thread::id thread;
  double rate = 0;
};

struct Burst {
  Spin spin;
  uint64_t rounds;
  std::vector<Lane> lanes;

  static void measure(void* context, size_t index) {
    Burst& burst = *static_cast<Burst*>(context);
    Lane& lane = burst.lanes[index];
    lane.thread = std::this_thread::get_id();
    for (int i = 0; i < 25; ++i) lane.rate = std::max(lane.rate, rate(burst.spin, burst.rounds));
  }
};

}  // namespace

double measure_limit(const std::string& isa, host::ThreadPool& pool) {
  const Spin spin = find_spin(isa);
  if (!spin) return 0;
  uint64_t rounds = 1000;
  int32_t sink = 0;
  for (double seconds = 0; seconds < 2e-3; rounds *= 2) {  // a burst of about 4 ms
    const auto start = std::chrono::steady_clock::now();
    spin(rounds, &sink);
    seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  }
  Burst burst{spin, rounds, std::vector<Lane>(pool.threads())};
  pool.run(Burst::measure, &burst, burst.lanes.size());
  std::map<std::thread::id, double>
      best;  // where there are more lanes than processors, a thread measures several in turn
  for (const Lane& lane : burst.lanes) best[lane.thread] = std::max(best[lane.thread], lane.rate);
  double sum = 0;
  for (const auto& [thread, rate] : best) sum += rate;
  return sum;
}

}  // namespace vitro
