// SPDX-License-Identifier: Apache-2.0
// Pictures: decoded twice over memory that holds different bytes, then resampled as they are
// decoded and from the whole picture; the pixels are the same. The input is the file.
#include <cstring>

#include "converter/base/error.h"
#include "platforms/firmware/crc32.h"
#include "platforms/host/pictures/format.h"
#include "platforms/host/pictures/picture.h"
#include "platforms/host/pictures/resampler.h"
#include "platforms/host/pictures/rows.h"
#include "tests/fuzz/support/choices.h"
#include "tests/fuzz/support/memory_fill.h"
#include "tests/fuzz/support/target.h"
#include "tests/fuzz/support/written.h"

extern "C" size_t LLVMFuzzerMutate(uint8_t* data, size_t size, size_t max_size);

namespace vitro::fuzz {

namespace {

using namespace host;
using namespace host::pictures;

constexpr size_t kMostPixels = 200'000;  // a larger picture takes the time of many small ones
const std::string kPath = "picture";

struct TooLarge {};

class WholePicture : public RowSink {
 public:
  Region begin(size_t width, size_t height, int orientation) override {
    require(width > 0 && height > 0 && orientation >= 1 && orientation <= 8,
            "a decoder announces an impossible picture");
    if (width > kMostPixels / height) throw TooLarge{};
    picture_.width = width, picture_.height = height;
    picture_.rgb.assign(width * height * 3, 0);
    seen_.assign(height, false);
    return {0, width, 0, height};
  }
  void row(size_t y, const uint8_t* rgb) override {
    require(y < picture_.height && !seen_[y], "a decoder gives a row twice, or one past the last");
    seen_[y] = true;
    std::memcpy(picture_.rgb.data() + y * picture_.width * 3, rgb, picture_.width * 3);
  }
  const Picture& picture() const {
    for (const bool seen : seen_) require(seen, "a decoder leaves out a row");
    return picture_;
  }

 private:
  Picture picture_;
  std::vector<bool> seen_;
};

class Resampled : public RowSink {
 public:
  explicit Resampled(const Preprocessing& preprocessing) : preprocessing_(preprocessing) {}
  Region begin(size_t width, size_t height, int) override {
    resampler_ = std::make_unique<Resampler>(kPath, width, height, Turn{}, preprocessing_);
    return resampler_->region();
  }
  void row(size_t y, const uint8_t* rgb) override { resampler_->push(y, rgb); }
  std::vector<uint8_t> take() { return resampler_->take(); }

 private:
  const Preprocessing& preprocessing_;
  std::unique_ptr<Resampler> resampler_;
};

void decode(const std::vector<uint8_t>& bytes, RowSink& sink) {
  switch (picture_format(kPath, bytes)) {
    case PictureFormat::Jpeg: return decode_jpeg(kPath, bytes, sink);
    case PictureFormat::Png: return decode_png(kPath, bytes, sink);
    case PictureFormat::Bmp: return decode_bmp(kPath, bytes, sink);
  }
}

/// The message of the refusal; empty if the picture is not refused.
std::string decode_over(uint8_t memory, const std::vector<uint8_t>& bytes, RowSink& sink) {
  fill_memory(memory);
  try {
    decode(bytes, sink);
  } catch (const InputError& error) {
    VITRO_WRITTEN_BY_OTHERS(error.what());  // by libstdc++, which is built without the sanitizer
    return error.what();
  }
  return "";
}

/// Preprocessing of any kind, chosen by the file's last bytes.
Preprocessing some_preprocessing(const std::vector<uint8_t>& bytes) {
  Choices c(crc32(0, bytes.data(), bytes.size()));
  Preprocessing p;
  p.image_width = 1 + c.below(40);
  p.image_height = 1 + c.below(40);
  p.mode = static_cast<ResizeMode>(c.below(5));
  if (p.mode != ResizeMode::None) {
    p.resize_width = 1 + c.below(60);
    p.resize_height = p.mode == ResizeMode::ShorterSide ? p.resize_width : 1 + c.below(60);
  }
  p.filter = static_cast<ResizeFilter>(c.below(6));
  p.centring = static_cast<Centring>(c.below(2));
  p.passes = static_cast<PassOrder>(c.below(2));
  for (uint8_t& fill : p.fill) fill = static_cast<uint8_t>(c.next());
  return p;
}

void resample(const std::vector<uint8_t>& bytes, const Picture& picture) {
  const Preprocessing preprocessing = some_preprocessing(bytes);
  std::vector<uint8_t> whole;
  try {
    whole = preprocess(picture, preprocessing);
  } catch (const InputError&) {  // its shape cannot be resized in this way
    return;
  }
  require(whole.size() == picture_bytes(preprocessing), "a prepared picture of another size");
  Resampled by_rows(preprocessing);
  decode(bytes, by_rows);
  const std::vector<uint8_t> rows = by_rows.take();
  VITRO_CHECK_WRITTEN(rows.data(), rows.size());
  require(whole == rows, "resampled while it is decoded, a picture has other pixels");
}

void check_picture(const std::vector<uint8_t>& bytes) {
  WholePicture first, second;
  const std::string refusal = decode_over(0x00, bytes, first);
  const std::string again = decode_over(0xc3, bytes, second);
  require(refusal == again, "a picture is refused in one run and not in another");
  if (!refusal.empty()) return;
  VITRO_CHECK_WRITTEN(first.picture().rgb.data(), first.picture().rgb.size());
  require(first.picture().rgb == second.picture().rgb, "pixels depend on what memory held before");
  resample(bytes, first.picture());
}

uint32_t big_endian(const uint8_t* at) {
  return uint32_t{at[0]} << 24 | uint32_t{at[1]} << 16 | uint32_t{at[2]} << 8 | at[3];
}

// Corrects the checksums of a PNG's chunks.
void repair_png(uint8_t* data, size_t size) {
  for (size_t at = 8; size >= 12 && at <= size - 12;) {
    const uint32_t length = big_endian(data + at);
    if (length > size - at - 12) return;
    const uint32_t crc = crc32(0, data + at + 4, size_t{length} + 4);
    for (size_t i = 0; i < 4; ++i)
      data[at + 8 + length + i] = static_cast<uint8_t>(crc >> (24 - 8 * i));
    at += size_t{length} + 12;
  }
}

}  // namespace

}  // namespace vitro::fuzz

int vitro::fuzz::run_input(const uint8_t* data, size_t size) {
  try {
    check_picture({data, data + size});
  } catch (const TooLarge&) {
    return -1;  // not worth a place in the corpus
  }
  return 0;
}

extern "C" size_t LLVMFuzzerCustomMutator(uint8_t* data, size_t size, size_t max_size,
                                          unsigned seed) {
  size = LLVMFuzzerMutate(data, size, max_size);
  const uint8_t kPng[] = {0x89, 'P', 'N', 'G'};
  if (seed % 8 != 0 && size > 8 && std::memcmp(data, kPng, sizeof kPng) == 0)
    vitro::fuzz::repair_png(data, size);
  return size;
}
