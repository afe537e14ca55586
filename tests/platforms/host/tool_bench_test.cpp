// SPDX-License-Identifier: Apache-2.0
// vitro bench and vitro isa.
#include <algorithm>
#include <chrono>
#include <fstream>
#include <iterator>
#include <map>
#include <sstream>

#include <gtest/gtest.h>

#include "tests/support/tool_runner.h"

namespace vitro {

using namespace converter;

namespace {

using Json = nlohmann::json;

TEST_F(ToolTest, Bench) {
  const std::string model = program();
  const auto before = std::chrono::steady_clock::now();
  const Json facts = run_json({"bench", "-m", model, "-n", "20", "-t", "2", "--profile"});
  const std::chrono::duration<double, std::milli> took = std::chrono::steady_clock::now() - before;
  expect_numbers(facts, {"p50_ms", "p90_ms", "p99_ms", "min_ms", "limit_gmacs_per_s", "efficiency",
                         "open_bind_ms"});
  expect_counts(facts, {"threads", "macs", "arena_bytes", "runs"});
  EXPECT_EQ(facts.at("threads"), 2);
  EXPECT_EQ(facts.at("runs"), 20);
  EXPECT_EQ(facts.at("isa"), available_isas()[0]);
  EXPECT_GT(facts.at("min_ms"), 0);
  EXPECT_LE(facts.at("min_ms"), facts.at("p50_ms"));
  EXPECT_LE(facts.at("p50_ms"), facts.at("p90_ms"));
  EXPECT_LE(facts.at("p90_ms"), facts.at("p99_ms"));
  EXPECT_GT(facts.at("open_bind_ms"), 0);
  EXPECT_GT(facts.at("limit_gmacs_per_s"), 0);
  // Half of the runs take at least p50, and all of them at least min; the tool cannot have taken
  // less than these together.
  const double p50 = facts.at("p50_ms"), limit = facts.at("limit_gmacs_per_s");
  EXPECT_LE(10 * p50, took.count());
  EXPECT_LE(20 * facts.at("min_ms").get<double>(), took.count());
  EXPECT_LE(facts.at("open_bind_ms"), took.count());
  const Json inspected = run_json({"inspect", "-m", model});
  EXPECT_EQ(facts.at("macs"), inspected.at("macs"));
  const double efficiency = facts.at("efficiency");
  EXPECT_NEAR(efficiency, inspected.at("macs").get<double>() * 1e-6 / p50 / limit,
              1e-6 * efficiency);
  EXPECT_LT(efficiency, 2) << "faster than the machine can be";
  EXPECT_GT(facts.at("arena_bytes"), inspected.at("arena_bytes"));  // two threads
  ASSERT_EQ(facts.at("profile").size(), inspected.at("steps").size());
  for (size_t i = 0; i < facts.at("profile").size(); ++i) {
    const Json& row = facts.at("profile")[i];
    for (const char* key : {"op", "name", "macs"})
      EXPECT_EQ(row.at(key), inspected.at("steps")[i][key]) << row;
    const double milliseconds = row.at("milliseconds"), speed = row.at("gmacs_per_s");
    EXPECT_GE(milliseconds, 0);
    EXPECT_LE(milliseconds, took.count());
    EXPECT_NEAR(speed * milliseconds, row.at("macs").get<double>() * 1e-6,
                1e-6 * speed * milliseconds);
  }
  for (const std::string& isa : available_isas()) {
    const Json forced = run_json({"bench", "-m", model, "-n", "3", "--isa", isa});
    EXPECT_EQ(forced.at("isa"), isa);
    EXPECT_EQ(forced.at("arena_bytes"), inspected.at("arena_bytes"));
    EXPECT_FALSE(forced.contains("profile"));
  }
  const ToolResult human = run_tool({"bench", "-m", model, "-n", "3", "--profile"});
  EXPECT_EQ(human.exit_code, 0);
  for (const char* word : {"p50", "GMAC", "efficiency", "blocks.0.mlp.fc1", "by kind"})
    EXPECT_NE(human.out.find(word), std::string::npos) << word;
}

#if defined(__x86_64__) || defined(__aarch64__)
// What this CPU and its operating system can do, as the kernel says.
std::vector<std::string> cpu_flags() {
  std::ifstream info("/proc/cpuinfo");
  for (std::string line; std::getline(info, line);) {
    if (line.compare(0, 5, "flags") != 0 && line.compare(0, 8, "Features") != 0) continue;
    std::istringstream words(line.substr(line.find(':') + 1));
    return {std::istream_iterator<std::string>(words), {}};
  }
  return {};
}

TEST_F(ToolTest, IsaNamesWhatThisCpuHas) {
  const std::map<std::string, std::vector<std::string>> needed = {
      {"avx2", {"avx2"}},
      {"avx_vnni", {"avx2", "avx_vnni"}},
      {"avx512_vnni", {"avx512f", "avx512bw", "avx512vl", "avx512dq", "avx512_vnni"}},
      {"neon", {"asimd"}},
      {"neon_dotprod", {"asimddp"}},
      {"neon_i8mm", {"asimddp", "i8mm"}}};
  const std::vector<std::string> flags = cpu_flags();
  ASSERT_FALSE(flags.empty());
  std::vector<std::string> expected;
  std::istringstream built(VITRO_ISAS);
  for (std::string isa; built >> isa;) {
    bool has = true;
    for (const std::string& flag : needed.at(isa))
      has &= std::find(flags.begin(), flags.end(), flag) != flags.end();
    if (has) expected.insert(expected.begin(), isa);  // the build lists the best one last
  }
  expected.push_back("reference");
  EXPECT_EQ(available_isas(), expected);
}
#endif

TEST_F(ToolTest, IsaPrintsALineForEach) {
  const ToolResult human = run_tool({"isa"});
  EXPECT_EQ(human.exit_code, 0);
  std::string lines;
  for (const std::string& isa : available_isas()) lines += isa + "\n";
  EXPECT_EQ(human.out, lines);
}

}  // namespace
}  // namespace vitro
