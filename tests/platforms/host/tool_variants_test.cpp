// SPDX-License-Identifier: Apache-2.0
// The tool with every kind of ViT: all ways to run a program give the same bits, which are close to
// float; all ways to convert a model give the same program.
#include <gtest/gtest.h>

#include "converter/draft/program_object_generated.h"
#include "tests/support/tool_runner.h"

namespace vitro {

using namespace converter;

namespace {

using Json = nlohmann::json;

/// The program without its provenance.
std::string without_provenance(const std::string& path) {
  schema::ProgramT program;
  schema::UnPackTo(*schema::GetProgram(read_bytes(path).data()), &program);
  program.provenance.reset();
  program.digest.reset();  // it depends on the provenance too
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

}  // namespace
}  // namespace vitro
