// SPDX-License-Identifier: Apache-2.0
#include "models/config/picture.h"

#include <algorithm>
#include <cmath>

#include "converter/base/error.h"

namespace vitro::converter {

namespace {

constexpr size_t kMaxPixels = 4096;

template <typename T>
Said<T> settle(const std::optional<T>& option, const char* name, const Said<T>& config,
               const Said<T>& saved, const Said<T>& assumed) {
  if (option) return {*option, name, false};
  if (config && !config.assumed) return config;
  if (saved) return saved;
  return config ? config : assumed;
}

std::string size_text(size_t size) { return std::to_string(size) + "x" + std::to_string(size); }

// Where the picture's size was given, sizes follow it: timm's by crop_pct, others in proportion.
void follow(Resizing& r, size_t image_size) {
  const auto scaled = [&](size_t side) {
    return side == r.window ? image_size : side * image_size / r.window;
  };
  if (r.crop_pct > 0) {
    r.width = r.height =
        static_cast<size_t>(std::floor(static_cast<double>(image_size) / r.crop_pct));
  } else {
    r.width = scaled(r.width), r.height = scaled(r.height);
  }
  r.window = image_size;
}

Said<Resizing> settle_resizing(const PictureOptions& options, Said<Resizing> base,
                               const Resizing& assumed, size_t image_size) {
  if (!options.resize && !options.mode) return base;
  Resizing r = base.value;
  r.crop_pct = 0;
  const bool one_size = options.resize && options.resize->width == options.resize->height;
  if (options.mode) {
    r.mode = *options.mode;
  } else if (!one_size) {
    r.mode = ResizeMode::Exact;
  } else if (r.mode == ResizeMode::None) {
    r.mode = ResizeMode::ShorterSide;
  }
  if (options.resize) {
    r.width = options.resize->width, r.height = options.resize->height;
  } else if (r.mode != base.value.mode) {
    const size_t side = r.mode == ResizeMode::None          ? 0
                        : r.mode == ResizeMode::ShorterSide ? assumed.width
                                                            : image_size;
    r.width = r.height = side;
  }
  std::string source = !options.mode     ? "--resize"
                       : !options.resize ? "--resize-mode"
                                         : "--resize, --resize-mode";
  if (!options.mode && one_size) source += "; its mode: " + base.source;
  return {r, source, false};
}

void check_size(const Said<Resizing>& resizing, size_t image_size, const std::string& path) {
  const Resizing& r = resizing.value;
  const bool option = resizing.source.rfind("--", 0) == 0;
  const std::string at = option ? resizing.source.substr(0, resizing.source.find(';')) : path;
  const std::string of = option ? "" : resizing.source + ": ";
  if (option && r.mode == ResizeMode::ShorterSide && r.width < image_size)
    throw InputError(at,
                     std::to_string(r.width) + " is less than the picture's " +
                         std::to_string(image_size) + " pixels",
                     "give at least that (--resize)");
  if (r.mode != ResizeMode::None &&
      (r.width < 1 || r.height < 1 || r.width > kMaxPixels || r.height > kMaxPixels))
    throw InputError(at,
                     of + std::to_string(std::max(r.width, r.height)) +
                         " pixels are not within 1 and " + std::to_string(kMaxPixels),
                     "give another size (--resize)");
}

// What changes nothing is the same in every program.
void forget_what_does_not_count(Preprocessing& p) {
  const bool whole = p.mode == ResizeMode::Exact && p.resize_width == p.image_width &&
                     p.resize_height == p.image_height;
  const bool covers = (p.mode == ResizeMode::ShorterSide || p.mode == ResizeMode::Exact) &&
                      p.resize_width >= p.image_width && p.resize_height >= p.image_height;
  if (whole) p.centring = Centring::HalfEven;
  if (covers) std::fill(p.fill, p.fill + 3, uint8_t{0});
  if (p.mode == ResizeMode::None) p.filter = ResizeFilter::Bicubic;
}

}  // namespace

PictureConfig picture_of(const Preprocessing& saved,
                         const std::function<std::string(const char*)>& source) {
  PictureConfig out;
  out.resizing =
      said(Resizing{saved.mode, saved.resize_width, saved.resize_height, saved.image_width, 0},
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

Preprocessing settle_picture(const PictureOptions& options, const PictureConfig& config,
                             const PictureConfig& saved, const PictureConfig& assumed,
                             const Said<size_t>& image_size, bool image_size_is_given,
                             const std::string& path, std::vector<Setting>& settings) {
  Said<Resizing> base =
      settle<Resizing>(std::nullopt, "", config.resizing, saved.resizing, assumed.resizing);
  if (!options.say_resizing() && base.value.mode == ResizeMode::None && base.value.window == 0)
    throw InputError(
        path,
        base.source +
            " is false: photos of any size would go in as they are, but the model takes " +
            size_text(image_size.value),
        "give --resize and --resize-mode");
  if (!options.say_resizing() && base.value.window != image_size.value) {
    if (!image_size_is_given)
      throw InputError(path,
                       base.source + " makes pictures of " + size_text(base.value.window) +
                           ", but the model takes " + size_text(image_size.value) + " (" +
                           image_size.source + ")",
                       "give files that belong together, or --resize and --resize-mode");
    follow(base.value, image_size.value);
    base.source += "; in proportion to --image-size";
  }
  const auto resizing = settle_resizing(options, base, assumed.resizing.value, image_size.value);
  check_size(resizing, image_size.value, path);
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
  p.image_width = p.image_height = image_size.value;
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
