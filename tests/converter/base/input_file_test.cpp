// SPDX-License-Identifier: Apache-2.0
// Files as they are read: what is no file is refused, and what happens to one meanwhile is seen.
#include "converter/base/input_file.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>

#include "converter/base/error.h"

namespace vitro {

namespace fs = std::filesystem;

namespace {

class InputFiles : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = testing::TempDir() + "/vitro_input_" + std::to_string(getpid());
    fs::remove_all(folder_);
    fs::create_directory(folder_);
  }
  void TearDown() override { fs::remove_all(folder_); }

  std::string write(const std::string& text) const {
    std::ofstream(folder_ + "/file", std::ios::binary) << text;
    return folder_ + "/file";
  }
  template <class Act>
  static std::string refusal(const Act& act) {
    try {
      act();
    } catch (const InputError& error) {
      return error.what();
    }
    return "";
  }
  static std::string refusal_of(const std::string& path) {
    return refusal([&] { InputFile(path, "give a file"); });
  }
  static void expect_in(const std::string& text, const std::string& whole) {
    EXPECT_NE(whole.find(text), std::string::npos) << whole;
  }

  std::string folder_;
};

TEST_F(InputFiles, OnlyFiles) {
  expect_in("cannot be opened (No such file or directory); give a file",
            refusal_of(folder_ + "/absent"));
  expect_in("is a folder", refusal_of(folder_));
  const std::string pipe = folder_ + "/pipe";
  ASSERT_EQ(mkfifo(pipe.c_str(), 0600), 0);
  expect_in("is not a regular file", refusal_of(pipe));  // and does not wait for who writes to it
  for (const char* device : {"/dev/zero", "/dev/null", "/dev/tty"})
    EXPECT_NE(refusal_of(device), "");
  struct sockaddr_un address {};
  address.sun_family = AF_UNIX;
  std::snprintf(address.sun_path, sizeof address.sun_path, "%s/s", folder_.c_str());
  const int listener = socket(AF_UNIX, SOCK_STREAM, 0);
  if (bind(listener, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0)
    expect_in("cannot be opened", refusal_of(address.sun_path));
  close(listener);
}

// What is taken for absent is only what is: files that say how a model is read stand beside it.
TEST_F(InputFiles, WhatAPathLeadsTo) {
  const std::string file = write("x"), in = folder_ + "/";
  fs::create_symlink("file", in + "link");
  fs::create_symlink("nowhere", in + "dangling");
  fs::create_symlink("loop", in + "loop");
  EXPECT_EQ(what_is(file), Found::File);
  EXPECT_EQ(what_is(in + "link"), Found::File);
  EXPECT_EQ(what_is(folder_), Found::Folder);
  EXPECT_EQ(what_is("/dev/null"), Found::Other);
  EXPECT_EQ(what_is(in + "dangling"), Found::LinkToNothing);
  EXPECT_EQ(what_is(in + "loop"), Found::LinkToNothing);
  EXPECT_EQ(what_is(in + "absent"), Found::Nothing);
  EXPECT_EQ(what_is(file + "/absent"), Found::Nothing);
  // There may be such a file: whoever is in its folder reaches it by a shorter path.
  std::string far = folder_;
  while (far.size() < 4096) far += "/.";
  const std::string said = refusal([&] { what_is(far + "/file"); });
  expect_in("cannot be looked at (File name too long)", said);
}

TEST_F(InputFiles, ReadsAnyPart) {
  const InputFile file(write("0123456789"), "");
  EXPECT_EQ(file.size(), 10u);
  char part[4] = {};
  file.read(3, part, 3);
  EXPECT_STREQ(part, "345");
  file.check_unchanged();
  expect_in("is cut short", refusal([&] { file.read(8, part, 3); }));
}

TEST_F(InputFiles, SeesThatItWasChanged) {
  const std::string path = write("0123456789");
  const struct timespec long_ago[2] = {{1000, 0}, {1000, 0}};
  ASSERT_EQ(utimensat(AT_FDCWD, path.c_str(), long_ago, 0), 0);
  {
    const InputFile file(path, "");
    std::fstream(path) << "x";
    expect_in("was changed while it was read", refusal([&] { file.check_unchanged(); }));
  }
  const InputFile file(path, "");
  fs::resize_file(path, 5);
  expect_in("was changed while it was read", refusal([&] { file.check_unchanged(); }));
  char byte = 0;
  expect_in("is cut short", refusal([&] { file.read(7, &byte, 1); }));
}

TEST_F(InputFiles, WholeAndFirst) {
  const std::string path = write("0123456789");
  EXPECT_EQ(read_file(path, 10, ""), "0123456789");
  EXPECT_NE(refusal([&] { read_file(path, 9, "give a shorter one"); }), "");
  EXPECT_EQ(first_bytes(path, 3), "012");
  EXPECT_EQ(first_bytes(path, 30), "0123456789");
  EXPECT_EQ(first_bytes(folder_, 3), "");
}

TEST_F(InputFiles, NamesInAFolder) {
  EXPECT_EQ(names_in(folder_), std::vector<std::string>());
  const std::string path = write("");
  fs::create_directory(folder_ + "/\xff");
  fs::create_directory(folder_ + "/A");
  fs::create_symlink("nothing", folder_ + "/.link");
  EXPECT_EQ(names_in(folder_), (std::vector<std::string>{".link", "A", "file", "\xff"}));
  expect_in("cannot be listed", refusal([&] { names_in(path); }));
  expect_in("cannot be listed", refusal([&] { names_in(folder_ + "/absent"); }));
}

}  // namespace
}  // namespace vitro
