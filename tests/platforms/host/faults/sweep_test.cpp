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

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <functional>
#include <map>
#include <set>

#include "tests/platforms/host/faults/faults.h"
#include "tests/support/archives.h"

namespace vitro {

namespace {

bool every_point = false, by_places = false;
std::set<std::string> only;  // empty: all commands
constexpr unsigned long kEnd = 20;
// Every command allocates the same to describe the command line, before its arguments are read, and
// `vitro --version` hardly more. The command `run` goes through these calls for all of them.
constexpr unsigned long kReadsArguments = 200;

// One block and four patches, of a width from which the tool can tell the heads: the calls are
// those of a larger model, the time between them is not.
RandomVit smallest() {
  RandomVit vit;
  vit.depth = 1, vit.hidden = 8, vit.image = 8, vit.classes = 2;
  return vit;
}

// What a command is to write, and what lies there before.
struct Case {
  const char* name;
  Arguments arguments;
  std::vector<std::string> outputs;
};

class Sweep : public ToolTest {
 protected:
  void SetUp() override {
    if (!faults_can_be_made()) GTEST_SKIP() << "sanitizers replace the same functions";
    ToolTest::SetUp();
    const RandomVit vit = every_point ? smallest() : RandomVit{};
    const std::string model = program("vit.vitro", vit), photo = picture("photo.png"),
                      photos = pictures("photos", 2), weights = model + ".safetensors",
                      csv = write("labels.csv", "file,label\n0.png,0\n1.png,1\n"),
                      torch = write("vit.pth", torch_zip(make_checkpoint(vit))),
                      numpy = write("vit.npz", npz_of(make_checkpoint(vit), true));
    std::filesystem::create_directory(path("out"));
    const auto out = [&](const char* name) { return path(std::string("out/") + name); };
    const std::string looking = program("looking.vitro", {}, {"--also", "features,attention"});
    const std::string gallery = path("gallery");
    EXPECT_EQ(run_tool({"index", photos, "-m", looking, "-o", gallery}).exit_code, 0);
    cases_ = {
        {"run",
         {"run", "-m", model, "-i", photo, "-t", "1", "--csv", out("a.csv"), "--logits",
          out("a.npy")},
         {"a.csv", "a.npy"}},
        {"run_json", {"run", "-m", model, "-i", photos, "-t", "1", "--json"}, {}},
        {"inspect", {"inspect", "-m", model, "--json"}, {}},
        {"inspect_graph", {"inspect", "--graph", weights, "--heads", "1"}, {}},
        {"verify", {"verify", "-m", model, "-t", "1"}, {}},
        {"bench", {"bench", "-m", model, "-n", "1", "-t", "1", "--profile"}, {}},
        {"convert",
         {"convert", weights, "-o", out("a.vitro"), "--calib", photos, "--save-calibration",
          out("a.calibration"), "--report", out("a.html"), "-t", "1"},
         {"a.vitro", "a.calibration", "a.html"}},
        {"convert_torch",
         {"convert", torch, "-o", out("a.vitro"), "--heads", "1", "-t", "1", "--json"},
         {"a.vitro"}},
        {"convert_numpy",
         {"convert", numpy, "-o", out("a.vitro"), "--heads", "1", "-t", "1"},
         {"a.vitro"}},
        {"eval",
         {"eval", "-m", model, "--images", photos, "--labels", csv, "--csv", out("e.csv"),
          "--confusion", out("c.csv"), "--report", out("e.html"), "-t", "1"},
         {"e.csv", "c.csv", "e.html"}},
        {"features",
         {"features", "-m", looking, "-i", photos, "-o", out("f.npy"), "-t", "1"},
         {"f.npy", "f.csv"}},
        {"index", {"index", photos, "-m", looking, "-o", out("g"), "-t", "1"}, {"g"}},
        {"run_gallery", {"run", "-m", looking, "--gallery", gallery, "-i", photo, "-t", "1"}, {}},
        {"attention",
         {"attention", "-m", looking, "-i", photo, "-o", out("o.png"), "--rollout", "-t", "1"},
         {"o.png"}},
        {"emit", {"emit", "-m", model, "--c-array", "-o", out("a.c")}, {"a.c", "a.h"}},
        {"emit_flash",
         {"emit", "-m", model, "--flash-image", "-i", photos, "-o", out("a.img")},
         {"a.img"}},
        {"isa", {"isa", "--json"}, {}},
        {"families", {"families"}, {}}};
    if (run_tool({"keygen", "-o", path("key")}).exit_code == 0) {  // with libsodium
      const std::string secret = path("key.key"), key = path("key.pub"),
                        made = path("signed.vitro");
      EXPECT_EQ(run_tool({"sign", "-m", model, "-k", secret, "-o", made}).exit_code, 0);
      cases_.push_back(
          {"sign", {"sign", "-m", model, "-k", secret, "-o", out("s.vitro")}, {"s.vitro"}});
      cases_.push_back({"verify_key", {"verify", "-m", made, "--key", key, "-t", "1"}, {}});
    }
#ifdef VITRO_HAVE_XNNPACK
    cases_.push_back({"run_xnnpack",
                      {"run", "-m", program("static.vitro", vit, {"--activations", "static"}), "-i",
                       photo, "-t", "1", "--linear", "xnnpack"},
                      {}});
#endif
    const auto left_out = [](const Case& c) { return !only.empty() && only.count(c.name) == 0; };
    cases_.erase(std::remove_if(cases_.begin(), cases_.end(), left_out), cases_.end());
  }

  using Files = std::map<std::string, std::string>;

  Files files() const {
    Files files;
    for (const auto& entry : std::filesystem::directory_iterator(path("out")))
      files[entry.path().filename().string()] = read_bytes(entry.path().string());
    return files;
  }
  // The outputs as an earlier run left them.
  Files make_old(const Case& c) const {
    std::filesystem::remove_all(path("out"));
    std::filesystem::create_directory(path("out"));
    for (const std::string& name : c.outputs) write("out/" + name, "old");
    return files();
  }
  Files make_new(const Case& c) const {
    make_old(c);
    EXPECT_EQ(run_tool(c.arguments).exit_code, 0) << c.name;
    Files made = files();
    EXPECT_EQ(made.size(), c.outputs.size());
    return made;
  }

  // Calls `point` for calls spread over all of the command: `most` of them in the short form.
  void sweep(const Case& c, const std::string& in, unsigned long most,
             const std::function<void(unsigned long)>& point) const {
    const unsigned long count = count_calls(c.arguments, in);
    ASSERT_TRUE(in != "memory" || count > 1000) << c.name;
    unsigned long first = 1;
    if (every_point && in == "memory" && c.name != std::string("run")) {
      const unsigned long common = count_calls({"--version"}, in);
      ASSERT_GT(common, kReadsArguments);
      first = common - kReadsArguments;
    }
    const std::vector<unsigned long> swept = points(c, in, first, count, most);
    make_old(c);
    for (const unsigned long at : swept) {
      SCOPED_TRACE(std::string(c.name) + ", " + in + " call " + std::to_string(at) + " of " +
                   std::to_string(count));
      point(at);
      if (HasFatalFailure()) return;
    }
  }

  std::vector<unsigned long> points(const Case& c, const std::string& in, unsigned long first,
                                    unsigned long count, unsigned long most) const {
    std::vector<unsigned long> points;
    if (by_places && in == "memory") {
      make_old(c);  // keys are not written over
      points = calls_by_place(c.arguments);
    }
    points.erase(points.begin(), std::lower_bound(points.begin(), points.end(), first));
    // Of the calls at the end, where the outputs are written, each.
    const unsigned long stride = every_point ? 1 : std::max(1ul, count / most);
    if (points.empty())
      for (unsigned long at = first; at <= count; at += at + kEnd < count ? stride : 1)
        points.push_back(at);
    if (every_point)
      std::fprintf(stderr, "%s: %zu calls (%s) up to %lu\n", c.name, points.size(), in.c_str(),
                   count);
    return points;
  }

  // The tool did its work, or said why not and left everything as it was.
  static void expect_all_or_nothing(const ToolResult& result, const Files& before,
                                    const Files& after, const Files& made) {
    ASSERT_TRUE(result.exit_code == 0 || result.exit_code == 1)
        << result.exit_code << ": " << result.err;
    ASSERT_EQ(result.err.find("internal error"), std::string::npos) << result.err;
    if (result.exit_code == 0) {
      ASSERT_TRUE(after == made) << result.err;
    } else {
      ASSERT_NE(result.err.find("vitro: "), std::string::npos) << result.err;
      ASSERT_TRUE(after == before) << "outputs are not as they were: " << result.err;
    }
  }

  // One photo among several that cannot be read, or that gets no memory, is named, and does not
  // stop the others.
  bool goes_on(const ToolResult& result, const Files& after, const Files& made) const {
    return result.exit_code == 1 && result.err.find(path("photos/")) != std::string::npos &&
           after.size() == made.size();
  }

  std::vector<Case> cases_;
};

// HTML and JSON name seconds nowhere, so that outputs are the same in every run.
TEST_F(Sweep, MemoryIsRefused) {
  for (const Case& c : cases_) {
    const Files made = make_new(c), before = make_old(c);
    unsigned refused = 0, points = 0;
    sweep(c, "memory", 30, [&](unsigned long at) {
      const bool all_later = ++points % 2 == 0;  // by turns
      for (const bool more : {false, true}) {
        if (!every_point && more != all_later) continue;
        const ToolResult result = run_with_fault(c.arguments, {"memory", at, "fail", more});
        const Files after = files();
        if (!goes_on(result, after, made)) expect_all_or_nothing(result, before, after, made);
        if (result.exit_code == 1) ++refused;
        if (after != before) make_old(c);
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
      const Files after = files();
      if (!goes_on(result, after, made)) expect_all_or_nothing(result, before, after, made);
      if (result.exit_code == 1) ++refused;
      if (after != before) make_old(c);
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
    const size_t stride = every_point ? 1 : std::max(size_t{1}, needed / 4);
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
  EXPECT_GT(refused, 10u);
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
      if (every_point) expect_nothing_of({"files", at, "short"});
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
  vitro::by_places = points == "--places";
  vitro::every_point = vitro::by_places || points == "--every";
  if (vitro::every_point) vitro::only.insert(argv + 2, argv + argc);
  return RUN_ALL_TESTS();
}
