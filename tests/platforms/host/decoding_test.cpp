// SPDX-License-Identifier: Apache-2.0
// Decoding and preprocessing, compared with crops that Pillow made, and decoding of hostile files.
#include "platforms/host/pictures/picture.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <new>
#include <random>

#include <gtest/gtest.h>

#define STB_IMAGE_WRITE_IMPLEMENTATION
#define STB_IMAGE_WRITE_STATIC
#include <stb/stb_image_write.h>

#include "converter/base/error.h"
#include "platforms/firmware/crc32.h"
#include "tests/platforms/host/noise.h"
#include "tests/support/picture_files.h"

#ifndef VITRO_TEST_DATA
#define VITRO_TEST_DATA ""
#endif

namespace {

// Which request of stb_image for memory is refused, counted from 1; 0: none.
size_t refused_request = 0;

bool is_refused() { return refused_request > 0 && --refused_request == 0; }

}  // namespace

// The linker gives these to the code under test (--wrap).
// NOLINTBEGIN(bugprone-reserved-identifier)
extern "C" void* __real_calloc(size_t count, size_t size);
extern "C" void* __real_realloc(void* block, size_t size);
extern "C" void* __wrap_calloc(size_t count, size_t size) {
  return is_refused() ? nullptr : __real_calloc(count, size);
}
extern "C" void* __wrap_realloc(void* block, size_t size) {
  return is_refused() ? nullptr : __real_realloc(block, size);
}
// NOLINTEND(bugprone-reserved-identifier)

namespace vitro {

using namespace host;

namespace {

namespace fs = std::filesystem;
using Bytes = std::vector<uint8_t>;

class DecodingTest : public PictureFiles {};

void save_png(const std::string& path, size_t width, size_t height, int channels,
              const Bytes& pixels) {
  ASSERT_TRUE(stbi_write_png(path.c_str(), static_cast<int>(width), static_cast<int>(height),
                             channels, pixels.data(), 0));
}

Bytes encode_png(const std::string& path, const Picture& picture) {
  save_png(path, picture.width, picture.height, 3, picture.rgb);
  return read_file(path);
}

double mean_difference(const Bytes& a, const Bytes& b) {
  double sum = 0;
  for (size_t i = 0; i < a.size(); ++i) sum += std::abs(int{a[i]} - int{b[i]});
  return sum / static_cast<double>(a.size());
}

TEST_F(DecodingTest, EqualsPillowOnTheReferenceCrops) {
  const fs::path photos = fs::path(VITRO_TEST_DATA) / "photos";
  if (std::string(VITRO_TEST_DATA).empty() || !fs::is_directory(photos / "ref_crops")) {
    GTEST_SKIP() << "no photos: configure with VITRO_TEST_DATA set to the folder of the test data";
  }
  size_t crops = 0;
  for (const auto& entry : fs::directory_iterator(photos / "ref_crops")) {
    if (entry.path().extension() != ".png") continue;
    const Picture expected = load_picture(entry.path().string());
    const Picture photo =
        load_picture((photos / "images" / (entry.path().stem().string() + ".JPEG")).string());
    const Bytes actual = preprocess(photo, sizes(224, 256));
    ASSERT_EQ(actual.size(), expected.rgb.size());
    // With stb_image, only the JPEG decoder differs from Pillow's. A crop that is one pixel off
    // would differ by 2 or more.
    if (jpeg_decoder() == "stb_image")
      EXPECT_LT(mean_difference(actual, expected.rgb), 0.1) << entry.path();
    else
      EXPECT_EQ(actual, expected.rgb) << entry.path();
    ++crops;
  }
  EXPECT_EQ(crops, 8u);
}

TEST_F(DecodingTest, EveryPhotoIsDecoded) {
  const fs::path photos = fs::path(VITRO_TEST_DATA) / "photos_val" / "images";
  if (std::string(VITRO_TEST_DATA).empty() || !fs::is_directory(photos)) {
    GTEST_SKIP() << "no photos: configure with VITRO_TEST_DATA set to the folder of the test data";
  }
  for (const auto& entry : fs::directory_iterator(photos)) {
    EXPECT_EQ(preprocess(load_picture(entry.path().string()), sizes(224, 256)).size(),
              224u * 224 * 3)
        << entry.path();
  }
}

TEST_F(DecodingTest, LosslessFormatsKeepEveryPixel) {
  const Picture picture = noise(37, 19);
  save_png(path("a.png"), picture.width, picture.height, 3, picture.rgb);
  ASSERT_TRUE(stbi_write_bmp(path("a.bmp").c_str(), 37, 19, 3, picture.rgb.data()));
  for (const char* name : {"a.png", "a.bmp"}) {
    const Picture loaded = load_picture(path(name));
    EXPECT_EQ(loaded.width, 37u);
    EXPECT_EQ(loaded.height, 19u);
    EXPECT_EQ(loaded.rgb, picture.rgb) << name;
  }
}

TEST_F(DecodingTest, AlphaIsDroppedAndGreyIsRepeated) {
  save_png(path("rgba.png"), 2, 1, 4, {10, 20, 30, 0, 40, 50, 60, 128});
  EXPECT_EQ(load_picture(path("rgba.png")).rgb, (Bytes{10, 20, 30, 40, 50, 60}));
  save_png(path("grey.png"), 2, 1, 1, {7, 200});
  EXPECT_EQ(load_picture(path("grey.png")).rgb, (Bytes{7, 7, 7, 200, 200, 200}));
  save_png(path("grey_alpha.png"), 2, 1, 2, {7, 0, 200, 255});
  EXPECT_EQ(load_picture(path("grey_alpha.png")).rgb, (Bytes{7, 7, 7, 200, 200, 200}));
}

TEST_F(DecodingTest, PaletteAndSixteenBitPng) {
  // A palette {(1,2,3), (250,128,0)} with the pixels 1 0; and a 16-bit RGB pixel 0x1234 0xABCD
  // 0xFF00, of which we keep the high bytes, as Pillow does.
  const Bytes palette = {137, 80,  78,  71,  13,  10,  26, 10, 0,  0,  0,   13, 73, 72,  68,
                         82,  0,   0,   0,   2,   0,   0,  0,  1,  8,  3,   0,  0,  0,   195,
                         252, 143, 184, 0,   0,   0,   6,  80, 76, 84, 69,  1,  2,  3,   250,
                         128, 0,   133, 158, 248, 169, 0,  0,  0,  14, 73,  68, 65, 84,  120,
                         1,   1,   3,   0,   252, 255, 0,  1,  0,  0,  5,   0,  2,  252, 223,
                         27,  83,  0,   0,   0,   0,   73, 69, 78, 68, 174, 66, 96, 130};
  EXPECT_EQ(load_picture(write("palette.png", palette)).rgb, (Bytes{250, 128, 0, 1, 2, 3}));
  const Bytes deep = {137, 80,  78,  71, 13, 10, 26,  10,  0,   0,  0,  13,  73, 72,  68,
                      82,  0,   0,   0,  1,  0,  0,   0,   1,   16, 2,  0,   0,  0,   192,
                      231, 143, 157, 0,  0,  0,  18,  73,  68,  65, 84, 120, 1,  1,   7,
                      0,   248, 255, 0,  18, 52, 171, 205, 255, 0,  8,  136, 2,  190, 13,
                      9,   188, 162, 0,  0,  0,  0,   73,  69,  78, 68, 174, 66, 96,  130};
  EXPECT_EQ(load_picture(write("deep.png", deep)).rgb, (Bytes{0x12, 0xAB, 0xFF}));
}

TEST_F(DecodingTest, JpegIsDecodedAsPillowDoes) {
  const bool same_library = jpeg_decoder().compare(0, 13, "libjpeg-turbo") == 0;
  for (const char* hex : {kBaselineJpeg, kProgressiveJpeg}) {
    const Picture picture = load_picture(write("a.jpg", from_hex(hex)));
    ASSERT_EQ(picture.width, 28u);
    ASSERT_EQ(picture.height, 20u);
    if (same_library) {  // zlib.crc32(Image.open(...).tobytes()) with Pillow 9.4 and 13
      EXPECT_EQ(crc32(0, picture.rgb.data(), picture.rgb.size()), 0x0fb3eebdu);
      continue;
    }
    const double means[3] = {121.27, 113.97, 118.32};
    for (size_t c = 0; c < 3; ++c) {
      double sum = 0;
      for (size_t i = c; i < picture.rgb.size(); i += 3) sum += picture.rgb[i];
      EXPECT_NEAR(sum / (28 * 20), means[c], 0.2) << c;
    }
  }
}

TEST_F(DecodingTest, RefusesWhatIsNoPicture) {
  const auto load = [this](const std::string& name) {
    return refusal([&] { load_picture(path(name)); });
  };
  write("empty.jpg", {});
  write("text.png", {'h', 'e', 'l', 'l', 'o'});
  write("garbage.jpg", noise(100, 100).rgb);
  write("gif.gif", {'G', 'I', 'F', '8', '9', 'a', 1, 0, 1, 0, 0, 0, 0});
  EXPECT_NE(load("absent.jpg").find("absent.jpg: cannot be opened"), std::string::npos);
  EXPECT_NE(load("empty.jpg").find("is empty"), std::string::npos);
  EXPECT_NE(load(".").find("is a folder"), std::string::npos);
  for (const char* name : {"text.png", "garbage.jpg", "gif.gif"}) {
    EXPECT_NE(load(name).find(name), std::string::npos);
    EXPECT_NE(load(name).find("; "), std::string::npos) << "a remedy";
  }
}

TEST_F(DecodingTest, RefusesEveryTruncationButOfTheEndMarker) {
  const auto truncate = [this](const std::string& name, const Bytes& whole, size_t end_marker) {
    const Bytes pixels = load_picture(write(name, whole)).rgb;
    for (size_t length = 0; length < whole.size(); ++length) {
      const std::string file = write(
          "cut." + name, Bytes(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(length)));
      Bytes decoded;
      const std::string refused = refusal([&] { decoded = load_picture(file).rgb; });
      if (length + end_marker < whole.size()) {
        EXPECT_NE(refused, "") << name << ": " << length << " of " << whole.size();
      } else if (refused.empty()) {
        EXPECT_EQ(decoded, pixels) << name << ": " << length << " of " << whole.size();
      } else {
        EXPECT_EQ(jpeg_decoder(), "stb_image") << refused;
      }
    }
  };
  truncate("baseline.jpg", from_hex(kBaselineJpeg), 2);
  truncate("progressive.jpg", from_hex(kProgressiveJpeg), 2);
  const Picture picture = noise(12, 8);
  truncate("a.png", encode_png(path("a.png"), picture), 12);
  ASSERT_TRUE(stbi_write_bmp(path("a.bmp").c_str(), 12, 8, 3, picture.rgb.data()));
  truncate("a.bmp", read_file(path("a.bmp")), 0);
}

TEST_F(DecodingTest, BytesAfterAPictureAreIgnored) {
  Bytes jpeg = from_hex(kBaselineJpeg);
  const Picture whole = load_picture(write("whole.jpg", jpeg));
  jpeg.insert(jpeg.end(), 1000, 0xFF);
  EXPECT_EQ(load_picture(write("longer.jpg", jpeg)).rgb, whole.rgb);
}

TEST_F(DecodingTest, CorruptFilesAreRefusedOrDecodedAlike) {
  std::mt19937 random(7);
  const Picture picture = noise(48, 40);
  ASSERT_TRUE(stbi_write_bmp(path("a.bmp").c_str(), 48, 40, 3, picture.rgb.data()));
  const Bytes originals[] = {from_hex(kBaselineJpeg), from_hex(kProgressiveJpeg),
                             encode_png(path("a.png"), picture), read_file(path("a.bmp"))};
  for (int round = 0; round < 400; ++round) {
    Bytes bytes = originals[round % 4];
    const size_t span =
        round % 2 ? bytes.size() : 200;  // half of the rounds damage only the headers
    for (int i = 0; i < 3; ++i) bytes[random() % span] = static_cast<uint8_t>(random());
    const std::string file = write("corrupt", bytes);
    Picture first, second;
    const std::string refused = refusal([&] { first = load_picture(file); });
    EXPECT_EQ(refusal([&] { second = load_picture(file); }), refused);
    EXPECT_EQ(first.rgb, second.rgb);
    EXPECT_EQ(first.rgb.size(), first.width * first.height * 3);
  }
}

TEST_F(DecodingTest, RefusesHuffmanTablesThatAreTooLarge) {
  Bytes jpeg = from_hex(kBaselineJpeg);
  const uint8_t begin[] = {0xFF, 0xC4};
  const auto table = std::search(jpeg.begin(), jpeg.end(), begin, begin + 2);
  ASSERT_NE(table, jpeg.end());
  // Replaces the first segment by a whole one with 16 x 255 codes; then by one that has only the
  // counts, so that the codes lie beyond its end.
  Bytes large(jpeg.begin(), table);
  const size_t codes = 16 * 255, length = 2 + 17 + codes;
  const Bytes head = {0xFF, 0xC4, static_cast<uint8_t>(length >> 8), static_cast<uint8_t>(length),
                      0x13};
  large.insert(large.end(), head.begin(), head.end());
  large.insert(large.end(), 16 + codes, 255);
  large.insert(large.end(), table, jpeg.end());
  EXPECT_NE(refusal([&] { load_picture(write("large.jpg", large)); }).find("Huffman"),
            std::string::npos);
  std::fill(table + 5, table + 21, uint8_t{255});
  EXPECT_NE(refusal([&] { load_picture(write("counts.jpg", jpeg)); }).find("Huffman"),
            std::string::npos);
}

TEST_F(DecodingTest, MemoryThatTheSystemRefusesIsNoFaultOfThePicture) {
  encode_png(path("a.png"), noise(24, 20));
  size_t refused = 0;
  for (size_t request = 1;; ++request) {
    refused_request = request;
    try {
      load_picture(path("a.png"));
      if (refused_request > 0) break;  // it was not reached
      ADD_FAILURE() << "request " << request << " is not needed";
    } catch (const std::bad_alloc&) {
      ++refused;
    }
  }
  refused_request = 0;
  EXPECT_GE(refused, 3u);
}

TEST_F(DecodingTest, RefusesHugeAndZeroDimensions) {
  Bytes png = encode_png(path("a.png"), noise(4, 4));
  const auto with_size = [&](uint32_t width, uint32_t height) {
    for (size_t i = 0; i < 4; ++i) {
      png[16 + i] = static_cast<uint8_t>(width >> (24 - 8 * i));
      png[20 + i] = static_cast<uint8_t>(height >> (24 - 8 * i));
    }
    const uint32_t checksum = crc32(0, png.data() + 12, 17);
    for (size_t i = 0; i < 4; ++i) png[29 + i] = static_cast<uint8_t>(checksum >> (24 - 8 * i));
    return refusal([&] { load_picture(write("size.png", png)); });
  };
  EXPECT_NE(with_size(12000, 12000).find("12000 x 12000"), std::string::npos);
  EXPECT_NE(with_size(16384, 16384), "");
  EXPECT_NE(with_size(16385, 1), "");
  EXPECT_NE(with_size(0x7FFFFFFF, 0x7FFFFFFF), "");
  EXPECT_NE(with_size(0xFFFFFFFF, 0xFFFFFFFF), "");
  EXPECT_NE(with_size(0, 4), "");
  EXPECT_NE(with_size(4, 0), "");
  EXPECT_NE(with_size(0, 0), "");
  EXPECT_NE(with_size(9000, 9000), "") << "16 pixels' worth of data";
}

}  // namespace
}  // namespace vitro
