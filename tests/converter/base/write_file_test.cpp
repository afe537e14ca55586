// SPDX-License-Identifier: Apache-2.0
// Output files: whole or not at all, with the permissions of what they replace, and nothing left
// behind.
#include "converter/base/write_file.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <set>
#include <string>

#include <gtest/gtest.h>

#include "converter/base/error.h"

namespace vitro {

namespace fs = std::filesystem;

namespace {

class WriteFile : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = testing::TempDir() + "/vitro_write_" + std::to_string(getpid()) + "_" +
              testing::UnitTest::GetInstance()->current_test_info()->name();
    fs::remove_all(folder_);
    fs::create_directory(folder_);
  }
  void TearDown() override { fs::remove_all(folder_); }

  std::string path(const std::string& name) const { return folder_ + "/" + name; }
  void put(const std::string& name, const std::string& text) const {
    std::ofstream(path(name), std::ios::binary) << text;
  }
  std::string get(const std::string& name) const {
    std::ifstream file(path(name), std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  std::set<std::string> names() const {
    std::set<std::string> names;
    for (const auto& entry : fs::directory_iterator(folder_))
      names.insert(entry.path().filename().string());
    return names;
  }
  mode_t mode(const std::string& name) const {
    struct stat info {};
    EXPECT_EQ(stat(path(name).c_str(), &info), 0) << name;
    return info.st_mode & 07777;
  }
  static void write(const std::string& to, const std::string& text) {
    write_file(to, text.data(), text.size());
  }
  std::string refusal(const std::string& to) const {
    try {
      write(to, "new");
    } catch (const InputError& error) {
      return error.what();
    }
    return "";
  }

  std::string folder_;
};

using Names = std::set<std::string>;

TEST_F(WriteFile, IsThereWithAllOfItOrNotAtAll) {
  std::string large(300'000, 'x');
  for (size_t i = 0; i < large.size(); ++i) large[i] = static_cast<char>(i * 7);
  {
    OutputFile file(path("a"));
    file.write("head");
    for (size_t at = 0; at < large.size(); at += 1000) file.write(large.data() + at, 1000);
    file.rewrite_start("HEAD", 4);
    file.write(large);
    EXPECT_FALSE(fs::exists(path("a")));
    file.commit();
  }
  EXPECT_EQ(names(), Names{"a"});
  EXPECT_TRUE(get("a") == "HEAD" + large + large);
  {
    OutputFile file(path("a"));
    file.write("half");
  }
  EXPECT_EQ(names(), Names{"a"});
  EXPECT_TRUE(get("a") == "HEAD" + large + large);
  write(path("a"), "");
  EXPECT_EQ(get("a"), "");
}

TEST_F(WriteFile, KeepsThePermissionsOfWhatItReplaces) {
  const mode_t mask = umask(027);
  write(path("new"), "1");
  EXPECT_EQ(mode("new"), 0640u);
  for (const mode_t permissions : {0600, 0444, 0666, 0755}) {
    put("old", "old");
    ASSERT_EQ(chmod(path("old").c_str(), permissions), 0);
    write(path("old"), "2");
    EXPECT_EQ(get("old"), "2");
    EXPECT_EQ(mode("old"), permissions);
    fs::remove(path("old"));
  }
  put("old", "old");
  ASSERT_EQ(chmod(path("old").c_str(), 04755), 0);
  write(path("old"), "2");
  EXPECT_EQ(mode("old"), 0755u)
      << "whoever may write bytes must not make them another user's program";
  umask(mask);
}

TEST_F(WriteFile, ALinkStaysAndItsFileIsReplaced) {
  fs::create_directory(path("elsewhere"));
  put("elsewhere/file", "old");
  fs::create_symlink("elsewhere/file", path("link"));
  write(path("link"), "new");
  EXPECT_TRUE(fs::is_symlink(path("link")));
  EXPECT_EQ(get("elsewhere/file"), "new");
  EXPECT_EQ(names(), (Names{"elsewhere", "link"}));
  fs::create_symlink("nowhere", path("dangling"));
  EXPECT_NE(refusal(path("dangling")).find("is a link to nothing"), std::string::npos);
  fs::create_symlink("loop", path("loop"));
  EXPECT_NE(refusal(path("loop")).find("is a link to nothing"), std::string::npos);
  EXPECT_EQ(names(), (Names{"elsewhere", "link", "dangling", "loop"}));
  // Another name of the same file is left with what it had.
  fs::create_hard_link(path("elsewhere/file"), path("other"));
  write(path("other"), "newest");
  EXPECT_EQ(get("elsewhere/file"), "new");
}

TEST_F(WriteFile, RefusesWhatIsNoFile) {
  EXPECT_NE(refusal(folder_).find("is a folder"), std::string::npos);
  EXPECT_NE(refusal("/dev/null").find("not a regular file"), std::string::npos);
  ASSERT_EQ(mkfifo(path("pipe").c_str(), 0600), 0);
  EXPECT_NE(refusal(path("pipe")).find("not a regular file"), std::string::npos);
  EXPECT_NE(refusal(path("no/such")).find("cannot be written"), std::string::npos);
  EXPECT_NE(refusal("-").find("is not a file name"), std::string::npos);
  EXPECT_EQ(names(), Names{"pipe"});
}

// By name, as on file systems that know no others; a process that still writes holds a lock.
TEST_F(WriteFile, RemovesWhatAKilledProcessLeftAndNothingElse) {
  const std::string left = ".vitro-0123456789abcdef.tmp", held = ".vitro-0123456789abcde0.tmp",
                    link = ".vitro-0123456789abcde1.tmp", pipe = ".vitro-0123456789abcde2.tmp";
  const Names others = {".vitro-0123456789abcde.tmp", ".vitro-0123456789abcdeg.tmp",
                        "vitro-0123456789abcdef.tmp", ".vitro-0123456789abcdef.tmp2"};
  put(left, "left");
  put(held, "held");
  for (const std::string& name : others) put(name, "mine");
  put("precious", "precious");
  fs::create_symlink("precious", path(link));
  ASSERT_EQ(mkfifo(path(pipe).c_str(), 0600), 0);
  const int lock = open(path(held).c_str(), O_RDWR);
  ASSERT_EQ(flock(lock, LOCK_EX), 0);
  write(path("new"), "1");
  Names expected = others;
  expected.insert({held, link, pipe, "precious", "new"});
  EXPECT_EQ(names(), expected);
  EXPECT_EQ(get("precious"), "precious");
  close(lock);
  write(path("new"), "2");
  expected.erase(held);
  EXPECT_EQ(names(), expected);
}

TEST_F(WriteFile, TwoWriteTheSame) {
  OutputFile first(path("a")), second(path("a"));
  first.write("first");
  second.write("second");
  second.commit();
  EXPECT_EQ(get("a"), "second");
  first.commit();
  EXPECT_EQ(get("a"), "first");
  EXPECT_EQ(names(), Names{"a"});
}

TEST_F(WriteFile, AllOrNone) {
  put("a", "old a");
  fs::create_hard_link(path("a"), path("same as a"));
  OutputFiles good;
  good.add(path("a")).write("new a");
  good.add(path("b")).write("new b");
  EXPECT_EQ(names(), (Names{"a", "same as a"}));
  good.commit();
  EXPECT_EQ(get("a"), "new a");
  EXPECT_EQ(get("b"), "new b");
  EXPECT_EQ(get("same as a"), "old a");

  // The last one's place is taken by a folder in the meantime.
  OutputFiles bad;
  bad.add(path("a")).write("newer a");
  bad.add(path("new")).write("newer");
  bad.add(path("c")).write("newer c");
  fs::create_directory(path("c"));
  EXPECT_THROW(bad.commit(), InputError);
  EXPECT_EQ(get("a"), "new a");
  EXPECT_EQ(names(), (Names{"a", "b", "c", "same as a"}));
}

TEST_F(WriteFile, AFullDiskLeavesTheOldOne) {
  put("a", "old");
  // What may be written to a file stands for a disk of that size.
  struct rlimit before {
  }, limit{};
  ASSERT_EQ(getrlimit(RLIMIT_FSIZE, &before), 0);
  limit = before;
  limit.rlim_cur = 100'000;
  signal(SIGXFSZ, SIG_IGN);
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &limit), 0);
  EXPECT_THROW(write(path("a"), std::string(1'000'000, 'x')), InputError);
  setrlimit(RLIMIT_FSIZE, &before);
  EXPECT_EQ(get("a"), "old");
  EXPECT_EQ(names(), Names{"a"});
}

}  // namespace
}  // namespace vitro
