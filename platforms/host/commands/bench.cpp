// SPDX-License-Identifier: Apache-2.0
// vitro bench: speed, against what the machine can do at most, measured in the same run.
#include <algorithm>
#include <chrono>
#include <cstdio>

#include <nlohmann/json.hpp>

#include "converter/base/write_file.h"
#include "platforms/host/bench/compare.h"
#include "platforms/host/bench/profile.h"
#include "platforms/host/commands/commands.h"
#include "platforms/host/limit/limit.h"
#include "runtime/core/golden.h"

namespace vitro::host {

namespace {

using Clock = std::chrono::steady_clock;

double milliseconds_since(Clock::time_point start) {
  return std::chrono::duration<double, std::milli>(Clock::now() - start).count();
}

// Milliseconds that a call takes: the median of a few.
template <class Call>
double median_of(const Call& call) {
  std::vector<double> times;
  for (int i = 0; i < 15; ++i) {
    const Clock::time_point start = Clock::now();
    call();
    times.push_back(milliseconds_since(start));
  }
  std::sort(times.begin(), times.end());
  return times[times.size() / 2];
}

struct OpenTimes {
  double all;                   // from a closed file to a session, each with a copy of its own
  double verify, bind, digest;  // of it: vitro_open, vitro_bind, SHA-256 of every byte
};

OpenTimes time_to_open(const BenchCommand& command, const ProgramFile& file) {
  OpenTimes times{};
  times.all = median_of([&] {
    const ProgramFile copy(command.model);
    const Inference inference(copy, command.options);
  });
  const vitro_program& program = *file.program().get();
  times.verify = median_of([&] {
    vitro_program again;
    vitro_open(program.data, program.size, &again);
  });
  AlignedBytes arena(vitro_arena_bytes(&program, 1));
  times.bind = median_of([&] {
    vitro_config config{};
    if (!command.options.isa.empty()) config.isa = command.options.isa.c_str();
    vitro_session* session = nullptr;
    vitro_bind(&program, &config, arena.data(), arena.size(), &session);
  });
  times.digest = median_of([&] { vitro_program_check(&program); });
  return times;
}

double percentile(const std::vector<double>& sorted, double share) {
  return sorted[std::min(sorted.size() - 1,
                         static_cast<size_t>(share * static_cast<double>(sorted.size())))];
}

void compare(const BenchCommand& command) {
  const nlohmann::ordered_json comparison = compare_benches(command.compare[0], command.compare[1]);
  print_text(command.json ? json_of(comparison, 2) + "\n" : comparison_table(comparison),
             command.json);
}

}  // namespace

void bench_command(const BenchCommand& command) {
  if (!command.compare.empty()) return compare(command);
  check_outputs({command.trace}, {command.model});
  const ProgramFile file(command.model);
  const OpenTimes opening = time_to_open(command, file);
  Inference inference(file, command.options);

  std::vector<uint8_t> picture(picture_bytes(file.preprocessing()));
  golden_picture(7, picture.data(), file.preprocessing().image_height,
                 file.preprocessing().image_width);
  inference.run(picture);
  const Clock::time_point probe = Clock::now();
  inference.run(picture);
  const double once = milliseconds_since(probe);
  const size_t runs =
      command.runs ? command.runs : std::clamp<size_t>(static_cast<size_t>(2000 / once), 5, 2000);

  const double limit_before = measure_limit(inference.session().isa(), inference.pool());
  std::vector<double> times;
  for (size_t i = 0; i < runs / 10 + 1; ++i) inference.run(picture);
  for (size_t i = 0; i < runs; ++i) {
    const Clock::time_point start = Clock::now();
    inference.run(picture);
    times.push_back(milliseconds_since(start));
  }
  // The clock rate moves: the faster of two measurements around the runs is the limit.
  const double limit =
      std::max(limit_before, measure_limit(inference.session().isa(), inference.pool()));
  std::sort(times.begin(), times.end());

  const uint64_t macs = file.program().work().macs;
  const double p50 = percentile(times, 0.5);
  const double efficiency = static_cast<double>(macs) / (p50 * 1e-3) / limit;
  nlohmann::ordered_json out = {{"threads", inference.threads()},
                                {"isa", inference.session().isa()},
                                {"p50_ms", p50},
                                {"p90_ms", percentile(times, 0.9)},
                                {"p99_ms", percentile(times, 0.99)},
                                {"min_ms", times.front()},
                                {"macs", macs},
                                {"limit_gmacs_per_s", limit * 1e-9},
                                {"efficiency", efficiency},
                                {"open_bind_ms", opening.all},
                                {"verify_ms", opening.verify},
                                {"bind_ms", opening.bind},
                                {"digest_ms", opening.digest},
                                {"arena_bytes", inference.arena_bytes()},
                                {"linear", command.options.linear},
                                {"provider_bytes", inference.provider_bytes()},
                                {"runs", runs}};
  if (command.profile) {
    ThreadPool alone(1);
    const double of_one =
        inference.threads() == 1 ? limit : measure_limit(inference.session().isa(), alone);
    out["profile"] =
        profile_ops(file, command.options, picture, std::max<size_t>(3, runs / 10), of_one);
  }
  if (!command.trace.empty()) {
    OutputFile output(command.trace);
    output.write(trace_run(file, command.options, picture));
    output.commit();
  }
  if (command.json) {
    print_json(out);
    return;
  }
  std::printf("%s, %zu thread%s, %zu runs: p50 %.3f ms, p90 %.3f, p99 %.3f, min %.3f\n",
              inference.session().isa(), inference.threads(), inference.threads() == 1 ? "" : "s",
              runs, p50, percentile(times, 0.9), percentile(times, 0.99), times.front());
  std::printf("%.3f GMAC at a limit of %.1f GMAC/s: efficiency %.3f\n",
              static_cast<double>(macs) * 1e-9, limit * 1e-9, efficiency);
  std::printf(
      "open + verify + bind %.3f ms (vitro_open %.3f, vitro_bind %.3f, SHA-256 of the file %.3f), "
      "arena %zu bytes\n",
      opening.all, opening.verify, opening.bind, opening.digest, inference.arena_bytes());
  if (inference.provider_bytes())
    std::printf("static linears by XNNPACK, %zu bytes of its own\n", inference.provider_bytes());
  if (command.profile) print_text(profile_table(out["profile"]), false);
}

}  // namespace vitro::host
