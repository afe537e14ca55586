// SPDX-License-Identifier: Apache-2.0
// For tests of pictures: a temporary folder, and small pictures that Pillow wrote.
#pragma once

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "converter/base/error.h"

namespace vitro {

class PictureFiles : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = (std::filesystem::temp_directory_path() / "vitro_picture_XXXXXX").string();
    ASSERT_NE(mkdtemp(name.data()), nullptr);
    folder_ = name;
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  std::string path(const std::string& name) const { return (folder_ / name).string(); }

  std::string write(const std::string& name, const std::vector<uint8_t>& bytes) const {
    std::ofstream file(path(name), std::ios::binary);
    file.write(reinterpret_cast<const char*>(bytes.data()),
               static_cast<std::streamsize>(bytes.size()));
    return path(name);
  }

  std::filesystem::path folder_;
};

inline std::vector<uint8_t> read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return std::vector<uint8_t>(std::istreambuf_iterator<char>(file), {});
}

/// What an InputError says, or nothing.
inline std::string refusal(const std::function<void()>& action) {
  try {
    action();
  } catch (const InputError& error) {
    return error.what();
  }
  return "";
}

inline std::vector<uint8_t> from_hex(const std::string& hex) {
  std::vector<uint8_t> bytes;
  for (size_t i = 0; i < hex.size(); i += 2)
    bytes.push_back(static_cast<uint8_t>(std::stoi(hex.substr(i, 2), nullptr, 16)));
  return bytes;
}

// Both by Pillow, 28 x 20, 4:2:0, of red 9 x, green 12 y, blue (7 x y) % 256.
inline const char kBaselineJpeg[] =
    "ffd8ffe000104a46494600010100000100010000ffdb0043000a07070807060a0808080b0a0a0b0e18100e0d0d0e1d"
    "15161118231f2524221f2221262b372f26"
    "293429212230413134393b3e3e3e252e4449433c48373d3e3bffdb0043010a0b0b0e0d0e1c10101c3b2822283b3b3b"
    "3b3b3b3b3b3b3b3b3b3b3b3b3b3b3b3b3b"
    "3b3b3b3b3b3b3b3b3b3b3b3b3b3b3b3b3b3b3b3b3b3b3b3b3b3b3b3b3b3bffc00011080014001c0301220002110103"
    "1101ffc400170001010101000000000000"
    "00000000000005000407ffc400281000010302050207010000000000000000010002110305041221316141c1222351"
    "8191a1d1f0ffc400170101010101000000"
    "00000000000000000004060507ffc4002411000103020602030000000000000000000100021103040512213151b141"
    "6181c1f0ffda000c03010002110311003f"
    "00e7783b3873733840094a1696408a4389dcfb273096df2d832f4988dcf449d0b666049d41e12db5a93693400263d7"
    "13e7f7c22d8e2467740d1b5b34229888e9"
    "09065ad81be20d6f05813f46dbb4b62785bdb6fc8d8cd978841a9774c124c75f63b56d67889cbbac386a54cb5ad2c1"
    "1007f7ca530f469b8825be9dbf7e829486"
    "35609e02e39624ca4f0f86a4e0d1974d3b7ead2f6369901bb100a94b2b1171652ccd3074571624c2ffd9";

inline const char kProgressiveJpeg[] =
    "ffd8ffe000104a46494600010100000100010000ffdb0043000a07070807060a0808080b0a0a0b0e18100e0d0d0e1d"
    "15161118231f2524221f2221262b372f26"
    "293429212230413134393b3e3e3e252e4449433c48373d3e3bffdb0043010a0b0b0e0d0e1c10101c3b2822283b3b3b"
    "3b3b3b3b3b3b3b3b3b3b3b3b3b3b3b3b3b"
    "3b3b3b3b3b3b3b3b3b3b3b3b3b3b3b3b3b3b3b3b3b3b3b3b3b3b3b3b3b3bffc20011080014001c0301220002110103"
    "1101ffc400180001010101010000000000"
    "0000000000000400030506ffc40017010101010100000000000000000000000003050406ffda000c03010002100310"
    "000001f3aa7254808e86e16f0550f1aad2"
    "b2dcffc4001a100003010101010000000000000000000000010203132131ffda00080101000105028c4590b239139f"
    "8b3166732522522651f0ffc40017110101"
    "010100000000000000000000000000030421ffda0008010301013f0186947471041fffc4001a110003000301000000"
    "000000000000000000010203041141ffda"
    "0008010201013f01572a515964f0d87c9ea3ffc400161001010100000000000000000000000000003130ffda000801"
    "0100063f0244cbffc4001b100003010100"
    "03000000000000000000000001112131416181ffda0008010100013f21a2ac585049362f866c2e7ac50bb0812835e0"
    "6260d2e0ffda000c030100020003000000"
    "101b6fddffc4001811010101010100000000000000000000000100113141ffda0008010301013f104decbea4ec9cbf"
    "ffc4001e11010002020105000000000000"
    "000000000100112151b1416181c1f0ffda0008010201013f100a02ebb6afafde20956b8f6730c9bd11af29c4ffc400"
    "2110010002010304030000000000000000"
    "00010011213141615181c1d191a1f0ffda0008010100013f100a0a0954a3c5eaf698282ab6a85c1c09989e8baad5da"
    "565723c4d0ba5f1305d8a8e41aa0fdf310"
    "17a3c7bfa20c3463c7b8e068419fffd9";

// 16 x 4, colours 0 to 63 of a palette of two.
inline const char kPalettePng[] =
    "89504e470d0a1a0a0000000d4948445200000010000000040803000000b06a4fde00000006504c5445090807010203"
    "8532c2700000004c49444154789c636060"
    "646266616563e7e0e4e2e6e1e5e36710101412161115139790949296919593675050545256515553d7d0d4d2d6d1d5"
    "d3673030343236313533b7b0b4b2b6b1b5"
    "b30700b1b407e17ba2910e0000000049454e44ae426082";

}  // namespace vitro
