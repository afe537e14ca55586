// SPDX-License-Identifier: Apache-2.0
#include "models/config/picture.h"

#include <algorithm>
#include <cmath>

#include "converter/base/error.h"
#include "models/config/shape.h"

namespace vitro::converter {

namespace {

template <typename T>
Said<T> settle(const std::optional<T>& option, const char* name, const Said<T>& config,
               const Said<T>& saved, const Said<T>& assumed) {
  if (option) return {*option, name, false};
  if (config && !config.assumed) return config;
  if (saved) return saved;
  return config ? config : assumed;
}

// Where the picture's size was given, sizes follow it: timm's by crop_pct, others in proportion. A
// photo whose shorter side is settled covers a square, and any other picture by Cover.
void follow(Resizing& r, PixelSize image) {
  const auto scaled = [&](size_t side, size_t from, size_t to) {
    return r.crop_pct > 0 ? static_cast<size_t>(std::floor(static_cast<double>(to) / r.crop_pct))
           : from == to   ? side
                          : side * to / from;
  };
  r.width = scaled(r.width, r.window.width, image.width);
  r.height = scaled(r.height, r.window.height, image.height);
  if (r.mode == ResizeMode::ShorterSide && r.width != r.height) r.mode = ResizeMode::Cover;
  if (r.mode == ResizeMode::Cover && r.width == r.height) r.mode = ResizeMode::ShorterSide;
  r.window = image;
}

// Of a mode that is given without sizes.
PixelSize usual_sizes(ResizeMode mode, const Resizing& assumed, PixelSize image) {
  if (mode == ResizeMode::None) return {};
  if (mode == ResizeMode::Cover) return {assumed.width, assumed.height};
  if (mode != ResizeMode::ShorterSide) return image;
  const size_t side = std::max(assumed.width, assumed.height);
  return {side, side};
}

Said<Resizing> settle_resizing(const PictureOptions& options, Said<Resizing> base,
                               const Resizing& assumed, PixelSize image) {
  if (!options.resize && !options.mode) return base;
  Resizing r = base.value;
  r.crop_pct = 0;
  const bool one_size = options.resize && options.resize->width == options.resize->height;
  if (options.mode) {
    r.mode = *options.mode;
  } else if (!one_size) {
    r.mode = ResizeMode::Exact;
  } else if (r.mode == ResizeMode::None || r.mode == ResizeMode::Cover) {
    r.mode = ResizeMode::ShorterSide;
  }
  if (options.resize) {
    r.width = options.resize->width, r.height = options.resize->height;
  } else if (r.mode != base.value.mode) {
    const PixelSize sizes = usual_sizes(r.mode, assumed, image);
    r.width = sizes.width, r.height = sizes.height;
  }
  std::string source = !options.mode     ? "--resize"
                       : !options.resize ? "--resize-mode"
                                         : "--resize, --resize-mode";
  if (!options.mode && one_size) source += "; its mode: " + base.source;
  return {r, source, false};
}

// As --image-size takes it.
std::string option_of(PixelSize size) {
  const std::string height = std::to_string(size.height);
  return size.width == size.height ? height : height + "x" + std::to_string(size.width);
}

void check_size(const Said<Resizing>& resizing, PixelSize image, const std::string& path) {
  const Resizing& r = resizing.value;
  const bool option = resizing.source.rfind("--", 0) == 0;
  const std::string at = option ? resizing.source.substr(0, resizing.source.find(';')) : path;
  const std::string of = option ? "" : resizing.source + ": ";
  const auto check_covers = [&](size_t side, size_t picture) {
    if (side < picture)
      throw InputError(at,
                       std::to_string(side) + " is less than the picture's " +
                           std::to_string(picture) + " pixels",
                       "give at least that (--resize)");
  };
  if (option && r.mode == ResizeMode::ShorterSide)
    check_covers(r.width, std::max(image.width, image.height));
  if (option && r.mode == ResizeMode::Cover)
    check_covers(r.width, image.width), check_covers(r.height, image.height);
  if (r.mode != ResizeMode::None &&
      (r.width < 1 || r.height < 1 || r.width > kMaxPixels || r.height > kMaxPixels))
    throw InputError(at,
                     of + std::to_string(std::max(r.width, r.height)) +
                         " pixels are not within 1 and " + std::to_string(kMaxPixels),
                     "give another size (--resize)");
}

// What changes nothing is the same in every program.
void forget_what_does_not_count(Preprocessing& p) {
  if (takes_whole(p)) p.centring = Centring::HalfEven;
  if (covers_window(p)) std::fill(p.fill, p.fill + 3, uint8_t{0});
  if (p.mode == ResizeMode::None) p.filter = ResizeFilter::Bicubic;
}

}  // namespace

Preprocessing usual_preprocessing(PixelSize image) {
  Preprocessing p;
  p.image_width = image.width, p.image_height = image.height;
  p.mode = image.width == image.height ? ResizeMode::ShorterSide : ResizeMode::Cover;
  const bool tiny = std::max(image.width, image.height) < 64;
  const auto resized = [&](size_t side) { return tiny ? side : (side * 256 + 112) / 224; };
  p.resize_width = resized(image.width), p.resize_height = resized(image.height);
  return p;
}

void resize_clip(Said<Resizing>& resizing, PixelSize clip, size_t frames) {
  Resizing& r = resizing.value;
  if (!resizing || r.window != PixelSize{clip.width, clip.height / frames}) return;
  r = {ResizeMode::Exact, clip.width, clip.height, clip};
  resizing.source += "; of " + std::to_string(frames) + " frames, one below another";
}

PictureConfig picture_of(const Preprocessing& saved,
                         const std::function<std::string(const char*)>& source) {
  PictureConfig out;
  out.resizing =
      said(Resizing{saved.mode, saved.resize_width, saved.resize_height, image_size(saved), 0},
           source("resize"));
  out.filter = said(saved.filter, source("filter"));
  out.centring = said(saved.centring, source("crop_rounding"));
  out.fill =
      said(std::array<uint8_t, 3>{saved.fill[0], saved.fill[1], saved.fill[2]}, source("fill"));
  out.orientation = said(saved.orientation, source("orientation"));
  out.rescale = said(saved.rescale, source("rescale"));
  out.mean =
      said(std::array<float, 3>{saved.mean[0], saved.mean[1], saved.mean[2]}, source("mean"));
  out.std = said(std::array<float, 3>{saved.std[0], saved.std[1], saved.std[2]}, source("std"));
  return out;
}

Preprocessing settle_picture(const PictureSources& sources, const Said<PixelSize>& image,
                             bool image_size_is_given, const std::string& path,
                             std::vector<Setting>& settings) {
  const auto& [options, config, saved, assumed] = sources;
  Said<Resizing> base =
      settle<Resizing>(std::nullopt, "", config.resizing, saved.resizing, assumed.resizing);
  if (!options.say_resizing() && base.value.mode == ResizeMode::None &&
      base.value.window == PixelSize{})
    throw InputError(
        path,
        base.source +
            " is false: photos of any size would go in as they are, but the model takes " +
            text_of(image.value),
        "give --resize and --resize-mode");
  if (!options.say_resizing() && base.value.window != image.value) {
    if (!image_size_is_given)
      throw InputError(
          path,
          base.source + " makes pictures of " + text_of(base.value.window) +
              ", but the model takes " + text_of(image.value) + " (" + image.source + ")",
          "give files that belong together, --image-size " + option_of(base.value.window) +
              " where the model can take it, or --resize and --resize-mode");
    follow(base.value, image.value);
    base.source += "; in proportion to --image-size";
  }
  const auto resizing = settle_resizing(options, base, assumed.resizing.value, image.value);
  check_size(resizing, image.value, path);
  const auto filter =
      settle(options.filter, "--filter", config.filter, saved.filter, assumed.filter);
  const auto centring = settle(options.centring, "--crop-rounding", config.centring, saved.centring,
                               assumed.centring);
  const auto fill = settle(options.fill, "--fill", config.fill, saved.fill, assumed.fill);
  const auto orientation = settle(options.orientation, "--orientation", config.orientation,
                                  saved.orientation, assumed.orientation);
  const auto rescale =
      settle(options.rescale, "--rescale", config.rescale, saved.rescale, assumed.rescale);
  const auto mean = settle(options.mean, "--mean", config.mean, saved.mean, assumed.mean);
  const auto std = settle(options.std, "--std", config.std, saved.std, assumed.std);

  Preprocessing p;
  p.image_width = image.value.width, p.image_height = image.value.height;
  p.mode = resizing.value.mode;
  p.resize_width = p.mode == ResizeMode::None ? 0 : resizing.value.width;
  p.resize_height = p.mode == ResizeMode::None ? 0 : resizing.value.height;
  p.filter = filter.value;
  p.centring = centring.value;
  std::copy(fill.value.begin(), fill.value.end(), p.fill);
  p.orientation = orientation.value;
  p.rescale = rescale.value;
  std::copy(mean.value.begin(), mean.value.end(), p.mean);
  std::copy(std.value.begin(), std.value.end(), p.std);
  forget_what_does_not_count(p);

  const auto add = [&](const char* name, const std::string& value, const std::string& source,
                       bool is_assumed) {
    settings.push_back({name, value, source, is_assumed});
  };
  const std::string words = describe_resize(p);
  add("resize", words.substr(0, words.find(" (")), resizing.source, resizing.assumed);
  if (p.mode != ResizeMode::None) add("filter", name_of(p.filter), filter.source, filter.assumed);
  const std::string window = describe_window(p);
  if (window != "taken whole")
    add("crop_rounding", name_of(p.centring), centring.source, centring.assumed);
  if (window.find("filled") != std::string::npos)
    add("fill",
        std::to_string(p.fill[0]) + "," + std::to_string(p.fill[1]) + "," +
            std::to_string(p.fill[2]),
        fill.source, fill.assumed);
  add("orientation", name_of(p.orientation), orientation.source, orientation.assumed);
  add("rescale", p.rescale == 1.0f / 255 ? "1/255" : text_of(p.rescale), rescale.source,
      rescale.assumed);
  add("mean", text_of(p.mean), mean.source, mean.assumed);
  add("std", text_of(p.std), std.source, std.assumed);
  return p;
}

}  // namespace vitro::converter
