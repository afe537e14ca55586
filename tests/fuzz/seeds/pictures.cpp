// SPDX-License-Identifier: Apache-2.0
// Small pictures of every kind that the decoders know.
#define STB_IMAGE_WRITE_IMPLEMENTATION
#include <stb/stb_image_write.h>

#include <array>
#include <vector>

#include "platforms/firmware/crc32.h"
#include "tests/fuzz/seeds/seeds.h"
#include "tests/fuzz/support/choices.h"
#include "tests/support/small_pictures.h"

namespace vitro::fuzz {

namespace {

using Bytes = std::string;

Bytes number(uint64_t value, size_t width, bool big) {
  Bytes out(width, '\0');
  for (size_t i = 0; i < width; ++i)
    out[big ? width - 1 - i : i] = static_cast<char>(value >> (8 * i));
  return out;
}

Bytes random_bytes(size_t count, uint64_t seed) {
  Choices c(seed);
  Bytes out(count, '\0');
  for (char& byte : out) byte = static_cast<char>(c.next());
  return out;
}

Bytes chunk(const Bytes& type, const Bytes& data) {
  const Bytes checked = type + data;
  return number(data.size(), 4, true) + checked +
         number(crc32(0, checked.data(), checked.size()), 4, true);
}

// zlib's format with one stored block.
Bytes stored(const Bytes& data) {
  uint32_t a = 1, b = 0;
  for (const char byte : data) {
    a = (a + static_cast<uint8_t>(byte)) % 65521;
    b = (b + a) % 65521;
  }
  return Bytes("\x78\x01\x01", 3) + number(data.size(), 2, false) +
         number(~data.size() & 0xffff, 2, false) + data + number(b << 16 | a, 4, true);
}

constexpr size_t kWidth = 13, kHeight = 9;

struct Pass {
  size_t x, y, dx, dy;
};

// The rows of a pass, each after a filter byte of its own.
Bytes rows_of(const Pass& pass, size_t pixel_bits, uint64_t seed) {
  const size_t columns = (kWidth - pass.x + pass.dx - 1) / pass.dx,
               rows = (kHeight - pass.y + pass.dy - 1) / pass.dy;
  Bytes out;
  for (size_t row = 0; row < rows && columns > 0; ++row)
    out += static_cast<char>(row % 5) + random_bytes((columns * pixel_bits + 7) / 8, seed + row);
  return out;
}

Bytes png(unsigned colour, unsigned depth, bool interlaced, bool transparent) {
  static constexpr size_t kChannels[] = {1, 0, 3, 1, 2, 0, 4};
  static constexpr Pass kAdam7[] = {{0, 0, 8, 8}, {4, 0, 8, 8}, {0, 4, 4, 8}, {2, 0, 4, 4},
                                    {0, 2, 2, 4}, {1, 0, 2, 2}, {0, 1, 1, 2}};
  const size_t bits = kChannels[colour] * depth;
  Bytes rows;
  if (interlaced)
    for (const Pass& pass : kAdam7) rows += rows_of(pass, bits, colour * 100 + depth + pass.x);
  else
    rows = rows_of({0, 0, 1, 1}, bits, colour * 100 + depth);
  Bytes out = "\x89PNG\r\n\x1a\n";
  out +=
      chunk("IHDR", number(kWidth, 4, true) + number(kHeight, 4, true) + static_cast<char>(depth) +
                        static_cast<char>(colour) + Bytes(2, '\0') + (interlaced ? '\1' : '\0'));
  if (colour == 3) out += chunk("PLTE", random_bytes(3 << depth, 5));
  if (transparent) {
    const size_t size = colour == 3 ? size_t{1} << depth : colour == 2 ? 6 : 2;
    out += chunk("tRNS", random_bytes(size, 6));
  }
  return out + chunk("IDAT", stored(rows)) + chunk("IEND", "");
}

Bytes exif(unsigned orientation) {
  return Bytes("MM\0\x2a\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0", 19) +
         static_cast<char>(orientation) + Bytes(6, '\0');
}

Bytes bmp(unsigned bits, unsigned header_bytes, unsigned compression, bool top_down) {
  const size_t row = (kWidth * bits + 31) / 32 * 4;
  const size_t colours = bits <= 8 ? size_t{1} << bits : 0, masks = compression == 3 ? 12 : 0;
  const size_t start =
      14 + header_bytes + (header_bytes == 40 ? masks : 0) + colours * (header_bytes == 12 ? 3 : 4);
  Bytes header = number(header_bytes, 4, false);
  if (header_bytes == 12) {
    header += number(kWidth, 2, false) + number(kHeight, 2, false) + number(1, 2, false) +
              number(bits, 2, false);
  } else {
    const uint64_t height = top_down ? -uint64_t{kHeight} : kHeight;
    header += number(kWidth, 4, false) + number(height, 4, false) + number(1, 2, false) +
              number(bits, 2, false) + number(compression, 4, false) + Bytes(8, '\0') +
              Bytes(4, '\0') + number(colours, 4, false) + Bytes(4, '\0');
    if (compression == 3)
      header +=
          bits == 16
              ? number(0xf800, 4, false) + number(0x7e0, 4, false) + number(0x1f, 4, false)
              : number(0xff0000, 4, false) + number(0xff00, 4, false) + number(0xff, 4, false);
  }
  const size_t whole = 14 + header_bytes + (header_bytes == 40 ? masks : 0);
  header.resize(whole - 14, '\0');
  const Bytes body =
      random_bytes(colours * (header_bytes == 12 ? 3 : 4), bits) + random_bytes(row * kHeight, 9);
  return "BM" + number(start + row * kHeight, 4, false) + Bytes(4, '\0') + number(start, 4, false) +
         header + body;
}

void collect(void* context, void* data, int size) {
  static_cast<Bytes*>(context)->append(static_cast<const char*>(data), static_cast<size_t>(size));
}

Bytes jpeg(int channels, int quality) {
  const Bytes pixels = random_bytes(size_t{24} * 20 * 3, 11);
  Bytes out;
  stbi_write_jpg_to_func(collect, &out, 24, 20, channels, pixels.data(), quality);
  return out;
}

// The file with an EXIF segment after the start.
Bytes with_exif(const Bytes& file, unsigned orientation) {
  const Bytes data = Bytes("Exif\0\0", 6) + exif(orientation);
  return file.substr(0, 2) + "\xff\xe1" + number(data.size() + 2, 2, true) + data + file.substr(2);
}

void make_metadata_seeds(const std::string& folder) {
  const Seeds seeds(folder, "metadata");
  const Bytes xmp = "<x:xmpmeta tiff:Orientation=\"6\"/><tiff:Orientation>8</tiff:Orientation>";
  for (unsigned orientation = 1; orientation <= 8; ++orientation) {
    const Bytes data = exif(orientation);
    seeds.add(std::to_string(orientation), number(data.size(), 2, false) + data);
  }
  seeds.add("xmp", number(0, 2, false) + xmp);
  seeds.add("both", number(exif(1).size(), 2, false) + exif(1) + xmp);
  seeds.add("twice", number(exif(3).size() + 6, 2, false) + Bytes("Exif\0\0", 6) + exif(3));
}

}  // namespace

void make_picture_seeds(const std::string& folder) {
  make_metadata_seeds(folder);
  const Seeds seeds(folder, "pictures");
  for (const auto& [colour, depths] : std::vector<std::pair<unsigned, std::vector<unsigned>>>{
           {0, {1, 2, 4, 8, 16}}, {2, {8, 16}}, {3, {1, 2, 4, 8}}, {4, {8, 16}}, {6, {8, 16}}})
    for (const unsigned depth : depths)
      for (const bool interlaced : {false, true})
        for (const bool transparent : {false, true})
          if (!transparent || colour < 4)
            seeds.add("png_" + std::to_string(colour) + "_" + std::to_string(depth) +
                          (interlaced ? "_interlaced" : "") + (transparent ? "_trns" : ""),
                      png(colour, depth, interlaced, transparent));
  const Bytes plain = png(2, 8, false, false);
  seeds.add("png_exif", plain.substr(0, 33) + chunk("eXIf", exif(6)) + plain.substr(33));
  Bytes deflated;
  const Bytes pixels = random_bytes(size_t{20} * 16 * 3, 12);
  stbi_write_png_to_func(collect, &deflated, 20, 16, 3, pixels.data(), 60);
  seeds.add("png_deflated", deflated);
  seeds.add_bytes("png_palette", from_hex(kPalettePng));
  for (const unsigned bits : {1u, 4u, 8u, 16u, 24u, 32u})
    for (const unsigned header : {12u, 40u, 108u, 124u})
      for (const unsigned compression : {0u, 3u})
        if ((compression == 0 || (bits >= 16 && bits != 24)) && (header > 12 || compression == 0))
          seeds.add("bmp_" + std::to_string(bits) + "_" + std::to_string(header) + "_" +
                        std::to_string(compression),
                    bmp(bits, header, compression, bits == 24));
  seeds.add_bytes("jpeg_baseline", from_hex(kBaselineJpeg));
  seeds.add_bytes("jpeg_progressive", from_hex(kProgressiveJpeg));
  seeds.add("jpeg_444", jpeg(3, 95));
  seeds.add("jpeg_420", jpeg(3, 50));
  seeds.add("jpeg_grey", jpeg(1, 50));
  for (unsigned orientation = 1; orientation <= 8; ++orientation)
    seeds.add("jpeg_exif_" + std::to_string(orientation), with_exif(jpeg(3, 50), orientation));
}

}  // namespace vitro::fuzz
