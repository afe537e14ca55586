// SPDX-License-Identifier: Apache-2.0
// Which files of a folder are pictures, in which order, and what is said about the others.
#include "platforms/host/picture_list.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>

#include <gtest/gtest.h>

#include "converter/base/error.h"
#include "platforms/host/labels.h"
#include "tests/support/temporary_folder.h"

namespace vitro {

using namespace host;

namespace {

namespace fs = std::filesystem;
using Strings = std::vector<std::string>;
using Counts = std::map<std::string, size_t>;

class PictureListTest : public TemporaryFolderTest {
 protected:
  void touch(const Strings& names) const {
    for (const std::string& name : names) {
      fs::create_directories(fs::path(path(name)).parent_path());
      std::ofstream(path(name), std::ios::binary) << "x";
    }
  }
  Strings paths(const Strings& names) const {
    Strings all;
    for (const std::string& name : names) all.push_back(path(name));
    return all;
  }
};

TEST_F(PictureListTest, FoldersWithinFoldersInTheOrderOfTheirBytes) {
  touch({"p/b.JPEG", "p/a.png", "p/B.jpg", "p/c.Bmp", "p/dog/2.jpe", "p/cat/1.jfif", "p/cat/10.DIB",
         "p/cat/9.jpg", "p/cat-2/x.png", "p/deep/er/still/y.jpg"});
  fs::create_directories(path("p/folder.jpg"));
  const PictureList list = list_pictures(path("p"));
  EXPECT_EQ(list.files,
            paths({"p/B.jpg", "p/a.png", "p/b.JPEG", "p/c.Bmp", "p/cat-2/x.png", "p/cat/1.jfif",
                   "p/cat/10.DIB", "p/cat/9.jpg", "p/deep/er/still/y.jpg", "p/dog/2.jpe"}));
  EXPECT_EQ(list.left_out, Counts());
  EXPECT_EQ(left_out_text(list.left_out), "");
  EXPECT_EQ(calibration_pictures(path("p")).files, list.files);
}

TEST_F(PictureListTest, WhatIsLeftOutIsCounted) {
  touch({"p/a.jpg", "p/._a.jpg", "p/.DS_Store", "p/.git/b.jpg", "p/b.webp", "p/sub/c.webp",
         "p/d.HEIC", "p/labels.csv", "p/README", "p/e.", "p/f.some_long_extension", "p/g.\x1b[2J"});
  ASSERT_EQ(mkfifo(path("p/pipe.jpg").c_str(), 0600), 0);
  fs::create_symlink("nowhere", path("p/lost.jpg"));
  const PictureList list = list_pictures(path("p"));
  EXPECT_EQ(list.files, paths({"p/a.jpg"}));
  EXPECT_EQ(list.left_out, (Counts{{".webp", 2},
                                   {".HEIC", 1},
                                   {".csv", 1},
                                   {"hidden", 3},
                                   {"without extension", 2},
                                   {"of other kinds", 2},
                                   {"not regular files", 2}}));
  EXPECT_EQ(left_out_text(list.left_out),
            "1 .HEIC, 1 .csv, 2 .webp, 3 hidden, 2 not regular files, 2 of other kinds, 2 without "
            "extension");
}

TEST_F(PictureListTest, ManyKindsAreNotListedOneByOne) {
  touch({"a.jpg"});
  for (int i = 0; i < 40; ++i) touch({"x.k" + std::to_string(i)});
  const PictureList list = list_pictures(folder_.string());
  EXPECT_EQ(list.left_out.size(), 17u);
  EXPECT_EQ(list.left_out.at("of other kinds"), 24u);
}

TEST_F(PictureListTest, LinksAreFollowedAndCirclesEnd) {
  touch({"p/real/1.jpg", "elsewhere/2.jpg", "file.jpg"});
  fs::create_symlink("..", path("p/real/up"));
  fs::create_symlink("real", path("p/again"));
  fs::create_symlink("../elsewhere", path("p/other"));
  fs::create_symlink("../file.jpg", path("p/linked.jpg"));
  fs::create_symlink("self", path("p/self"));
  const PictureList list = list_pictures(path("p"));
  EXPECT_EQ(list.files, paths({"p/again/1.jpg", "p/linked.jpg", "p/other/2.jpg"}));
  EXPECT_EQ(list.left_out, (Counts{{"folders met before", 2}, {"not regular files", 1}}));
}

TEST_F(PictureListTest, DepthIsBounded) {
  std::string deep = "p";
  for (int level = 0; level <= 40; ++level) {
    touch({deep + "/a.png"});
    deep += "/d";
  }
  const PictureList list = list_pictures(path("p"));
  EXPECT_EQ(list.files.size(), 33u);
  EXPECT_EQ(list.left_out, (Counts{{"folders deeper than 32 levels", 1}}));
}

TEST_F(PictureListTest, AFolderThatCannotBeRead) {
  touch({"p/a.jpg", "p/closed/b.jpg"});
  fs::permissions(path("p/closed"), fs::perms::none);
  fs::permissions(folder_, fs::perms::all);
  const bool root = geteuid() == 0;  // root can read every folder
  if (root) {
    ASSERT_EQ(seteuid(65534), 0);
  }
  EXPECT_EQ(list_pictures(path("p")).left_out, (Counts{{"folders that cannot be read", 1}}));
  EXPECT_NE(refusal([&] { list_pictures(path("p/closed")); }).find("cannot be listed"),
            std::string::npos);
  if (root) {
    ASSERT_EQ(seteuid(0), 0);
  }
  fs::permissions(path("p/closed"), fs::perms::owner_all);
}

TEST_F(PictureListTest, Refusals) {
  touch({"p/a.png", "none/b.webp"});
  fs::create_directories(path("empty"));
  EXPECT_NE(
      refusal([&] { list_pictures(path("none")); }).find("has no pictures (left out: 1 .webp); "),
      std::string::npos);
  EXPECT_NE(refusal([&] { list_pictures(path("empty")); }).find("has no pictures; "),
            std::string::npos);
  EXPECT_NE(refusal([&] { list_pictures(path("absent")); }).find("is not a folder"),
            std::string::npos);
  EXPECT_NE(refusal([&] { list_pictures(path("p/a.png")); }).find("is not a folder"),
            std::string::npos);
}

TEST_F(PictureListTest, NamedFilesAreTakenAsTheyAre) {
  touch({"p/b.jpg", "p/a.jpg", "q/.hidden", "q/c.webp", "note.txt"});
  fs::create_directories(path("empty"));
  const PictureList list = gather_pictures(
      {path("q/c.webp"), path("p"), "-", path("q/.hidden"), path("absent"), path("empty")});
  EXPECT_EQ(list.files, (Strings{path("q/c.webp"), path("p/a.jpg"), path("p/b.jpg"), "-",
                                 path("q/.hidden"), path("absent")}));
  EXPECT_EQ(list.left_out, (Counts{{"folders without pictures", 1}}));
  EXPECT_NE(refusal([] { gather_pictures({"-", "-"}); }).find("twice"), std::string::npos);
  EXPECT_NE(refusal([&] {
              gather_pictures({path("q")});
            }).find("q: has no pictures (left out: 1 .webp, 1 hidden); "),
            std::string::npos);
}

TEST(PictureList, FoldersAsPeopleHaveThem) {
  const fs::path cases = fs::path(VITRO_TEST_DATA) / ".." / "cases" / "calibration_folders";
  if (!fs::is_directory(cases))
    GTEST_SKIP() << "no folders of pictures: configure with VITRO_TEST_DATA set to the folder of "
                    "the test data";
  const auto names = [&](const char* folder) {
    Strings all;
    for (const std::string& file : calibration_pictures((cases / folder).string()).files)
      all.push_back(fs::path(file).lexically_relative(cases / folder).string());
    return all;
  };
  EXPECT_EQ(names("nested"), (Strings{"cat/1.jpg", "dog/2.JPEG"}));
  EXPECT_EQ(names("mac"), (Strings{"a.jpg"}));
  EXPECT_EQ(names("mixed"), (Strings{"a.jpg", "c.jfif"}));
  EXPECT_EQ(calibration_pictures((cases / "mac").string()).left_out, (Counts{{"hidden", 1}}));
  EXPECT_EQ(calibration_pictures((cases / "mixed").string()).left_out,
            (Counts{{".webp", 1}, {".HEIC", 1}}));
}

}  // namespace
}  // namespace vitro
