// SPDX-License-Identifier: Apache-2.0
// Pictures from the real world: shared cases, formats that are not decoded, containers with wrong
// headers, memory that is not zero.
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <random>

#include <gtest/gtest.h>

#include "converter/base/error.h"
#include "platforms/host/pictures/picture.h"
#include "platforms/host/pictures/rows.h"
#include "runtime/digest/sha256.h"
#include "tests/support/decode_twice.h"
#include "tests/support/picture_files.h"

#ifndef VITRO_TEST_DATA
#define VITRO_TEST_DATA ""
#endif

namespace vitro {

using namespace host;

namespace {

namespace fs = std::filesystem;
using Bytes = std::vector<uint8_t>;

class PictureTest : public PictureFiles {
 protected:
  std::string refusal_of(const std::string& name, const Bytes& bytes) const {
    return refusal([&] { load_picture(write(name, bytes)); });
  }
};

std::string sha256_of(const Bytes& bytes) {
  Sha256 sha256;
  sha256.update(bytes.data(), bytes.size());
  char text[65];
  sha256.hex(text);
  return text;
}

Bytes bytes_of(const std::string& text) { return Bytes(text.begin(), text.end()); }

class CasesTest : public PictureTest {
 protected:
  void SetUp() override {
    PictureTest::SetUp();
    cases_ = fs::path(VITRO_TEST_DATA) / ".." / "cases";
    if (std::string(VITRO_TEST_DATA).empty() || !fs::is_directory(cases_))
      GTEST_SKIP() << "no cases beside VITRO_TEST_DATA";
  }
  std::string at(const std::string& name) const { return (cases_ / name).string(); }

  fs::path cases_;
};

TEST_F(CasesTest, TopDownBitmap) {
  EXPECT_EQ(load_picture(at("bmp_top_down/top_down.bmp")).rgb,
            load_picture(at("bmp_top_down/same.png")).rgb);
}

TEST_F(CasesTest, Orientations) {
  const Picture upright = load_picture(at("exif_orientation/upright.png"));
  std::vector<std::string> files = {"orientation6.png"};
  for (int i = 1; i <= 8; ++i) files.push_back("orientation" + std::to_string(i) + ".jpg");
  for (const std::string& file : files) {
    const Picture turned = load_picture(at("exif_orientation/" + file), Orientation::Apply);
    ASSERT_EQ(turned.width, upright.width) << file;
    ASSERT_EQ(turned.height, upright.height) << file;
    double difference = 0;
    for (size_t i = 0; i < turned.rgb.size(); ++i)
      difference += std::abs(int{turned.rgb[i]} - int{upright.rgb[i]});
    EXPECT_LT(difference / static_cast<double>(turned.rgb.size()), 6)
        << file << ": JPEG's losses; turned another way it is 30 and more";
  }
  EXPECT_EQ(load_picture(at("exif_orientation/orientation6.png"), Orientation::Apply).rgb,
            upright.rgb);
  const Picture lying = load_picture(at("exif_orientation/orientation6.png"), Orientation::Ignore);
  EXPECT_EQ(lying.width, upright.height);
}

TEST_F(CasesTest, MotionJpegWithoutTables) {
  const Bytes same = load_picture(at("jpeg_without_tables/same.jpg")).rgb;
  EXPECT_EQ(load_picture(at("jpeg_without_tables/no_dht.jpg")).rgb, same);
  EXPECT_EQ(load_picture(at("jpeg_without_tables/avi1.jpg")).rgb, same);
}

TEST_F(CasesTest, ColoursOutsideOfThePaletteAreBlack) {
  for (const char* file : {"palette_outside/palette16.bmp", "palette_outside/palette16.png"}) {
    const Bytes rgb = load_picture(at(file)).rgb;
    size_t black = 0;
    for (size_t i = 0; i < rgb.size(); i += 3)
      black += rgb[i] == 0 && rgb[i + 1] == 0 && rgb[i + 2] == 0;
    EXPECT_GT(black, rgb.size() / 3 / 2) << file << ": 48 of 64 colours are missing";
  }
}

TEST_F(CasesTest, FormatsAreNamed) {
  const std::pair<const char*, const char*> names[] = {
      {"avif.jpg", "AVIF"},           {"gif.png", "GIF"},   {"heic.jpg", "HEIC"},
      {"rle8.bmp", "run-length BMP"}, {"tiff.jpg", "TIFF"}, {"webp.jpg", "WebP"}};
  for (const auto& [file, name] : names) {
    const std::string said =
        refusal([&, file = file] { load_picture(at(std::string("picture_formats/") + file)); });
    EXPECT_NE(said.find(name), std::string::npos) << said;
    EXPECT_NE(said.find("convert it"), std::string::npos) << said;
  }
}

TEST_F(PictureTest, WhatIsNoPictureIsNamed) {
  using namespace std::string_literals;
  const std::pair<std::string, const char*> files[] = {
      {"RIFF\x10\0\0\0WEBPVP8 "s, "WebP"},
      {"\0\0\0\x1C"
       "ftypheic\0\0\0\0mif1heic"s,
       "HEIC"},
      {"\0\0\0\x1C"
       "ftypavif\0\0\0\0avifmif1"s,
       "AVIF"},
      {"\0\0\0\x14"
       "ftypisom\0\0\2\0isomiso2"s,
       "video"},
      {"II*\0\x08\0\0\0"s, "TIFF"},
      {"MM\0*\0\0\0\x08"s, "TIFF"},
      {"GIF89a\1\0\1\0"s, "GIF"},
      {"\0\0\0\x0CjP  \r\n\x87\n"s, "JPEG 2000"},
      {"\0\0\0\x0CJXL \r\n\x87\n"s, "JPEG XL"},
      {"\xFF\x0A\x01\x02"s, "JPEG XL"},
      {"8BPS\0\1"s, "PSD"},
      {"\0\0\1\0\1\0"s, "ICO"},
      {"\0\0\2\0\1\0\x20\x20\0\0\1\0\1\0\x30\1\0\0\x16\0"s, "CUR"},
      {"\0\0\2\0\0\0\0\0\0\0\0\0\x28\0\x1E\0\x18\x20\0\0"s, "TGA"},
      {"\0\0\x0B\0\0\0\0\0\0\0\0\0\x28\0\x1E\0\x08\x20\0\0"s, "TGA"},
      {"\0\1\1\0\0\0\1\x18\0\0\0\0\x28\0\x1E\0\x08\x20\0\0"s, "TGA"},
      {"<?xml version=\"1.0\"?>\n<svg xmlns=\"http://www.w3.org/2000/svg\"/>"s, "SVG"},
      {"%PDF-1.7\n"s, "PDF"},
      {"P6\n2 2\n255\n"s, "Netpbm"},
      {"version https://git-lfs.github.com/spec/v1\noid sha256:00\n"s, "git lfs pull"},
      {"\n<!DOCTYPE html>\n<html><body>404</body></html>"s, "HTML"},
      {"{\"message\": \"Not Found\"}"s, "JSON"},
      {"hello"s, "text"},
      {"RIFF\x10\0\0\0"
       "AVI LIST"s,
       "video"},
      {"\x1A\x45\xDF\xA3\x01"s, "video"},
      {"PK\3\4\x14\0"s, "ZIP"},
      {std::string(5000, '\0'), "zeros"},
      {"\x89PNG\n\x1A\n\0\0\0\0"s, "damaged by a transfer"},
      {"\x01\x02\x03\x04\x05"s, "not a picture"},
  };
  for (const auto& [content, name] : files) {
    const std::string said = refusal_of("photo.jpg", bytes_of(content));
    EXPECT_NE(said.find(name), std::string::npos) << said;
    EXPECT_NE(said.find("; "), std::string::npos) << "a remedy: " << said;
  }
}

TEST_F(PictureTest, KindsOfJpegAreNamed) {
  const Bytes jpeg = from_hex(kBaselineJpeg);
  const uint8_t frame[] = {0xFF, 0xC0};
  const auto at =
      static_cast<size_t>(std::search(jpeg.begin(), jpeg.end(), frame, frame + 2) - jpeg.begin());
  const auto said_of = [&](size_t offset, uint8_t value) {
    Bytes changed = jpeg;
    changed[at + offset] = value;
    return refusal_of("kind.jpg", changed);
  };
  for (const int marker : {0xC9, 0xCA, 0xCB, 0xCD, 0xCE, 0xCF})
    EXPECT_NE(said_of(1, static_cast<uint8_t>(marker)).find("arithmetic-coded"), std::string::npos)
        << marker;
  for (const int marker : {0xC5, 0xC6, 0xC7})
    EXPECT_NE(said_of(1, static_cast<uint8_t>(marker)).find("hierarchical"), std::string::npos)
        << marker;
  EXPECT_NE(said_of(1, 0xC3).find("lossless"), std::string::npos);
  EXPECT_NE(said_of(4, 12).find("12 bits"), std::string::npos);
  EXPECT_NE(said_of(9, 2).find("2 components"), std::string::npos);
}

TEST_F(PictureTest, ScansAreCounted) {
  Bytes jpeg = from_hex(kProgressiveJpeg);
  const uint8_t scan[] = {0xFF, 0xDA};
  const auto begin = std::find_end(jpeg.begin(), jpeg.end(), scan, scan + 2);
  const Bytes last(begin, jpeg.end() - 2);
  jpeg.resize(jpeg.size() - 2);
  const auto scans_of = [&] {
    size_t count = 0;
    for (size_t i = 0; i + 1 < jpeg.size(); ++i) count += jpeg[i] == 0xFF && jpeg[i + 1] == 0xDA;
    return count;
  };
  while (scans_of() < 65) jpeg.insert(jpeg.end(), last.begin(), last.end());
  EXPECT_NE(refusal_of("scans.jpg", jpeg).find("more than 64 scans"), std::string::npos);
}

TEST_F(PictureTest, LargePicturesWithinTheirBounds) {
  // Only headers. What they announce must be refused before memory is taken for it.
  Bytes jpeg = from_hex(kBaselineJpeg), progressive = from_hex(kProgressiveJpeg);
  const auto sized = [](Bytes bytes, uint8_t marker, size_t width, size_t height) {
    const uint8_t frame[] = {0xFF, marker};
    const auto at = std::search(bytes.begin(), bytes.end(), frame, frame + 2);
    at[5] = static_cast<uint8_t>(height >> 8);
    at[6] = static_cast<uint8_t>(height);
    at[7] = static_cast<uint8_t>(width >> 8);
    at[8] = static_cast<uint8_t>(width);
    return bytes;
  };
  EXPECT_NE(refusal_of("a.jpg", sized(jpeg, 0xC0, 65535, 65535)), "");
  EXPECT_NE(refusal_of("b.jpg", sized(jpeg, 0xC0, 60000, 60000)), "");
  EXPECT_NE(refusal_of("c.jpg", sized(progressive, 0xC2, 30000, 16000)), "");
  EXPECT_NE(refusal_of("d.jpg", sized(jpeg, 0xC0, 0, 16)).find("no pixels"), std::string::npos);
  EXPECT_NE(refusal_of("e.jpg", sized(jpeg, 0xC0, 16000, 16000)), "")
      << "cut short, or too large for this decoder";
  Preprocessing p;
  p.image_width = p.image_height = p.resize_width = p.resize_height = 32;
  const std::string said =
      refusal([&] { prepare_picture(write("f.jpg", sized(progressive, 0xC2, 30000, 16000)), p); });
  EXPECT_NE(said.find(jpeg_decoder() == "stb_image" ? "100 million" : "640 MiB"), std::string::npos)
      << said;
}

TEST_F(PictureTest, PipesAndDevicesAreRefused) {
  ASSERT_EQ(mkfifo(path("pipe.jpg").c_str(), 0600), 0);
  EXPECT_NE(refusal([&] { load_picture(path("pipe.jpg")); }).find("a pipe or a device"),
            std::string::npos);
  EXPECT_NE(refusal([&] { load_picture("/dev/zero"); }).find("a pipe or a device"),
            std::string::npos);
}

// 8 x 100 pixels of one colour, progressive, its components sampled 2 x 2, 1 x 1 and 1 x 4 (cjpeg
// -scans). Where rows of it are skipped, libjpeg-turbo 2.1 counts to 2^32.
constexpr char kThreeHeights[] =
    "ffd8ffe000104a46494600010100000100010000ffdb0043001b12141714111b1716171e1c1b2028422b2825"
    "2528513a3d3042605565645f555d5b6a7899816a7190735b5d85b586909ea3abadab6780bcc9baa6c799a8ab"
    "a4ffdb0043011c1e1e2823284e2b2b4ea46e5d6ea4a4a4a4a4a4a4a4a4a4a4a4a4a4a4a4a4a4a4a4a4a4a4a4"
    "a4a4a4a4a4a4a4a4a4a4a4a4a4a4a4a4a4a4a4a4a4a4a4a4a4a4ffc200110800640008030122000211010314"
    "01ffc4001500010100000000000000000000000000000004ffc4001601010101000000000000000000000000"
    "00000305ffda000c030100021003100000009468d40000000fffc40014100100000000000000000000000000"
    "000020ffda0008010100013f007fffc40014110100000000000000000000000000000020ffda000801020101"
    "3f001fffc40014110100000000000000000000000000000030ffda0008010301013f005fffd9";

class SomeRows : public pictures::RowSink {
 public:
  SomeRows(size_t first, size_t end) : first_(first), end_(end) {}
  pictures::Region begin(size_t width, size_t, int) override { return {0, width, first_, end_}; }
  void row(size_t, const uint8_t*) override { ++count; }
  size_t count = 0;

 private:
  size_t first_, end_;
};

TEST(PictureCasesTest, RowsOfThreeHeightsArePassedOver) {
  const auto decode_some = [] {
    const rlimit two_seconds = {2, 2};
    setrlimit(RLIMIT_CPU, &two_seconds);
    bool all = true;
    for (size_t first = 0; first < 20; ++first) {
      SomeRows rows(first, first + 28);
      pictures::decode_jpeg("three.jpg", from_hex(kThreeHeights), rows);
      all = all && rows.count == 28;
    }
    _exit(all ? 0 : 1);
  };
  EXPECT_EXIT(decode_some(), testing::ExitedWithCode(0), "");
}

// A progressive JPEG of 120 x 20 pixels that has only its first scan, in which the means of blocks
// are; libjpeg makes the rest up from the two blocks on either side. What a window shows must not
// depend on what of the rest is decoded.
TEST_F(PictureTest, BlocksAreSmoothedByTheirNeighbours) {
  std::mt19937 random(4);
  Bytes jpeg = from_hex(kProgressiveJpeg);
  const uint8_t size[] = {0xFF, 0xC2}, scan[] = {0xFF, 0xDA};
  const auto width = std::search(jpeg.begin(), jpeg.end(), size, size + 2) + 8;
  *width = 120;
  jpeg.erase(std::search(jpeg.begin(), jpeg.end(), scan, scan + 2) + 14, jpeg.end());
  for (int i = 0; i < 600; ++i) jpeg.push_back(static_cast<uint8_t>(random() % 255));
  jpeg.insert(jpeg.end(), {0xFF, 0xD9});
  const std::string file = write("smoothed.jpg", jpeg);
  const Picture whole = load_picture(file);
  Preprocessing p;
  p.mode = ResizeMode::None;
  p.image_height = 20;
  for (p.image_width = 8; p.image_width <= 120; p.image_width += 7)
    EXPECT_TRUE(prepare_picture(file, p) == preprocess(whole, p)) << p.image_width;
}

TEST_F(PictureTest, NothingUninitialisedBecomesAPixel) {
  std::mt19937 random(11);
  // 8 x 8 pixels of 8 bits, with a palette of 2 colours.
  Bytes palette_bmp(54);
  const std::pair<size_t, uint8_t> header[] = {{0, 'B'}, {1, 'M'}, {10, 62}, {14, 40}, {18, 8},
                                               {22, 8},  {26, 1},  {28, 8},  {46, 2}};
  for (const auto& [at, value] : header) palette_bmp[at] = value;
  palette_bmp.insert(palette_bmp.end(), {1, 2, 3, 0, 4, 5, 6, 0});
  for (int i = 0; i < 64; ++i) palette_bmp.push_back(static_cast<uint8_t>(i * 4));
  const Bytes originals[] = {from_hex(kBaselineJpeg), from_hex(kProgressiveJpeg), palette_bmp,
                             from_hex(kPalettePng)};
  for (int round = 0; round < 160; ++round) {
    Bytes bytes = originals[round % 4];
    const size_t changes = round < 4 ? 0 : 1 + random() % 3;
    for (size_t i = 0; i < changes; ++i)
      bytes[random() % bytes.size()] = static_cast<uint8_t>(random());
    const std::string file = write("filled", bytes);
    decode_twice(file);
  }
}

TEST_F(PictureTest, TheSamePixelsOnEveryMachine) {
  // The results of libjpeg-turbo 2.1.5 (and of 3.2 in Pillow 13) and of stb_image 2.27 on x86-64.
  // Both pictures have the same coefficients.
  const char* expected = jpeg_decoder() == "stb_image"
                             ? "b59e2e67d8f5d9b313b30f39b9ec802dd2835c594bc8a7f6ca3fac8ae65fa1b6"
                             : "81d39d5601809bf68e465732e65f6da1f3ebffeeed816c558773e11a511efc16";
  EXPECT_EQ(sha256_of(load_picture(write("a.jpg", from_hex(kBaselineJpeg))).rgb), expected);
  EXPECT_EQ(sha256_of(load_picture(write("a.jpg", from_hex(kProgressiveJpeg))).rgb), expected);
}

}  // namespace
}  // namespace vitro
