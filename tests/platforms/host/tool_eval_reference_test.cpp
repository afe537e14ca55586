// SPDX-License-Identifier: Apache-2.0
// vitro eval compared with given logits, and with the model in float32.
#include <algorithm>
#include <cmath>

#include "converter/emit/emit.h"
#include "converter/float/executor.h"
#include "models/vit/vit.h"
#include "platforms/host/pictures/picture.h"
#include "platforms/host/program_file.h"
#include "tests/platforms/host/tool_eval_fixture.h"

namespace vitro {

using namespace converter;
using namespace host;

namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;

TEST_F(ToolEvalTest, ExpectedLogitsAreComparedRowByRow) {
  const std::vector<int> right = named();
  std::vector<std::vector<float>> rows;
  for (size_t i = 0; i < kPhotos; ++i) {
    std::vector<float> row(kClasses, -1.0f);
    row[(static_cast<size_t>(right[i]) + (i < 3 ? 1 : 0)) % kClasses] = 5;
    rows.push_back(row);
  }
  // The rows have the order of the CSV, which is not that of the names.
  std::string text = "file,label\n";
  std::vector<std::vector<float>> backwards;
  for (size_t i = kPhotos; i-- > 0;) {
    text += std::to_string(i) + ".png," + std::to_string(right[i]) + "\n";
    backwards.push_back(rows[i]);
  }
  const std::string labels = write("labels.csv", text), npy = expected("logits.npy", backwards);
  const Json out = run_json(eval({"--labels", labels, "--expect", npy}));
  EXPECT_EQ(out.at("top1"), 1.0);
  EXPECT_EQ(out.at("agreement"), 9.0 / 12);
  EXPECT_EQ(out.at("reference_top1"), 9.0 / 12);
  const Json& source = out.at("expected");
  EXPECT_EQ(source.at("agreement"), 9.0 / 12);
  EXPECT_EQ(source.at("top1"), 9.0 / 12);
  EXPECT_EQ(source.at("disagreements"), 3);
  ASSERT_EQ(source.at("disagreement_list").size(), 3u);
  EXPECT_EQ(source.at("disagreement_list")[0].at("image"), "2.png");
  EXPECT_EQ(source.at("disagreement_list")[0].at("program"), right[2]);
  EXPECT_EQ(source.at("disagreement_list")[0].at("expected"),
            (right[2] + 1) % static_cast<int>(kClasses));
  const ToolResult human = run_tool(eval({"--labels", labels, "--expect", npy}));
  EXPECT_NE(human.out.find("agreement 75.00 %"), std::string::npos) << human.out;
  EXPECT_NE(human.out.find("2.png"), std::string::npos) << human.out;
}

size_t best_of(const std::vector<float>& logits) {
  return static_cast<size_t>(std::max_element(logits.begin(), logits.end()) - logits.begin());
}

bool among_five(const std::vector<float>& logits, size_t label) {
  size_t better = 0;
  for (const float logit : logits) better += logit > logits[label];
  return better < 5;
}

// Computes all measures of eval again, from the logits that run writes and those given to --expect.
TEST_F(ToolEvalTest, MeasuresAreThoseOfTheLogits) {
  const Json run = run_json({"run", "-m", model_, "-i", photos_, "--logits", path("own.npy")});
  const Matrix own = read_npy(path("own.npy"));
  ASSERT_EQ(own.rows, kPhotos);
  double signal = 0, noise = 0;
  size_t agreed = 0, top1 = 0, top5 = 0, other_top1 = 0, other_top5 = 0;
  std::vector<std::vector<float>> others;
  std::string text = "file,label\n";
  for (size_t i = 0; i < kPhotos; ++i) {
    const std::vector<float> logits(own.row(i), own.row(i) + kClasses);
    std::vector<float> other = logits;
    for (size_t c = 0; c < kClasses; ++c)
      other[c] += 0.25f * std::sin(static_cast<float>(i * kClasses + c)) - 0.125f;
    const size_t label = (best_of(logits) + i % 3 * 2) % kClasses;
    for (size_t c = 0; c < kClasses; ++c) {
      const double truth = static_cast<double>(other[c]),
                   difference = static_cast<double>(logits[c]) - truth;
      signal += truth * truth;
      noise += difference * difference;
    }
    agreed += best_of(logits) == best_of(other);
    top1 += best_of(logits) == label;
    top5 += among_five(logits, label);
    other_top1 += best_of(other) == label;
    other_top5 += among_five(other, label);
    others.push_back(other);
    text += fs::path(run.at("results")[i].at("image").get<std::string>()).filename().string() +
            "," + std::to_string(label) + "\n";
  }
  const Json out = run_json(
      eval({"--labels", write("labels.csv", text), "--expect", expected("other.npy", others)}));
  const auto share = [](size_t count) { return static_cast<double>(count) / kPhotos; };
  EXPECT_NEAR(out.at("logit_sqnr_db"), 10 * std::log10(signal / noise), 1e-6);
  EXPECT_EQ(out.at("agreement"), share(agreed));
  EXPECT_EQ(out.at("top1"), share(top1));
  EXPECT_EQ(out.at("top5"), share(top5));
  EXPECT_EQ(out.at("expected").at("top1"), share(other_top1));
  EXPECT_EQ(out.at("expected").at("top5"), share(other_top5));
  EXPECT_LT(agreed, kPhotos) << "nothing would tell agreement from always";
  EXPECT_GT(top5, top1);
  EXPECT_LT(top5, kPhotos);
}

TEST_F(ToolEvalTest, ExpectedAndReferenceSayTheSameOfTheSameLogits) {
  const Graph graph = vit::build_vit(read_safetensors(model_ + ".safetensors"));
  FloatExecutor executor(graph);
  std::vector<std::vector<float>> rows;
  std::vector<std::string> names;
  for (size_t i = 0; i < kPhotos; ++i) names.push_back(std::to_string(i) + ".png");
  std::sort(names.begin(), names.end());  // the order of photos in a folder
  for (const std::string& name : names)
    rows.push_back(
        executor.run(preprocess(load_picture(photos_ + "/" + name), graph.preprocessing).data())
            .front());
  const Json out = run_json(
      eval({"--expect", expected("logits.npy", rows), "--reference", model_ + ".safetensors"}));
  EXPECT_TRUE(out.at("top1").is_null());
  for (const char* key : {"agreement", "logit_sqnr_db"}) {
    EXPECT_EQ(out.at("expected").at(key), out.at("reference").at(key)) << key;
    EXPECT_EQ(out.at(key), out.at("reference").at(key)) << key;
  }
  EXPECT_GT(out.at("logit_sqnr_db"), 15);
  EXPECT_TRUE(out.at("reference").at("preprocessing_differences").empty());
}

// What a model's files do not say is as in the program: how it covers a window, and the order of
// passes, which older programs have from before Pillow 13.
TEST_F(ToolEvalTest, TheReferenceIsPreparedAsTheProgramOtherwise) {
  const std::string reference = model_ + ".safetensors";
  Draft draft;
  schema::UnPackTo(ProgramFile(model_).schema(), &draft.program);
  schema::PreprocessingT& p = *draft.program.preprocessing;
  p.mode = schema::ResizeMode::Cover;
  p.resize = 0, p.resize_width = 17, p.resize_height = 18;
  p.passes = schema::PassOrder::RowsFirst;
  const AlignedBytes bytes = serialise(draft);
  model_ = write("cover.vitro", {reinterpret_cast<const char*>(bytes.data()), bytes.size()});
  const Json out = run_json(eval({"--reference", reference})).at("reference");
  EXPECT_TRUE(out.at("preprocessing_differences").empty()) << out.at("preprocessing_differences");
}

TEST_F(ToolEvalTest, TheReferenceIsPreparedAsItsOwnFilesSay) {
  RandomVit vit;
  vit.names = NamingStyle::HuggingFace;
  fs::create_directories(path("folder"));
  const std::string weights = checkpoint("folder/model.safetensors", vit);
  write(
      "folder/config.json",
      R"({"model_type": "vit", "architectures": ["ViTForImageClassification"], "hidden_size": 64, "num_hidden_layers": 2, "num_attention_heads": 1, "intermediate_size": 256,
            "image_size": 16, "patch_size": 4, "num_channels": 3, "qkv_bias": true, "hidden_act": "gelu", "layer_norm_eps": 1e-6})");
  write(
      "folder/preprocessor_config.json",
      R"({"image_processor_type": "ViTImageProcessor", "do_resize": true, "size": {"height": 16, "width": 16}, "resample": 2,
            "do_rescale": true, "rescale_factor": 0.00392156862745098, "do_normalize": true, "image_mean": [0.5, 0.5, 0.5], "image_std": [0.5, 0.5, 0.5]})");
  const auto differing = [](const Json& out) {
    std::vector<std::string> names;
    for (const Json& one : out.at("reference").at("preprocessing_differences"))
      names.push_back(one.at("name"));
    return names;
  };
  // The program of setUp() was made from a file without a config, so it prepares pictures
  // differently. This is said, and lowers the agreement.
  const Arguments arguments = eval({"--reference", path("folder")});
  const Json other = run_json(arguments);
  const std::vector<std::string> names = differing(other);
  for (const char* name : {"resize mode", "filter", "mean", "std"})
    EXPECT_NE(std::find(names.begin(), names.end(), name), names.end()) << name;
  const std::string err = run_tool(arguments).err;
  for (const char* word : {"warning", "mean 0.485,0.456,0.406 (reference: 0.5,0.5,0.5)",
                           "filter bicubic (reference: bilinear)"})
    EXPECT_NE(err.find(word), std::string::npos) << err;

  ASSERT_EQ(run_tool({"convert", path("folder"), "-o", path("own.vitro")}).exit_code, 0);
  const Json own = run_json(
      {"eval", "-m", path("own.vitro"), "--images", photos_, "--reference", path("folder")});
  EXPECT_TRUE(differing(own).empty());
  EXPECT_GT(own.at("logit_sqnr_db").get<double>(), other.at("logit_sqnr_db").get<double>() + 3);

  // Without a config, the weights say nothing about pictures: both sides use the program's
  // preprocessing, without a warning.
  fs::rename(weights, path("alone.safetensors"));
  const Json bare = run_json({"eval", "-m", path("own.vitro"), "--images", photos_, "--reference",
                              path("alone.safetensors")});
  EXPECT_TRUE(differing(bare).empty());
  EXPECT_EQ(bare.at("logit_sqnr_db"), own.at("logit_sqnr_db"));
  EXPECT_FALSE(bare.at("reference").at("preprocessing_as_in_program").empty());
}

TEST_F(ToolEvalTest, ExpectedLogitsOfAnotherShape) {
  const std::vector<float> row(kClasses);
  const auto refused = [&](const std::string& npy, const std::vector<std::string>& words) {
    expect_refused(eval({"--expect", npy}), words);
  };
  refused(expected("rows.npy", std::vector<std::vector<float>>(kPhotos - 1, row)),
          {"rows.npy", "11 rows of 10", "12 photos"});
  refused(expected("cols.npy",
                   std::vector<std::vector<float>>(kPhotos, std::vector<float>(kClasses + 1))),
          {"cols.npy", "12 rows of 11", "10 classes"});
  std::vector<std::vector<float>> rows(kPhotos, row);
  rows[7][3] = NAN;
  refused(expected("nan.npy", rows), {"nan.npy", "NaN", "row 7, column 3"});
  refused(write("text.npy", "1 2 3\n"), {"text.npy", "not a .npy file"});
  refused(path("absent.npy"), {"absent.npy"});
}

}  // namespace
}  // namespace vitro
