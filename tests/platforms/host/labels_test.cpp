// SPDX-License-Identifier: Apache-2.0
// Lists of labels: what is read, what is refused, and that a refusal names the line.
#include "platforms/host/labels.h"

#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>

#include <gtest/gtest.h>

#include "converter/base/error.h"
#include "tests/support/temporary_folder.h"

#ifndef VITRO_TEST_DATA
#define VITRO_TEST_DATA ""
#endif

namespace vitro {

using namespace host;

namespace {

namespace fs = std::filesystem;
using Strings = std::vector<std::string>;

std::vector<LabelledPhoto> read_csv(const std::string& csv, const std::string& images) {
  std::vector<LabelledPhoto> photos;
  for_each_labelled_photo(csv, images,
                          [&](const LabelledPhoto& photo) { photos.push_back(photo); });
  return photos;
}

class LabelsTest : public TemporaryFolderTest {
 protected:
  std::vector<LabelledPhoto> csv(const std::string& text) const {
    return read_csv(write("labels.csv", text), folder_.string());
  }
};

TEST_F(LabelsTest, ColumnsAreFoundByName) {
  write("a.jpg", "");
  write("b, \"c\".jpg", "");
  for (const char* text : {"file,label\na.jpg,3\n\"b, \"\"c\"\".jpg\",0\n",
                           "file,label\r\na.jpg,3\r\n\"b, \"\"c\"\".jpg\",0\r\n",
                           "top1,label,file\n9,3,a.jpg\n,\"0\",\"b, \"\"c\"\".jpg\"",
                           "\xEF\xBB\xBFlabel,\"file\"\n3,a.jpg\n0,\"b, \"\"c\"\".jpg\"\n\n\n"}) {
    const auto photos = csv(text);
    ASSERT_EQ(photos.size(), 2u) << text;
    EXPECT_EQ(photos[0].path, path("a.jpg"));
    EXPECT_EQ(photos[0].label, "3");
    EXPECT_EQ(photos[1].path, path("b, \"c\".jpg"));
    EXPECT_EQ(photos[1].label, "0");
  }
}

TEST_F(LabelsTest, RefusalsNameTheLine) {
  write("a.jpg", "");
  const auto refused = [this](const std::string& text) { return refusal([&] { csv(text); }); };
  const auto names_line = [&](const std::string& text, int line) {
    const std::string what = refused(text);
    return what.find("labels.csv: line " + std::to_string(line) + " ") != std::string::npos &&
           what.find("; ") != std::string::npos;
  };
  EXPECT_TRUE(names_line("a.jpg,3\n", 1));
  EXPECT_TRUE(names_line("file,class\na.jpg,3\n", 1));
  EXPECT_TRUE(names_line("file,label,file\na.jpg,3,a.jpg\n", 1));
  EXPECT_TRUE(names_line("file,label\na.jpg,3\na.jpg\n", 3));
  EXPECT_TRUE(names_line("file,label\na.jpg,3,4\n", 2));
  EXPECT_TRUE(names_line("file,label\n\na.jpg,3\n", 2));
  EXPECT_TRUE(names_line("file,label\na.jpg,3\n,3\n", 3));
  EXPECT_TRUE(names_line("file,label\nabsent.jpg,3\n", 2));
  EXPECT_TRUE(names_line("file,label\n\"a.jpg,3\n", 2));
  EXPECT_TRUE(names_line("file,label\n\"a.jpg\"x,3\n", 2));
  EXPECT_TRUE(names_line(std::string("file,label\na.jpg,\0003\n", 20), 2));
  EXPECT_EQ(csv("file,label\na.jpg, great white shark \n")[0].label, " great white shark ")
      << "what labels mean is settled elsewhere";
  EXPECT_NE(refused("").find("is empty"), std::string::npos);
  EXPECT_NE(refused("\n\n").find("is empty"), std::string::npos);
  EXPECT_NE(refused("file,label\n").find("no lines"), std::string::npos);
  EXPECT_NE(refusal([&] { read_csv(path("absent.csv"), path("")); }).find("absent.csv"),
            std::string::npos);
  EXPECT_NE(refusal([&] { read_csv(folder_.string(), path("")); }).find("is a folder"),
            std::string::npos);
  EXPECT_NE(refusal([&] { read_csv("/dev/zero", path("")); }), "");
}

TEST_F(LabelsTest, CalibrationCsvFindsPicturesBesideIt) {
  write("beside.png", "");
  write("images/within.png", "");
  const std::string list = write("list.csv", "file\nwithin.png\nbeside.png\nimages/within.png\n");
  EXPECT_EQ(calibration_pictures(list).files,
            (Strings{path("images/within.png"), path("beside.png"), path("images/within.png")}));
  write("bad.csv", "file,label\nabsent.png,1\n");
  write("head.csv", "name\nbeside.png\n");
  EXPECT_NE(refusal([&] { calibration_pictures(path("bad.csv")); }).find("bad.csv: line 2 "),
            std::string::npos);
  EXPECT_NE(refusal([&] { calibration_pictures(path("head.csv")); }).find("head.csv: line 1 "),
            std::string::npos);
  EXPECT_NE(refusal([&] { calibration_pictures(path("absent")); }), "");
}

TEST_F(LabelsTest, LabelNames) {
  EXPECT_EQ(read_label_names(write("plain", "cat\r\ndog, hound\r\n\r\n")),
            (Strings{"cat", "dog, hound"}));
  EXPECT_EQ(read_label_names(write(
                "synsets",
                "n01440764 tench, Tinca tinca\nn0144 x\nn01440764 \nn01440764\nn01440764_tench\n")),
            (Strings{"tench, Tinca tinca", "n0144 x", "n01440764 ", "n01440764", "tench"}));
  EXPECT_NE(refusal([&] { read_label_names(write("gap", "cat\n\ndog\n")); }).find("line 2 "),
            std::string::npos);
  EXPECT_NE(refusal([&] { read_label_names(write("empty", "")); }).find("is empty"),
            std::string::npos);
  EXPECT_NE(refusal([&] { read_label_names(path("absent")); }), "");
}

TEST_F(LabelsTest, TheTestDataIsRead) {
  const fs::path data = VITRO_TEST_DATA;
  if (data.empty() || !fs::is_directory(data / "photos")) {
    GTEST_SKIP() << "no photos: configure with VITRO_TEST_DATA set to the folder of the test data";
  }
  const auto photos =
      read_csv((data / "photos" / "labels.csv").string(), (data / "photos" / "images").string());
  ASSERT_EQ(photos.size(), 200u);
  EXPECT_EQ(photos[1].label, "5");
  EXPECT_EQ(list_pictures((data / "photos" / "images").string()).files.size(), 200u);
  EXPECT_EQ(calibration_pictures((data / "photos" / "labels.csv").string()).files.size(), 200u);
  const auto names = read_label_names((data / "deit_tiny" / "synset_words.txt").string());
  ASSERT_EQ(names.size(), 1000u);
  EXPECT_EQ(names[0], "tench, Tinca tinca");
}

}  // namespace
}  // namespace vitro
