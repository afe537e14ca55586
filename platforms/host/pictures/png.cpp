// SPDX-License-Identifier: Apache-2.0
// A PNG's chunks (PNG specification, third edition), looked over before stb_image sees what decides
// the pixels and nothing else.
#include <algorithm>
#include <cstring>

#include "converter/base/error.h"
#include "platforms/firmware/crc32.h"
#include "platforms/host/pictures/exif.h"
#include "platforms/host/pictures/rows.h"
#include "platforms/host/pictures/stb_reader.h"

namespace vitro::host::pictures {

namespace {

constexpr size_t kSignatureBytes = 8, kHeaderBytes = 13, kPaletteBytes = 3 * size_t{256};
constexpr uint64_t kPlainBytes = uint64_t{1} << 16;
constexpr uint64_t kMaxSampleBytes = 400'000'000;
enum ColourType : uint8_t { Grey = 0, Rgb = 2, Indexed = 3, GreyAlpha = 4, Rgba = 6 };

uint32_t big_endian(const uint8_t* p) {
  return uint32_t{p[0]} << 24 | uint32_t{p[1]} << 16 | uint32_t{p[2]} << 8 | p[3];
}

class Png {
 public:
  Png(const std::string& path, const std::vector<uint8_t>& bytes) : path_(path), bytes_(bytes) {}

  void look_over() {
    size_t at = kSignatureBytes;
    bool pixels_ended = false;
    while (bytes_.size() - at >= 8) {
      const size_t length = big_endian(bytes_.data() + at);
      const uint8_t* type = bytes_.data() + at + 4;
      const uint8_t* data = type + 4;
      if (is(type, "IEND")) break;
      // Pixels that ended are whole; what is wrong behind them is metadata.
      if (length > 0x7FFFFFFF || bytes_.size() - at < 12 || length > bytes_.size() - at - 12) {
        if (pixels_ended) break;
        throw InputError(path_, "is cut short", kAgain);
      }
      const bool sound = crc32(0, type, 4 + length) == big_endian(data + length);
      if (!sound && !pixels_ended)
        throw InputError(
            path_, "is damaged: the checksum of its chunk " + name_of(type) + " is wrong", kAgain);
      if (!header_ && !is(type, "IHDR") && !is(type, "CgBI"))
        throw InputError(path_, "does not begin with its header", kAgain);
      if (is(type, "CgBI"))
        throw InputError(path_, "is a PNG in Apple's own form (CgBI), which vitro does not decode",
                         "convert it first: 'xcrun -sdk iphoneos pngcrush "
                         "-revert-iphone-optimizations IN OUT.png'");
      if (is(type, "IHDR")) header(data, length);
      if (is(type, "PLTE")) palette(data, length);
      if (is(type, "eXIf") && sound) metadata_.exif.assign(data, data + length);
      if (is(type, "iTXt") && sound) text(data, length);
      if (is(type, "IDAT")) {
        if (pixels_ended) throw InputError(path_, "has pixels in two places", kAgain);
        first_pixels_ = first_pixels_ ? first_pixels_ : at;
        end_pixels_ = at + 12 + length;
      } else if (first_pixels_) {
        pixels_ended = true;
      }
      at += 12 + length;
    }
    if (!header_ || !first_pixels_) throw InputError(path_, "is cut short", kAgain);
  }

  void decode(RowSink& sink) const {
    check_size();
    // Header, the palette with black for the colours that it lacks, pixels, end.
    std::vector<uint8_t> plain(bytes_.begin(), bytes_.begin() + kSignatureBytes);
    plain.reserve(end_pixels_ - first_pixels_ + 1024);
    append(plain, "IHDR", header_, kHeaderBytes);
    if (header_[9] == Indexed) append(plain, "PLTE", palette_, kPaletteBytes);
    for (size_t at = first_pixels_, next; at < end_pixels_; at = next) {
      next = at + 12 + big_endian(bytes_.data() + at);
      if (next > at + 12)  // stb_image copies empty ones to nowhere
        plain.insert(plain.end(), bytes_.begin() + static_cast<std::ptrdiff_t>(at),
                     bytes_.begin() + static_cast<std::ptrdiff_t>(next));
    }
    append(plain, "IEND", nullptr, 0);
    decode_by_stb(path_, plain, big_endian(header_), big_endian(header_ + 4),
                  metadata_.orientation(), sink);
  }

 private:
  static bool is(const uint8_t* type, const char* name) { return std::memcmp(type, name, 4) == 0; }

  static std::string name_of(const uint8_t* type) {
    std::string name(type, type + 4);
    for (char& c : name)
      if (c < ' ' || c > '~') c = '?';
    return name;
  }

  void header(const uint8_t* data, size_t length) {
    if (header_ || length != kHeaderBytes)
      throw InputError(path_, "has a header that no PNG has", kAgain);
    header_ = data;
    const uint32_t width = big_endian(data), height = big_endian(data + 4);
    if (width == 0 || height == 0) throw InputError(path_, "has no pixels", "give another picture");
    if (width > 0x7FFFFFFF || height > 0x7FFFFFFF)
      throw InputError(path_, "has a size that no PNG has", kAgain);
    const uint8_t depth = data[8], type = data[9];
    const bool known =
        type == Grey ? depth == 1 || depth == 2 || depth == 4 || depth == 8 || depth == 16
        : type == Indexed
            ? depth == 1 || depth == 2 || depth == 4 || depth == 8
            : (type == Rgb || type == GreyAlpha || type == Rgba) && (depth == 8 || depth == 16);
    if (!known) throw InputError(path_, "has a colour type and depth that no PNG has", kAgain);
    // Pillow makes white of all its values above 255; no model saw anything else of such pictures,
    // or anything at all.
    if (type == Grey && depth == 16)
      throw InputError(
          path_,
          "is a grey PNG of 16 bits, whose values above 255 are all white to training pipelines",
          "save it with 8 bits: 'magick IN -depth 8 OUT.png'");
  }

  // stb_image holds a PNG's samples twice. Beyond that many pixels it is refused anyway.
  void check_size() const {
    const uint64_t channels = header_[9] == Rgb         ? 3
                              : header_[9] == GreyAlpha ? 2
                              : header_[9] == Rgba      ? 4
                                                        : 1;
    const uint64_t pixels = uint64_t{big_endian(header_)} * big_endian(header_ + 4);
    const uint64_t samples = pixels * channels * (header_[8] == 16 ? 2 : 1);
    // Deflate makes nothing larger by more than a thousandth; chunks of a byte each are rare.
    if ((end_pixels_ - first_pixels_) / 2 > samples + kPlainBytes)
      throw InputError(path_, "has more data than so few pixels need", kAgain);
    if (pixels <= kMaxStbPixels && samples > kMaxSampleBytes)
      throw InputError(path_,
                       "has " + std::to_string(pixels) + " pixels of " +
                           std::to_string(header_[8]) +
                           " bits a sample, which take more than 1 GiB",
                       "make the picture smaller");
  }

  void palette(const uint8_t* data, size_t length) {
    if (header_[9] != Indexed || first_pixels_) return;  // elsewhere it is a suggestion
    if (length > kPaletteBytes)
      throw InputError(path_, "has more than 256 colours in its palette", kAgain);
    std::fill(palette_, palette_ + kPaletteBytes, uint8_t{0});
    std::copy(data, data + length / 3 * 3, palette_);
  }

  // keyword, 0, compressed?, method, language, 0, translated keyword, 0, text
  void text(const uint8_t* data, size_t length) {
    constexpr char kKeyword[] = "XML:com.adobe.xmp";
    if (length < sizeof kKeyword + 2 || std::memcmp(data, kKeyword, sizeof kKeyword) != 0 ||
        data[sizeof kKeyword] != 0)
      return;
    const uint8_t* end = data + length;
    const uint8_t* at = data + sizeof kKeyword + 2;
    for (int i = 0; i < 2; ++i) {
      at = std::find(at, end, uint8_t{0});
      if (at == end) return;
      ++at;
    }
    metadata_.xmp.assign(at, end);
  }

  static void append(std::vector<uint8_t>& to, const char* type, const uint8_t* data, size_t size) {
    const size_t begin = to.size();
    const auto word = [&to](uint32_t value) {
      for (int shift = 24; shift >= 0; shift -= 8)
        to.push_back(static_cast<uint8_t>(value >> shift));
    };
    word(static_cast<uint32_t>(size));
    to.insert(to.end(), type, type + 4);
    if (size > 0) to.insert(to.end(), data, data + size);
    word(crc32(0, to.data() + begin + 4, 4 + size));
  }

  const std::string& path_;
  const std::vector<uint8_t>& bytes_;
  const uint8_t* header_ = nullptr;
  uint8_t palette_[kPaletteBytes] = {};
  size_t first_pixels_ = 0, end_pixels_ = 0;
  Metadata metadata_;
};

}  // namespace

void decode_png(const std::string& path, const std::vector<uint8_t>& bytes, RowSink& sink) {
  Png png(path, bytes);
  png.look_over();
  png.decode(sink);
}

}  // namespace vitro::host::pictures
