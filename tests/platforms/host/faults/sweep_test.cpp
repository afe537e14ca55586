// SPDX-License-Identifier: Apache-2.0
// Each call of the tool to the system goes wrong once: memory refused, disks that fail or are full,
// reads and writes that are cut short or interrupted, SIGKILL. The tool ends with its work or with
// a message, outputs are all new or all old, and nothing is left behind.
//
//   sweep_test            a part of the points, spread over all, in less than a minute
//   sweep_test --places   every point; of memory that is asked for again and again from the same
//                         place, with the same callers, the first and the last time
//   sweep_test --every    every point
//   sweep_test --every convert run    every point of these commands, by the names below
#include <sched.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>

#include "tests/platforms/host/faults/sweep.h"

namespace vitro {

namespace {

// HTML and JSON name seconds nowhere, so that outputs are the same in every run.
TEST_F(Sweep, MemoryIsRefused) {
  for (const Case& c : cases_) {
    const Files made = make_new(c), before = make_old(c);
    unsigned refused = 0, points = 0;
    sweep(c, "memory", 30, [&](unsigned long at) {
      const bool all_later = ++points % 2 == 0;  // by turns
      for (const bool more : {false, true}) {
        if (!swept_points.every && more != all_later) continue;
        const ToolResult result = run_with_fault(c.arguments, {"memory", at, "fail", more});
        expect_work_on_others(c, result, before, made);
        if (result.exit_code == 1) ++refused;
        if (files() != before) make_old(c);
      }
    });
    EXPECT_GT(refused, 20u) << c.name;
  }
}

// Streams keep silent about memory that they do not get. The texts are made by the last calls.
TEST_F(Sweep, WhatIsPrintedIsWhole) {
  constexpr unsigned long kOfTheText = 150;
  const std::vector<Arguments> commands = {
      {"--version"}, {"--help"}, {"run", "--help"}, {"isa", "--json"}, {"families"}};
  for (const Arguments& arguments : commands) {
    const std::string whole = run_tool(arguments).out;
    const unsigned long count = count_calls(arguments, "memory");
    unsigned refused = 0;
    for (unsigned long at = count > kOfTheText ? count - kOfTheText : 1; at <= count; ++at) {
      const ToolResult result = run_with_fault(arguments, {"memory", at});
      SCOPED_TRACE(arguments[0] + ", memory call " + std::to_string(at));
      if (result.exit_code == 0) {
        ASSERT_EQ(result.out, whole);
      } else {
        ASSERT_EQ(result.exit_code, 1);
        ASSERT_NE(result.err.find("out of memory"), std::string::npos) << result.err;
        ++refused;
      }
    }
    EXPECT_GT(refused, 0u) << arguments[0];
  }
}

TEST_F(Sweep, FilesFail) {
  for (const Case& c : cases_) {
    if (c.arguments.size() < 3) continue;  // isa and families read no files
    const Files made = make_new(c), before = make_old(c);
    unsigned refused = 0;
    sweep(c, "files", 20, [&](unsigned long at) {
      const ToolResult result = run_with_fault(c.arguments, {"files", at});
      expect_work_on_others(c, result, before, made);
      if (result.exit_code == 1) ++refused;
      if (files() != before) make_old(c);
    });
    EXPECT_GT(refused, 1u) << c.name;
  }
}

// The process may write no more than that into a file (ulimit -f): SIGXFSZ, and then EFBIG.
TEST_F(Sweep, FilesMayNotGrow) {
  for (const Case& c : cases_) {
    if (c.outputs.empty()) continue;
    const Files made = make_new(c);
    size_t largest = 0;
    for (const auto& [name, bytes] : made) largest = std::max(largest, bytes.size());
    for (const size_t limit : {size_t{0}, size_t{100}, largest / 2, largest - 1}) {
      const Files before = make_old(c);
      struct rlimit usual {
      }, tight{};
      ASSERT_EQ(getrlimit(RLIMIT_FSIZE, &usual), 0);
      tight = usual;
      tight.rlim_cur = limit;
      setrlimit(RLIMIT_FSIZE, &tight);
      const ToolResult result = run_tool(c.arguments, "/dev/null");
      setrlimit(RLIMIT_FSIZE, &usual);
      EXPECT_EQ(result.exit_code, 1) << c.name << ", " << limit;
      EXPECT_TRUE(files() == before) << c.name << ", " << limit;
    }
  }
}

// A real file system of a few pages, which is full at every size below what all outputs need beside
// the old ones.
TEST_F(Sweep, TheDiskIsFull) {
  if (unshare(CLONE_NEWNS) != 0 || mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0)
    GTEST_SKIP() << "only root may mount file systems";
  const std::string disk = path("out");
  const auto page = static_cast<size_t>(sysconf(_SC_PAGESIZE));
  unsigned refused = 0;
  for (const Case& c : cases_) {
    if (c.outputs.empty()) continue;
    const Files made = make_new(c);
    size_t needed = 0;
    for (const auto& [name, bytes] : made) needed += (bytes.size() + page - 1) / page;
    std::set<size_t> sizes = {needed - 1, needed};
    const size_t stride = swept_points.every ? 1 : std::max(size_t{1}, needed / 4);
    for (size_t pages = 0; pages < needed; pages += stride) sizes.insert(pages);
    for (const size_t pages : sizes) {
      SCOPED_TRACE(std::string(c.name) + ", " + std::to_string(pages) + " of " +
                   std::to_string(needed) + " pages");
      const std::string size = "size=" + std::to_string((c.outputs.size() + pages) * page);
      ASSERT_EQ(mount("tmpfs", disk.c_str(), "tmpfs", 0, size.c_str()), 0) << std::strerror(errno);
      for (const std::string& name : c.outputs) write("out/" + name, "old");
      const Files before = files();
      const ToolResult result = run_tool(c.arguments);
      const Files after = files();
      EXPECT_EQ(umount(disk.c_str()), 0);
      EXPECT_EQ(result.exit_code, pages < needed ? 1 : 0) << result.err;
      expect_all_or_nothing(result, before, after, made);
      if (result.exit_code == 1) ++refused;
    }
  }
  if (swept_points.commands.empty()) {  // some write nothing
    EXPECT_GT(refused, 10u);
  }
}

// A slow disk or a signal: nothing that anybody should notice.
TEST_F(Sweep, ReadsAndWritesAreShortOrInterrupted) {
  for (const Case& c : cases_) {
    const Files made = make_new(c);
    const auto expect_nothing_of = [&](const Fault& fault) {
      make_old(c);
      const ToolResult result = run_with_fault(c.arguments, fault);
      ASSERT_EQ(result.exit_code, 0) << fault.act << ": " << result.err;
      ASSERT_TRUE(files() == made) << fault.act;
    };
    sweep(c, "files", 20, [&](unsigned long at) {
      expect_nothing_of({"files", at, "interrupt"});
      if (swept_points.every) expect_nothing_of({"files", at, "short"});
    });
    SCOPED_TRACE(c.name);
    expect_nothing_of({"files", 1, "short", true});
  }
}

TEST_F(Sweep, TheProcessIsKilled) {
  for (const Case& c : cases_) {
    if (c.outputs.empty()) continue;
    const Files made = make_new(c);
    sweep(c, "files", 20, [&](unsigned long at) {
      const Files before = make_old(c);
      const ToolResult result = run_with_fault(c.arguments, {"files", at, "kill"});
      ASSERT_EQ(result.exit_code, -SIGKILL);
      const Files after = files();
      for (const std::string& name : c.outputs) {
        ASSERT_TRUE(after.count(name)) << name;
        ASSERT_TRUE(after.at(name) == before.at(name) || after.at(name) == made.at(name))
            << name << " is neither the old one nor the new one";
      }
      ASSERT_EQ(run_tool(c.arguments).exit_code, 0);
      ASSERT_TRUE(files() == made) << "something stays behind";
    });
  }
}

// Keys are never written over, so that what half a run leaves would stand in the way.
TEST_F(Sweep, KeysAreWholeOrAbsent) {
  const Arguments arguments = {"keygen", "-o", path("out/key")};
  const Case c{"keygen", arguments, {}};
  make_old(c);
  if (run_tool(arguments).exit_code != 0) GTEST_SKIP() << "without libsodium";
  const auto whole = [](const std::string& text) {
    return text.find("-----BEGIN ") == 0 && text.rfind(" KEY-----\n") == text.size() - 10;
  };
  for (const char* in : {"memory", "files"}) {
    for (const char* act : {"fail", "kill"}) {
      make_old(c);
      sweep(c, in, 40, [&](unsigned long at) {
        make_old(c);
        const ToolResult result = run_with_fault(arguments, {in, at, act});
        Files after = files();
        if (result.exit_code == -SIGKILL) {
          for (const auto& [name, text] : after)
            ASSERT_TRUE(name[0] == '.' || whole(text)) << act << ": " << name;
          ASSERT_EQ(run_tool({"keygen", "-o", path("out/other")}).exit_code, 0);
          after = files();
          for (const auto& named : after) ASSERT_NE(named.first[0], '.') << named.first;
          return;
        }
        ASSERT_TRUE(result.exit_code == 0 || result.exit_code == 1) << result.err;
        ASSERT_EQ(after.size(), result.exit_code == 0 ? 2u : 0u) << result.err;
        for (const auto& named : after) ASSERT_TRUE(whole(named.second)) << named.first;
      });
    }
  }
}

}  // namespace
}  // namespace vitro

int main(int argc, char** argv) {
  testing::InitGoogleTest(&argc, argv);
  const std::string points = argc > 1 ? argv[1] : "";
  vitro::swept_points.by_places = points == "--places";
  vitro::swept_points.every = vitro::swept_points.by_places || points == "--every";
  if (vitro::swept_points.every) vitro::swept_points.commands.insert(argv + 2, argv + argc);
  return RUN_ALL_TESTS();
}
