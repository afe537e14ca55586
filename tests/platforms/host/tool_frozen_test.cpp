// SPDX-License-Identifier: Apache-2.0
// What the tool says of the frozen programs (tests/programs).
#include <gtest/gtest.h>

#include "tests/support/tool_runner.h"

namespace vitro {

namespace {

using Json = nlohmann::json;

std::string frozen(const std::string& name) { return VITRO_FROZEN_PROGRAMS "/" + name; }

// Objects of `after` may have more keys than those of `before`, and nothing else may differ.
void expect_still_said(const Json& before, const Json& after, const std::string& where) {
  if (!before.is_object()) {
    EXPECT_EQ(after, before) << where;
    return;
  }
  ASSERT_TRUE(after.is_object()) << where;
  for (const auto& [key, value] : before.items()) {
    ASSERT_TRUE(after.contains(key)) << where << "/" << key;
    expect_still_said(value, after.at(key), where + "/" + key);
  }
}

TEST_F(ToolTest, InspectStillSaysOfFrozenPrograms) {
  size_t programs = 0;
  for (const auto& entry : std::filesystem::directory_iterator(VITRO_FROZEN_PROGRAMS)) {
    if (entry.path().extension() != ".vitro") continue;
    const std::string name = entry.path().stem().string();
    const Json before = Json::parse(read_bytes(frozen(name + ".inspect.json")));
    expect_still_said(before, run_json({"inspect", "-m", frozen(name + ".vitro")}), name);
    ++programs;
  }
  EXPECT_GE(programs, 9u);
}

TEST_F(ToolTest, VerifyAcceptsFrozenPrograms) {
  for (const auto& entry : std::filesystem::directory_iterator(VITRO_FROZEN_PROGRAMS))
    if (entry.path().extension() == ".vitro") {
      const ToolResult result = run_tool({"verify", "-m", entry.path().string()});
      EXPECT_EQ(result.exit_code, 0) << entry.path() << result.err;
    }
}

}  // namespace
}  // namespace vitro
