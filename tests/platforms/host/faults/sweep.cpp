// SPDX-License-Identifier: Apache-2.0
#include "tests/platforms/host/faults/sweep.h"

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "tests/support/archives.h"
#include "tests/support/tensor_bundle.h"

namespace vitro {

Points swept_points;

namespace {

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

void write_bytes(const std::string& path, const std::string& bytes) {
  std::ofstream(path, std::ios::binary) << bytes;
}

// The files without the sentences that the tool said.
std::map<std::string, std::string> without_faults(std::map<std::string, std::string> files,
                                                  const ToolResult& result) {
  std::istringstream lines(result.err);
  for (std::string line; std::getline(lines, line);) {
    const std::string said = line.substr(std::min(line.size(), line.find(": ") + 2));
    for (auto& [name, bytes] : files)
      for (size_t at; !said.empty() && (at = bytes.find(said)) != std::string::npos;)
        bytes.erase(at, said.size());
  }
  return files;
}

}  // namespace

void Sweep::SetUp() {
  if (!faults_can_be_made()) GTEST_SKIP() << "sanitizers replace the same functions";
  ToolTest::SetUp();
  const RandomVit vit = swept_points.every ? smallest() : RandomVit{};
  const std::string model = program("vit.vitro", vit), photo = picture("photo.png"),
                    photos = pictures("photos", 2), weights = model + ".safetensors",
                    csv = write("labels.csv", "file,label\n0.png,0\n1.png,1\n"),
                    numpy = write("vit.npz", npz_of(make_checkpoint(vit), true));
  const Bundle bundle = bundle_of(make_checkpoint(vit));
  write("vit.index", bundle.index);
  write("vit.data-00000-of-00001", bundle.data);
  // A model with its files beside it: without one of them it would be another program.
  std::filesystem::create_directory(path("vit"));
  write("vit/pytorch_model.bin", torch_zip(make_checkpoint(vit)));
  write("vit/config.json", R"({"model_type": "vit", "num_attention_heads": 1})");
  write("vit/preprocessor_config.json",
        R"({"image_mean": [0.25, 0.25, 0.25], "size": )" + std::to_string(vit.image) + "}");
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
       {"convert", path("vit"), "-o", out("a.vitro"), "-t", "1", "--json"},
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
  if (swept_points.every)  // hardly other calls than convert_numpy's
    cases_.push_back(
        {"convert_tensorflow",
         {"convert", path("vit.index"), "-o", out("a.vitro"), "--heads", "1", "-t", "1"},
         {"a.vitro"}});
  if (run_tool({"keygen", "-o", path("key")}).exit_code == 0) {  // with libsodium
    const std::string secret = path("key.key"), key = path("key.pub"), made = path("signed.vitro");
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
  const auto left_out = [](const Case& c) {
    return !swept_points.commands.empty() && swept_points.commands.count(c.name) == 0;
  };
  cases_.erase(std::remove_if(cases_.begin(), cases_.end(), left_out), cases_.end());
}

Sweep::Files Sweep::files() const {
  Files files;
  for (const auto& entry : std::filesystem::directory_iterator(path("out")))
    files[entry.path().filename().string()] = read_bytes(entry.path().string());
  return files;
}

Sweep::Files Sweep::make_old(const Case& c) const {
  std::filesystem::remove_all(path("out"));
  std::filesystem::create_directory(path("out"));
  for (const std::string& name : c.outputs) write("out/" + name, "old");
  return files();
}

Sweep::Files Sweep::make_new(const Case& c) const {
  make_old(c);
  EXPECT_EQ(run_tool(c.arguments).exit_code, 0) << c.name;
  Files made = files();
  EXPECT_EQ(made.size(), c.outputs.size());
  return made;
}

void Sweep::sweep(const Case& c, const std::string& in, unsigned long most,
                  const std::function<void(unsigned long)>& point) const {
  const unsigned long count = count_calls(c.arguments, in);
  ASSERT_TRUE(in != "memory" || count > 1000) << c.name;
  unsigned long first = 1;
  if (swept_points.every && in == "memory" && c.name != std::string("run")) {
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

std::vector<unsigned long> Sweep::points(const Case& c, const std::string& in, unsigned long first,
                                         unsigned long count, unsigned long most) const {
  std::vector<unsigned long> points;
  if (swept_points.by_places && in == "memory") {
    make_old(c);  // keys are not written over
    points = calls_by_place(c.arguments);
  }
  points.erase(points.begin(), std::lower_bound(points.begin(), points.end(), first));
  // Of the calls at the end, where the outputs are written, each.
  const unsigned long stride = swept_points.every ? 1 : std::max(1ul, count / most);
  if (points.empty())
    for (unsigned long at = first; at <= count; at += at + kEnd < count ? stride : 1)
      points.push_back(at);
  if (swept_points.every)
    std::fprintf(stderr, "%s: %zu calls (%s) up to %lu\n", c.name, points.size(), in.c_str(),
                 count);
  return points;
}

void Sweep::expect_all_or_nothing(const ToolResult& result, const Files& before, const Files& after,
                                  const Files& made) {
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

void Sweep::expect_work_on_others(const Case& c, const ToolResult& result, const Files& before,
                                  const Files& made) const {
  const Files after = files();
  std::vector<std::string> named;
  for (const char* photo : {"photos/0.png", "photos/1.png"})
    if (result.err.find(path(photo)) != std::string::npos) named.push_back(path(photo));
  if (result.exit_code != 1 || named.empty() || after == before)
    return expect_all_or_nothing(result, before, after, made);
  // What it writes when there is no picture in these files. Why, each tells in its own words.
  std::map<std::string, std::string> pictures;
  for (const std::string& photo : named) {
    pictures[photo] = read_bytes(photo);
    write_bytes(photo, "no picture");
  }
  make_old(c);
  const ToolResult of_others = run_tool(c.arguments);
  for (const auto& [photo, bytes] : pictures) write_bytes(photo, bytes);
  ASSERT_EQ(of_others.exit_code, 1) << result.err << of_others.err;
  ASSERT_TRUE(without_faults(after, result) == without_faults(files(), of_others))
      << "not what it writes of the others: " << result.err;
}

}  // namespace vitro
