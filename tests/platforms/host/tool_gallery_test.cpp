// SPDX-License-Identifier: Apache-2.0
// vitro index, and vitro run --gallery.
#include <filesystem>

#include "tests/support/tool_runner.h"

namespace vitro {

namespace {

using Json = nlohmann::json;

class ToolGalleryTest : public ToolTest {
 protected:
  void SetUp() override {
    ToolTest::SetUp();
    model_ = program("vit.vitro", {}, {"--also", "features"});
    for (const char* const folder : {"known", "known/cat", "known/dog"})
      std::filesystem::create_directory(path(folder));
    unsigned seed = 10;
    for (const char* const name : {"cat/a.png", "cat/b.png", "dog/a.png", "loose.png"})
      picture(std::string("known/") + name, seed++);
  }

  std::string model_;
};

TEST_F(ToolGalleryTest, NamesByTheNearest) {
  const std::string gallery = path("gallery");
  const Json made = run_json({"index", path("known"), "-m", model_, "-o", gallery});
  EXPECT_EQ(made.at("photos"), 4);
  EXPECT_EQ(made.at("classes"), Json::parse(R"(["cat","dog"])"));
  EXPECT_EQ(made.at("output"), "features");
  EXPECT_EQ(made.at("bytes"), std::filesystem::file_size(gallery));
  // A photo of the gallery is its own nearest.
  const Json result = run_json({"run", "-m", model_, "--gallery", gallery, "-i",
                                path("known/dog/a.png"), "--neighbours", "1"})
                          .at("results")[0];
  EXPECT_EQ(result.at("top")[0].at("label"), "dog");
  EXPECT_EQ(result.at("top")[0].at("probability"), 1);
  ASSERT_EQ(result.at("nearest").size(), 1u);
  EXPECT_EQ(result.at("nearest")[0].at("file"), "dog/a.png");
  EXPECT_NEAR(result.at("nearest")[0].at("cosine").get<double>(), 1, 1e-9);
  EXPECT_TRUE(result.contains("logits_sha256"));

  const Json all = run_json({"run", "-m", model_, "--gallery", gallery, "-i",
                             path("known/dog/a.png"), "--vote", "plain"})
                       .at("results")[0];
  EXPECT_EQ(all.at("nearest").size(), 4u);
  EXPECT_EQ(all.at("top").size(), 2u);
  EXPECT_EQ(all.at("top")[0].at("label"), "cat");  // two of three votes
  EXPECT_NEAR(all.at("top")[0].at("probability").get<double>(), 2.0 / 3, 1e-6);

  const ToolResult people =
      run_tool({"run", "-m", model_, "--gallery", gallery, "-i", path("known/loose.png")});
  EXPECT_NE(people.out.find("  cosine 1.0000  loose.png\n"), std::string::npos) << people.out;
  const ToolResult csv =
      run_tool({"run", "-m", model_, "--gallery", gallery, "-i", path("known/cat"), "--neighbours",
                "1", "-k", "1", "--csv", "-"});
  EXPECT_EQ(csv.out, "row,file,index_1,label_1,probability_1\n0," + path("known/cat/a.png") +
                         ",0,cat,1.000000\n1," + path("known/cat/b.png") + ",0,cat,1.000000\n");
}

TEST_F(ToolGalleryTest, ClassesFromACsvOrNone) {
  write("labels.csv", "file,label\ncat/a.png,first\ndog/a.png,second\n");
  const Json made = run_json(
      {"index", path("known"), "-m", model_, "-o", path("g"), "--labels", path("labels.csv")});
  EXPECT_EQ(made.at("photos"), 2);
  EXPECT_EQ(made.at("classes"), Json::parse(R"(["first","second"])"));
  // Photos that a CSV names elsewhere, by a path that is shorter than the folder's.
  write("elsewhere.csv", "file,label\n" + path("known/loose.png") + ",third\n");
  const std::string long_way = path("known") + "/./././././././././././././.";
  const Json elsewhere = run_json(
      {"index", long_way, "-m", model_, "-o", path("e"), "--labels", path("elsewhere.csv")});
  EXPECT_EQ(elsewhere.at("classes"), Json::parse(R"(["third"])"));
  EXPECT_EQ(run_json({"run", "-m", model_, "--gallery", path("e"), "-i", path("known/loose.png")})
                .at("results")[0]
                .at("nearest")[0]
                .at("file"),
            path("known/loose.png"));
  // Without classes the photos themselves are the answer.
  const Json flat = run_json({"index", path("known/cat"), "-m", model_, "-o", path("f")});
  EXPECT_EQ(flat.at("classes"), Json::array());
  const Json result =
      run_json({"run", "-m", model_, "--gallery", path("f"), "-i", path("known/cat/b.png")})
          .at("results")[0];
  EXPECT_FALSE(result.contains("top"));
  EXPECT_EQ(result.at("nearest")[0].at("file"), "b.png");
  EXPECT_EQ(result.at("nearest")[0].at("label"), "");
}

TEST_F(ToolGalleryTest, Refused) {
  const std::string gallery = path("gallery"), photo = path("known/loose.png");
  run_json({"index", path("known"), "-m", model_, "-o", gallery});
  RandomVit other;
  other.seed = 2;
  const std::string stranger = program("other.vitro", other, {"--also", "features"});
  expect_refused({"run", "-m", stranger, "--gallery", gallery, "-i", photo},
                 {"another program", "vitro index"});
  expect_refused({"run", "-m", model_, "--gallery", photo, "-i", photo}, {"is not a gallery"});
  expect_refused({"run", "-m", model_, "--gallery", path("none"), "-i", photo}, {"none"});
  expect_refused({"run", "-m", model_, "--gallery", gallery, "-i", photo, "--csv", gallery},
                 {"overwritten"});
  expect_wrong_usage({"run", "-m", model_, "-i", photo, "--vote", "plain"}, "--gallery");
  expect_wrong_usage({"run", "-m", model_, "--gallery", gallery, "-i", photo, "--vote", "loud"},
                     "--vote");
  expect_refused({"index", path("none"), "-m", model_, "-o", path("g")}, {"none"});
  expect_refused({"index", path("known"), "-m", program("plain.vitro"), "-o", path("g")},
                 {"gives no features", "--also features"});
  const std::string patches = program("patches.vitro", {}, {"--also", "patches"});
  expect_refused({"index", path("known"), "-m", patches, "-o", path("g")}, {"16 rows", "--name"});
  write("known/bad.png", "nothing");
  const Json partly = run_json({"index", path("known"), "-m", model_, "-o", path("g")}, 1);
  EXPECT_EQ(partly.at("photos"), 4);
  EXPECT_EQ(partly.at("errors").size(), 1u);
}

}  // namespace
}  // namespace vitro
