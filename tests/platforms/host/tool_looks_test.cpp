// SPDX-License-Identifier: Apache-2.0
// vitro features and vitro attention, with the programs that convert --also makes.
#include <cmath>
#include <cstring>
#include <numeric>

#include "converter/base/npy.h"
#include "platforms/host/inference.h"
#include "platforms/host/pictures/picture.h"
#include "platforms/host/pictures/png_writer.h"
#include "tests/support/small_program.h"
#include "tests/support/tool_runner.h"

namespace vitro {

using namespace converter;
using namespace host;

namespace {

using Json = nlohmann::json;

class LooksTest : public ToolTest {
 protected:
  void SetUp() override {
    ToolTest::SetUp();
    photo_ = picture("photo.png");
  }

  std::string looking(const RandomVit& vit = {}, Arguments more = {}) const {
    more.insert(more.end(), {"--also", "features,patches,attention"});
    return program("looking.vitro", vit, more);
  }
  std::string changed(const std::string& model,
                      const std::function<void(schema::ProgramT&)>& change) {
    const std::string bytes = read_bytes(model);
    AlignedBytes file(bytes.size());
    std::memcpy(file.data(), bytes.data(), bytes.size());
    schema::ProgramT p = unpack(file);
    change(p);
    const AlignedBytes packed = pack(p);
    return write("changed.vitro", {reinterpret_cast<const char*>(packed.data()), packed.size()});
  }

  std::string photo_;
};

TEST_F(LooksTest, ThePngIsAPicture) {
  Picture made{5, 3, {}};
  for (size_t i = 0; i < 45; ++i) made.rgb.push_back(static_cast<uint8_t>(i * 37));
  const Picture small = load_picture(write("small.png", png_of(made)));
  EXPECT_EQ(small.width, 5u);
  EXPECT_EQ(small.height, 3u);
  EXPECT_EQ(small.rgb, made.rgb);
  made = {400, 300, std::vector<uint8_t>(400 * 300 * 3)};  // more than one block of zlib's
  for (size_t i = 0; i < made.rgb.size(); ++i) made.rgb[i] = static_cast<uint8_t>(i * i >> 7);
  EXPECT_EQ(load_picture(write("large.png", png_of(made))).rgb, made.rgb);
}

TEST_F(LooksTest, FeaturesAreWritten) {
  const std::string model = looking(), folder = pictures("photos", 3);
  const Json facts = run_json({"features", "-m", model, "-i", folder, photo_, "-o", path("f.npy")});
  EXPECT_EQ(facts.at("name"), "features");
  EXPECT_EQ(facts.at("shape"), Json::parse("[4,64]"));
  EXPECT_EQ(facts.at("names"), path("f.csv"));
  EXPECT_EQ(facts.at("files").size(), 4u);
  EXPECT_EQ(read_bytes(path("f.csv")), "row,file\n0," + folder + "/0.png\n1," + folder +
                                           "/1.png\n2," + folder + "/2.png\n3," + photo_ + "\n");
  run_json({"run", "-m", model, "-i", folder, photo_, "--output", "features=" + path("r.npy")});
  EXPECT_EQ(read_bytes(path("f.npy")), read_bytes(path("r.npy")));

  EXPECT_EQ(
      run_json({"features", "-m", model, "-i", photo_, "-o", path("p.npy"), "--name", "patches"})
          .at("shape"),
      Json::parse("[1,16,64]"));
  run_json({"features", "-m", model, "-i", photo_, "-o", path("u.npy"), "--unit-length"});
  const Matrix unit = read_npy(path("u.npy")), as_it_is = read_npy(path("f.npy"));
  double squares = 0, product = 0, length = 0;
  for (size_t c = 0; c < 64; ++c) {
    const auto u = static_cast<double>(unit.row(0)[c]), f = static_cast<double>(as_it_is.row(3)[c]);
    squares += u * u, product += u * f, length += f * f;
  }
  EXPECT_NEAR(squares, 1, 1e-6);
  EXPECT_NEAR(product, std::sqrt(length), 1e-4);
  const ToolResult people = run_tool({"features", "-m", model, "-i", photo_, "-o", path("f.npy")});
  EXPECT_NE(people.out.find("'features' of 1 photos, 1 x 64"), std::string::npos) << people.out;
}

TEST_F(LooksTest, FeaturesOfWhatCannotBeRead) {
  const std::string model = looking(), bad = write("bad.jpg", "no picture");
  const Json facts = run_json({"features", "-m", model, "-i", bad, photo_, "-o", path("f.npy")}, 1);
  EXPECT_EQ(facts.at("shape"), Json::parse("[1,64]"));
  EXPECT_EQ(facts.at("errors").size(), 1u);
  EXPECT_EQ(read_bytes(path("f.csv")), "row,file\n0," + photo_ + "\n");
  expect_refused({"features", "-m", model, "-i", bad, "-o", path("g.npy")}, {bad});
  EXPECT_EQ(run_tool({"features", "-m", model, "-i", bad, bad, "-o", path("g.npy")}).exit_code, 1);
  expect_refused({"features", "-m", model, "-i", path("absent"), "-o", path("g.npy")}, {"absent"});
  expect_refused({"features", "-m", program(), "-i", photo_, "-o", path("g.npy")},
                 {"gives no features", "--also features"});
  expect_refused({"features", "-m", model, "-i", photo_, "-o", path("g.npy"), "--name", "nose"},
                 {"nose", "logits 'logits'", "--name"});
  expect_refused({"features", "-m", model, "-i", photo_, "-o", path("none/g.npy")}, {"none/g.npy"});
  expect_wrong_usage({"features", "-m", model, "-i", photo_, "-o", path("g.bin")}, ".npy");
  expect_wrong_usage({"features", "-m", model, "-i", photo_}, "--output");
}

TEST_F(LooksTest, AttentionIsDrawn) {
  RandomVit vit;
  vit.heads = 1, vit.registers = 2;
  const std::string model = looking(vit);
  const Json facts = run_json({"attention", "-m", model, "-i", photo_, "-o", path("a.png")});
  EXPECT_EQ(facts.at("block"), "blocks.1.attn.attention");
  EXPECT_EQ(facts.at("query"), "class");
  EXPECT_EQ(facts.at("grid"), Json::parse(R"({"height":4,"width":4})"));
  ASSERT_EQ(facts.at("maps").size(), 1u);
  const Json& map = facts.at("maps")[0];
  EXPECT_EQ(map.at("head"), "mean");
  const std::vector<double> values = map.at("values");
  ASSERT_EQ(values.size(), 16u);
  EXPECT_NEAR(
      std::accumulate(values.begin(), values.end(), map.at("on_other_tokens").get<double>()), 1,
      1e-9);
  const Picture overlay = load_picture(path("a.png"));
  EXPECT_EQ(overlay.width, 448u);
  EXPECT_EQ(overlay.height, 448u);

  // By hand, of the same outputs: the class token's row.
  run_json({"features", "-m", model, "-i", photo_, "-o", path("q.npy"), "--name",
            "blocks.1.attn.attention.q"});
  const Json run = run_json({"run", "-m", model, "-i", photo_, "--values"}).at("results")[0];
  std::vector<float> q, k;
  for (const Json& output : run.at("outputs")) {
    if (output.at("name") == "blocks.1.attn.attention.q")
      q = output.at("values").get<std::vector<float>>();
    if (output.at("name") == "blocks.1.attn.attention.k")
      k = output.at("values").get<std::vector<float>>();
  }
  ASSERT_EQ(k.size(), 19u * 64);
  std::vector<double> weights(19);
  double sum = 0;
  for (size_t t = 0; t < 19; ++t) {
    double score = 0;
    for (size_t c = 0; c < 64; ++c)
      score += static_cast<double>(q[c]) * static_cast<double>(k[t * 64 + c]);
    sum += weights[t] = std::exp(score);
  }
  for (size_t i = 0; i < 16; ++i) EXPECT_NEAR(values[i], weights[i + 3] / sum, 1e-6) << i;

  EXPECT_EQ(run_json({"attention", "-m", model, "-i", photo_, "-o", path("a.png"), "--block", "0"})
                .at("block"),
            "blocks.0.attn.attention");
  const ToolResult people =
      run_tool({"attention", "-m", model, "-i", photo_, "-o", path("a.png"), "--head", "0"});
  EXPECT_NE(people.out.find("head 0"), std::string::npos) << people.out;
}

TEST_F(LooksTest, HeadsStandSideBySide) {
  RandomVit vit;
  vit.dim = 128, vit.heads = 2;
  const std::string model = looking(vit);
  const Json facts =
      run_json({"attention", "-m", model, "-i", photo_, "-o", path("a.png"), "--head", "all"});
  ASSERT_EQ(facts.at("maps").size(), 2u);
  const Picture overlay = load_picture(path("a.png"));
  EXPECT_EQ(overlay.width, 3 * 448u + 2 * 6);
  EXPECT_EQ(overlay.height, 448u);
  const Json mean = run_json({"attention", "-m", model, "-i", photo_, "-o", path("a.png")});
  for (size_t i = 0; i < 16; ++i) {
    const auto of = [&](const Json& f, size_t m) {
      return f.at("maps")[m].at("values")[i].get<double>();
    };
    EXPECT_NEAR(of(mean, 0), (of(facts, 0) + of(facts, 1)) / 2, 1e-9);
  }
}

// Two blocks: (A1 + I) / 2 times (A0 + I) / 2, of which every row adds up to 1.
TEST_F(LooksTest, Rollout) {
  RandomVit vit;
  vit.class_token = false;
  const std::string model = looking(vit);
  const Json facts =
      run_json({"attention", "-m", model, "-i", photo_, "-o", path("a.png"), "--rollout"});
  EXPECT_EQ(facts.at("block"), "all");
  EXPECT_EQ(facts.at("query"), "mean");
  const std::vector<double> values = facts.at("maps")[0].at("values");
  EXPECT_NEAR(std::accumulate(values.begin(), values.end(), 0.0), 1, 1e-9);

  const Json run = run_json({"run", "-m", model, "-i", photo_, "--values"}).at("results")[0];
  std::map<std::string, std::vector<float>> outputs;
  for (const Json& output : run.at("outputs"))
    outputs[output.at("name")] = output.at("values").get<std::vector<float>>();
  std::vector<double> row(16, 1.0 / 16);
  for (const char* const block : {"blocks.1", "blocks.0"}) {
    const std::vector<float>&q = outputs.at(std::string(block) + ".attn.attention.q"),
          &k = outputs.at(std::string(block) + ".attn.attention.k");
    std::vector<double> before(16);
    for (size_t i = 0; i < 16; ++i) {
      std::vector<double> weights(16);
      double sum = 0;
      for (size_t t = 0; t < 16; ++t) {
        double score = 0;
        for (size_t c = 0; c < 64; ++c)
          score += static_cast<double>(q[i * 64 + c]) * static_cast<double>(k[t * 64 + c]);
        sum += weights[t] = std::exp(score);
      }
      for (size_t t = 0; t < 16; ++t)
        before[t] += row[i] * ((t == i ? 1 : 0) + weights[t] / sum) / 2;
    }
    row = before;
  }
  for (size_t i = 0; i < 16; ++i) EXPECT_NEAR(values[i], row[i], 1e-6) << i;
}

TEST_F(LooksTest, AttentionThatCannotBeDrawn) {
  const std::string model = looking(), out = path("a.png");
  expect_refused({"attention", "-m", program(), "-i", photo_, "-o", out},
                 {"does not give its attention", "--also attention"});
  const std::string one = program("one.vitro", {}, {"--also", "attention=0"});
  EXPECT_EQ(run_tool({"attention", "-m", one, "-i", photo_, "-o", out}).exit_code, 0);
  expect_refused({"attention", "-m", one, "-i", photo_, "-o", path("b.png"), "--rollout"},
                 {"1 of 2 blocks"});
  expect_wrong_usage({"attention", "-m", one, "-i", photo_, "-o", out, "--block", "1"}, "--block");
  expect_wrong_usage({"attention", "-m", one, "-i", photo_, "-o", path("b.jpg")}, ".png");
  expect_wrong_usage({"attention", "-m", model, "-i", photo_, "-o", out, "--head", "1"}, "1 heads");
  expect_wrong_usage({"attention", "-m", model, "-i", photo_, "-o", out, "--head", "-1"}, "--head");
  expect_wrong_usage(
      {"attention", "-m", model, "-i", photo_, "-o", out, "--rollout", "--block", "0"},
      "--rollout");
  expect_refused({"attention", "-m", model, "-i", path("none.jpg"), "-o", out}, {"none.jpg"});
  expect_refused({"attention", "-m", model, "-i", photo_, "-o", photo_}, {"overwritten"});
  const std::string weights = checkpoint();
  expect_wrong_usage({"convert", weights, "-o", path("c.vitro"), "--also", "nose"}, "nose");
  expect_refused({"convert", weights, "-o", path("c.vitro"), "--also", "attention=7"},
                 {"attention 7", "has 2"});
}

// An overlay is no larger than can be looked at, whatever the program says.
TEST_F(LooksTest, OverlaysAreBounded) {
  RandomVit tall;
  tall.dim = 8, tall.depth = 1, tall.image = 1200, tall.image_width = 4;
  const std::string model_of_tall = looking(tall, {"--image-size", "1200x4"});
  run_json({"attention", "-m", model_of_tall, "-i", photo_, "-o", path("a.png")});
  const Picture overlay = load_picture(path("a.png"));
  EXPECT_EQ(overlay.height, 2400u);
  EXPECT_EQ(overlay.width, 8u);

  RandomVit many;  // 83 pictures of 448 x 448 fit
  many.dim = 4 * 84, many.heads = 84, many.hidden = 8, many.depth = 1, many.image = 4;
  const std::string model = looking(many);
  expect_wrong_usage({"attention", "-m", model, "-i", photo_, "-o", path("b.png"), "--head", "all"},
                     "84 heads");
}

// A program may compute its attention from constants alone.
TEST_F(LooksTest, AttentionToNoPicture) {
  const std::string none = changed(looking(), [](schema::ProgramT& p) {
    for (const auto& step : p.steps)
      for (const auto& op : step->ops)
        if (const schema::PatchRowsT* const rows = op->args.AsPatchRows()) {
          schema::QuantiseRowsT of_constants;
          of_constants.src = static_cast<uint32_t>(p.tensors.size());
          of_constants.dst = rows->dst;
          of_constants.unit = 1;
          const schema::TensorT& dst = *p.tensors[rows->dst];
          auto constant = std::make_unique<schema::TensorT>(dst);
          constant->format = schema::Format::S16;
          constant->storage = schema::Storage::Constant;
          constant->offset = 0;
          constant->rows = step->rows;
          p.tensors.push_back(std::move(constant));
          op->args.Set(of_constants);
        }
    p.golden.clear();
  });
  EXPECT_EQ(run_tool({"run", "-m", none, "-i", photo_}).exit_code, 0);
  expect_refused({"attention", "-m", none, "-i", photo_, "-o", path("a.png")},
                 {"does not look at patches"});
}

// Outputs that have the names and not the shapes.
TEST_F(LooksTest, OutputsThatDoNotFit) {
  const std::string model = looking();
  const std::string logits = changed(model, [](schema::ProgramT& p) {
    for (auto& output : p.outputs)
      if (output->name == "blocks.1.attn.attention.k") output->tensor = p.output;
    for (auto& golden : p.golden) golden->digests.clear();
    p.golden.clear();
  });
  const ToolResult result =
      run_tool({"attention", "-m", logits, "-i", photo_, "-o", path("a.png")});
  EXPECT_EQ(result.exit_code, 1) << result.out;
  EXPECT_EQ(result.out, "");
}

}  // namespace
}  // namespace vitro
