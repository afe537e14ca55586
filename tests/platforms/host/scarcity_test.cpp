// SPDX-License-Identifier: Apache-2.0
// Threads and memory that the system refuses: the tool goes on with what there is, or ends with a
// message; it never hangs and never aborts.
#include <cstdlib>

#include "tests/support/tool_runner.h"

namespace vitro {

using namespace converter;

namespace {

using Json = nlohmann::json;

class Scarcity : public ToolTest {
 protected:
  void SetUp() override {
#ifdef VITRO_SANITIZED
    GTEST_SKIP() << "sanitizers replace malloc and pthread_create themselves";
#endif
    ToolTest::SetUp();
  }

  static ToolResult run_refusing(const Arguments& arguments, const char* what, unsigned number,
                                 bool more) {
    setenv("LD_PRELOAD", VITRO_REFUSE, 1);
    setenv(what, std::to_string(number).c_str(), 1);
    if (more) setenv("REFUSE_MORE", "1", 1);
    const ToolResult result = run_tool(arguments);
    for (const char* name : {"LD_PRELOAD", what, "REFUSE_MORE"}) unsetenv(name);
    return result;
  }
};

constexpr char kGoingOn[] = " threads could be started; going on with them\n";

TEST_F(Scarcity, FewerThreadsTheSameBits) {
  const std::string model = program(), folder = pictures("photos", 6),
                    csv =
                        write("labels.csv",
                              "file,label\n0.png,0\n1.png,1\n2.png,2\n3.png,3\n4.png,4\n5.png,5\n");
  const std::string weights = checkpoint(), converted = path("again.vitro");
  const Arguments run = {"run", "-m", model,   "-i", folder + "/0.png", folder + "/1.png",
                         "-t",  "4",  "--json"};
  const Arguments eval = {"eval",     "-m", model,         "--images", folder,
                          "--labels", csv,  "--reference", weights,    "--heads",
                          "1",        "-t", "4",           "--json"};
  const Arguments convert = {"convert", weights,   "-o",   converted, "--heads",
                             "1",       "--calib", folder, "-t",      "4"};
  const auto hashes = [](const Json& facts) {
    std::vector<std::string> all;
    for (const Json& result : facts.at("results")) all.push_back(result.at("logits_sha256"));
    return all;
  };
  const auto object = [](const ToolResult& result) {
    EXPECT_EQ(result.exit_code, 0) << result.err;
    return Json::parse(result.out);
  };
  const std::vector<std::string> answers = hashes(object(run_tool(run)));
  const Json accuracy = object(run_tool(eval));
  ASSERT_EQ(run_tool(convert).exit_code, 0);
  const std::string bytes = read_bytes(converted);

  for (const bool more : {false, true}) {
    for (unsigned number = 1; number <= 4; ++number) {
      SCOPED_TRACE("thread " + std::to_string(number) + (more ? " and later" : ""));
      const auto refusing = [&](const Arguments& arguments) {
        return run_refusing(arguments, "REFUSE_THREAD", number, more);
      };
      const std::string line =
          number < 4 ? "vitro: " + std::to_string(number) + " of 4" + kGoingOn : "";
      const ToolResult answered = refusing(run);
      EXPECT_EQ(hashes(object(answered)), answers);
      EXPECT_EQ(answered.err, line);
      const ToolResult verified = refusing({"verify", "-m", model, "-t", "4"});
      EXPECT_EQ(verified.exit_code, 0);
      EXPECT_EQ(verified.err, line);
      EXPECT_EQ(object(refusing({"bench", "-m", model, "-n", "3", "-t", "4", "--json"})).at("runs"),
                3);
      const ToolResult evaluated = refusing(eval);
      EXPECT_EQ(object(evaluated), accuracy);
      std::filesystem::remove(converted);
      const ToolResult result = refusing(convert);
      EXPECT_EQ(result.exit_code, 0) << result.err;
      // eval starts three threads; convert starts three for each of its passes.
      const std::string fewer = "vitro: not all threads could be started";
      EXPECT_EQ(evaluated.err.find(fewer) != std::string::npos, number < 4) << evaluated.err;
      EXPECT_NE(result.err.find(fewer), std::string::npos) << result.err;
      EXPECT_TRUE(read_bytes(converted) == bytes);
    }
  }
  EXPECT_EQ(object(run_refusing({"bench", "-m", model, "-n", "3", "-t", "4", "--json"},
                                "REFUSE_THREAD", 1, true))
                .at("threads"),
            1);
}

// Every allocation would take minutes; a stride that has no factor in common with any table's size
// meets all kinds.
TEST_F(Scarcity, MemoryMayBeRefusedAtAnyMoment) {
  const std::string model = program(), photo = picture("photo.png"), weights = checkpoint(),
                    converted = path("again.vitro");
  for (const Arguments& arguments : {Arguments{"run", "-m", model, "-i", photo, "-t", "2"},
                                     {"run", "-m", model, "-i", photo, "--json"},
                                     {"convert", weights, "-o", converted, "--heads", "1"},
                                     {"inspect", "-m", model},
                                     {"--help"}}) {
    SCOPED_TRACE(testing::PrintToString(arguments));
    unsigned refused = 0;
    for (unsigned number = 1; number < 4000; number += 47) {
      const ToolResult result = run_refusing(arguments, "REFUSE_MEMORY", number, number % 2 == 0);
      SCOPED_TRACE("allocation " + std::to_string(number) + ": " + result.err);
      ASSERT_GE(result.exit_code, 0);
      ASSERT_LE(result.exit_code, 1);
      if (result.exit_code == 0) {  // what asks for memory it can do without, as std::stable_sort
        std::filesystem::remove(converted);
        continue;
      }
      ++refused;
      EXPECT_NE(result.err.find("vitro: "), std::string::npos);
      EXPECT_FALSE(std::filesystem::exists(converted));
    }
    EXPECT_GT(refused, 5u);
  }
}

}  // namespace
}  // namespace vitro
