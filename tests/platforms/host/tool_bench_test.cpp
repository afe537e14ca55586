// SPDX-License-Identifier: Apache-2.0
// vitro bench and vitro isa.
#include <algorithm>
#include <chrono>
#include <cmath>
#include <fstream>
#include <iterator>
#include <map>
#include <set>
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
                         "open_bind_ms", "verify_ms", "bind_ms", "digest_ms"});
  expect_counts(facts, {"threads", "macs", "arena_bytes", "runs"});
  EXPECT_EQ(facts.at("threads"), 2);
  EXPECT_EQ(facts.at("runs"), 20);
  EXPECT_EQ(facts.at("isa"), available_isas()[0]);
  EXPECT_GT(facts.at("min_ms"), 0);
  EXPECT_LE(facts.at("min_ms"), facts.at("p50_ms"));
  EXPECT_LE(facts.at("p50_ms"), facts.at("p90_ms"));
  EXPECT_LE(facts.at("p90_ms"), facts.at("p99_ms"));
  for (const char* part : {"open_bind_ms", "verify_ms", "bind_ms", "digest_ms"})
    EXPECT_GT(facts.at(part), 0) << part;
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
  EXPECT_GT(facts.at("arena_bytes"), inspected.at("arena_bytes"));  // two threads
  ASSERT_EQ(facts.at("profile").size(), inspected.at("steps").size());
  double one_thread_limit = 0;
  for (size_t i = 0; i < facts.at("profile").size(); ++i) {
    const Json& row = facts.at("profile")[i];
    for (const char* key : {"op", "name", "macs"})
      EXPECT_EQ(row.at(key), inspected.at("steps")[i][key]) << row;
    const double milliseconds = row.at("milliseconds"), speed = row.at("gmacs_per_s");
    EXPECT_GE(milliseconds, 0);
    EXPECT_LE(milliseconds, took.count());
    EXPECT_NEAR(speed * milliseconds, row.at("macs").get<double>() * 1e-6,
                1e-6 * speed * milliseconds);
    if (row.at("macs") == 0) {
      EXPECT_TRUE(row.at("efficiency").is_null()) << row;
    } else {
      EXPECT_GT(row.at("efficiency"), 0) << row;
      // One limit for all rows, that of one thread.
      const double of_limit = row.at("efficiency");
      if (one_thread_limit == 0) one_thread_limit = speed / of_limit;
      EXPECT_NEAR(speed, of_limit * one_thread_limit, 1e-6 * speed) << row;
    }
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

// There is an event for each op on each tile; those of a thread do not overlap; each thread has a
// name.
TEST_F(ToolTest, BenchTraces) {
  const std::string model = program(), trace = path("trace.json");
  for (const char* threads : {"1", "2"}) {
    const Json facts = run_json({"bench", "-m", model, "-n", "3", "-t", threads, "--trace", trace});
    const Json steps = run_json({"inspect", "-m", model}).at("steps");
    std::ifstream file(trace);
    const Json events = Json::parse(file).at("traceEvents");
    std::map<int, int64_t> end;
    std::set<std::string> seen, expected;
    size_t names = 0;
    for (const Json& event : events) {
      const int thread = event.at("tid");
      if (event.at("ph") == "M") {
        ++names;
        continue;
      }
      EXPECT_EQ(event.at("ph"), "X");
      const auto nanoseconds = [&](const char* key) {
        return std::lround(event.at(key).get<double>() * 1000);
      };
      EXPECT_GE(nanoseconds("ts"), end[thread]);
      EXPECT_GE(nanoseconds("dur"), 0);
      end[thread] = nanoseconds("ts") + nanoseconds("dur");
      seen.insert(event.at("cat").get<std::string>() + " " + event.at("name").get<std::string>());
    }
    for (const Json& op : steps)
      expected.insert(op.at("op").get<std::string>() + " " + op.at("name").get<std::string>());
    EXPECT_EQ(seen, expected);
    EXPECT_EQ(names, end.size());
    EXPECT_LE(names, facts.at("threads"));
  }
  expect_refused({"bench", "-m", model, "-n", "1", "--trace", path("no/folder.json")}, {"folder"});
  expect_refused({"bench", "-m", model, "-n", "1", "--trace", model}, {model});
}

std::string with_numbers(double p50, double limit, double fc1) {
  return Json{{"isa", "avx2"},
              {"threads", 1},
              {"macs", 1000},
              {"p50_ms", p50},
              {"min_ms", p50 / 2},
              {"limit_gmacs_per_s", limit},
              {"efficiency", 1 / p50},
              {"profile",
               {{{"op", "linear"}, {"name", "fc1"}, {"milliseconds", fc1}},
                {{"op", "linear"}, {"name", "of " + std::to_string(p50)}, {"milliseconds", 1}}}}}
      .dump();
}

TEST_F(ToolTest, BenchCompares) {
  const std::string before = write("before.json", with_numbers(4, 100, 2)),
                    after = write("after.json", with_numbers(3, 104, 1)),
                    faster = write("faster.json", with_numbers(3, 106, 1));
  const Json facts = run_json({"bench", "--compare", before, after});
  EXPECT_EQ(facts.at("p50_ratio"), 0.75);
  EXPECT_EQ(facts.at("min_ratio"), 0.75);
  EXPECT_NEAR(facts.at("efficiency_ratio"), 4.0 / 3, 1e-12);
  EXPECT_EQ(facts.at("profile").size(), 1u) << "ops that both have";
  EXPECT_EQ(facts.at("profile")[0].at("name"), "fc1");
  EXPECT_EQ(facts.at("profile")[0].at("ratio"), 0.5);
  EXPECT_TRUE(facts.at("warnings").empty());
  EXPECT_EQ(run_json({"bench", "--compare", before, faster}).at("warnings").size(), 1u);

  const ToolResult human = run_tool({"bench", "--compare", before, faster});
  EXPECT_EQ(human.exit_code, 0);
  for (const char* word : {"p50", "0.750", "fc1", "0.500", "warning", "106.0"})
    EXPECT_NE(human.out.find(word), std::string::npos) << word;

  // Compares a result of the tool with itself.
  const std::string own =
      write("own.json", run_json({"bench", "-m", program(), "-n", "3", "--profile"}).dump());
  const Json same = run_json({"bench", "--compare", own, own});
  EXPECT_EQ(same.at("p50_ratio"), 1);
  EXPECT_FALSE(same.at("profile").empty());
}

TEST_F(ToolTest, BenchComparesNothingElse) {
  const std::string good = write("good.json", with_numbers(4, 100, 2));
  for (const char* bad : {"", "[]", "{", "null", "{\"p50_ms\": 1}",
                          R"({"p50_ms":0,"min_ms":1,"macs":1,"threads":1,"isa":"a"})",
                          R"({"p50_ms":"1","min_ms":1,"macs":1,"threads":1,"isa":"a"})",
                          R"({"p50_ms":1,"min_ms":1,"macs":1,"threads":1,"isa":1})"}) {
    const std::string file = write("bad.json", bad);
    expect_refused({"bench", "--compare", good, file}, {"bad.json", "vitro bench --json"});
    expect_refused({"bench", "--compare", file, good}, {"bad.json", "vitro bench --json"});
  }
  expect_refused({"bench", "--compare", good, path("absent.json")}, {"absent.json"});
  expect_wrong_usage({"bench", "--compare", good}, "--compare");
  expect_wrong_usage({"bench", "--compare", good, good, "-m", good}, "--model");
  expect_wrong_usage({"bench", "--compare", good, good, "-n", "5"}, "--runs");
  expect_wrong_usage({"bench"}, "--model");
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
