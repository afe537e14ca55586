// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <optional>

#include "converter/base/error.h"
#include "platforms/host/pictures/file.h"
#include "platforms/host/pictures/format.h"
#include "platforms/host/pictures/picture.h"
#include "platforms/host/pictures/resampler.h"
#include "platforms/host/pictures/rows.h"

namespace vitro::host::pictures {

namespace {

void decode(const std::string& path, RowSink& sink) {
  const std::vector<uint8_t> bytes = read_picture_file(path);
  switch (picture_format(path, bytes)) {
    case PictureFormat::Jpeg: return decode_jpeg(path, bytes, sink);
    case PictureFormat::Png: return decode_png(path, bytes, sink);
    case PictureFormat::Bmp: return decode_bmp(path, bytes, sink);
  }
}

/// Keeps the whole picture, turned.
class PictureSink : public RowSink {
 public:
  PictureSink(const std::string& path, bool turned) : path_(path), turned_(turned) {}

  Region begin(size_t width, size_t height, int orientation) override {
    if (width > kMaxPixels / height)
      throw InputError(path_,
                       "has " + std::to_string(width) + " x " + std::to_string(height) +
                           " pixels, more than 100 million",
                       "make the picture smaller");
    const Turn turn = turned_ ? Turn::of(orientation) : Turn{};
    width_ = width;
    picture_.width = turn.swapped ? height : width;
    picture_.height = turn.swapped ? width : height;
    picture_.rgb.resize(width * height * 3);
    placement_ = place(turn, picture_.width * 3, width, height);
    return {0, width, 0, height};
  }

  void row(size_t y, const uint8_t* rgb) override {
    uint8_t* out =
        picture_.rgb.data() + placement_.origin + static_cast<ptrdiff_t>(y) * placement_.row_step;
    if (placement_.column_step == 3) {
      std::copy(rgb, rgb + width_ * 3, out);
      return;
    }
    for (size_t x = 0; x < width_; ++x, out += placement_.column_step)
      std::copy(rgb + x * 3, rgb + x * 3 + 3, out);
  }

  Picture take() { return std::move(picture_); }

 private:
  static constexpr size_t kMaxPixels = 100'000'000;

  const std::string& path_;
  const bool turned_;
  size_t width_ = 0;  // as stored
  Placement placement_{};
  Picture picture_;
};

/// Keeps what a program takes.
class ResamplingSink : public RowSink {
 public:
  ResamplingSink(const std::string& path, const Preprocessing& preprocessing)
      : path_(path), preprocessing_(preprocessing) {}

  Region begin(size_t width, size_t height, int orientation) override {
    const Turn turn =
        preprocessing_.orientation == Orientation::Apply ? Turn::of(orientation) : Turn{};
    resampler_.emplace(path_, width, height, turn, preprocessing_);
    return resampler_->region();
  }
  void row(size_t y, const uint8_t* rgb) override { resampler_->push(y, rgb); }

  std::vector<uint8_t> take() { return resampler_->take(); }

 private:
  const std::string& path_;
  const Preprocessing& preprocessing_;
  std::optional<Resampler> resampler_;
};

}  // namespace

}  // namespace vitro::host::pictures

namespace vitro::host {

Picture load_picture(const std::string& path, Orientation orientation) {
  pictures::PictureSink sink(path, orientation == Orientation::Apply);
  pictures::decode(path, sink);
  return sink.take();
}

std::vector<uint8_t> prepare_picture(const std::string& path, const Preprocessing& preprocessing) {
  pictures::ResamplingSink sink(path, preprocessing);
  pictures::decode(path, sink);
  return sink.take();
}

std::vector<uint8_t> preprocess(const Picture& picture, const Preprocessing& preprocessing) {
  if (picture.rgb.size() != picture.width * picture.height * 3)
    throw InputError("picture", "has no pixels", "give another picture");
  pictures::Resampler resampler("picture", picture.width, picture.height, pictures::Turn{},
                                preprocessing);
  const pictures::Region region = resampler.region();
  for (size_t y = region.first_row; y < region.end_row; ++y)
    resampler.push(y, picture.rgb.data() + y * picture.width * 3);
  return resampler.take();
}

}  // namespace vitro::host
