// SPDX-License-Identifier: Apache-2.0
// The tool by its contract: what each sub-command prints, and that what it prints is true.
#include <algorithm>
#include <cmath>
#include <cstdint>

#include <gtest/gtest.h>

#include "converter/draft/program_object_generated.h"
#include "tests/support/tool_runner.h"

namespace vitro {

using namespace converter;

namespace {

using Json = nlohmann::json;

void expect_numbers(const Json& object, const std::vector<const char*>& keys) {
  for (const char* key : keys) {
    ASSERT_TRUE(object.contains(key)) << key;
    ASSERT_TRUE(object[key].is_number()) << key << ": " << object[key];
    EXPECT_TRUE(std::isfinite(object[key].get<double>())) << key;
  }
}

void expect_counts(const Json& object, const std::vector<const char*>& keys) {
  for (const char* key : keys) {
    ASSERT_TRUE(object.contains(key)) << key;
    ASSERT_TRUE(object[key].is_number_unsigned()) << key << ": " << object[key];
    EXPECT_GT(object[key].get<uint64_t>(), 0u) << key;
  }
}

bool is_sha256(const std::string& text) {
  return text.size() == 64 && std::all_of(text.begin(), text.end(), [](char c) {
           return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
         });
}

std::string numbered_lines(size_t count) {
  std::string lines;
  for (size_t i = 0; i < count; ++i) lines += "thing " + std::to_string(i) + "\n";
  return lines;
}

std::vector<std::string> available_isas() {
  const Json isas = Json::parse(run_tool({"isa", "--json"}).out).at("isas");
  return isas.get<std::vector<std::string>>();
}

std::vector<std::string> hashes(const Json& run) {
  std::vector<std::string> all;
  for (const Json& result : run.at("results")) all.push_back(result.at("logits_sha256"));
  return all;
}

/// The program without what it says of its origin.
std::string without_provenance(const std::string& path) {
  schema::ProgramT program;
  schema::UnPackTo(*schema::GetProgram(read_bytes(path).data()), &program);
  program.provenance.reset();
  flatbuffers::FlatBufferBuilder builder;
  schema::FinishProgramBuffer(builder, schema::CreateProgram(builder, &program));
  return {reinterpret_cast<const char*>(builder.GetBufferPointer()), builder.GetSize()};
}

struct Variant {
  const char* name;
  RandomVit options;
};

std::vector<Variant> variants() {
  std::vector<Variant> all = {{"plain", {}},
                              {"distillation", {}},
                              {"mean_pooling", {}},
                              {"no_class_token", {}},
                              {"no_qkv_bias", {}},
                              {"no_embed_class", {}},
                              {"layer_scale", {}},
                              {"two_heads", {}},
                              {"narrow", {}},
                              {"f16", {}},
                              {"bf16", {}},
                              {"hugging_face", {}},
                              {"hugging_face_distillation", {}}};
  all[1].options.distillation = true;
  all[2].options.mean_pooling = true;
  all[3].options.class_token = false;
  all[4].options.qkv_bias = false;
  all[5].options.prefix_positions = false;
  all[6].options.layer_scale = true;
  all[7].options.heads = 2;
  all[8].options.dim = 48, all[8].options.heads = 3, all[8].options.hidden = 80;
  all[9].options.dtype = StoredDtype::F16;
  all[10].options.dtype = StoredDtype::BF16;
  all[11].options.names = NamingStyle::HuggingFace;
  all[12].options.names = NamingStyle::HuggingFace, all[12].options.distillation = true;
  return all;
}

TEST_F(ToolTest, Convert) {
  const std::string out = path("vit.vitro"), report = path("report.html");
  const Json facts = run_json({"convert", checkpoint(), "-o", out, "--calib", pictures("photos", 6),
                               "--labels", write("names", numbered_lines(10)), "--report", report});
  expect_counts(facts, {"file_bytes", "arena_bytes", "calibration_pictures"});
  expect_numbers(facts, {"seconds", "logit_sqnr_db"});
  EXPECT_EQ(facts.at("file_bytes"), std::filesystem::file_size(out));
  EXPECT_EQ(facts.at("calibration_pictures"), 6);
  EXPECT_GT(facts.at("logit_sqnr_db"), 15);
  EXPECT_LT(facts.at("logit_sqnr_db"), 100);
  ASSERT_GT(facts.at("layers").size(), 10u);
  for (const Json& layer : facts.at("layers")) {
    EXPECT_FALSE(layer.at("name").get<std::string>().empty());
    EXPECT_GT(layer.at("sqnr_db"), 15) << layer;
  }
  EXPECT_EQ(facts.at("layers").back().at("sqnr_db"), facts.at("logit_sqnr_db"));
  const std::string html = read_bytes(report);
  for (const Json& layer : facts.at("layers"))
    EXPECT_NE(html.find(layer.at("name").get<std::string>()), std::string::npos);
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(path("")), {}),
            5);  // checkpoint, photos, names, program, report

  const ToolResult human =
      run_tool({"convert", path("vit.safetensors"), "-o", path("again.vitro")});
  EXPECT_EQ(human.exit_code, 0);
  EXPECT_NE(human.err.find("quantising"), std::string::npos) << "no progress";
  EXPECT_EQ(human.out.find("quantising"), std::string::npos);
  EXPECT_NE(human.out.find("blocks.1.mlp.fc2"), std::string::npos);
  EXPECT_NE(human.out.find("again.vitro"), std::string::npos);
  EXPECT_NE(human.out.find("--calib"), std::string::npos) << "no advice to calibrate on photos";
}

TEST_F(ToolTest, WhatIsAssumedIsSaid) {
  const std::string vit = checkpoint(), out = path("out.vitro");
  for (const Arguments& calibration :
       {Arguments{},
        {"--calib", pictures("photos", 2), "--save-calibration", path("vit.calibration")},
        {}}) {  // generated, photos, saved
    Arguments arguments = {"convert", vit, "-o", out};
    arguments.insert(arguments.end(), calibration.begin(), calibration.end());
    const ToolResult result = run_tool(arguments);
    EXPECT_EQ(result.exit_code, 0) << result.err;
    EXPECT_NE(result.err.find("warning: the number of heads, 1, is assumed"), std::string::npos)
        << result.err;
    EXPECT_NE(result.err.find(
                  "assumed, since neither an option nor a file says it: heads 1, epsilon 1e-06"),
              std::string::npos)
        << result.err;
  }
  const ToolResult said = run_tool(
      {"convert", vit, "-o", path("other.vitro"), "--calib", path("photos"), "--heads", "1"});
  EXPECT_EQ(said.err.find("warning: the number of heads"), std::string::npos) << said.err;
  EXPECT_NE(said.out.find("--heads"), std::string::npos);
}

TEST_F(ToolTest, ConvertRecordsItsPreprocessing) {
  const std::string model = program("vit.vitro", {},
                                    {"--resize", "20", "--filter", "bilinear", "--mean",
                                     "0.5,0.25,0.75", "--std", "0.5,0.5,0.25"});
  const Json facts = run_json({"inspect", "-m", model});
  EXPECT_EQ(
      facts.at("preprocessing"),
      Json::parse(
          R"({"image_size":16,"image_width":16,"image_height":16,"mode":"shorter","resize":20,"filter":"bilinear","crop_rounding":"half-even","fill":[0,0,0],
                        "orientation":"apply","rescale":0.003921568859368563,"mean":[0.5,0.25,0.75],"std":[0.5,0.5,0.25]})"));
  EXPECT_TRUE(run_json({"verify", "-m", model}).at("golden"));
}

TEST_F(ToolTest, Inspect) {
  const std::string model = path("vit.vitro");
  const Json converted = run_json(
      {"convert", checkpoint(), "-o", model, "--labels", write("names", numbered_lines(10))});
  const Json facts = run_json({"inspect", "-m", model});
  expect_counts(facts, {"arena_bytes", "file_bytes", "macs", "classes"});
  EXPECT_EQ(facts.at("arena_bytes"), converted.at("arena_bytes"));
  EXPECT_EQ(facts.at("file_bytes"), converted.at("file_bytes"));
  uint64_t macs = 0;
  for (const Json& step : facts.at("steps")) {
    EXPECT_FALSE(step.at("op").get<std::string>().empty());
    EXPECT_FALSE(step.at("name").get<std::string>().empty());
    ASSERT_TRUE(step.at("macs").is_number_unsigned());
    macs += step.at("macs").get<uint64_t>();
  }
  // 16 patches of 4 x 4 x 3; a block of 17 tokens: q k v proj and the MLP, both products of
  // attention; the last, where one token is read; the head.
  EXPECT_EQ(macs, 16u * 48 * 64 + 17 * (4 + 8) * 64 * 64 + 2 * 17 * 17 * 64 +
                      (17 * 2 + 10) * 64 * 64 + 2 * 17 * 64 + 64 * 10);
  EXPECT_EQ(facts.at("macs"), macs);
  ASSERT_EQ(facts.at("labels").size(), 10u);
  EXPECT_EQ(facts.at("labels")[9], "thing 9");
  const Json& provenance = facts.at("provenance");
  EXPECT_EQ(provenance.at("checkpoint"), "vit.safetensors");
  EXPECT_TRUE(is_sha256(provenance.at("checkpoint_sha256")));
  for (const char* key : {"converter", "options", "quantisation"})
    EXPECT_FALSE(provenance.at(key).get<std::string>().empty()) << key;
  for (const Json& tensor : facts.at("memory"))
    EXPECT_LE(tensor.at("offset").get<uint64_t>() + tensor.at("bytes").get<uint64_t>(),
              facts.at("arena_bytes"))
        << tensor;

  const ToolResult human = run_tool({"inspect", "-m", model});
  EXPECT_EQ(human.exit_code, 0);
  EXPECT_EQ(human.err, "");
  for (const char* word : {"blocks.1.mlp.fc2", "10 classes", "bicubic", "checkpoint_sha256"})
    EXPECT_NE(human.out.find(word), std::string::npos) << word;
}

TEST_F(ToolTest, InspectGraph) {
  const Json dynamic = run_json({"inspect", "--graph", checkpoint()}).at("nodes");
  const Json all = run_json({"inspect", "--graph", checkpoint(), "--activations", "static"});
  EXPECT_EQ(all.at("file"), checkpoint());
  const auto node = [](const Json& nodes, const std::string& name, const std::string& kind) {
    for (const Json& n : nodes)
      if (n.at("name") == name && n.at("kind") == kind) return n;
    ADD_FAILURE() << name;
    return Json();
  };
  Json fc1 = node(dynamic, "blocks.0.mlp.fc1", "linear");
  EXPECT_EQ(fc1.at("epilogue"), "gelu");
  EXPECT_EQ(fc1.at("format"), "S16");
  EXPECT_EQ(fc1.at("step"), "blocks.0.norm2");
  EXPECT_EQ(fc1.at("rows"), 17);
  EXPECT_EQ(fc1.at("cols"), 256);
  EXPECT_EQ(dynamic[fc1.at("inputs")[0].get<size_t>()].at("name"), "blocks.0.norm2");
  fc1 = node(all.at("nodes"), "blocks.0.mlp.fc1", "linear");
  EXPECT_EQ(fc1.at("epilogue"), "");
  EXPECT_EQ(fc1.at("format"), "S8");
  const ToolResult human = run_tool({"inspect", "--graph", checkpoint()});
  EXPECT_EQ(human.exit_code, 0);
  for (const char* word : {"step patch_embed", "blocks.1.norm1.leading", "in place"})
    EXPECT_NE(human.out.find(word), std::string::npos) << word;
  EXPECT_EQ(run_tool({"inspect"}).exit_code, 2);
  EXPECT_EQ(run_tool({"inspect", "-m", "a", "--graph", checkpoint()}).exit_code, 2);
  EXPECT_EQ(run_tool({"inspect", "--graph", write("no.safetensors", "none")}).exit_code, 1);
}

TEST_F(ToolTest, Run) {
  const std::string labelled = program("labelled.vitro", {},
                                       {"--labels", write("names", numbered_lines(10))}),
                    plain = program();
  const std::string bmp = picture("a.bmp", 1), png = picture("b.png", 2),
                    tall = picture("c.bmp", 3, 40, 100), same = picture("same.png", 1);
  const Json facts =
      run_json({"run", "-m", labelled, "-i", bmp, png, tall, same, "-k", "3", "-t", "1"});
  ASSERT_EQ(facts.at("results").size(), 4u);
  for (const Json& result : facts.at("results")) {
    EXPECT_TRUE(is_sha256(result.at("logits_sha256"))) << result;
    expect_numbers(result, {"milliseconds"});
    ASSERT_EQ(result.at("top").size(), 3u);
    double last = 1, sum = 0;
    for (const Json& answer : result.at("top")) {
      const double probability = answer.at("probability");
      EXPECT_LE(probability, last);
      EXPECT_GE(probability, 0);
      last = probability, sum += probability;
      ASSERT_LT(answer.at("index"), 10u);
      EXPECT_EQ(answer.at("label"), "thing " + answer.at("index").dump());
    }
    EXPECT_LE(sum, 1.0001);
  }
  EXPECT_EQ(facts.at("results")[0].at("image"), bmp);
  EXPECT_EQ(facts.at("results")[2].at("image"), tall);
  EXPECT_EQ(hashes(facts)[0], hashes(facts)[3]);  // the same pixels in other files
  EXPECT_NE(hashes(facts)[0], hashes(facts)[1]);

  const Json unlabelled = run_json({"run", "-m", plain, "-i", bmp, "-k", "100"});
  EXPECT_EQ(hashes(unlabelled)[0], hashes(facts)[0]);  // labels change no logits
  ASSERT_EQ(unlabelled.at("results")[0].at("top").size(), 10u);
  EXPECT_TRUE(unlabelled.at("results")[0].at("top")[0].at("label").is_string());
  double sum = 0;
  for (const Json& answer : unlabelled.at("results")[0].at("top"))
    sum += answer.at("probability").get<double>();
  EXPECT_NEAR(sum, 1, 1e-4);

  const ToolResult human = run_tool({"run", "-m", labelled, "-i", bmp, "-k", "1"});
  EXPECT_EQ(human.exit_code, 0);
  EXPECT_NE(human.out.find(facts.at("results")[0].at("top")[0].at("label").get<std::string>()),
            std::string::npos);
  EXPECT_NE(human.out.find(hashes(facts)[0]), std::string::npos);
}

TEST_F(ToolTest, NamesThatAreNotUtf8) {
  std::string names;
  for (int i = 0; i < 10; ++i) names += "caf\xe9 " + std::to_string(i) + "\n";
  const std::string model = program("caf\xe9.vitro", {}, {"--labels", write("names", names)});
  EXPECT_EQ(
      run_json({"run", "-m", model, "-i", picture("p\xff.png")}).at("results")[0].at("top").size(),
      5u);
  EXPECT_EQ(run_json({"inspect", "-m", model}).at("labels").size(), 10u);
}

TEST_F(ToolTest, SameBitsOnEveryIsaAndThreadCount) {
  const std::vector<std::string> isas = available_isas();
  ASSERT_FALSE(isas.empty());
  EXPECT_EQ(isas.back(), "reference");
  const std::string a = picture("a.png", 1), b = picture("b.png", 2);
  for (const Variant& variant : variants()) {
    const std::string model = program(std::string(variant.name) + ".vitro", variant.options);
    const std::vector<std::string> expected = hashes(run_json({"run", "-m", model, "-i", a, b}));
    for (const std::string& isa : isas)
      for (const char* threads : {"1", "2"}) {
        const Json facts = run_json({"run", "-m", model, "-i", a, b, "--isa", isa, "-t", threads});
        EXPECT_EQ(hashes(facts), expected)
            << variant.name << ", " << isa << ", " << threads << " threads";
        EXPECT_EQ(facts.at("isa"), isa);
      }
  }
}

TEST_F(ToolTest, Isa) {
  const ToolResult human = run_tool({"isa"});
  EXPECT_EQ(human.exit_code, 0);
  std::string lines;
  for (const std::string& isa : available_isas()) lines += isa + "\n";
  EXPECT_EQ(human.out, lines);
}

TEST_F(ToolTest, EvalAgreesWithRun) {
  const std::string model = program(), folder = pictures("photos", 12);
  const Json run =
      run_json({"run", "-m", model, "-k", "5", "-i", folder + "/0.png", folder + "/1.png",
                folder + "/2.png", folder + "/3.png", folder + "/4.png", folder + "/5.png",
                folder + "/6.png", folder + "/7.png"});
  // Right for the first two, among the five best for the next three, out of them for the rest.
  std::string csv = "label,note,file\n";
  for (size_t i = 0; i < 8; ++i) {
    std::vector<int> order;
    for (const Json& answer : run.at("results")[i].at("top")) order.push_back(answer.at("index"));
    int last = 0;
    while (std::find(order.begin(), order.end(), last) != order.end()) ++last;
    csv += std::to_string(i < 2   ? order[0]
                          : i < 5 ? order[4]
                                  : last) +
           ",\"a, b\"," + std::to_string(i) + ".png\n";
  }
  const std::string labels = write("labels.csv", csv);
  const Json alone = run_json({"eval", "-m", model, "--images", folder, "--labels", labels});
  EXPECT_EQ(alone.at("images"), 8);
  EXPECT_EQ(alone.at("top1"), 2 / 8.0);
  EXPECT_EQ(alone.at("top5"), 5 / 8.0);
  for (const char* key : {"reference_top1", "reference_top5", "agreement", "logit_sqnr_db"})
    EXPECT_TRUE(alone.at(key).is_null()) << key;

  const Json both = run_json({"eval", "-m", model, "--images", folder, "--labels", labels,
                              "--reference", model + ".safetensors", "-t", "2"});
  EXPECT_EQ(both.at("top1"), alone.at("top1"));
  EXPECT_EQ(both.at("top5"), alone.at("top5"));
  expect_numbers(both, {"reference_top1", "reference_top5", "agreement", "logit_sqnr_db"});
  for (const char* key : {"reference_top1", "reference_top5", "agreement"}) {
    EXPECT_GE(both[key], 0) << key;
    EXPECT_LE(both[key], 1) << key;
  }
  EXPECT_LE(both.at("reference_top1"), both.at("reference_top5"));

  const ToolResult human = run_tool({"eval", "-m", model, "--images", folder, "--labels", labels,
                                     "--reference", model + ".safetensors"});
  EXPECT_EQ(human.exit_code, 0);
  for (const char* word : {"8 photos", "top-1", "25.00 %", "62.50 %", "agreement"})
    EXPECT_NE(human.out.find(word), std::string::npos) << word;
}

TEST_F(ToolTest, EveryVariantIsCloseToFloat) {
  const std::string folder = pictures("photos", 24);
  std::string csv = "file,label\n";
  for (int i = 0; i < 24; ++i) csv += std::to_string(i) + ".png,0\n";
  const std::string labels = write("labels.csv", csv);
  for (const Variant& variant : variants()) {
    for (const bool photos : {false, true}) {
      const std::string model = program(std::string(variant.name) + ".vitro", variant.options,
                                        photos ? Arguments{"--calib", folder} : Arguments{});
      const Json facts =
          run_json({"eval", "-m", model, "--images", folder, "--labels", labels, "--reference",
                    model + ".safetensors", "--heads", std::to_string(variant.options.heads)});
      EXPECT_GT(facts.at("logit_sqnr_db"), 15)
          << variant.name << (photos ? ", calibrated on the photos" : "");
      EXPECT_GE(facts.at("agreement"), 0.75)
          << variant.name << (photos ? ", calibrated on the photos" : "");
      EXPECT_TRUE(run_json({"verify", "-m", model}).at("golden")) << variant.name;
    }
  }
}

TEST_F(ToolTest, ConversionIsDeterministic) {
  const std::string vit = checkpoint(), photos = pictures("photos", 5);
  for (const Arguments& calibration : {Arguments{}, Arguments{"--calib", photos}}) {
    std::vector<std::string> files;
    for (const char* threads : {"1", "1", "2", "5"}) {
      Arguments arguments = {"convert", vit, "-o", path("vit.vitro"), "-t", threads};
      arguments.insert(arguments.end(), calibration.begin(), calibration.end());
      ASSERT_EQ(run_tool(arguments).exit_code, 0);
      files.push_back(read_bytes(path("vit.vitro")));
    }
    for (const std::string& file : files) EXPECT_TRUE(file == files[0]) << "other bytes";
  }
}

TEST_F(ToolTest, NamingStyleMakesNoDifference) {
  for (const bool distillation : {false, true}) {
    RandomVit timm, hugging_face;
    timm.distillation = hugging_face.distillation = distillation;
    hugging_face.names = NamingStyle::HuggingFace;
    const std::string a = program("a.vitro", timm), b = program("b.vitro", hugging_face);
    EXPECT_NE(run_json({"inspect", "-m", a}).at("provenance").at("checkpoint_sha256"),
              run_json({"inspect", "-m", b}).at("provenance").at("checkpoint_sha256"));
    EXPECT_TRUE(without_provenance(a) == without_provenance(b));
  }
}

TEST_F(ToolTest, Bench) {
  const std::string model = program();
  const Json facts = run_json({"bench", "-m", model, "-n", "20", "-t", "2", "--profile"});
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
  EXPECT_NEAR(facts.at("efficiency").get<double>() * facts.at("limit_gmacs_per_s").get<double>() *
                  facts.at("p50_ms").get<double>() * 1e6,
              facts.at("macs").get<double>(), 1.0);
  const Json inspected = run_json({"inspect", "-m", model});
  EXPECT_EQ(facts.at("macs"), inspected.at("macs"));
  EXPECT_GT(facts.at("arena_bytes"), inspected.at("arena_bytes"));  // two threads
  ASSERT_EQ(facts.at("profile").size(), inspected.at("steps").size());
  for (size_t i = 0; i < facts.at("profile").size(); ++i) {
    const Json& row = facts.at("profile")[i];
    for (const char* key : {"op", "name", "macs"})
      EXPECT_EQ(row.at(key), inspected.at("steps")[i][key]) << row;
    EXPECT_GE(row.at("milliseconds"), 0);
    EXPECT_TRUE(row.at("gmacs_per_s").is_number());
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

TEST_F(ToolTest, Verify) {
  const std::string model = program();
  for (const std::string& isa : available_isas())
    EXPECT_EQ(run_json({"verify", "-m", model, "--isa", isa, "-t", "2"}).at("golden"), true) << isa;
  const Json facts = run_json({"verify", "-m", model});
  EXPECT_EQ(facts.at("verified"), true);
  EXPECT_EQ(facts.at("golden"), true);
  const ToolResult human = run_tool({"verify", "-m", model});
  EXPECT_EQ(human.exit_code, 0);
  EXPECT_NE(human.out.find("equal to the bit"), std::string::npos);
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
    return run_json({"verify", "-m", write("damaged.vitro", other)}, 1);
  };
  size_t linears = 0;
  for (const schema::Step* step : *program.steps())
    for (const schema::Op* op : *step->ops()) {
      const schema::Linear* linear = op->args_as_Linear();
      if (!linear) continue;
      SCOPED_TRACE(op->name()->str());
      ++linears;
      size_t at = constants + linear->weights();
      while (weight(at) == 127) ++at;
      EXPECT_EQ(verdict(at, 1, 0).at("golden"),
                false);  // by its channel's sum, if not by the logits

      at = constants + linear->weights();  // two inputs of one channel, so that its sum stays
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
