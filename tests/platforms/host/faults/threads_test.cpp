// SPDX-License-Identifier: Apache-2.0
// The system refuses to start threads: the tool continues with fewer, and says so; it never hangs
// and never aborts. The answers do not depend on the number of threads.
#include "tests/platforms/host/faults/faults.h"

namespace vitro {

using namespace converter;

namespace {

using Json = nlohmann::json;

class Threads : public ToolTest {
 protected:
  void SetUp() override {
    if (!faults_can_be_made()) GTEST_SKIP() << "sanitizers replace pthread_create themselves";
    ToolTest::SetUp();
  }
};

constexpr char kGoingOn[] = " threads could be started; going on with them\n";

TEST_F(Threads, FewerThreadsTheSameBits) {
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
        return run_with_fault(arguments, {"threads", number, "fail", more});
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
  EXPECT_EQ(object(run_with_fault({"bench", "-m", model, "-n", "3", "-t", "4", "--json"},
                                  {"threads", 1, "fail", true}))
                .at("threads"),
            1);
}

}  // namespace
}  // namespace vitro
