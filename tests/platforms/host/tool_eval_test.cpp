// SPDX-License-Identifier: Apache-2.0
// vitro eval: all ways to give labels, photos that cannot be read, measures, reports.
#include <algorithm>
#include <cstdio>

#include "tests/platforms/host/tool_eval_fixture.h"
#include "tests/support/address_sanitizer.h"

namespace vitro {

using namespace converter;

namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;

TEST_F(ToolEvalTest, AgreesWithRun) {
  const std::string model = model_, folder = photos_;
  const Json run =
      run_json({"run", "-m", model, "-k", "5", "-i", folder + "/0.png", folder + "/1.png",
                folder + "/2.png", folder + "/3.png", folder + "/4.png", folder + "/5.png",
                folder + "/6.png", folder + "/7.png"});
  // The first two labels are right, the next three among the five best answers, the rest not.
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
  picture("photos/0.png", 0, 900, 700);  // takes long, so that others finish before it
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
  // With all classes directly under the root, each class is its only ancestor: the measures are
  // those of accuracy, and a mistake is two edges away.
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

TEST_F(ToolEvalTest, APhotoHasOneLabel) {
  const std::string two = write("two.csv", "file,label\n0.png,cat\n1.png,fox\n0.png,3\n");
  expect_refused(eval({"--labels", two}), {"two.csv", "0.png", "two labels", "classes 2 and 3"});
  const std::string again = write("again.csv", "file,label\n0.png,cat\n1.png,fox\n0.png,2\n");
  EXPECT_EQ(run_json(eval({"--labels", again})).at("images"), 3);
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
  if (kAddressSanitizer) GTEST_SKIP() << "sanitizers keep what was freed";
  RandomVit large;
  large.image = 96;
  large.patch = 16;
  const std::string model = program("large.vitro", large);
  // 3,000 pictures of 27 KiB, kept together, would take 79 MiB.
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
