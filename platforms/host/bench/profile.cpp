// SPDX-License-Identifier: Apache-2.0
#include "platforms/host/bench/profile.h"

#include <algorithm>
#include <chrono>
#include <map>

#include <nlohmann/json.hpp>

#include "converter/base/shown.h"
#include "platforms/host/commands/commands.h"

namespace vitro::host {

namespace {

using Clock = std::chrono::steady_clock;
using Milliseconds = std::chrono::duration<double, std::milli>;

// Time by op on one thread, filled in by the runtime's trace.
struct Profile {
  std::vector<std::vector<double>> milliseconds;  // [step][op]
  Clock::time_point last;
  bool timing = false;
  size_t step = 0, op = 0;

  static void trace(void* context, size_t step, size_t op) {
    Profile& profile = *static_cast<Profile*>(context);
    const Clock::time_point now = Clock::now();
    if (profile.timing)
      profile.milliseconds[profile.step][profile.op] += Milliseconds(now - profile.last).count();
    profile.timing = op < profile.milliseconds[step].size();
    profile.step = step;
    profile.op = op;
    profile.last = Clock::now();
  }
};

struct Sum {
  double milliseconds = 0, macs = 0, ideal = 0;
};

std::string line_of(const std::string& op, const std::string& name, const Sum& sum) {
  std::string line = formatted("%-14s %-34s %9.4f", op.c_str(), name.c_str(), sum.milliseconds);
  if (sum.macs > 0)
    line += formatted(" %9.1f %10.2f", sum.macs / sum.milliseconds * 1e-6,
                      sum.ideal / sum.milliseconds);
  return line + "\n";
}

}  // namespace

nlohmann::ordered_json profile_ops(const ProgramFile& file, const RunOptions& options,
                                   const std::vector<uint8_t>& picture, size_t runs, double limit) {
  Profile profile;
  for (const schema::Step* step : *file.schema().steps())
    profile.milliseconds.emplace_back(step->ops()->size(), 0.0);
  RunOptions one_thread = options;
  one_thread.threads = 1;
  Inference inference(file, one_thread, Profile::trace, &profile);
  inference.run(picture);
  for (auto& step : profile.milliseconds) std::fill(step.begin(), step.end(), 0.0);
  for (size_t i = 0; i < runs; ++i) inference.run(picture);

  nlohmann::ordered_json rows = nlohmann::ordered_json::array();
  size_t step = SIZE_MAX, op = 0;
  for (const OpInfo& info : list_ops(file.program())) {
    op = info.step == step ? op + 1 : 0;
    step = info.step;
    const double ms = profile.milliseconds[step][op] / static_cast<double>(runs);
    const double speed = static_cast<double>(info.work.macs) / (ms * 1e-3);
    rows.push_back({{"op", info.op},
                    {"name", info.name},
                    {"milliseconds", ms},
                    {"macs", info.work.macs},
                    {"gmacs_per_s", speed * 1e-9},
                    {"efficiency", nullptr}});
    if (info.work.macs > 0 && limit > 0) rows.back()["efficiency"] = speed / limit;
  }
  return rows;
}

std::string profile_table(const nlohmann::ordered_json& rows) {
  std::string out =
      formatted("\n%-14s %-34s %9s %9s %10s\n", "op", "name", "ms", "GMAC/s", "efficiency");
  std::map<std::string, Sum> kinds;
  for (const auto& row : rows) {
    Sum sum{row["milliseconds"], row["macs"], 0};
    if (!row["efficiency"].is_null())
      sum.ideal = sum.milliseconds * row["efficiency"].get<double>();
    out += line_of(row["op"], shown(row["name"].get<std::string>()), sum);
    Sum& kind = kinds[row["op"]];
    kind.milliseconds += sum.milliseconds;
    kind.macs += sum.macs;
    kind.ideal += sum.ideal;
  }
  out += "\nby kind, on one thread:\n";
  for (const auto& [op, sum] : kinds) out += line_of(op, "", sum);
  return out;
}

}  // namespace vitro::host
