// SPDX-License-Identifier: Apache-2.0
// What the tool refuses: with an exit code, a sentence that names the file, the fault and a remedy,
// and without leaving files behind.
#include <sys/stat.h>

#include <algorithm>
#include <functional>
#include <limits>

#include <gtest/gtest.h>

#include "platforms/host/pictures/picture.h"
#include "tests/support/tool_runner.h"
#include "vitro/vitro.h"

namespace vitro {

using namespace converter;
using namespace host;

namespace {

const std::vector<std::string> kCommands = {"convert", "inspect", "run",  "eval",
                                            "bench",   "verify",  "emit", "isa"};

Arguments convert(const std::string& checkpoint, const std::string& output,
                  const Arguments& more = {}) {
  Arguments arguments = {"convert", checkpoint, "-o", output};
  arguments.insert(arguments.end(), more.begin(), more.end());
  return arguments;
}

std::string lines(size_t count) {
  std::string text;
  for (size_t i = 0; i < count; ++i) text += "thing\n";
  return text;
}

TEST_F(ToolTest, Help) {
  for (const char* flag : {"-h", "--help"}) {
    for (const std::string& command : kCommands) {
      const ToolResult result = run_tool({command, flag});
      EXPECT_EQ(result.exit_code, 0) << command;
      EXPECT_EQ(result.err, "") << command;
      EXPECT_NE(result.out.find("--json"), std::string::npos) << result.out;
    }
    const ToolResult all = run_tool({flag});
    EXPECT_EQ(all.exit_code, 0);
    for (const std::string& command : kCommands)
      EXPECT_NE(all.out.find(command), std::string::npos) << command;
  }
  EXPECT_EQ(run_tool({"--version"}).exit_code, 0);
  EXPECT_EQ(run_tool({"--version"}).out,
            "vitro " VITRO_VERSION_STRING "\nJPEG decoder: " + jpeg_decoder() + "\n");
}

TEST_F(ToolTest, WrongUsage) {
  const std::string model = program(), photo = picture("a.png"), vit = model + ".safetensors",
                    out = path("out.vitro");
  expect_wrong_usage({}, "subcommand");
  expect_wrong_usage({"frobnicate"}, "frobnicate");
  for (const std::string& command : kCommands) {
    expect_wrong_usage({command, "--frobnicate"}, "");
    if (command != "isa") expect_wrong_usage({command}, "required");
  }
  expect_wrong_usage({"isa", "more"}, "more");
  expect_wrong_usage({"run", "-m", model}, "--image");
  expect_wrong_usage({"run", "-i", photo}, "--model");
  expect_wrong_usage({"run", "-m", model, "-i"}, "--image");
  expect_wrong_usage({"run", "-m", model, "-m", model, "-i", photo}, "--model");
  for (const char* threads : {"0", "-1", "1025", "two", "1.5", "", "010", "0x2", "+1", " 1"}) {
    expect_wrong_usage({"run", "-m", model, "-i", photo, "-t", threads}, "--threads");
    expect_wrong_usage({"bench", "-m", model, "-t", threads}, "--threads");
    expect_wrong_usage(convert(vit, out, {"-t", threads}), "--threads");
  }
  for (const char* top : {"0", "-1", "many"})
    expect_wrong_usage({"run", "-m", model, "-i", photo, "-k", top}, "--top");
  expect_wrong_usage({"bench", "-m", model, "-n", "0"}, "--runs");
  expect_wrong_usage({"eval", "-m", model, "--images", path("")}, "--labels");
  expect_wrong_usage({"eval", "-m", model, "--labels", photo}, "--images");
  expect_wrong_usage({"convert", vit}, "--output");
  expect_wrong_usage({"convert", "-o", out}, "checkpoint");
  expect_wrong_usage(convert(vit, out, {"another"}), "another");
  expect_wrong_usage(convert(vit, out, {"--filter", "cubic"}), "--filter");
  expect_wrong_usage(convert(vit, out, {"--heads", "0"}), "--heads");
  expect_wrong_usage(convert(vit, out, {"--resize", "0"}), "--resize");
  expect_wrong_usage(convert(vit, out, {"--epsilon", "1"}), "--epsilon");
  for (const char* three : {"0.5", "0.5,0.5", "0.5,0.5,0.5,0.5", "red,green,blue", "0.5;0.5;0.5",
                            "nan,0.5,0.5", "0.5,inf,0.5", "1e30,0.5,0.5", "1e99,1,1", ""}) {
    expect_wrong_usage(convert(vit, out, {"--mean", three}), "--mean");
    expect_wrong_usage(convert(vit, out, {"--std", three}), "--std");
  }
  expect_wrong_usage(convert(vit, out, {"--std", "0.5,0,0.5"}), "--std");
  expect_wrong_usage(convert(vit, out, {"--std", "-0.5,0.5,0.5"}), "--std");
  expect_wrong_usage(convert(vit, out, {"--report", out}), out);
  for (const char* option : {"--calib", "--labels", "--report", "--filter", "-o"})
    expect_wrong_usage(convert(vit, out, {option, ""}), option);
  expect_wrong_usage({"run", "-m", model, "-i", ""}, "--image");
  expect_wrong_usage({"run", "-m", model, "-i", photo, "--isa", ""}, "--isa");
}

TEST_F(ToolTest, NothingThatWasReadIsWrittenOver) {
  const std::string photos = pictures("photos", 2), photo = photos + "/1.png",
                    out = path("o.vitro"), vit = checkpoint(),
                    model = program("p.h", {}, {"--also", "features"});
  // A sharded model: only its index is named, or its folder.
  std::filesystem::create_directories(path("sharded"));
  const Checkpoint whole = make_checkpoint({});
  Checkpoint shards[2];
  nlohmann::json map;
  for (const auto& [name, tensor] : whole.tensors) {
    const size_t shard = map.size() % 2;
    shards[shard].tensors[name] = tensor;
    map[name] = "s" + std::to_string(shard) + ".safetensors";
  }
  for (const size_t i : {0, 1})
    write_safetensors(path("sharded/s" + std::to_string(i) + ".safetensors"), shards[i],
                      StoredDtype::F32);
  write("sharded/model.safetensors.index.json", nlohmann::json{{"weight_map", map}}.dump());
  const std::string shard = path("sharded/s1.safetensors"), another = path("another");
  std::filesystem::create_hard_link(shard, another);

  const std::vector<std::string> words = {"would be overwritten"};
  expect_refused(convert(path("sharded"), shard), words);
  expect_refused(convert(path("sharded"), another), words);
  expect_refused(convert(vit, photo, {"--calib", photos}), words);
  expect_refused(convert(vit, out, {"--calib", photos, "--report", photo}), words);
  expect_refused({"index", photos, "-m", model, "-o", photo}, words);
  expect_refused({"emit", "-m", model, "--frames", "-i", photo, "-o", photo}, words);
  expect_refused({"emit", "-m", model, "--c-array", "-o", path("p.c")}, words);  // p.h beside it
  expect_refused({"eval", "-m", model, "--images", photos, "--labels",
                  write("labels.csv", "file,label\n0.png,1\n"), "--reference", path("sharded"),
                  "--csv", shard},
                 words);
  const std::string before = read_bytes(photo);
  EXPECT_EQ(run_tool({"run", "-m", model, "-i", "-", "--csv", photo}, "", photo).exit_code, 1);
  EXPECT_EQ(read_bytes(photo), before);
}

TEST_F(ToolTest, CheckpointsThatAreNone) {
  const std::string vit = checkpoint(), out = path("out.vitro"), whole = read_bytes(vit);
  expect_refused(convert(path("absent.safetensors"), out), {"absent.safetensors", "No such file"});
  std::filesystem::create_directories(path("hollow"));
  expect_refused(convert(path("hollow"), out), {path("hollow"), "without a file of weights"});
  expect_refused(convert("/dev/null", out), {"/dev/null", "regular"});
  expect_refused(convert(write("empty", ""), out), {"empty", "is empty"});
  expect_refused(convert(write("short", whole.substr(0, 5)), out), {"short", "5 bytes"});
  for (const size_t size : {size_t{8}, size_t{100}, whole.size() / 2, whole.size() - 1}) {
    expect_refused(convert(write("cut.safetensors", whole.substr(0, size)), out),
                   {"cut.safetensors", "cut short"});
  }
  expect_refused(convert(write("long", whole + "x"), out), {"long", "1 unused bytes"});
  expect_refused(convert(write("garbage", std::string(10000, 'g')), out),
                 {"garbage", "a text file"});
  expect_refused(convert(write("zeros", std::string(10000, '\0')), out),
                 {"zeros", "not a .safetensors file"});
  expect_refused(convert(picture("photo.png"), out), {"photo.png", "is a picture"});
  expect_refused(convert(program(), out), {"vit.vitro", "a program of vitro already"});
  std::string integers = whole;
  integers.replace(integers.find("\"F32\""), 5, "\"I32\"");
  expect_refused(convert(write("integers", integers), out),
                 {"integers", "whole numbers", "blocks.0.attn.proj.bias"});
}

TEST_F(ToolTest, CheckpointsOfOtherModels) {
  const std::string out = path("out.vitro");
  const auto refused = [&](const std::function<void(Checkpoint&)>& change,
                           const std::vector<std::string>& words) {
    Checkpoint checkpoint = make_checkpoint({});
    change(checkpoint);
    write_safetensors(path("other.safetensors"), checkpoint, StoredDtype::F32);
    std::vector<std::string> all = words;
    all.push_back("other.safetensors");
    expect_refused(convert(path("other.safetensors"), out), all);
  };
  const CheckpointTensor scalar{{1}, {1.0f}};
  refused([&](Checkpoint& c) { c.tensors.erase("blocks.1.mlp.fc2.bias"); },
          {"blocks.1.mlp.fc2.bias", "missing"});
  refused([&](Checkpoint& c) { c.tensors.erase("pos_embed"); }, {"pos_embed", "missing"});
  refused([&](Checkpoint& c) { c.tensors.erase("head.weight"); }, {"head.bias", "superfluous"});
  refused([&](Checkpoint& c) { c.tensors["layers.0.downsample.weight"] = scalar; },
          {"layers.0.downsample.weight", "unknown"});
  refused([&](Checkpoint& c) { c.tensors["fc_norm.bias"] = scalar; },
          {"fc_norm.bias", "superfluous"});
  refused([&](Checkpoint& c) { c.tensors["blocks.1.ls1.gamma"] = scalar; }, {"ls1.gamma"});
  refused([&](Checkpoint& c) { c.tensors["norm.weight"] = scalar; },
          {"norm.weight", "expected shape [64], found [1]"});
  refused(
      [&](Checkpoint& c) {
        c.tensors["pos_embed"] = {{1, 15, 64}, std::vector<float>(15 * 64)};
      },
      {"15 positions"});
  refused([&](Checkpoint& c) { c.tensors["blocks.3.norm1.weight"] = c.tensors["norm.weight"]; },
          {"block 3", "no block 2"});
  refused(
      [&](Checkpoint& c) {
        c.tensors["head.bias"].data[3] = std::numeric_limits<float>::quiet_NaN();
      },
      {"head.bias", "NaN", "element 3"});
  refused(
      [&](Checkpoint& c) {
        c.tensors["head.bias"].data[3] = std::numeric_limits<float>::infinity();
      },
      {"head.bias", "infinity"});
  refused([&](Checkpoint& c) { c.tensors.clear(), c.tensors["x"] = scalar; },
          {"x", "is of a model that vitro computes"});
  RandomVit narrow;
  narrow.dim = 48, narrow.heads = 3;
  expect_refused(convert(checkpoint("narrow.safetensors", narrow), out),
                 {"narrow.safetensors", "--heads"});
  expect_refused(convert(path("narrow.safetensors"), out, {"--heads", "5"}),
                 {"narrow.safetensors", "5 heads"});
}

TEST_F(ToolTest, AHeadOfZerosGivesNumbers) {
  Checkpoint zeros = make_checkpoint({});
  for (const char* name : {"head.weight", "head.bias"})
    std::fill(zeros.tensors[name].data.begin(), zeros.tensors[name].data.end(), 0.0f);
  write_safetensors(path("zeros.safetensors"), zeros, StoredDtype::F32);
  const std::string model = path("zeros.vitro"), photos = pictures("photos", 2),
                    csv = write("labels.csv", "file,label\n0.png,0\n1.png,9\n");
  EXPECT_TRUE(run_json(convert(path("zeros.safetensors"), model)).at("logit_sqnr_db").is_number());
  EXPECT_TRUE(run_json({"eval", "-m", model, "--images", photos, "--labels", csv, "--reference",
                        path("zeros.safetensors")})
                  .at("logit_sqnr_db")
                  .is_number());
  EXPECT_EQ(run_json({"verify", "-m", model}).at("golden"), true);
}

TEST_F(ToolTest, LabelsAndCalibration) {
  const std::string vit = checkpoint(), out = path("out.vitro");
  std::filesystem::create_directories(path("bare"));
  expect_refused(convert(vit, out, {"--labels", write("nine", lines(9))}),
                 {"nine: ", "9 labels", "10 classes"});
  expect_refused(convert(vit, out, {"--labels", write("eleven", lines(11))}),
                 {"eleven: ", "11 labels"});
  expect_refused(convert(vit, out, {"--labels", path("absent")}), {"absent", "cannot be opened"});
  expect_refused(convert(vit, out, {"--labels", write("none", "")}), {"none", "is empty"});
  expect_refused(convert(vit, out, {"--labels", path("bare")}), {"bare", "folder"});
  expect_refused(convert(vit, out, {"--labels", vit}), {"vit.safetensors", "not text"});
  expect_refused(convert(vit, out, {"--calib", path("bare")}), {"bare", "no pictures"});
  expect_refused(convert(vit, out, {"--calib", path("absent")}), {"absent"});
  expect_refused(convert(vit, out, {"--calib", picture("a.png")}), {"a.png"});
  expect_refused(convert(vit, out, {"--calib", write("list.csv", "file\ngone.png\n")}),
                 {"list.csv", "line 2", "gone.png"});
  expect_refused(convert(vit, out, {"--resize", "8"}), {"--resize", "8", "16"});
  const std::string photos = pictures("photos", 5), whole = read_bytes(photos + "/3.png");
  write("photos/3.png", whole.substr(0, whole.size() / 2));
  expect_refused(convert(vit, out, {"--calib", photos}), {"photos/3.png", "cut short"});
  write("photos/3.png", "no picture");
  expect_refused(convert(vit, out, {"--calib", photos, "-t", "4"}),
                 {"photos/3.png", "is text, not a picture"});
}

TEST_F(ToolTest, Outputs) {
  const std::string vit = checkpoint(), good = path("out.vitro"), names = write("names", lines(10)),
                    photos = pictures("photos", 2);
  std::filesystem::create_directories(path("folder"));
  ASSERT_EQ(mkfifo(path("pipe").c_str(), 0600), 0);
  for (const std::string& output :
       {path("absent/out.vitro"), std::string("/proc/vitro_test.vitro"), path("folder"),
        path("folder/"), path("pipe"), vit, names, photos}) {
    expect_refused(convert(vit, output, {"--labels", names, "--calib", photos}), {output});
    if (output[1] != 'p')
      expect_refused(convert(vit, good, {"--labels", names, "--calib", photos, "--report", output}),
                     {output});
  }
  expect_refused(convert(vit, vit), {vit, "overwritten"});
  expect_refused(convert(vit, path("./folder/../vit.safetensors")), {"overwritten"});
  write("out.vitro", "precious");
  expect_refused(convert(vit, good, {"--labels", vit}), {});
  expect_refused(convert(path("absent"), good), {});
  EXPECT_EQ(read_bytes(good), "precious");
  EXPECT_EQ(run_tool(convert(vit, good)).exit_code, 0);
  EXPECT_EQ(run_json({"verify", "-m", good}).at("golden"),
            true);  // a successful conversion replaces the file
}

TEST_F(ToolTest, ProgramsThatAreNone) {
  const std::string model = program(), whole = read_bytes(model), photo = picture("photo.png");
  ASSERT_EQ(mkfifo(path("pipe").c_str(), 0600), 0);
  const std::vector<std::pair<std::string, std::vector<std::string>>> files = {
      {path("absent.vitro"), {"No such file", "vitro convert"}},
      {path(""), {"is a folder"}},
      {path("pipe"), {"not a regular file"}},
      {write("empty.vitro", ""), {"is empty"}},
      {write("tiny.vitro", "VTRO"), {}},
      {write("garbage.vitro", std::string(5000, 'g')), {}},
      {write("zeros.vitro", std::string(5000, '\0')), {}},
      {write("half.vitro", whole.substr(0, whole.size() / 2)), {"damaged"}},
      {write("cut.vitro", whole.substr(0, whole.size() - 1)), {"damaged"}},
      {photo, {"not a"}},
      {model + ".safetensors", {"not a"}}};
  for (const auto& [file, words] : files) {
    std::vector<std::string> all = words;
    all.push_back(file);
    expect_refused({"inspect", "-m", file, "--json"}, all);
    expect_refused({"run", "-m", file, "-i", photo, "--json"}, all);
    expect_refused({"bench", "-m", file}, all);
    expect_refused({"eval", "-m", file, "--images", path(""), "--labels", photo}, all);
    expect_refused({"verify", "-m", file}, all);
    const nlohmann::json verdict = run_json({"verify", "-m", file}, 1);
    EXPECT_EQ(verdict.at("verified"), false) << file;
    EXPECT_EQ(verdict.at("golden"), false) << file;
  }
}

TEST_F(ToolTest, Pictures) {
  const std::string model = program(), good = picture("good.png"), whole = read_bytes(good);
  const auto refused = [&](const std::string& image, const std::vector<std::string>& words) {
    expect_refused({"run", "-m", model, "-i", image}, words);
    expect_refused({"run", "-m", model, "-i", image, "--json"}, words);
  };
  refused(path("absent.png"), {"absent.png", "No such file"});
  std::filesystem::create_directories(path("none"));
  refused(path("none"), {path("none"), "has no pictures"});
  refused(write("empty.png", ""), {"empty.png", "is empty"});
  refused(write("text.png", "no picture"), {"text.png", "is text, not a picture"});
  refused(write("cut.png", whole.substr(0, whole.size() / 2)), {"cut.png", "cut short"});
  refused(model, {model, "is not a picture"});
}

TEST_F(ToolTest, Isas) {
  const std::string model = program(), photo = picture("a.png"),
                    csv = write("labels.csv", "file,label\na.png,1\n");
  for (const std::string isa : {"frobnicate", "AVX2"}) {
    for (Arguments arguments :
         {Arguments{"run", "-m", model, "-i", photo}, Arguments{"verify", "-m", model},
          Arguments{"verify", "-m", model, "--json"}, Arguments{"bench", "-m", model},
          Arguments{"eval", "-m", model, "--images", path(""), "--labels", csv}}) {
      arguments.insert(arguments.end(), {"--isa", isa});
      expect_refused(arguments, {"--isa " + isa, "vitro isa"});
    }
  }
}

TEST_F(ToolTest, Evaluations) {
  const std::string model = program(), folder = pictures("photos", 2);
  const auto refused = [&](const std::string& csv, const std::vector<std::string>& words,
                           const Arguments& more = {}) {
    Arguments arguments = {"eval", "-m", model, "--images", folder, "--labels", csv};
    arguments.insert(arguments.end(), more.begin(), more.end());
    expect_refused(arguments, words);
  };
  const std::string good = write("good.csv", "file,label\n0.png,1\n1.png,9\n");
  refused(write("out.csv", "file,label\n0.png,1\n1.png,10\n"),
          {"out.csv", "1.png", "label 10", "10 classes"});
  refused(write("negative.csv", "file,label\n0.png,-1\n"), {"negative.csv", "line 2", "-1"});
  refused(write("gone.csv", "file,label\n0.png,1\n7.png,1\n"), {"gone.csv", "line 3", "7.png"});
  refused(write("header.csv", "name,label\n0.png,1\n"), {"header.csv", "line 1", "'file'"});
  refused(write("bare.csv", "file,label\n"), {"bare.csv"});
  refused(path("absent.csv"), {"absent.csv"});
  expect_refused({"eval", "-m", model, "--images", path("absent"), "--labels", good},
                 {"good.csv", "0.png", "absent"});
  refused(good, {"absent.safetensors", "No such file"},
          {"--reference", path("absent.safetensors")});
  RandomVit larger;
  larger.classes = 11;
  refused(good, {"larger.safetensors", "number of classes"},
          {"--reference", checkpoint("larger.safetensors", larger)});
}

TEST_F(ToolTest, AFullDisk) {
  const std::string model = program(), photo = picture("a.png");
  for (const Arguments& arguments :
       {Arguments{"inspect", "-m", model, "--json"},
        Arguments{"run", "-m", model, "-i", photo, "--json"}, Arguments{"verify", "-m", model}}) {
    const ToolResult result = run_tool(arguments, "/dev/full");
    EXPECT_EQ(result.exit_code, 1) << arguments[0];
    EXPECT_NE(result.err.find("standard output"), std::string::npos) << result.err;
  }
}

}  // namespace
}  // namespace vitro
