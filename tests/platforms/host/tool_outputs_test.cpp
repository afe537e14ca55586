// SPDX-License-Identifier: Apache-2.0
// The tool with programs that have several named outputs, or no logits; and what scripts get on a
// refusal.
#include <cstring>

#include "converter/base/npy.h"
#include "platforms/host/inference.h"
#include "runtime/core/golden.h"
#include "tests/support/small_program.h"
#include "tests/support/tool_runner.h"

namespace vitro {

using namespace converter;
using namespace host;

namespace {

using Json = nlohmann::json;

class OutputsTest : public ToolTest {
 protected:
  void SetUp() override {
    ToolTest::SetUp();
    photo_ = picture("photo.png");
  }

  /// A converted program that answers its logits once for each of `outputs`, under that name.
  std::string with_outputs(
      const std::string& name,
      const std::vector<std::pair<std::string, schema::OutputKind>>& outputs) const {
    const std::string bytes = read_bytes(program());
    AlignedBytes file(bytes.size());
    std::memcpy(file.data(), bytes.data(), bytes.size());
    schema::ProgramT p = unpack(file);
    p.labels.clear();
    for (const auto& [called, kind] : outputs) {
      auto output = std::make_unique<schema::OutputT>();
      output->name = called, output->kind = kind, output->tensor = p.output;
      p.outputs.push_back(std::move(output));
    }
    for (auto& golden : p.golden)
      golden->digests.assign(
          outputs.size() - 1,
          output_digest(golden->logits.data(), golden->logits.size() * sizeof(float)));
    const AlignedBytes packed = pack(p);
    return write(name, {reinterpret_cast<const char*>(packed.data()), packed.size()});
  }
  std::string two() const {
    return with_outputs("two.vitro", {{"logits", schema::OutputKind::Logits},
                                      {"embedding", schema::OutputKind::Features}});
  }
  std::string features() const {
    return with_outputs("features.vitro", {{"class token", schema::OutputKind::Features}});
  }

  std::string photo_;
};

TEST_F(OutputsTest, EachIsDescribedAndSaved) {
  const std::string model = two();
  const Json facts = run_json({"run", "-m", model, "-i", photo_, photo_, "--values", "--output",
                               "embedding=" + path("e.npy"), "--logits", path("l.npy")});
  const Json &result = facts.at("results")[1], &outputs = result.at("outputs");
  ASSERT_EQ(outputs.size(), 2u);
  for (const auto& [index, name, kind, file] :
       {std::tuple{0, "logits", "logits", "l.npy"}, {1, "embedding", "features", "e.npy"}}) {
    const Json& output = outputs[static_cast<size_t>(index)];
    EXPECT_EQ(output.at("name"), name);
    EXPECT_EQ(output.at("kind"), kind);
    EXPECT_EQ(output.at("rows"), 1);
    EXPECT_EQ(output.at("cols"), 10);
    EXPECT_EQ(output.at("file"), path(file));
    const std::vector<float> values = output.at("values");
    EXPECT_EQ(output_sha256(values), output.at("sha256"));
    EXPECT_EQ(output.at("sha256"), result.at("logits_sha256"));
    const NpyReader saved(path(file));
    ASSERT_EQ(saved.rows(), 2u);
    std::vector<float> row(10);
    saved.read_row(1, row.data());
    EXPECT_EQ(row, values);
  }
  EXPECT_EQ(result.at("top").size(), 5u);
  EXPECT_FALSE(run_json({"run", "-m", model, "-i", photo_})
                   .at("results")[0]
                   .at("outputs")[0]
                   .contains("values"));
  const ToolResult people = run_tool({"run", "-m", model, "-i", photo_});
  EXPECT_NE(people.out.find("  embedding: features, 1 x 10, norm "), std::string::npos);
  EXPECT_NE(people.err.find("--output NAME=FILE.npy"), std::string::npos);
  const Json described = run_json({"inspect", "-m", model}).at("outputs");
  EXPECT_EQ(described[1],
            Json::parse(R"({"name":"embedding","kind":"features","rows":1,"cols":10,"bytes":40})"));
  EXPECT_NE(
      run_tool({"inspect", "-m", model}).out.find("output embedding: features, 1 x 10, 40 bytes\n"),
      std::string::npos);
}

TEST_F(OutputsTest, WithoutLogitsNothingIsNamed) {
  const std::string model = features();
  const Json result =
      run_json({"run", "-m", model, "-i", photo_, "--output", "class token=" + path("f.npy")})
          .at("results")[0];
  EXPECT_FALSE(result.contains("top"));
  EXPECT_FALSE(result.contains("logits_sha256"));
  EXPECT_EQ(NpyReader(path("f.npy")).cols(), 10u);
  EXPECT_EQ(result.at("outputs")[0].at("kind"), "features");
  const ToolResult people = run_tool({"run", "-m", model, "-i", photo_});
  EXPECT_EQ(people.exit_code, 0);
  EXPECT_EQ(people.out.find(" %  "), std::string::npos) << people.out;
  EXPECT_NE(people.out.find("  class token: features, 1 x 10, norm "), std::string::npos);
  const std::string has = "features 'class token'";
  expect_wrong_usage({"run", "-m", model, "-i", photo_, "--logits", path("l.npy")}, has);
  expect_wrong_usage({"run", "-m", model, "-i", photo_, "--csv", path("l.csv")}, "no logits");
  expect_wrong_usage({"run", "-m", model, "-i", photo_, "--output", "logits=l.npy"}, has);
  expect_wrong_usage({"run", "-m", model, "-i", photo_, "--output", "class token"}, has);
  expect_wrong_usage({"run", "-m", model, "-i", photo_, "--values"}, "--json");
  expect_refused({"eval", "-m", model, "--images", pictures("photos", 1), "--expect", "x.npy"},
                 {"has no logits", has});
  EXPECT_EQ(run_json({"verify", "-m", model}).at("golden"), true);
  EXPECT_GT(run_json({"bench", "-m", model, "-n", "1"}).at("p50_ms"), 0);
  EXPECT_EQ(run_json({"emit", "-m", model, "--c-array", "-o", path("m.c")}).at("outputs").size(),
            1u);
}

TEST_F(OutputsTest, VerifyCoversEveryOutput) {
  const std::string model = two(), bytes = read_bytes(model);
  EXPECT_EQ(run_json({"verify", "-m", model}).at("golden"), true);
  AlignedBytes file(bytes.size());
  std::memcpy(file.data(), bytes.data(), bytes.size());
  schema::ProgramT p = unpack(file);
  p.golden[1]->digests[0] ^= 1;
  const AlignedBytes packed = pack(p);
  write("other.vitro", {reinterpret_cast<const char*>(packed.data()), packed.size()});
  EXPECT_EQ(run_json({"verify", "-m", path("other.vitro")}, 1).at("golden"), false);
}

TEST_F(OutputsTest, RefusalsAreJsonWhereJsonIsAskedFor) {
  const std::string absent = path("absent.vitro"), model = program();
  for (const Arguments& arguments : {Arguments{"run", "-m", absent, "-i", photo_},
                                     {"eval", "-m", absent, "--images", path("")},
                                     {"inspect", "-m", absent},
                                     {"bench", "-m", absent},
                                     {"verify", "-m", absent},
                                     {"emit", "-m", absent, "--c-array", "-o", path("a.c")},
                                     {"convert", absent, "-o", path("a.vitro")}}) {
    const Json object = run_json(arguments, 1);
    EXPECT_NE(object.at("error").get<std::string>().find(absent), std::string::npos) << object;
  }
  EXPECT_NE(
      run_json({"run", "-m", model, "-i", absent}, 1).at("error").get<std::string>().find(absent),
      std::string::npos);
  EXPECT_TRUE(run_json({"run", "-m", model}, 2).contains("error"));
  EXPECT_TRUE(run_json({"run", "-m", model, "-i", photo_, "--csv", "-"}, 2).contains("error"));
  const ToolResult lines = run_tool({"run", "-m", absent, "-i", photo_, "--jsonl"});
  EXPECT_TRUE(Json::parse(lines.out).contains("error"));
  EXPECT_EQ(lines.out.find('\n'), lines.out.size() - 1) << "an object a line: " << lines.out;
  // With several pictures, one that cannot be read is listed in `errors`.
  EXPECT_FALSE(run_json({"run", "-m", model, "-i", photo_, absent}, 1).contains("error"));
}

TEST_F(OutputsTest, HelpThatCannotBeWritten) {
  EXPECT_EQ(run_tool({"--help"}).exit_code, 0);
  EXPECT_EQ(run_tool({"run", "--help"}, "/dev/full").exit_code, 1);
  EXPECT_EQ(run_tool({"--version"}, "/dev/full").exit_code, 1);
}

}  // namespace
}  // namespace vitro
