// SPDX-License-Identifier: Apache-2.0
// Uncompressed BMP of all headers, depths and directions, as Pillow reads them. A row is where the
// header says; nothing is kept.
#include <algorithm>
#include <array>
#include <string>

#include "converter/base/error.h"
#include "platforms/host/pictures/rows.h"

namespace vitro::host::pictures {

namespace {

constexpr size_t kFileHeaderBytes = 14, kOs2HeaderBytes = 12, kInfoHeaderBytes = 40,
                 kOs2Version2Bytes = 64;
constexpr uint32_t kBitfields = 3;
constexpr const char* kConvertBmp = "convert it first, with 'magick IN OUT.png', for example";

class Bmp {
 public:
  Bmp(const std::string& path, const std::vector<uint8_t>& bytes) : path_(path), bytes_(bytes) {}

  void look_over() {
    header_bytes_ = word(kFileHeaderBytes);
    const bool known = header_bytes_ == kOs2HeaderBytes || header_bytes_ == kInfoHeaderBytes ||
                       header_bytes_ == 52 || header_bytes_ == 56 ||
                       header_bytes_ == kOs2Version2Bytes || header_bytes_ == 108 ||
                       header_bytes_ == 124;
    if (!known) refuse("has a header that no BMP has", kAgain);
    if (bytes_.size() < kFileHeaderBytes + header_bytes_) refuse("is cut short", kAgain);
    colours_from_ = kFileHeaderBytes + header_bytes_;
    uint32_t compression = 0;
    if (header_bytes_ == kOs2HeaderBytes) {
      width_ = half(18);
      height_ = half(20);
      depth_ = half(24);
    } else {
      const auto height = static_cast<int32_t>(word(22));
      width_ = word(18);
      height_ = height < 0 ? size_t{0} - static_cast<size_t>(int64_t{height})
                           : static_cast<size_t>(height);
      top_down_ = height < 0;
      depth_ = half(28);
      compression = word(30);
      colours_ = word(46);
    }
    if (width_ == 0 || height_ == 0) refuse("has no pixels", "give another picture");
    const std::string size =
        "has " + std::to_string(width_) + " x " + std::to_string(height_) + " pixels, more than ";
    if (width_ > kMaxRowsSide || height_ > kMaxRowsSide)
      refuse(size + std::to_string(kMaxRowsSide) + " a side", "make the picture smaller");
    if (width_ > kMaxRowsPixels / height_)
      refuse(size + std::to_string(kMaxRowsPixels / 1'000'000) + " million",
             "make the picture smaller");
    if (depth_ != 1 && depth_ != 4 && depth_ != 8 && depth_ != 16 && depth_ != 24 && depth_ != 32)
      refuse("is a BMP of " + std::to_string(depth_) + " bits for each pixel", kConvertBmp);
    read_compression(compression);
    find_pixels();
  }

  void decode(RowSink& sink) {
    if (depth_ <= 8) read_palette();
    const Region region = sink.begin(width_, height_, 1);
    std::vector<uint8_t> rgb(width_ * 3);
    for (size_t y = region.first_row; y < region.end_row; ++y) {
      read_row(bytes_.data() + pixels_from_ + (top_down_ ? y : height_ - 1 - y) * stride_,
               rgb.data());
      sink.row(y, rgb.data());
    }
  }

 private:
  struct Field {
    uint32_t shift, most;  // of a pixel's word: shifted right, then at most this
  };

  [[noreturn]] void refuse(const std::string& fault, const std::string& remedy) const {
    throw InputError(path_, fault, remedy);
  }

  uint32_t byte(size_t at) const { return at < bytes_.size() ? bytes_[at] : 0u; }
  uint32_t half(size_t at) const { return byte(at) | byte(at + 1) << 8; }
  uint32_t word(size_t at) const { return half(at) | half(at + 2) << 16; }

  void read_compression(uint32_t compression) {
    if (compression == 1 || compression == 2)
      refuse("is a run-length BMP, which vitro does not decode", kConvertBmp);
    if (compression == 4 || compression == 5)
      refuse("is a BMP with another picture in it", kConvertBmp);
    if (compression > kBitfields ||
        (compression == kBitfields && (depth_ < 16 || header_bytes_ == kOs2Version2Bytes)))
      refuse("is a BMP of a kind that vitro does not decode (compression " +
                 std::to_string(compression) + ")",
             kConvertBmp);
    fields_ = {{{10, 31}, {5, 31}, {0, 31}}};
    if (depth_ > 16) fields_ = {{{16, 255}, {8, 255}, {0, 255}}};
    if (compression != kBitfields) return;
    // Headers of 40 bytes have the masks behind them, longer ones inside: the same place.
    std::array<uint32_t, 3> masks;
    for (size_t c = 0; c < 3; ++c) masks[c] = word(kFileHeaderBytes + kInfoHeaderBytes + 4 * c);
    if (masks == std::array<uint32_t, 3>{} && depth_ == 32) return;
    for (size_t c = 0; c < 3; ++c) {
      const uint32_t mask = masks[c];
      Field& field = fields_[c];
      field.shift = 0;
      while (field.shift < 32 && !(mask >> field.shift & 1)) ++field.shift;
      field.most = field.shift < 32 ? mask >> field.shift : 0;
      const bool usual = depth_ == 16 ? field.most == 31 || field.most == 63 : field.most == 255;
      if (!usual || (depth_ < 32 && mask >> depth_ != 0))
        refuse("is a BMP with unusual colour masks", kConvertBmp);
    }
  }

  void find_pixels() {
    if (depth_ <= 8) {
      if (colours_ == 0) colours_ = uint32_t{1} << depth_;
      if (colours_ > 65536) refuse("has a palette of more than 65536 colours", kAgain);
    }
    const size_t palette_bytes = depth_ <= 8 ? size_t{colours_} * entry_bytes() : 0;
    const size_t masks =
        depth_ > 8 && header_bytes_ == kInfoHeaderBytes && word(30) == kBitfields ? 12 : 0;
    pixels_from_ = word(10);
    // Some writers count neither the palette nor the masks, or leave the offset out.
    if (pixels_from_ == 0 || (depth_ <= 8 && pixels_from_ == colours_from_))
      pixels_from_ = colours_from_ + palette_bytes + masks;
    stride_ = (width_ * depth_ + 31) / 32 * 4;
    const uint64_t needed = uint64_t{stride_} * (height_ - 1) + (width_ * depth_ + 7) / 8;
    if (pixels_from_ > bytes_.size() || needed > bytes_.size() - pixels_from_)
      refuse("is cut short", kAgain);
  }

  size_t entry_bytes() const { return header_bytes_ == kOs2HeaderBytes ? 3 : 4; }

  // Colours that the palette lacks are black; Pillow takes a palette that begins as the scale of
  // greys for it, so there they are grey.
  void read_palette() {
    bool greys = depth_ == 8 && colours_ > 2;
    for (size_t i = 0; i < std::min<size_t>(colours_, 256); ++i) {
      const size_t at = colours_from_ + i * entry_bytes();
      if (at + 3 > bytes_.size()) break;
      palette_[i] = {bytes_[at + 2], bytes_[at + 1], bytes_[at]};
      greys = greys && palette_[i] == std::array<uint8_t, 3>{static_cast<uint8_t>(i),
                                                             static_cast<uint8_t>(i),
                                                             static_cast<uint8_t>(i)};
    }
    for (size_t i = colours_; greys && i < 256; ++i) palette_[i].fill(static_cast<uint8_t>(i));
  }

  void read_row(const uint8_t* from, uint8_t* rgb) const {
    for (size_t x = 0; x < width_; ++x, rgb += 3) {
      if (depth_ <= 8) {
        const uint32_t index =
            from[x * depth_ / 8] >> (8 - depth_ - x * depth_ % 8) & ((1u << depth_) - 1);
        std::copy(palette_[index].begin(), palette_[index].end(), rgb);
        continue;
      }
      const uint8_t* pixel = from + x * depth_ / 8;
      uint32_t value = 0;
      for (size_t i = 0; i < depth_ / 8; ++i) value |= uint32_t{pixel[i]} << (8 * i);
      for (size_t c = 0; c < 3; ++c)
        rgb[c] = static_cast<uint8_t>((value >> fields_[c].shift & fields_[c].most) * 255 /
                                      fields_[c].most);
    }
  }

  const std::string& path_;
  const std::vector<uint8_t>& bytes_;
  size_t header_bytes_ = 0, width_ = 0, height_ = 0, stride_ = 0, colours_from_ = 0,
         pixels_from_ = 0;
  uint32_t depth_ = 0, colours_ = 0;  // bits of a pixel; entries of the palette
  bool top_down_ = false;
  std::array<Field, 3> fields_{};                      // red, green, blue
  std::array<std::array<uint8_t, 3>, 256> palette_{};  // RGB
};

}  // namespace

void decode_bmp(const std::string& path, const std::vector<uint8_t>& bytes, RowSink& sink) {
  Bmp bmp(path, bytes);
  bmp.look_over();
  bmp.decode(sink);
}

}  // namespace vitro::host::pictures
