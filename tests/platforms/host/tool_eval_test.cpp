// SPDX-License-Identifier: Apache-2.0
// vitro eval: labels however they are given, logits from outside, photos that cannot be read,
// reports.
#include <algorithm>
#include <cmath>
#include <cstdio>

#include "converter/base/npy.h"
#include "converter/float/executor.h"
#include "models/vit/vit.h"
#include "platforms/host/pictures/picture.h"
#include "tests/support/tool_runner.h"

namespace vitro {

using namespace converter;
using namespace host;

namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;

#ifdef __SANITIZE_ADDRESS__
constexpr bool kSanitized = true;
#elif defined(__has_feature)
constexpr bool kSanitized = __has_feature(address_sanitizer);  // clang's way of saying it
#else
constexpr bool kSanitized = false;
#endif

constexpr size_t kPhotos = 12, kClasses = 10;

class ToolEvalTest : public ToolTest {
 protected:
  void SetUp() override {
    ToolTest::SetUp();
    std::string names;
    for (const char* name :
         {"ant", "bee, insect", "cat", "dog", "eel", "fox", "gnu", "hen", "ibis", "jay"})
      names += name + std::string("\n");
    model_ = program("vit.vitro", {}, {"--labels", write("names.txt", names)});
    photos_ = pictures("photos", kPhotos);
  }

  Arguments eval(const Arguments& more) const {
    Arguments arguments = {"eval", "-m", model_, "--images", photos_};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return arguments;
  }

  /// The class of each photo, as the program names it.
  std::vector<int> named() const {
    std::vector<int> out;
    for (size_t i = 0; i < kPhotos; ++i)
      out.push_back(
          run_json({"run", "-m", model_, "-i", photos_ + "/" + std::to_string(i) + ".png"})
              .at("results")[0]
              .at("top")[0]
              .at("index"));
    return out;
  }

  std::string csv(const std::string& name, const std::vector<std::string>& labels) const {
    std::string text = "file,label\n";
    for (size_t i = 0; i < labels.size(); ++i)
      text += std::to_string(i) + ".png,\"" + labels[i] + "\"\n";
    return write(name, text);
  }

  /// Labels that are right for the even photos.
  std::string half_right(const std::vector<int>& right) const {
    std::vector<std::string> labels;
    for (size_t i = 0; i < right.size(); ++i)
      labels.push_back(std::to_string((static_cast<size_t>(right[i]) + i % 2) % kClasses));
    return csv("half.csv", labels);
  }

  std::string expected(const std::string& name, const std::vector<std::vector<float>>& rows) const {
    NpyWriter writer(path(name), {rows[0].size()});
    for (const auto& row : rows) writer.append(row.data());
    writer.finish();
    return path(name);
  }

  std::string model_, photos_;
};

TEST_F(ToolEvalTest, ExpectedLogitsAreComparedRowByRow) {
  const std::vector<int> right = named();
  std::vector<std::vector<float>> rows;
  for (size_t i = 0; i < kPhotos; ++i) {
    std::vector<float> row(kClasses, -1.0f);
    row[(static_cast<size_t>(right[i]) + (i < 3 ? 1 : 0)) % kClasses] = 5;
    rows.push_back(row);
  }
  // Rows in the order of the CSV, which is not that of the names.
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

// All of eval's measures once more, from the logits that run writes and those given to --expect.
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
  const Graph graph = build_vit(read_safetensors(model_ + ".safetensors"));
  FloatExecutor executor(graph);
  std::vector<std::vector<float>> rows;
  std::vector<std::string> names;
  for (size_t i = 0; i < kPhotos; ++i) names.push_back(std::to_string(i) + ".png");
  std::sort(names.begin(), names.end());  // as photos of a folder are listed
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
  // The program of setUp() was made from a bare file: it is prepared otherwise, which is said and
  // costs agreement.
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

  // Alone, the weights say nothing of pictures: the program's way is used for both sides, without a
  // warning.
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

TEST_F(ToolEvalTest, LabelsByNameByFolderAndByNumberAreTheSame) {
  const std::vector<int> right = named();
  const std::vector<std::string> names = {"ant", "Bee", "cat", "dog",  "eel",
                                          "fox", "gnu", "hen", "ibis", "JAY"};
  std::vector<std::string> labels;
  for (size_t i = 0; i < kPhotos; ++i) {
    const size_t label = (static_cast<size_t>(right[i]) + i % 2) % kClasses;
    labels.push_back(names[label]);
    fs::create_directories(path("folders/" + names[label]));
    fs::create_directories(path("numbers/" + std::to_string(label)));
    fs::copy_file(photos_ + "/" + std::to_string(i) + ".png",
                  path("folders/" + names[label] + "/" + std::to_string(i) + ".png"));
    fs::copy_file(photos_ + "/" + std::to_string(i) + ".png",
                  path("numbers/" + std::to_string(label) + "/" + std::to_string(i) + ".png"));
  }
  const Json number =
      run_json(eval({"--labels", half_right(right), "--per-class", "--confusion", path("a.csv")}));
  EXPECT_EQ(number.at("top1"), 0.5);
  for (const Arguments& arguments :
       {eval({"--labels", csv("names.csv", labels)}),
        Arguments{"eval", "-m", model_, "--labels", path("folders")},
        Arguments{"eval", "-m", model_, "--images", path("folders")},
        Arguments{"eval", "-m", model_, "--images", path("numbers")}}) {
    Arguments all = arguments;
    all.insert(all.end(), {"--per-class", "--confusion", path("b.csv")});
    const Json out = run_json(all);
    for (const char* key :
         {"images", "top1", "top5", "micro", "macro", "confusions", "per_class", "confusion"})
      EXPECT_EQ(out.at(key), number.at(key)) << key;
    EXPECT_EQ(read_bytes(path("a.csv")), read_bytes(path("b.csv")));
  }
  picture("folders/catt/x.png");
  expect_refused({"eval", "-m", model_, "--labels", path("folders")},
                 {"'catt'", "nearest is 'cat'"});
}

TEST_F(ToolEvalTest, SortedClassFoldersAreSaid) {
  for (size_t c = 0; c < kClasses; ++c)
    picture("sorted/n0" + std::to_string(c) + "/a.png", static_cast<unsigned>(c));
  const ToolResult result = run_tool({"eval", "-m", model_, "--images", path("sorted")});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_NE(result.err.find("in the order of their names"), std::string::npos) << result.err;
  EXPECT_NE(result.err.find("'n00' is 'ant'"), std::string::npos) << result.err;
  fs::remove_all(path("sorted/n03"));
  expect_refused({"eval", "-m", model_, "--images", path("sorted")},
                 {"'n00'", "9 class folders for 10 classes"});
}

TEST_F(ToolEvalTest, ClassNamesFromAFile) {
  std::string names;
  for (size_t c = 0; c < kClasses; ++c)
    names += "n0000000" + std::to_string(c) + " thing " + std::to_string(c) + "\n";
  const std::string file = write("synsets.txt", names),
                    labels = write("labels.csv", "file,label\n0.png,n00000003\n1.png,thing 4\n");
  expect_refused(eval({"--labels", labels}), {"labels.csv", "line 2", "n00000003"});
  EXPECT_EQ(run_json(eval({"--labels", labels, "--class-names", file})).at("images"), 2);
  expect_refused(eval({"--labels", labels, "--class-names", write("few.txt", "a\nb\n")}),
                 {"few.txt", "2 names", "10 classes"});
}

TEST_F(ToolEvalTest, OneBadPhotoIsALine) {
  const std::vector<int> right = named();
  const std::string labels = half_right(right);
  const Json whole = run_json(eval({"--labels", labels}));
  write("photos/5.png", "no picture");
  const ToolResult result =
      run_tool(eval({"--labels", labels, "--csv", path("out.csv"), "--json"}));
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_NE(result.err.find("5.png"), std::string::npos) << result.err;
  EXPECT_EQ(result.err.find("4.png"), std::string::npos) << result.err;
  const Json out = Json::parse(result.out);
  EXPECT_EQ(out.at("failed"), 1);
  EXPECT_EQ(out.at("images"), 11);
  EXPECT_EQ(out.at("top1"), 6.0 / 11) << "photo 5 was a wrong one";
  EXPECT_EQ(whole.at("failed"), 0);
  const std::string written = read_bytes(path("out.csv"));
  EXPECT_EQ(std::count(written.begin(), written.end(), '\n'), 13);
  EXPECT_NE(written.find("is text, not a picture"), std::string::npos) << written;
}

TEST_F(ToolEvalTest, NoPhotoAtAll) {
  for (size_t i = 0; i < kPhotos; ++i) write("photos/" + std::to_string(i) + ".png", "no picture");
  const ToolResult result =
      run_tool(eval({"--labels", csv("labels.csv", {"1", "2"}), "--csv", path("out.csv"),
                     "--report", path("out.html"), "--json"}));
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_EQ(Json::parse(result.out).size(), 1u) << result.out;
  EXPECT_FALSE(fs::exists(path("out.csv")) || fs::exists(path("out.html")));
}

TEST_F(ToolEvalTest, ThreadsDoNotMatter) {
  picture("photos/0.png", 0, 900, 700);  // takes long, so that others are done before it
  const std::string labels = half_right(named());
  std::vector<std::string> all;
  for (const char* threads : {"1", "2", "5", "40"}) {
    const ToolResult result =
        run_tool(eval({"--labels", labels, "--reference", model_ + ".safetensors", "-t", threads,
                       "--per-class", "--csv", path("a.csv"), "--confusion", path("b.csv"),
                       "--report", path("c.html"), "--json"}));
    EXPECT_EQ(result.exit_code, 0) << result.err;
    all.push_back(result.out + read_bytes(path("a.csv")) + read_bytes(path("b.csv")) +
                  read_bytes(path("c.html")));
  }
  for (const std::string& one : all) EXPECT_TRUE(one == all[0]);
}

TEST_F(ToolEvalTest, MeasuresOfClasses) {
  const Json out = run_json(
      eval({"--labels", half_right(named()), "--per-class", "--confusion", path("c.csv")}));
  double precision = 0, recall = 0, f1 = 0;
  size_t support = 0, right = 0, cells = 0;
  for (const Json& one : out.at("per_class")) {
    precision += one.at("precision").get<double>();
    recall += one.at("recall").get<double>();
    f1 += one.at("f1").get<double>();
    support += one.at("support").get<size_t>();
    right += one.at("right").get<size_t>();
  }
  const double n = static_cast<double>(out.at("per_class").size());
  EXPECT_NEAR(out.at("macro").at("precision").get<double>(), precision / n, 1e-15);
  EXPECT_NEAR(out.at("macro").at("recall").get<double>(), recall / n, 1e-15);
  EXPECT_NEAR(out.at("macro").at("f1").get<double>(), f1 / n, 1e-15);
  EXPECT_EQ(out.at("micro").at("f1"), 0.5);
  EXPECT_EQ(support, kPhotos);
  EXPECT_EQ(right, kPhotos / 2);
  for (const Json& cell : out.at("confusion")) cells += cell.at("count").get<size_t>();
  EXPECT_EQ(cells, kPhotos);
  size_t wrong = 0;
  for (const Json& cell : out.at("confusions")) wrong += cell.at("count").get<size_t>();
  EXPECT_EQ(wrong, kPhotos / 2);
}

TEST_F(ToolEvalTest, TaxonomyFlat) {
  // Under one root each class is its only ancestor: the measures are accuracy's, and a mistake is
  // two edges long.
  std::string tree;
  for (size_t c = 0; c < kClasses; ++c) tree += std::to_string(c) + ",everything\n";
  const std::string labels = half_right(named());
  const Json out = run_json(eval({"--labels", labels, "--taxonomy", write("tree.csv", tree)}));
  const Json& measures = out.at("taxonomy");
  EXPECT_EQ(measures.at("hierarchical_precision"), 0.5);
  EXPECT_EQ(measures.at("hierarchical_recall"), 0.5);
  EXPECT_EQ(measures.at("lca_depth"), 0.5);
  EXPECT_EQ(measures.at("lca_depth_of_mistakes"), 0.0);
  EXPECT_EQ(measures.at("tree_induced_error"), 1.0);
  expect_refused(eval({"--labels", labels, "--taxonomy", write("short.csv", "ant,everything\n")}),
                 {"short.csv", "class 1", "bee"});
}

TEST_F(ToolEvalTest, ReportIsAPageWithAPicture) {
  write("photos/&lt; <b>\".png", read_bytes(photos_ + "/0.png"));
  const std::string labels =
      write("labels.csv", "file,label\n0.png,1\n1.png,2\n\"&lt; <b>\"\".png\",3\n");
  std::vector<std::vector<float>> rows(3, std::vector<float>(kClasses));
  for (size_t i = 0; i < 3; ++i)
    rows[i][(static_cast<size_t>(named()[i == 1 ? 1 : 0]) + 1) % kClasses] = 1;
  EXPECT_EQ(run_tool(eval({"--labels", labels, "--expect", expected("e.npy", rows), "--report",
                           path("r.html")}))
                .exit_code,
            0);
  const std::string page = read_bytes(path("r.html"));
  for (const char* word : {"<!doctype html>", "<svg", "Confusion matrix",
                           "Most frequent confusions", "&amp;lt; &lt;b&gt;&quot;.png"})
    EXPECT_NE(page.find(word), std::string::npos) << word;
  for (const char* word : {"<script", "src=", "href=", "<b>\"", "@import", "url("})
    EXPECT_EQ(page.find(word), std::string::npos) << word;
}

TEST_F(ToolEvalTest, NamesThatASpreadsheetWouldRun) {
  write("photos/=1+1.png", read_bytes(photos_ + "/0.png"));
  run_json(eval(
      {"--labels", write("labels.csv", "file,label\n=1+1.png,1\n"), "--csv", path("out.csv")}));
  EXPECT_NE(read_bytes(path("out.csv")).find("\n'=1+1.png,1,"), std::string::npos)
      << read_bytes(path("out.csv"));
}

TEST_F(ToolEvalTest, OutputsDoNotReplaceInputs) {
  const std::string labels = csv("labels.csv", {"1", "2"}),
                    npy = expected(
                        "e.npy", std::vector<std::vector<float>>(2, std::vector<float>(kClasses)));
  for (const std::string& input : {labels, npy, model_, photos_ + "/1.png"}) {
    for (const char* option : {"--csv", "--confusion", "--report"})
      expect_refused(eval({"--labels", labels, "--expect", npy, option, input}),
                     {input, "would be overwritten"});
  }
  fs::create_symlink(labels, path("link.csv"));
  expect_refused(eval({"--labels", labels, "--csv", path("link.csv")}),
                 {"link.csv", "would be overwritten"});
  expect_wrong_usage(
      eval({"--labels", labels, "--csv", path("x.csv"), "--confusion", path("./x.csv")}), "twice");
  for (const char* option : {"--csv", "--confusion", "--report"}) {
    const ToolResult result =
        run_tool(eval({"--labels", labels, option, path("no/such/folder/x")}));
    EXPECT_EQ(result.exit_code, 1);
    EXPECT_NE(result.err.find("cannot be written"), std::string::npos) << result.err;
  }
}

TEST_F(ToolEvalTest, WhatIsMissingIsSaid) {
  expect_wrong_usage(eval({}), "--labels");
  expect_wrong_usage({"eval", "-m", model_}, "--images");
  expect_wrong_usage({"eval", "-m", model_, "--labels", csv("labels.csv", {"1"})}, "--images");
  const std::string npy =
      expected("e.npy", std::vector<std::vector<float>>(kPhotos, std::vector<float>(kClasses)));
  for (const char* option : {"--taxonomy", "--confusion"})
    expect_wrong_usage(eval({"--expect", npy, option, path("x.csv")}), option);
  expect_wrong_usage({"eval", "-m", model_, "--images", photos_, "--labels", photos_}, "--images");
}

TEST_F(ToolEvalTest, MemoryDoesNotGrowWithThePhotos) {
  if (kSanitized) GTEST_SKIP() << "sanitizers keep what was freed";
  RandomVit large;
  large.image = 96;
  large.patch = 16;
  const std::string model = program("large.vitro", large);
  // 3,000 pictures of 27 KiB would be 79 MiB.
  std::string text = "file,label\n";
  for (int i = 0; i < 3000; ++i) text += std::to_string(i % static_cast<int>(kPhotos)) + ".png,1\n";
  const ToolResult result =
      run_tool({"eval", "-m", model, "--images", photos_, "--labels", write("many.csv", text),
                "--csv", path("out.csv"), "-t", "2", "--json"});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  EXPECT_EQ(Json::parse(result.out).at("images"), 3000);
  EXPECT_LE(result.peak_kib, 60 * 1024);
  std::printf("peak of resident memory: %ld KiB\n", result.peak_kib);
}

}  // namespace
}  // namespace vitro
