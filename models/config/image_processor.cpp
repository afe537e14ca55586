// SPDX-License-Identifier: Apache-2.0
#include "models/config/image_processor.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <set>

#include "converter/base/error.h"
#include "models/config/json_file.h"
#include "models/config/shape.h"

namespace vitro::converter {

namespace {

using Channels = std::array<float, 3>;

constexpr Channels kHalf = {0.5f, 0.5f, 0.5f};
constexpr Channels kClipMean = {0.48145466f, 0.4578275f, 0.40821073f},
                   kClipStd = {0.26862954f, 0.26130258f, 0.27577711f};
constexpr Channels kImageNetMean = {0.485f, 0.456f, 0.406f},
                   kImageNetStd = {0.229f, 0.224f, 0.225f};
constexpr char kByOptions[] = "give --resize and --resize-mode to say how photos are resized";

// The class attributes of transformers 5.24.0. A size of {s, false} is shortest_edge.
struct Class {
  const char* name;
  ResizeFilter filter;
  Channels mean, std;
  size_t size;
  bool square;            // size is height and width
  bool square_by_number;  // default_to_square: what a size that is a number alone means
  size_t crop;            // 0: do_center_crop is false
};
constexpr std::array<Class, 10> kClasses = {{
    {"ViTImageProcessor", ResizeFilter::Bilinear, kHalf, kHalf, 224, true, true, 0},
    {"DeiTImageProcessor", ResizeFilter::Bicubic, kHalf, kHalf, 256, true, true, 224},
    {"BeitImageProcessor", ResizeFilter::Bicubic, kHalf, kHalf, 224, true, true, 0},
    {"BitImageProcessor", ResizeFilter::Bicubic, kClipMean, kClipStd, 224, false, false, 224},
    {"CLIPImageProcessor", ResizeFilter::Bicubic, kClipMean, kClipStd, 224, false, false, 224},
    {"SiglipImageProcessor", ResizeFilter::Bicubic, kHalf, kHalf, 224, true, false, 0},
    {"DINOv3ViTImageProcessor", ResizeFilter::Bilinear, kImageNetMean, kImageNetStd, 224, true,
     true, 0},
    {"VideoMAEImageProcessor", ResizeFilter::Bilinear, kHalf, kHalf, 224, false, false, 224},
    {"PerceiverImageProcessor", ResizeFilter::Bicubic, kImageNetMean, kImageNetStd, 224, true, true,
     256},
    {"ConvNextImageProcessor", ResizeFilter::Bicubic, kHalf, kHalf, 384, false, false, 0},
}};

const Class* find_class(std::string name) {
  for (const char* variant : {"Fast", "Pil"}) {
    const std::string end = variant;
    if (name.size() > end.size() && name.compare(name.size() - end.size(), end.size(), end) == 0)
      name.resize(name.size() - end.size());
  }
  const size_t old = name.find("FeatureExtractor");
  if (old != std::string::npos) name.replace(old, std::string::npos, "ImageProcessor");
  for (const Class& c : kClasses)
    if (name == c.name) return &c;
  return nullptr;
}

const Class& class_of(const JsonObject& file, const std::string& processor) {
  for (const char* key : {"image_processor_type", "feature_extractor_type"}) {
    const auto name = file.text(key);
    if (!name) continue;
    const Class* c = find_class(*name);
    if (!c)
      file.refuse(key,
                  "is " + file.shown(key) + ", a way of preparing photos that vitro does not know",
                  "move the file away, and give the preprocessing by options");
    return *c;
  }
  return *find_class(processor);
}

// PIL's numbers.
ResizeFilter filter_of(const JsonObject& file, const char* key) {
  constexpr std::array<ResizeFilter, 6> kByNumber = {ResizeFilter::Nearest,  ResizeFilter::Lanczos,
                                                     ResizeFilter::Bilinear, ResizeFilter::Bicubic,
                                                     ResizeFilter::Box,      ResizeFilter::Hamming};
  if (file.is_text(key)) {
    const auto filter = filter_by_name(*file.text(key));
    if (!filter)
      file.refuse(key, "is " + file.shown(key) + ", not a filter that vitro knows",
                  "give --filter, and remove the key");
    return *filter;
  }
  return kByNumber[*file.whole(key, 0, 5)];
}

Channels channels_of(const JsonObject& file, const char* key, double low, double high) {
  const std::vector<double> values = *file.numbers(key, low, high);
  if (values.size() != 1 && values.size() != 3)
    file.refuse(key, "is " + file.shown(key) + ", not one number or three", "correct it");
  Channels out;
  for (size_t c = 0; c < 3; ++c) out[c] = static_cast<float>(values[values.size() == 1 ? 0 : c]);
  return out;
}

struct Size {
  size_t width = 0, height = 0, shortest = 0;
};

// A number, [height, width], or an object.
Size size_of(const JsonObject& file, const char* key, bool square_by_number) {
  if (file.is_number(key)) {
    const size_t n = *file.whole(key, 1, kMaxPixels);
    return square_by_number ? Size{n, n, 0} : Size{0, 0, n};
  }
  if (file.is_list(key)) {
    const std::vector<double> sides = *file.numbers(key, 1, kMaxPixels);
    if (sides.size() != 2 || sides[0] != std::floor(sides[0]) || sides[1] != std::floor(sides[1]))
      file.refuse(key, "is " + file.shown(key) + ", not a height and a width", "correct it");
    return {static_cast<size_t>(sides[1]), static_cast<size_t>(sides[0]), 0};
  }
  const JsonObject size = *file.object(key);
  const std::vector<std::string> keys = size.keys();
  if (keys == std::vector<std::string>{"height", "width"})
    return {*size.whole("width", 1, kMaxPixels), *size.whole("height", 1, kMaxPixels), 0};
  if (keys == std::vector<std::string>{"shortest_edge"})
    return {0, 0, *size.whole("shortest_edge", 1, kMaxPixels)};
  file.refuse(key, "is " + file.shown(key) + ", a resize that vitro does not do", kByOptions);
}

// transformers takes a null for false, and not for what its class says.
bool switched(const JsonObject& file, const char* key, bool by_class) {
  return !file.is_null(key) && file.flag(key).value_or(by_class);
}

void check_switches(const JsonObject& file, bool resize_is_given) {
  const std::set<std::string> known = {"do_resize",      "do_rescale",     "do_normalize",
                                       "do_center_crop", "do_convert_rgb", "do_reduce_labels"};
  for (const std::string& key : file.keys())
    if (key.rfind("do_", 0) == 0 && known.count(key) == 0 && file.flag(key).value_or(false) &&
        !(resize_is_given && key == "do_pad"))
      file.refuse(key, "is true, which vitro does not do",
                  "prepare photos without it, or give another model");
}

// PerceiverImageProcessor cuts size / crop_size of the photo's shorter side out of its middle and
// resizes that to `size`; here it is resized first. The cut is of whole pixels there, so that the
// picture lies up to half a pixel of the photo elsewhere.
Said<Resizing> perceiver_resizing(const JsonObject& file, const Class& c,
                                  const std::string& by_class) {
  const Size window = file.has("size")
                          ? size_of(file, "size", switched(file, "default_to_square", true))
                          : Size{c.size, c.size, 0};
  const bool cut = switched(file, "do_center_crop", true);
  const Size margin =
      file.has("crop_size") ? size_of(file, "crop_size", true) : Size{c.crop, c.crop, 0};
  if (window.shortest || (cut && (margin.width != margin.height || window.width != window.height ||
                                  margin.width < window.width)))
    file.refuse(
        "size",
        "of PerceiverImageProcessor is one that vitro does not do: the crop is of a square, "
        "and not larger than the photo",
        kByOptions);
  Said<Resizing> out;
  out.source = file.has("size") ? file.source("size") : by_class;
  const Size& resized = cut ? margin : window;
  out.value.mode = cut ? ResizeMode::ShorterSide : ResizeMode::Exact;
  out.value.width = resized.width, out.value.height = resized.height;
  out.value.window = {window.width, window.height};
  if (cut) out.source += file.has("crop_size") ? ", crop_size" : "";
  return out;
}

// Where the class says the window, and what of the file or of the class says the size.
Said<Resizing> resizing_of(const JsonObject& file, const Class& c, const std::string& by_class) {
  if (std::string(c.name) == "PerceiverImageProcessor") {
    // What it cuts out then is a share of the photo, of any size.
    if (!switched(file, "do_resize", true))
      file.refuse("do_resize",
                  "is " + file.shown("do_resize") + ", which leaves photos of every shape",
                  kByOptions);
    return perceiver_resizing(file, c, by_class);
  }
  Said<Resizing> out;
  Resizing& r = out.value;
  const bool convnext = std::string(c.name) == "ConvNextImageProcessor";
  const bool crop = switched(file, "do_center_crop", c.crop > 0);
  if (crop) {
    if (convnext)
      file.refuse("do_center_crop", "is true beside crop_pct, which vitro does not do", kByOptions);
    if (!file.has("crop_size") && c.crop == 0)
      file.refuse("do_center_crop", "is true, but crop_size is missing",
                  "add it, or give --resize and --resize-mode");
    const Size window =
        file.has("crop_size") ? size_of(file, "crop_size", true) : Size{c.crop, c.crop, 0};
    if (window.shortest)
      file.refuse("crop_size", "is " + file.shown("crop_size") + ", not a height and a width",
                  "correct it");
    r.window = {window.width, window.height};
  }
  out.source = file.has("size") ? file.source("size") : by_class;
  if (!switched(file, "do_resize", true)) {
    r.mode = ResizeMode::None;
    out.source = file.source("do_resize");
    return out;
  }
  const bool square = switched(file, "default_to_square", c.square_by_number);
  const Size size = file.has("size") ? size_of(file, "size", square)
                    : c.square       ? Size{c.size, c.size, 0}
                                     : Size{0, 0, c.size};
  r.width = size.shortest ? size.shortest : size.width;
  r.height = size.shortest ? size.shortest : size.height;
  if (convnext) {
    if (!size.shortest)
      file.refuse("size",
                  "is " + file.shown("size") + ", where ConvNextImageProcessor wants shortest_edge",
                  kByOptions);
    r.window = {size.shortest, size.shortest};
    const double crop_pct = file.number("crop_pct", 0.01, 1).value_or(224.0 / 256);
    r.mode = size.shortest < 384 ? ResizeMode::ShorterSide : ResizeMode::Exact;
    if (size.shortest < 384)
      r.crop_pct = crop_pct,
      r.width = r.height = static_cast<size_t>(static_cast<double>(size.shortest) / crop_pct);
    return out;
  }
  r.mode = size.shortest ? ResizeMode::ShorterSide : ResizeMode::Exact;
  if (crop) {
    out.source +=
        file.has("crop_size") ? ", crop_size" : ", " + std::string(c.name) + "'s crop_size";
    return out;
  }
  if (size.shortest)
    file.refuse("size",
                "is " + file.shown("size") + " without a crop, which leaves photos of every shape",
                kByOptions);
  r.window = {r.width, r.height};
  return out;
}

}  // namespace

PictureConfig read_image_processor(const std::string& path, const std::string& processor,
                                   bool resize_is_given) {
  const JsonObject root = JsonObject::read(path);
  const JsonObject file =
      root.is_object("image_processor") ? *root.object("image_processor") : root;
  const Class& c = class_of(file, processor);
  const std::string by_class = "default of transformers' " + std::string(c.name);
  const auto source = [&](const char* key) { return file.has(key) ? file.source(key) : by_class; };
  check_switches(file, resize_is_given);
  PictureConfig out;
  if (!resize_is_given) out.resizing = resizing_of(file, c, by_class);
  out.centring = {Centring::Floor, by_class, false};
  out.filter = {file.has("resample") ? filter_of(file, "resample") : c.filter, source("resample"),
                false};
  const bool rescaled = switched(file, "do_rescale", true),
             normalised = switched(file, "do_normalize", true);
  const double factor = rescaled ? file.number("rescale_factor", 1e-6, 1e3).value_or(1.0 / 255) : 1;
  out.rescale = {static_cast<float>(factor),
                 rescaled ? source("rescale_factor") : file.source("do_rescale"), false};
  out.mean = {
      normalised && file.has("image_mean") ? channels_of(file, "image_mean", -1e4, 1e4) : c.mean,
      source("image_mean"), false};
  out.std = {
      normalised && file.has("image_std") ? channels_of(file, "image_std", 1e-4, 1e4) : c.std,
      source("image_std"), false};
  if (!normalised) {
    out.mean = {{0, 0, 0}, file.source("do_normalize"), false};
    out.std = {{1, 1, 1}, file.source("do_normalize"), false};
  }
  out.fill = {{0, 0, 0}, by_class, false};
  out.orientation = {Orientation::Apply, "transformers' load_image", false};
  return out;
}

PictureConfig default_image_processor(const std::string& processor, PixelSize image) {
  const Class& c = *find_class(processor);
  const std::string source =
      "assumed: transformers' " + std::string(c.name) + ", without a preprocessor_config.json";
  PictureConfig out;
  Resizing r;
  r.mode = c.square                      ? ResizeMode::Exact
           : image.width == image.height ? ResizeMode::ShorterSide
                                         : ResizeMode::Cover;
  r.window = image;
  const bool perceiver = std::string(c.name) == "PerceiverImageProcessor";
  if (perceiver) r.mode = image.width == image.height ? ResizeMode::ShorterSide : ResizeMode::Cover;
  const size_t before = perceiver ? c.crop : c.size, after = perceiver ? c.size : c.crop;
  r.width = c.crop ? image.width * before / after : image.width;
  r.height = c.crop ? image.height * before / after : image.height;
  out.resizing = {r, source, true};
  out.filter = {c.filter, source, true};
  out.centring = {Centring::Floor, source, true};
  out.mean = {c.mean, source, true};
  out.std = {c.std, source, true};
  return out;
}

}  // namespace vitro::converter
