// SPDX-License-Identifier: Apache-2.0
// The known advisories of stb_image (2.27 in Debian 12, 2.30 upstream), each with an input of our
// own: it must be refused, or give the same pixels whatever memory contained. Built twice: with
// this build's JPEG decoder, and with stb_image's.
#include <algorithm>
#include <iterator>

#include <gtest/gtest.h>

#include <stb/stb_image.h>

#include "platforms/firmware/crc32.h"
#include "platforms/host/pictures/picture.h"
#include "platforms/host/pictures/stb_reader.h"
#include "tests/support/decode_twice.h"
#include "tests/support/picture_files.h"
#include "tests/support/stb_all_formats.h"

namespace vitro {

using namespace host;

namespace {

using Bytes = std::vector<uint8_t>;

class AdvisoriesTest : public PictureFiles {
 protected:
  Decoding decode(const Bytes& bytes) const { return decode_twice(write("picture", bytes)); }
};

Bytes bytes_of(const std::string& text) { return Bytes(text.begin(), text.end()); }

/// Where the next segment with this marker begins, from `at`; the end if there is none.
size_t segment(const Bytes& jpeg, uint8_t marker, size_t at = 0) {
  const uint8_t wanted[] = {0xFF, marker};
  return static_cast<size_t>(
      std::search(jpeg.begin() + static_cast<std::ptrdiff_t>(at), jpeg.end(), wanted, wanted + 2) -
      jpeg.begin());
}

// GIF: CVE-2018-16981, CVE-2023-43281, CVE-2023-45661, 45662, 45664, 45666, 45667, CVE-2026-5186,
// CVE-2026-5313. PIC: CVE-2021-45340, CVE-2023-43898. HDR: CVE-2021-42715. PNM: CVE-2021-42716.
// TGA and HDR: CVE-2019-15058, CVE-2023-45663. BMP: CVE-2019-20056.
TEST_F(AdvisoriesTest, OtherFormatsAreNotBuiltIn) {
  using namespace std::string_literals;
  Bytes pic(104);  // 1 x 1, runs of RGB
  const std::string pic_start = "\x53\x80\xF6\x34"s, pic_size = "PICT\0\1\0\1"s,
                    pic_body = "\0\0\0\0\0\0\0\0\0\x08\0\xE0\1\2\3"s;
  std::copy(pic_start.begin(), pic_start.end(), pic.begin());
  pic.resize(88);
  pic.insert(pic.end(), pic_size.begin(), pic_size.end());
  pic.insert(pic.end(), pic_body.begin(), pic_body.end());
  const std::pair<const char*, Bytes> files[] = {
      {"gif", bytes_of("GIF89a\1\0\1\0\x80\0\0\1\2\3\4\5\6,\0\0\0\0\1\0\1\0\0\2\2\x44\1\0;"s)},
      {"psd", bytes_of("8BPS\0\1\0\0\0\0\0\0\0\3\0\0\0\1\0\0\0\1\0\x08\0\3\0\0\0\0\0\0\0\0\0\0\0\0"
                       "\0\0\1\2\3"s)},
      {"pic", pic},
      {"pnm", bytes_of("P6 1 1 255\n\1\2\3"s)},
      {"pgm of 16 bits", bytes_of("P5 1 1 65535\n\1\2"s)},
      {"hdr", bytes_of("#?RADIANCE\nFORMAT=32-bit_rle_rgbe\n\n-Y 1 +X 1\n\x80\x80\x80\x80"s)},
      {"tga", bytes_of("\0\0\2\0\0\0\0\0\0\0\0\0\1\0\1\0\x18\0\1\2\3"s)},
      {"bmp", bytes_of("BM\x3A\0\0\0\0\0\0\0\x36\0\0\0\x28\0\0\0\1\0\0\0\1\0\0\0\1\0\x18\0\0\0\0\0"
                       "\4\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\1\2\3\0"s)},
  };
  pictures::limit_stb_allocations(size_t{1} << 20);
  const auto built_in_reads = [](const Bytes& bytes) {
    int width, height, channels;
    stbi_uc* pixels = stbi_load_from_memory(bytes.data(), static_cast<int>(bytes.size()), &width,
                                            &height, &channels, 3);
    const bool read = pixels != nullptr;
    stbi_image_free(pixels);
    return read;
  };
  EXPECT_TRUE(built_in_reads(from_hex(kPalettePng))) << "it reads nothing at all";
  for (const auto& [name, bytes] : files) {
    EXPECT_TRUE(stb_reads(bytes)) << name << ": the file is no such picture";
    EXPECT_FALSE(built_in_reads(bytes)) << name;
    if (name != std::string("bmp")) {
      EXPECT_NE(decode(bytes).refused, "") << name;
    }
  }
}

// CVE-2021-28021: a difference of more than 15 bits.
TEST_F(AdvisoriesTest, DifferencesOfTooManyBits) {
  for (const char* hex : {kBaselineJpeg, kProgressiveJpeg}) {
    Bytes jpeg = from_hex(hex);
    const size_t table = segment(jpeg, 0xC4);
    ASSERT_EQ(jpeg[table + 4], 0) << "not the table of DC 0";
    const size_t codes = jpeg[table + 3] - 19;
    for (const int bits : {16, 17, 31, 255}) {
      std::fill_n(jpeg.begin() + static_cast<std::ptrdiff_t>(table + 21), codes,
                  static_cast<uint8_t>(bits));
      EXPECT_NE(decode(jpeg).refused, "") << bits;
    }
  }
}

// CVE-2021-37789: components that are not an integer part of the largest.
TEST_F(AdvisoriesTest, ComponentsOfAllSizes) {
  for (const char* hex : {kBaselineJpeg, kProgressiveJpeg}) {
    Bytes jpeg = from_hex(hex);
    const uint8_t marker = hex == kBaselineJpeg ? 0xC0 : 0xC2;
    const size_t component = segment(jpeg, marker) + 10;
    std::vector<int> sizes = {0x00, 0x01, 0x10, 0x15, 0x51, 0xFF};  // sizes that no JPEG has
    for (int size = 0x11; size <= 0x44; ++size)
      if (size % 16 >= 1 && size % 16 <= 4) sizes.push_back(size);
    for (const int first : sizes)
      for (const int second : {0x11, 0x12, 0x21, 0x22, 0x23, 0x32, 0x14, 0x41}) {
        jpeg[component + 1] = static_cast<uint8_t>(first);
        jpeg[component + 4] = static_cast<uint8_t>(second);
        const int across = first >> 4, down = first & 15;
        const int widest = std::max(across, second >> 4), highest = std::max(down, second & 15);
        const bool possible = across >= 1 && across <= 4 && down >= 1 && down <= 4 &&
                              widest % across == 0 && widest % (second >> 4) == 0 &&
                              highest % down == 0 && highest % (second & 15) == 0;
        const std::string said = decode(jpeg).refused;
        if (!possible) {
          EXPECT_NE(said, "") << std::hex << first << " " << second;
        }
      }
  }
}

// CVE-2022-28041: a sum of differences that exceeds 32 bits, and its product with a power of two.
TEST_F(AdvisoriesTest, SumsOfDifferencesOverflow) {
  constexpr size_t kAcross = 320, kDown = 206;  // blocks; 65,538 differences of 32,767 are enough
  constexpr int kWidth = 8 * kAcross, kHeight = 8 * kDown;
  for (const uint8_t shift : {0, 13}) {
    // One component, and a table with one code of one bit, which says that 15 bits follow.
    Bytes jpeg = {0xFF, 0xD8, 0xFF, 0xDB, 0, 67, 0};
    jpeg.insert(jpeg.end(), 64, 1);
    const Bytes head = {0xFF,         0xC2, 0, 11,   8, kHeight >> 8, kHeight & 255, kWidth >> 8,
                        kWidth & 255, 1,    1, 0x11, 0, 0xFF,         0xC4,          0,
                        20,           0,    1};
    jpeg.insert(jpeg.end(), head.begin(), head.end());
    jpeg.insert(jpeg.end(), 15, 0);
    const Bytes scan = {15, 0xFF, 0xDA, 0, 8, 1, 1, 0, 0, 0, shift};
    jpeg.insert(jpeg.end(), scan.begin(), scan.end());
    for (size_t i = 0; i < kAcross * kDown; ++i) {
      const Bytes block = {0x7F, 0xFF, 0};  // the zero is stuffed
      jpeg.insert(jpeg.end(), block.begin(), block.end());
    }
    jpeg.insert(jpeg.end(), {0xFF, 0xD9});
    const Decoding decoding = decode(jpeg);
    if (decoding.refused.empty()) {
      EXPECT_EQ(decoding.pixels.size(), size_t{3} * kWidth * kHeight);
    }
  }
}

// CVE-2022-28048, and upstream's 2.28: a scan that ends in the middle of a code.
TEST_F(AdvisoriesTest, ScansEndAnywhere) {
  for (const char* hex : {kBaselineJpeg, kProgressiveJpeg}) {
    const Bytes jpeg = from_hex(hex);
    for (size_t end = segment(jpeg, 0xDA); end < jpeg.size(); ++end) {
      Bytes cut(jpeg.begin(), jpeg.begin() + static_cast<std::ptrdiff_t>(end));
      cut.insert(cut.end(), {0xFF, 0xD9});
      decode(cut);
    }
  }
}

// Upstream's 2.28: tables that are missing. CVE-2022-28042 and CVE-2022-29977, tables of
// more than 256 codes, are in decoding_test.cpp: RefusesHuffmanTablesThatAreTooLarge.
TEST_F(AdvisoriesTest, TablesAreMissing) {
  for (const char* hex : {kBaselineJpeg, kProgressiveJpeg})
    for (const uint8_t marker : {0xC4, 0xDB}) {
      const Bytes jpeg = from_hex(hex);
      size_t removed = 0;
      for (size_t at = segment(jpeg, marker); at < jpeg.size();
           at = segment(jpeg, marker, at + 2), ++removed) {
        Bytes without = jpeg;
        const auto begin = without.begin() + static_cast<std::ptrdiff_t>(at);
        without.erase(begin, begin + 2 + (jpeg[at + 2] << 8 | jpeg[at + 3]));
        decode(without);
      }
      EXPECT_GE(removed, 2u);
    }
}

/// A deflate stream of one block with the fixed tables of RFC 1951, 3.2.6, in a zlib wrapper.
class Deflate {
 public:
  Deflate() { bits(3, 3); }
  /// Any literal or length, 0 to 287.
  void symbol(uint32_t value) {
    if (value < 144) return code(0x30 + value, 8);
    if (value < 256) return code(0x190 + value - 144, 9);
    if (value < 280) return code(value - 256, 7);
    code(0xC0 + value - 280, 8);
  }
  void distance(uint32_t value) { code(value, 5); }
  Bytes zlib() {
    symbol(256);
    Bytes stream = {0x78, 0x01};
    stream.insert(stream.end(), bytes_.begin(), bytes_.end());
    stream.insert(stream.end(), 4, 0);  // Adler-32, which stb_image does not read
    return stream;
  }

 private:
  void bits(uint32_t value, int count) {
    for (int i = 0; i < count; ++i, ++used_) {
      if (used_ % 8 == 0) bytes_.push_back(0);
      bytes_.back() = static_cast<uint8_t>(bytes_.back() | (value >> i & 1) << used_ % 8);
    }
  }
  void code(uint32_t value, int count) {  // codes begin with their highest bit
    while (count-- > 0) bits(value >> count & 1, 1);
  }

  Bytes bytes_;
  size_t used_ = 0;
};

/// A grey picture of 5 x 101 pixels of 8 bits, interlaced, its pixels in these chunks.
Bytes interlaced_png(const std::vector<Bytes>& pixels) {
  Bytes png = {0x89, 'P', 'N', 'G', '\r', '\n', 0x1A, '\n'};
  const auto chunk = [&png](const char* type, const Bytes& data) {
    const size_t begin = png.size() + 4;
    const auto word = [&png](uint32_t value) {
      for (int shift = 24; shift >= 0; shift -= 8)
        png.push_back(static_cast<uint8_t>(value >> shift));
    };
    word(static_cast<uint32_t>(data.size()));
    png.insert(png.end(), type, type + 4);
    png.insert(png.end(), data.begin(), data.end());
    word(crc32(0, png.data() + begin, png.size() - begin));
  };
  chunk("IHDR", {0, 0, 0, 5, 0, 0, 0, 101, 8, 0, 0, 0, 1});
  for (const Bytes& part : pixels) chunk("IDAT", part);
  chunk("IEND", {});
  return png;
}

// The seven passes take 696 bytes, but stb_image expects 606. The copy begins where the memory was
// enlarged; with a distance of 0 it copies what is there, so that the heap's content becomes
// pixels.
TEST_F(AdvisoriesTest, CodesThatDeflateDoesNotHave) {
  constexpr uint32_t kFiveBytes = 259;
  const auto picture = [](uint32_t length, uint32_t distance) {
    Deflate deflate;
    for (int i = 0; i < 625; ++i) deflate.symbol(0);
    deflate.symbol(length);
    deflate.distance(distance);
    for (int i = length == kFiveBytes ? 630 : 625; i < 696; ++i) deflate.symbol(0);
    return interlaced_png({deflate.zlib()});
  };
  EXPECT_EQ(decode(picture(kFiveBytes, 0)).pixels, Bytes(3 * 5 * 101)) << "a sound picture";
  for (const uint32_t distance : {30, 31}) decode(picture(kFiveBytes, distance));
  for (const uint32_t length : {286, 287})
    for (const uint32_t distance : {0, 29, 30, 31}) decode(picture(length, distance));
}

// Chunks of pixels may be empty, also the first. stb_image copies none to a null pointer.
TEST_F(AdvisoriesTest, ChunksWithoutPixels) {
  Deflate deflate;
  for (uint32_t i = 0; i < 696; ++i) deflate.symbol(i % 5);  // filters are 0 to 4
  const Bytes all = deflate.zlib(), head(all.begin(), all.begin() + 100),
              tail(all.begin() + 100, all.end());
  const Bytes pixels = decode(interlaced_png({all})).pixels;
  EXPECT_EQ(pixels.size(), 3u * 5 * 101);
  for (const std::vector<Bytes>& parts :
       {std::vector<Bytes>{{}, all}, {all, {}}, {head, {}, tail}, {{}, {}, head, {}, {}, tail, {}}})
    EXPECT_TRUE(decode(interlaced_png(parts)).pixels == pixels);
  EXPECT_FALSE(decode(interlaced_png({{}})).refused.empty());
}

// CVE-2019-20056 concerned BMP's masks, which vitro reads itself.
TEST_F(AdvisoriesTest, MasksOfBitmaps) {
  for (const uint32_t mask :
       {0x00000000u, 0x000001FFu, 0xFFFFFFFFu, 0x80000001u, 0x7FFFFFFFu, 0xFF000000u, 0xFF800000u})
    for (const uint8_t depth : {16, 32}) {
      Bytes bmp(54);
      const std::pair<size_t, uint8_t> header[] = {{0, 'B'}, {1, 'M'}, {10, 66},    {14, 40},
                                                   {18, 1},  {22, 1},  {28, depth}, {30, 3}};
      for (const auto& [at, value] : header) bmp[at] = value;
      for (int channel = 0; channel < 3; ++channel)
        for (int shift = 0; shift < 32; shift += 8)
          bmp.push_back(static_cast<uint8_t>(mask >> shift));
      bmp.insert(bmp.end(), 4, 0xA5);
      const Decoding decoding = decode(bmp);
      const bool usual = depth == 32 && (mask == 0 || mask == 0xFF000000u);
      EXPECT_EQ(decoding.refused.empty(), usual) << std::hex << mask << ": " << decoding.refused;
    }
}

}  // namespace
}  // namespace vitro
