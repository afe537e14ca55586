// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <atomic>
#include <chrono>
#include <map>

#include <nlohmann/json.hpp>

#include "platforms/host/bench/profile.h"
#include "platforms/host/commands/commands.h"

namespace vitro::host {

namespace {

using Clock = std::chrono::steady_clock;

std::atomic<size_t> threads_seen{0};

// What the runtime's trace says, from any thread. It is counted in a first run, so that there is
// room for all of it in the second.
struct Recorder {
  struct Event {
    size_t thread, step, op;
    Clock::time_point time;
  };
  std::vector<Event> events;
  std::atomic<size_t> next{0};

  static void trace(void* context, size_t step, size_t op) {
    static thread_local const size_t thread = threads_seen++;
    Recorder& recorder = *static_cast<Recorder*>(context);
    const size_t i = recorder.next++;
    if (i < recorder.events.size()) recorder.events[i] = {thread, step, op, Clock::now()};
  }
};

double microseconds(Clock::duration duration) {
  return std::chrono::duration<double, std::micro>(duration).count();
}

}  // namespace

std::string trace_run(const ProgramFile& file, const RunOptions& options,
                      const std::vector<uint8_t>& picture) {
  Recorder recorder;
  Inference inference(file, options, Recorder::trace, &recorder);
  inference.run(picture);
  recorder.events.resize(recorder.next);
  recorder.next = 0;
  const Clock::time_point start = Clock::now();
  inference.run(picture);

  std::vector<std::vector<OpInfo>> steps;
  for (const OpInfo& info : list_ops(file.program())) {
    steps.resize(info.step + 1);
    steps[info.step].push_back(info);
  }
  std::map<size_t, std::vector<Recorder::Event>> threads;
  for (const Recorder::Event& event : recorder.events) threads[event.thread].push_back(event);

  nlohmann::ordered_json events = nlohmann::ordered_json::array();
  size_t number = 0;
  for (const auto& [thread, calls] : threads) {
    events.push_back({{"name", "thread_name"},
                      {"ph", "M"},
                      {"pid", 1},
                      {"tid", number},
                      {"args", {{"name", "thread " + std::to_string(number)}}}});
    for (size_t i = 0; i + 1 < calls.size(); ++i) {
      const Recorder::Event& call = calls[i];
      if (call.op == steps[call.step].size()) continue;  // the end of a tile
      const OpInfo& info = steps[call.step][call.op];
      events.push_back({{"name", info.name},
                        {"cat", info.op},
                        {"ph", "X"},
                        {"ts", microseconds(call.time - start)},
                        {"dur", microseconds(calls[i + 1].time - call.time)},
                        {"pid", 1},
                        {"tid", number},
                        {"args", {{"step", call.step}, {"op", call.op}}}});
    }
    ++number;
  }
  return json_of({{"displayTimeUnit", "ms"}, {"traceEvents", events}}, -1) + "\n";
}

}  // namespace vitro::host
