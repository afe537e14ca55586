// Decoding by stb_image; resampling in fixed point, byte for byte what Pillow gives for the same decoded pixels.
// Rejected: stb_image_resize 0.97, on the 8 reference crops 0.185 of 255 away where this is 0.020 (all of it the decoder's),
// and whose assertions abort its triangle filter on ordinary sizes (299 -> 256 pixels, 9 % of all from 256 to 1300).
#include "platforms/host/image.h"

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <memory>

#include <stb/stb_image.h>

#include "converter/error.h"

#if defined(__FAST_MATH__)
#error "image.cpp must round as IEEE 754 says: build it without -ffast-math"
#endif

namespace vitro {
namespace {

constexpr size_t kMaxFileBytes = size_t{256} << 20;
constexpr size_t kMaxPixels = 100'000'000;
constexpr size_t kMaxSide = 16384;   // pixels, of a decoded picture; STBI_MAX_DIMENSIONS in stb.cpp
constexpr size_t kMaxResize = 4096;  // pixels; bounds the result to 48 MiB

std::vector<uint8_t> read_file(const std::string& path) {
  std::error_code error;
  if (std::filesystem::is_directory(path, error)) {
    throw InputError(path, "is a folder, not a picture", "name one JPEG, PNG or BMP file");
  }
  errno = 0;
  std::ifstream file(path, std::ios::binary);
  if (!file) {
    throw InputError(path, std::string("cannot be opened") + (errno ? std::string(" (") + std::strerror(errno) + ")" : ""),
                     "check the name and the permissions");
  }
  std::vector<uint8_t> bytes;
  constexpr size_t kChunk = size_t{1} << 20;
  while (file) {
    const size_t before = bytes.size();
    if (before > kMaxFileBytes) throw InputError(path, "is larger than 256 MiB", "give a smaller picture");
    bytes.resize(before + kChunk);
    file.read(reinterpret_cast<char*>(bytes.data() + before), static_cast<std::streamsize>(kChunk));
    bytes.resize(before + static_cast<size_t>(file.gcount()));
  }
  if (file.bad()) throw InputError(path, "cannot be read to its end", "copy the file again");
  if (bytes.empty()) throw InputError(path, "is empty", "copy the file again");
  return bytes;
}

// stb_image takes missing bytes for zeros and may call the result a picture; only its reader can see that it ran over the end.
struct Source {
  const uint8_t* next;
  size_t left;
  bool overran = false;
};

int source_read(void* user, char* to, int size) {
  auto& source = *static_cast<Source*>(user);
  const size_t count = std::min(source.left, static_cast<size_t>(std::max(size, 0)));
  if (count == 0 && size > 0) source.overran = true;
  std::memcpy(to, source.next, count);
  source.next += count;
  source.left -= count;
  return static_cast<int>(count);
}

void source_skip(void* user, int size) {
  auto& source = *static_cast<Source*>(user);
  const size_t count = std::min(source.left, static_cast<size_t>(std::max(size, 0)));
  source.next += count;
  source.left -= count;
}

int source_at_end(void* user) { return static_cast<Source*>(user)->left == 0; }

// stb_image 2.27 writes past its tables if a JPEG's Huffman table has more than 256 codes (2.28 refuses that), so such are
// refused here. Segments that stb_image would misalign by, it refuses itself. True for what is no JPEG.
bool huffman_tables_fit(const std::vector<uint8_t>& bytes) {
  size_t at = 0;
  if (bytes[0] != 0xFF) return true;
  while (true) {
    while (at < bytes.size() && bytes[at] != 0xFF) ++at;
    while (at < bytes.size() && bytes[at] == 0xFF) ++at;
    if (at == bytes.size()) return true;
    const uint8_t marker = bytes[at++];
    if (marker == 0xD9) return true;                                   // end of image
    if (marker <= 0x01 || (marker >= 0xD0 && marker <= 0xD8)) continue;  // stuffing, restarts, start of image: no length
    if (bytes.size() - at < 2) return true;
    const size_t length = static_cast<size_t>(bytes[at]) << 8 | bytes[at + 1];
    if (length < 2 || length > bytes.size() - at) return marker != 0xC4;
    const size_t end = at + length;
    for (size_t table = at + 2; marker == 0xC4 && table < end;) {
      if (end - table < 17) return false;
      size_t codes = 0;
      for (size_t bits = 1; bits <= 16; ++bits) codes += bytes[table + bits];
      if (codes > 256 || codes > end - table - 17) return false;
      table += 17 + codes;
    }
    at = end;
  }
}

constexpr stbi_io_callbacks kCallbacks = {source_read, source_skip, source_at_end};

[[noreturn]] void refuse(const std::string& path, const Source& source) {
  if (source.overran) throw InputError(path, "is cut short", "copy the file again");
  const char* reason = stbi_failure_reason();
  throw InputError(path, std::string("cannot be decoded (") + (reason ? reason : "unknown reason") + ")",
                   "give a sound JPEG, PNG or BMP picture of at most 16384 x 16384 pixels");
}

/// One output coordinate of a resize: it is the sum of `count` inputs from `first` on, times weights from `offset` on.
struct Tap {
  size_t first, count, offset;
};

constexpr int kWeightBits = 22;

struct Taps {
  std::vector<Tap> taps;         // of the outputs that the crop keeps
  std::vector<int32_t> weights;  // in units of 2^-22; those of a tap add up to 1, but for their rounding
};

double filter(double x, bool bicubic) {
  x = std::fabs(x);
  if (!bicubic) return x < 1 ? 1 - x : 0;
  constexpr double a = -0.5;
  if (x < 1) return ((a + 2) * x - (a + 3)) * x * x + 1;
  if (x < 2) return (((x - 5) * x + 8) * x - 4) * a;
  return 0;
}

/// Of resizing `in` pixels to `out`: the taps of outputs begin.. begin + count. Doubles with + - * / alone, each rounded
/// once, so the weights are the same everywhere.
Taps make_taps(size_t in, size_t out, size_t begin, size_t count, bool bicubic) {
  const double scale = static_cast<double>(in) / static_cast<double>(out);
  const double stretch = std::max(scale, 1.0);
  const double support = (bicubic ? 2.0 : 1.0) * stretch;
  Taps result;
  std::vector<double> exact;
  for (size_t o = begin; o < begin + count; ++o) {
    const double centre = (static_cast<double>(o) + 0.5) * scale;
    const double low = centre - support + 0.5, high = centre + support + 0.5;
    const size_t first = low > 0 ? static_cast<size_t>(low) : 0;
    const size_t last = std::min(in, static_cast<size_t>(high));
    exact.clear();
    double sum = 0;
    for (size_t i = first; i < last; ++i) {
      exact.push_back(filter((static_cast<double>(i) - centre + 0.5) * (1.0 / stretch), bicubic));
      sum += exact.back();
    }
    result.taps.push_back({first, last - first, result.weights.size()});
    for (double weight : exact) {
      const double scaled = weight / sum * (1 << kWeightBits);
      result.weights.push_back(static_cast<int32_t>(scaled < 0 ? scaled - 0.5 : scaled + 0.5));
    }
  }
  return result;
}

// A window's absolute weights add up to at most 1.25 (reached between two pixels), so 255 times them stays below 2^31.
uint8_t to_pixel(int32_t sum) { return static_cast<uint8_t>(std::clamp(sum >> kWeightBits, 0, 255)); }

constexpr int32_t kHalf = 1 << (kWeightBits - 1);

/// Rows first_row.. first_row + rows of the picture, each resized to columns.taps.size() pixels.
std::vector<uint8_t> resize_rows(const Picture& picture, size_t first_row, size_t rows, const Taps& columns) {
  std::vector<uint8_t> dst(rows * columns.taps.size() * 3);
  uint8_t* out = dst.data();
  for (size_t y = first_row; y < first_row + rows; ++y) {
    const uint8_t* row = picture.rgb.data() + y * picture.width * 3;
    for (const Tap& tap : columns.taps) {
      int32_t red = kHalf, green = kHalf, blue = kHalf;
      for (size_t i = 0; i < tap.count; ++i) {
        const int32_t weight = columns.weights[tap.offset + i];
        const uint8_t* pixel = row + (tap.first + i) * 3;
        red += weight * pixel[0];
        green += weight * pixel[1];
        blue += weight * pixel[2];
      }
      *out++ = to_pixel(red);
      *out++ = to_pixel(green);
      *out++ = to_pixel(blue);
    }
  }
  return dst;
}

/// src holds rows of `row_bytes`, the first of which is the picture's first_row.
std::vector<uint8_t> resize_columns(const std::vector<uint8_t>& src, size_t first_row, size_t row_bytes, const Taps& rows) {
  std::vector<uint8_t> dst(rows.taps.size() * row_bytes);
  std::vector<int32_t> sums(row_bytes);
  uint8_t* out = dst.data();
  for (const Tap& tap : rows.taps) {
    std::fill(sums.begin(), sums.end(), kHalf);
    for (size_t i = 0; i < tap.count; ++i) {
      const int32_t weight = rows.weights[tap.offset + i];
      const uint8_t* row = src.data() + (tap.first + i - first_row) * row_bytes;
      for (size_t x = 0; x < row_bytes; ++x) sums[x] += weight * row[x];
    }
    for (size_t x = 0; x < row_bytes; ++x) *out++ = to_pixel(sums[x]);
  }
  return dst;
}

/// Half of the margin, and where that is not whole, the even neighbour: Python's round, which torchvision's crop uses.
size_t crop_begin(size_t size, size_t crop) {
  const size_t half = (size - crop) / 2;
  return (size - crop) % 2 == 0 ? half : half + half % 2;
}

}  // namespace

Picture load_picture(const std::string& path) {
  const std::vector<uint8_t> bytes = read_file(path);
  if (!huffman_tables_fit(bytes)) throw InputError(path, "has a corrupt Huffman table", "copy the file again");
  int width = 0, height = 0, channels = 0;
  Source source{bytes.data(), bytes.size()};
  if (!stbi_info_from_callbacks(&kCallbacks, &source, &width, &height, &channels)) refuse(path, source);
  if (width <= 0 || height <= 0) throw InputError(path, "has no pixels", "give another picture");
  if (static_cast<size_t>(width) > kMaxPixels / static_cast<size_t>(height)) {
    throw InputError(path, "has " + std::to_string(width) + " x " + std::to_string(height) + " pixels, more than 100 million",
                     "make the picture smaller");
  }
  source = {bytes.data(), bytes.size()};
  const std::unique_ptr<stbi_uc, void (*)(void*)> pixels(
      stbi_load_from_callbacks(&kCallbacks, &source, &width, &height, &channels, 3), stbi_image_free);
  if (!pixels || source.overran) refuse(path, source);

  Picture picture;
  picture.width = static_cast<size_t>(width);
  picture.height = static_cast<size_t>(height);
  picture.rgb.assign(pixels.get(), pixels.get() + picture.width * picture.height * 3);
  return picture;
}

std::vector<uint8_t> preprocess(const Picture& picture, const Preprocessing& preprocessing) {
  const size_t size = preprocessing.image_size, resize = preprocessing.resize_width;
  const bool bicubic = preprocessing.filter == ResizeFilter::Bicubic;
  if (picture.width == 0 || picture.height == 0 || picture.rgb.size() != picture.width * picture.height * 3) {
    throw InputError("picture", "has no pixels", "give another picture");
  }
  if (std::max(picture.width, picture.height) > kMaxSide) {
    throw InputError("picture", "has a side of more than 16384 pixels", "make the picture smaller");
  }
  if (size == 0 || resize < size) {
    throw InputError("preprocessing",
                     "a side of " + std::to_string(resize) + " pixels cannot be cropped to " + std::to_string(size),
                     "resize to at least the model's image size");
  }
  if (resize > kMaxResize) {
    throw InputError("preprocessing", "a side of " + std::to_string(resize) + " pixels is more than 4096", "choose a smaller one");
  }
  const size_t shorter = std::min(picture.width, picture.height);
  const auto resized = [&](size_t side) { return side * resize / shorter; };  // fits 32 bits: at most 2^14 * 2^12
  const size_t width = resized(picture.width), height = resized(picture.height);

  const Taps columns = make_taps(picture.width, width, crop_begin(width, size), size, bicubic);
  const Taps rows = make_taps(picture.height, height, crop_begin(height, size), size, bicubic);
  const size_t first_row = rows.taps.front().first;
  const size_t end_row = rows.taps.back().first + rows.taps.back().count;
  const std::vector<uint8_t> narrow = resize_rows(picture, first_row, end_row - first_row, columns);
  return resize_columns(narrow, first_row, size * 3, rows);
}

}  // namespace vitro
