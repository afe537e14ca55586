// SPDX-License-Identifier: Apache-2.0
// vitro verify: what it says about sound programs, and that it notices changed weights.
#include <gtest/gtest.h>

#include "converter/emit/seal.h"
#include "runtime/schema/program_generated.h"
#include "tests/support/tool_runner.h"

namespace vitro {

using namespace converter;

namespace {

using Json = nlohmann::json;

TEST_F(ToolTest, Verify) {
  const std::string model = program();
  for (const std::string& isa : available_isas())
    EXPECT_EQ(run_json({"verify", "-m", model, "--isa", isa, "-t", "2"}).at("golden"), true) << isa;
  const Json facts = run_json({"verify", "-m", model});
  EXPECT_EQ(facts.at("verified"), true);
  EXPECT_EQ(facts.at("golden"), true);
  EXPECT_EQ(facts.at("digest"), true);
  EXPECT_EQ(run_json({"verify", "-m", VITRO_FROZEN_PROGRAMS "/plain.vitro"}).at("digest"), false);
  EXPECT_EQ(run_json({"inspect", "-m", model}).at("digest").get<std::string>().size(), 64u);
  const ToolResult human = run_tool({"verify", "-m", model});
  EXPECT_EQ(human.exit_code, 0);
  EXPECT_NE(human.out.find("equal to the bit"), std::string::npos);
}

// Changes that golden vectors do not notice: labels, preprocessing, provenance.
TEST_F(ToolTest, EveryCommandSeesAChangedByte) {
  const std::string model = program(), bytes = read_bytes(model), photo = picture("a.png");
  const schema::Program& p = *schema::GetProgram(bytes.data());
  const auto offset = [&](const void* at) {
    return static_cast<size_t>(static_cast<const char*>(at) - bytes.data());
  };
  for (const size_t at :
       {offset(p.preprocessing()->mean()->Data()), offset(p.provenance()->converter()->c_str()),
        bytes.size() - 1, offset(p.digest())}) {
    std::string other = bytes;
    other[at] ^= 1;
    const std::string damaged = write("changed.vitro", other);
    if (at == offset(p.preprocessing()->mean()->Data()))
      expect_refused({"verify", "-m", damaged}, {"digest does not match"});
    for (const Arguments& command : {Arguments{"verify", "-m", damaged},
                                     {"inspect", "-m", damaged},
                                     {"run", "-m", damaged, "-i", photo},
                                     {"bench", "-m", damaged, "-n", "1"},
                                     {"emit", "-m", damaged, "--flash-image", "-o", path("flash")}})
      expect_refused(command, {"changed.vitro"});
  }
}

TEST_F(ToolTest, VerifySeesChangedWeights) {
  const std::string model = program(), bytes = read_bytes(model);
  const schema::Program& program = *schema::GetProgram(bytes.data());
  const size_t constants = static_cast<size_t>(
      reinterpret_cast<const char*>(program.constants()->data()) - bytes.data());
  const auto weight = [&](size_t at) { return static_cast<int>(static_cast<int8_t>(bytes[at])); };
  const auto verdict = [&](size_t at, int first, int second) {
    std::string other = bytes;
    other[at] = static_cast<char>(weight(at) + first);
    other[at + 1] = static_cast<char>(weight(at + 1) + second);
    expect_refused({"verify", "-m", write("damaged.vitro", other)}, {"damaged.vitro"});
    // The change must be noticed even when a new digest was made.
    converter::seal(reinterpret_cast<uint8_t*>(other.data()), other.size());
    return run_json({"verify", "-m", write("damaged.vitro", other)}, 1);
  };
  size_t linears = 0;
  for (const schema::Step* step : *program.steps())
    for (const schema::Op* op : *step->ops()) {
      const schema::Linear* linear = op->args_as_Linear();
      if (!linear) continue;
      SCOPED_TRACE(op->name()->c_str());
      ++linears;
      size_t at = constants + linear->weights();
      while (weight(at) == 127) ++at;
      EXPECT_EQ(verdict(at, 1, 0).at("golden"),
                false);  // the channel's sum tells, if the logits do not

      at =
          constants + linear->weights();  // changes two weights of a channel, so that its sum stays
      while (weight(at) > 127 - 32 || weight(at + 1) < 32 - 127) at += 2;
      const Json hidden = verdict(at, 32, -32);
      EXPECT_EQ(hidden.at("verified"), true) << hidden;
      EXPECT_EQ(hidden.at("golden"), false) << hidden;
    }
  EXPECT_EQ(linears, 14u);
  const ToolResult human = run_tool({"verify", "-m", path("damaged.vitro")});
  EXPECT_EQ(human.exit_code, 1);
  EXPECT_NE(human.out.find("DIFFER"), std::string::npos);
}

}  // namespace
}  // namespace vitro
