// SPDX-License-Identifier: Apache-2.0
// Files of weights: which are read, that all containers give the same tensors, and how other files
// are refused.
#include "converter/checkpoint/checkpoint.h"

#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>

#include "converter/base/error.h"
#include "tests/support/archives.h"
#include "tests/support/make_checkpoint.h"
#include "tests/support/temporary_folder.h"

namespace vitro {

using namespace converter;

namespace {

namespace fs = std::filesystem;

class CheckpointTest : public TemporaryFolderTest {
 protected:
  void expect_refused(const std::string& bytes, const std::string& fault,
                      const std::string& name = "file") const {
    SCOPED_TRACE(fault);
    const std::string path = write(name, bytes);
    try {
      read_checkpoint(path);
      ADD_FAILURE() << "accepted";
    } catch (const InputError& e) {
      const std::string message = e.what();
      EXPECT_EQ(message.rfind((folder_).string(), 0), 0u) << message;
      EXPECT_NE(message.find(fault), std::string::npos) << message;
      EXPECT_NE(message.find("; "), std::string::npos) << message;
      EXPECT_LT(message.size(), 600u);
    }
  }
};

void expect_same(const Checkpoint& a, const Checkpoint& b) {
  ASSERT_EQ(a.tensors.size(), b.tensors.size());
  for (const auto& [name, tensor] : a.tensors) {
    const auto other = b.tensors.find(name);
    ASSERT_NE(other, b.tensors.end()) << name;
    EXPECT_EQ(other->second.shape, tensor.shape) << name;
    EXPECT_EQ(other->second.data, tensor.data) << name;
  }
}

TEST_F(CheckpointTest, EveryContainerHoldsTheSame) {
  const Checkpoint made = make_checkpoint({});
  write_safetensors((folder_ / "safetensors").string(), made, StoredDtype::F32);
  write("torch", torch_zip(made));
  write("nested", torch_zip(made, {"state_dict", "model"}));
  write("legacy", torch_legacy(made));
  write("npz", npz_of(made, false));
  write("npz_deflated", npz_of(made, true));
  for (const char* name : {"safetensors", "torch", "nested", "legacy", "npz", "npz_deflated"}) {
    SCOPED_TRACE(name);
    const Checkpoint read = read_checkpoint((folder_ / name).string());
    expect_same(made, read);
    EXPECT_EQ(read.sha256.size(), 64u);
    EXPECT_TRUE(read.not_float.empty() && read.chosen.empty() && read.state.empty());
  }
}

TEST_F(CheckpointTest, WhatAFileIsInstead) {
  expect_refused("", "is empty");
  expect_refused("version https://git-lfs.github.com/spec/v1\noid sha256:4665\nsize 12345\n",
                 "is a Git LFS pointer");
  expect_refused("\n <!DOCTYPE HTML><html>", "is a web page");
  expect_refused("<html lang=\"en\">", "is a web page");
  expect_refused(std::string("\x08\x07\x12\x07pytorch\x1a\x03"
                             "2.0",
                             16),
                 "is an ONNX model");
  expect_refused(std::string("\x1c\0\0\0TFL3\x14\0\0\0", 12), "is a TFLite model");
  expect_refused("\x89HDF\r\n\x1a\n.........", "is an HDF5 file");
  expect_refused("GGUF............", "is a GGUF file");
  expect_refused("\x1f\x8b\x08.......", "is packed by gzip");
  expect_refused(npy_of("<f4", false, "(1, )", "abcd"), "is one NumPy array");
  expect_refused(std::string(257, '\0') + "ustar", "is a tar archive");
  expect_refused(zip_of({{"model/model.safetensors", "x"}}),
                 "is a zip archive of other things ('model/model.safetensors' ...)");
  expect_refused(zip_of({}), "is an empty zip archive");
  expect_refused(zip_of({{"net/data.pkl", "x"}, {"net/constants.pkl", "x"}}),
                 "is a TorchScript program");
  expect_refused("{\"architectures\": []}", "is a JSON file without a weight_map");
  expect_refused("{\"a\": ", "is a JSON file that is not well-formed JSON");
  expect_refused("a text of some length\n", "is a text file");
  expect_refused(pickle_of("](K\x01"
                           "e"),
                 "is a pickle, but none of torch.save");
  const std::string real = npz_of(make_checkpoint({}), false);
  expect_refused(real, "is shard 2 of 3", "model-00002-of-00003.safetensors");
  EXPECT_NO_THROW(read_checkpoint(write("model-00001-of-00001.npz", real)));
  EXPECT_NO_THROW(read_checkpoint(write("one-of-a-kind.npz", real)));
}

std::string index_of(const std::string& map) {
  return "{\"metadata\": {\"total_size\": 1}, \"weight_map\": {" + map + "}}";
}

TEST_F(CheckpointTest, Shards) {
  const Checkpoint made = make_checkpoint({});
  Checkpoint parts[2];
  std::string map;
  for (const auto& [name, tensor] : made.tensors) {
    const int part = name < "blocks.1" ? 0 : 1;
    parts[part].tensors[name] = tensor;
    map += (map.empty() ? "\"" : ", \"") + name + "\": \"part" + std::to_string(part) + "\"";
  }
  write_safetensors((folder_ / "part0").string(), parts[0], StoredDtype::F32);
  write("part1", torch_zip(parts[1]));
  const Checkpoint read = read_checkpoint(write("index.json", index_of(map)));
  expect_same(made, read);
  const std::string whole = read.sha256;
  EXPECT_EQ(whole.size(), 64u);
  parts[1].tensors["head.bias"].data[0] += 1;
  write("part1", torch_zip(parts[1]));
  EXPECT_NE(read_checkpoint((folder_ / "index.json").string()).sha256, whole);

  expect_refused(index_of(map + ", \"more\": \"part0\""), "lacks tensor 'more'");
  expect_refused(index_of(map.substr(map.find(',') + 1)), "which the index does not give it");
  expect_refused(index_of("\"a\": \"part7\""), "names shard 'part7', which is not beside it");
  for (const std::string path :
       {"../part0", "/etc/passwd", "a/b", "..", ".", "", "a\\\\b", "a\\u0000"})
    expect_refused(index_of("\"a\": \"" + path + "\""), "which is not a file beside it");
  expect_refused(index_of("\"a\": 3"), "has no file name for tensor 'a'");
  expect_refused(index_of("\"a\": \"part0\", \"a\": \"part1\""), "has 'a' twice");
  expect_refused(index_of(""), "names no shards");
  expect_refused("{\"weight_map\": " + std::string(100000, '[') + std::string(100000, ']') + "}",
                 "is nested too deeply");
}

// What an index of small links to large files would cost.
TEST_F(CheckpointTest, ShardsAreNotMoreThanOneFile) {
  const auto shard = [](const std::string& tensor, size_t others) {
    std::string items = pickled_text(tensor) + pickled_tensor("0", 1, {1});
    for (size_t i = 0; i < others; ++i) items += pickled_text(std::to_string(i)) + "N";
    return torch_zip(pickle_of(pickled_dict(items)), {{"0", std::string(4, '\0')}});
  };
  const std::string index = index_of(R"("a": "many", "b": "few")");
  write("many", shard("a", 99'998));
  write("few", shard("b", 0));
  const Checkpoint most = read_checkpoint(write("index.json", index));
  EXPECT_EQ(most.tensors.size() + most.not_float.size(), 100'000u);
  write("few", shard("b", 1));
  expect_refused(index, "names shards of more than 100000 tensors");

  const std::string header = R"({"a":{"dtype":"I8","shape":[0],"data_offsets":[0,0]},)"
                             R"("b":{"dtype":"I8","shape":[0],"data_offsets":[0,0]}})";
  for (const char* name : {"many", "few"}) write(name, bytes_of(header.size(), 8) + header);
  expect_refused(index, "is the same file as another shard");
}

TEST_F(CheckpointTest, ZipArchivesThatLie) {
  const Files one{{"a.npy", npy_of("<f4", false, "(2, )", std::string(8, '\0'))}};
  const std::string good = zip_of(one);
  EXPECT_NO_THROW(read_checkpoint(write("good", good)));
  const size_t directory = good.find("PK\x01\x02"), end = good.find("PK\x05\x06");
  const auto with = [&](size_t at, const std::string& bytes) {
    return std::string(good).replace(at, bytes.size(), bytes);
  };
  expect_refused(zip_of({one[0], one[0]}), "has entry 'a.npy' twice");
  expect_refused(with(directory + 16, "abcd"), "'a.npy' is damaged");  // the CRC
  expect_refused(with(good.find("NUMPY") + 100, "x"), "'a.npy' is damaged");
  expect_refused(with(directory + 8, "\x01"), "is an encrypted zip archive");
  expect_refused(with(directory + 10, "\x0c"), "packed by method 12");
  expect_refused(with(directory + 42, bytes_of(good.size(), 4)), "'a.npy' outside of the file");
  expect_refused(with(directory + 20, bytes_of(1000, 4) + bytes_of(1000, 4)),
                 "'a.npy' outside of the file");
  expect_refused(with(directory + 46, "b"), "calls entry 'b.npy' otherwise at its place");
  expect_refused(with(end + 10, bytes_of(9, 2)), "several parts");
  expect_refused(with(end + 12, bytes_of(0x7fffffff, 4)), "outside of the file");
  expect_refused(with(end + 16, bytes_of(0xffffffff, 4)), "lacks its zip64 record");
  expect_refused(zip_of({{"a.npy", std::string(2 << 20, '\0')}}, true),
                 "unpacks to more than 64 times its size");
  for (size_t size = 4; size < good.size(); ++size)
    EXPECT_THROW(read_checkpoint(write("cut", good.substr(0, size))), InputError) << size;
}

TEST_F(CheckpointTest, ArraysOfNumPy) {
  const auto npz = [](const std::string& descr, bool fortran, const std::string& shape,
                      const std::string& data) {
    return zip_of({{"a.npy", npy_of(descr, fortran, shape, data)},
                   {"b/c.npy", npy_of("<i8", false, "()", std::string(8, '\0'))}});
  };
  const double doubles[] = {1.5, -2, 0x1p-1074, 3.4028234e38};
  Checkpoint read = read_checkpoint(
      write("f8", npz("<f8", true, "(2, 2)", {reinterpret_cast<const char*>(doubles), 32})));
  EXPECT_EQ(read.tensors.at("a").data, (std::vector<float>{1.5f, 0, -2, 3.4028234e38f}));
  EXPECT_EQ(read.not_float, std::vector<std::string>{"b/c"});
  read = read_checkpoint(
      write("f2", npz("<f2", false, "(1, 2L)", std::string("\x00\x3c\x00\xc0", 4))));
  EXPECT_EQ(read.tensors.at("a").data, (std::vector<float>{1, -2}));
  EXPECT_EQ(read.tensors.at("a").shape, (std::vector<size_t>{1, 2}));
  read =
      read_checkpoint(write("bf16", npz("|V2", false, "(2,)", std::string("\x80\x3f\x40\xc0", 4))));
  EXPECT_EQ(read.tensors.at("a").data, (std::vector<float>{1, -3}));

  expect_refused(npz(">f4", false, "(1, )", "abcd"), "'a' is big-endian");
  expect_refused(npz("|O", false, "(1, )", "abcd"), "'a' holds Python objects");
  expect_refused(npz("<c8", false, "(1, )", "abcdefgh"), "is of dtype '<c8'");
  expect_refused(npz("<f4", false, "(2, )", "abcd"), "does not fit its 4 bytes");
  expect_refused(npz("<f4", false, "(4611686018427387905, )", "abcd"), "cannot be read");
  expect_refused(npz("<f4", false, "(999999999999999999, 999999999999999999)", "abcd"),
                 "does not fit its 4 bytes");
  expect_refused(npz("<f4", false, "(1, 1, 1, 1, 1, 1, 1, 1, 1)", "abcd"), "cannot be read");
  expect_refused(npz("<f4", false, "(-1, )", "abcd"), "cannot be read");
  expect_refused(npz("<f4", false, "__import__('os')", "abcd"), "cannot be read");
  expect_refused(npz("<f4", false, "(1, )", std::string("\x00\x00\xc0\x7f", 4)),
                 "'a' holds a NaN or infinity");
  const double beyond = 3.5e38;
  expect_refused(npz("<f8", false, "(1, )", {reinterpret_cast<const char*>(&beyond), 8}),
                 "'a' holds a NaN or infinity");
  expect_refused(zip_of({{"a.npy", "\x93NUMPY"}}), "is not a .npy file");
}

TEST_F(CheckpointTest, TooManyTensorsAreRefusedAtOnce) {
  std::string header = "{";
  for (int i = 0; i <= 100000; ++i)
    header += (i ? ",\"" : "\"") + std::to_string(i) +
              R"(":{"dtype":"F32","shape":[0],"data_offsets":[0,0]})";
  header += "}";
  expect_refused(bytes_of(header.size(), 8) + header, "has 100001 tensors");
}

}  // namespace
}  // namespace vitro
