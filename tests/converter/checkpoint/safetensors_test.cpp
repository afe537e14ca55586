// SPDX-License-Identifier: Apache-2.0
// What read_safetensors reads, and what it refuses with which message.
#include <algorithm>
#include <cmath>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <limits>

#include <gtest/gtest.h>

#include "converter/base/error.h"
#include "converter/checkpoint/checkpoint.h"
#include "runtime/digest/sha256.h"
#include "tests/support/make_checkpoint.h"

namespace vitro {

using namespace converter;

namespace {

std::string hex_of(const Sha256& hash) {
  char text[65];
  hash.hex(text);
  return text;
}

std::string hash_of(const std::string& bytes) {
  Sha256 hash;
  hash.update(bytes.data(), bytes.size());
  return hex_of(hash);
}

TEST(Sha256, KnownAnswers) {
  EXPECT_EQ(hash_of(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(hash_of("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(hash_of("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"),
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
  EXPECT_EQ(hash_of(std::string(1000000, 'a')),
            "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST(Sha256, PiecesDoNotMatter) {
  std::string bytes;
  for (int i = 0; i < 300; ++i) bytes += static_cast<char>(i * 7);
  for (size_t size = 0; size < 200; ++size) {
    for (size_t piece : {1u, 3u, 63u, 64u, 65u}) {
      Sha256 hash;
      for (size_t at = 0; at < size; at += piece)
        hash.update(bytes.data() + at, std::min(piece, size - at));
      ASSERT_EQ(hex_of(hash), hash_of(bytes.substr(0, size))) << size << " in pieces of " << piece;
    }
  }
}

class SafetensorsTest : public testing::Test {
 protected:
  void SetUp() override {
    const auto* info = testing::UnitTest::GetInstance()->current_test_info();
    path_ = testing::TempDir() + "vitro_" + info->name() + ".safetensors";
  }
  void TearDown() override { std::filesystem::remove(path_); }

  void write(const std::string& bytes) {
    std::ofstream file(path_, std::ios::binary);
    file << bytes;
  }

  static std::string file_of(const std::string& header, const std::string& data) {
    std::string bytes;
    for (int i = 0; i < 8; ++i)
      bytes += static_cast<char>(static_cast<uint64_t>(header.size()) >> 8 * i);
    return bytes + header + data;
  }

  /// Expects a refusal whose message names the file, contains `fault` and gives a remedy.
  void expect_refused(const std::string& fault) {
    try {
      read_safetensors(path_);
      FAIL() << "accepted, but expected: " << fault;
    } catch (const InputError& e) {
      const std::string message = e.what();
      EXPECT_EQ(message.rfind(path_ + ": ", 0), 0u) << message;
      EXPECT_NE(message.find(fault), std::string::npos) << message << "\nexpected: " << fault;
      EXPECT_NE(message.find("; "), std::string::npos) << message;
      EXPECT_LT(message.size(), 600u);
    }
  }
  void expect_refused(const std::string& header, const std::string& data,
                      const std::string& fault) {
    SCOPED_TRACE(header);
    write(file_of(header, data));
    expect_refused(fault);
  }

  std::string path_;
};

TEST_F(SafetensorsTest, ReadsAllDtypes) {
  const uint16_t f16[] = {0x3c00, 0xc000, 0x0001, 0x8000, 0x7bff, 0x03ff};
  const uint16_t bf16[] = {0x3f80, 0xc040};
  const float f32[] = {1.5f, -0.0f, 3e38f};
  std::string data(reinterpret_cast<const char*>(f16), 12);
  data.append(reinterpret_cast<const char*>(bf16), 4)
      .append(reinterpret_cast<const char*>(f32), 12);
  const std::string bytes = file_of(
      R"({"__metadata__":{"format":"pt"},"b":{"dtype":"BF16","shape":[2],"data_offsets":[12,16]},)"
      R"("c":{"dtype":"F32","shape":[1,3,1],"data_offsets":[16,28]},"a":{"dtype":"F16","shape":[2,3],"data_offsets":[0,12]},)"
      R"("s":{"dtype":"F32","shape":[0,5],"data_offsets":[28,28]}}   )",
      data);
  write(bytes);
  const Checkpoint checkpoint = read_safetensors(path_);
  EXPECT_EQ(checkpoint.path, path_);
  EXPECT_EQ(checkpoint.sha256, hash_of(bytes));
  ASSERT_EQ(checkpoint.tensors.size(), 4u);
  EXPECT_EQ(checkpoint.tensors.at("a").shape, (std::vector<size_t>{2, 3}));
  EXPECT_EQ(checkpoint.tensors.at("a").data,
            (std::vector<float>{1, -2, 0x1p-24f, -0.0f, 65504, 1023 * 0x1p-24f}));
  EXPECT_TRUE(std::signbit(checkpoint.tensors.at("a").data[3]));
  EXPECT_EQ(checkpoint.tensors.at("b").data, (std::vector<float>{1, -3}));
  EXPECT_EQ(checkpoint.tensors.at("c").data, (std::vector<float>{1.5f, -0.0f, 3e38f}));
  EXPECT_EQ(checkpoint.tensors.at("s").data.size(), 0u);
}

TEST_F(SafetensorsTest, RefusesWhatIsNoSafetensorsFile) {
  expect_refused("No such file");
  const std::string file = path_;
  path_ = testing::TempDir();
  expect_refused("is a folder");
  path_ = file;
  write("");
  expect_refused("is empty");
  write("abc");
  expect_refused("too short");
  write(std::string("PK\x03\x04", 4) + std::string(100, 'x'));
  expect_refused("not a .safetensors file");
  write(std::string("\xff\xff\xff\xff\xff\xff\xff\xff{}", 10));
  expect_refused("a header of 18446744073709551615 bytes");
  write(std::string("\x00\x24\xf4\0\0\0\0\0{}", 10));  // exactly 16 MB
  expect_refused("cut short");
  write(std::string("\x01\x24\xf4\0\0\0\0\0{}", 10));
  expect_refused("a header of 16000001 bytes");
  expect_refused("[1]", "", "not a JSON object");
  expect_refused("{}", "", "no tensors");
  expect_refused(R"({"__metadata__":{}})", "", "no tensors");
}

TEST_F(SafetensorsTest, RefusesBadHeaders) {
  const std::string four(4, '\0');
  expect_refused(R"({"a":)", four, "not well-formed JSON");
  expect_refused("{\"\xff\":1}", four, "not well-formed JSON");
  expect_refused(R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}} x)", four,
                 "not well-formed JSON");
  expect_refused("{\"a\":" + std::string(100000, '[') + std::string(100000, ']') + "}", four,
                 "nested too deeply");
  expect_refused(
      R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}})",
      four, "'a' twice");
  expect_refused(R"({"a":{"dtype":"F32","dtype":"F16","shape":[1],"data_offsets":[0,4]}})", four,
                 "'dtype' twice");
  expect_refused(R"({"a":7})", four, "not described by an object");
  expect_refused(R"({"a":{"shape":[1],"data_offsets":[0,4]}})", four, "has no dtype");
  expect_refused(R"({"a":{"dtype":"F32","data_offsets":[0,4]}})", four, "has no shape");
  expect_refused(R"({"a":{"dtype":"F32","shape":[1]}})", four, "has no data_offsets");
  expect_refused(R"({"a":{"dtype":3,"shape":[1],"data_offsets":[0,4]}})", four,
                 "dtype that is not a string");
  expect_refused(R"({"p\u001b[31m":{"dtype":"F8_E4M3","shape":[8],"data_offsets":[0,8]}})",
                 four + four, "tensor 'p?[31m' has dtype 'F8_E4M3'");
  expect_refused(R"({"a":{"dtype":"F32","shape":1,"data_offsets":[0,4]}})", four,
                 "shape that is not an array");
  expect_refused(R"({"a":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}})", four,
                 "non-negative integers");
  expect_refused(R"({"a":{"dtype":"F32","shape":[1.0],"data_offsets":[0,4]}})", four,
                 "non-negative integers");
  expect_refused(R"({"a":{"dtype":"F32","shape":[1e99999],"data_offsets":[0,4]}})", four,
                 "not well-formed JSON");
}

TEST_F(SafetensorsTest, RefusesBadOffsets) {
  const std::string four(4, '\0');
  expect_refused(R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[4,0]}})", four,
                 "not [begin, end]");
  expect_refused(R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4,8]}})", four,
                 "not [begin, end]");
  expect_refused(R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}})", four, "cut short");
  expect_refused(R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}})", four,
                 "does not fit its 4 bytes");
  expect_refused(R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[0,3]}})", four,
                 "does not fit its 3 bytes");
  expect_refused(R"({"a":{"dtype":"F32","shape":[4294967296,4294967296,1],"data_offsets":[0,4]}})",
                 four, "does not fit");
  expect_refused(R"({"a":{"dtype":"F32","shape":[4611686018427387905],"data_offsets":[0,4]}})",
                 four, "does not fit");
  expect_refused(R"({"a":{"dtype":"F32","shape":[18446744073709551616],"data_offsets":[0,4]}})",
                 four, "non-negative integers");
  expect_refused(
      R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"b":{"dtype":"F16","shape":[1],"data_offsets":[2,4]}})",
      four, "tensor 'b' overlaps");
  expect_refused(R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}})", four + four,
                 "unused bytes before tensor 'a'");
  expect_refused(R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}})", four + four,
                 "4 unused bytes follow");
}

TEST_F(SafetensorsTest, RefusesNumbersThatAreNotFinite) {
  for (const float bad :
       {std::numeric_limits<float>::infinity(), std::numeric_limits<float>::quiet_NaN()}) {
    std::string data(8, '\0');
    std::memcpy(&data[4], &bad, 4);
    expect_refused(R"({"head.weight":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}})", data,
                   "'head.weight' holds a NaN or infinity (element 1)");
  }
  expect_refused(R"({"h":{"dtype":"F16","shape":[1],"data_offsets":[0,2]}})",
                 std::string("\x00\xfc", 2), "'h' holds a NaN or infinity");
  expect_refused(R"({"h":{"dtype":"BF16","shape":[1],"data_offsets":[0,2]}})",
                 std::string("\xc0\x7f", 2), "'h' holds a NaN or infinity");
}

TEST_F(SafetensorsTest, EveryTruncationIsRefused) {
  const std::string whole =
      file_of(R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}})", std::string(8, '\0'));
  write(whole);
  EXPECT_NO_THROW(read_safetensors(path_));
  for (size_t size = 0; size < whole.size(); ++size) {
    write(whole.substr(0, size));
    EXPECT_THROW(read_safetensors(path_), InputError) << size << " bytes";
  }
}

TEST_F(SafetensorsTest, DamagedBytesAreReadOrRefused) {
  const std::string whole = file_of(R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},)"
                                    R"("b":{"dtype":"F16","shape":[],"data_offsets":[8,10]}})",
                                    std::string(10, '\0'));
  for (size_t at = 0; at < whole.size(); ++at) {
    for (const int flip : {1, 2, 16, 128, 255}) {
      std::string damaged = whole;
      damaged[at] = static_cast<char>(damaged[at] ^ flip);
      write(damaged);
      try {
        read_safetensors(path_);
      } catch (const InputError&) {
      }
    }
  }
}

TEST_F(SafetensorsTest, RandomCheckpointsSurviveTheFile) {
  RandomVit vit;
  const Checkpoint made = make_checkpoint(vit);
  for (const StoredDtype dtype : {StoredDtype::F32, StoredDtype::F16, StoredDtype::BF16}) {
    vit.dtype = dtype;
    write_checkpoint(path_, vit);
    const Checkpoint read = read_safetensors(path_);
    ASSERT_EQ(read.tensors.size(), made.tensors.size());
    const float bound = dtype == StoredDtype::F32   ? 0
                        : dtype == StoredDtype::F16 ? 0x1p-11f
                                                    : 0x1p-8f;
    for (const auto& [name, tensor] : made.tensors) {
      const CheckpointTensor& back = read.tensors.at(name);
      ASSERT_EQ(back.shape, tensor.shape) << name;
      for (size_t i = 0; i < tensor.data.size(); ++i) {
        ASSERT_LE(std::fabs(back.data[i] - tensor.data[i]),
                  bound * std::fabs(tensor.data[i]) + (bound > 0 ? 0x1p-25f : 0))
            << name;
      }
    }
  }
}

}  // namespace
}  // namespace vitro
