// SPDX-License-Identifier: Apache-2.0
#include "models/config/timm.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>
#include <set>

#include "converter/base/error.h"
#include "models/config/shape.h"

namespace vitro::converter {

namespace {

using Channels = std::array<float, 3>;

// Arguments of timm's models that the tensors show, or that change nothing at inference.
const std::set<std::string> kHarmless = {"img_size",
                                         "patch_size",
                                         "num_classes",
                                         "embed_dim",
                                         "depth",
                                         "mlp_ratio",
                                         "init_values",
                                         "class_token",
                                         "no_embed_class",
                                         "reg_tokens",
                                         "fc_norm",
                                         "final_norm",
                                         "pre_norm",
                                         "drop_rate",
                                         "pos_drop_rate",
                                         "patch_drop_rate",
                                         "proj_drop_rate",
                                         "attn_drop_rate",
                                         "drop_path_rate",
                                         "weight_init",
                                         "fix_init",
                                         "dynamic_img_size",
                                         "dynamic_img_pad",
                                         "strict_img_size",
                                         "device",
                                         "dtype",
                                         "distilled",
                                         "proj_bias",
                                         "stem_norm",
                                         "nlhb",
                                         "depth_token_only",
                                         "mlp_ratio_token_only",
                                         "use_abs_pos_emb",
                                         "use_rel_pos_bias",
                                         "use_shared_rel_pos_bias",
                                         "use_fc_norm",
                                         "head_init_scale",
                                         "swiglu_mlp",
                                         "scale_mlp",
                                         "scale_attn_inner",
                                         "qkv_fused",
                                         "num_reg_tokens"};
// Read by this file.
const std::set<std::string> kRead = {"num_heads", "qkv_bias",    "global_pool",
                                     "act_layer", "norm_layer",  "in_chans",
                                     "pos_embed", "window_size", "pretrained_window_sizes",
                                     "depths",    "num_blocks"};

// Whether an argument says only that a model is as those are that vitro computes. No tensor shows
// rotary positions; which channels they pair is settled by the architecture.
bool says_nothing_new(const std::string& key, const std::string& shown) {
  if (key == "rope_rotate_half") return false;
  return shown == (key == "use_rot_pos_emb" ? "true" : "false");
}

void check_arguments(const JsonObject& args) {
  for (const std::string& key : args.keys()) {
    if (kHarmless.count(key) > 0 || kRead.count(key) > 0) continue;
    if (says_nothing_new(key, args.shown(key))) continue;
    args.refuse(key, "is " + args.shown(key) + ", which vitro does not compute", kAnotherModel);
  }
  const auto one_of = [&](const char* key, const std::set<std::string>& names) {
    if (args.has(key) && !(args.is_text(key) && names.count(*args.text(key)) > 0))
      args.refuse(key, "is " + args.shown(key) + ", which vitro does not compute", kAnotherModel);
  };
  one_of("act_layer", {"gelu", "gelu_tanh", "quick_gelu"});
  one_of("norm_layer", {"layernorm"});
  one_of("pos_embed", {"learn"});
  if (args.whole("in_chans", 1, kMaxCount).value_or(3) != 3)
    args.refuse("in_chans", "is " + args.shown("in_chans") + ", not 3",
                "give a model of RGB pictures");
}

PixelSize size_of(const JsonObject& object, const char* key, double height, double width) {
  if (height != std::floor(height) || width != std::floor(width))
    object.refuse(key, "is " + object.shown(key) + ", not whole numbers", "correct it");
  return {static_cast<size_t>(width), static_cast<size_t>(height)};
}

// From [channels, height, width].
PixelSize input_size_of(const JsonObject& cfg, const char* key) {
  const std::vector<double> size = *cfg.numbers(key, 1, 65536);
  if (size.size() != 3)
    cfg.refuse(key, "is " + cfg.shown(key) + ", not channels, height and width", "correct it");
  if (size[0] != 3)
    cfg.refuse(key,
               "is " + cfg.shown(key) + ": " + std::to_string(static_cast<size_t>(size[0])) +
                   " channels, not 3",
               "give a model of RGB pictures");
  return size_of(cfg, key, size[1], size[2]);
}

Said<std::string> pooling_of(const JsonObject& object) {
  const std::string pool = *object.text("global_pool");
  if (pool != "token" && pool != "avg" && pool != "map")
    object.refuse("global_pool",
                  "is " + object.shown("global_pool") + ", a pooling that vitro does not compute",
                  kAnotherModel);
  return {pool, object.source("global_pool"), false};
}

Said<Channels> channels_of(const JsonObject& cfg, const char* key, Channels by_timm, double low,
                           double high) {
  if (!cfg.has(key)) return {by_timm, std::string("timm's default of ") + key, false};
  const std::vector<double> values = *cfg.numbers(key, low, high);
  if (values.size() != 3)
    cfg.refuse(key, "is " + cfg.shown(key) + ", not three numbers", "correct it");
  return {
      {static_cast<float>(values[0]), static_cast<float>(values[1]), static_cast<float>(values[2])},
      cfg.source(key),
      false};
}

Resizing resizing_of(const JsonObject& cfg, PixelSize image) {
  Resizing r;
  r.window = image;
  r.crop_pct = cfg.number("crop_pct", 0, 10).value_or(0.875);
  if (r.crop_pct == 0) r.crop_pct = 0.875;  // as timm takes it
  const std::string mode = cfg.text("crop_mode").value_or("center");
  if (mode != "center" && mode != "squash" && mode != "border")
    cfg.refuse("crop_mode", "is " + cfg.shown("crop_mode") + ", not center, squash or border",
               "give --resize and --resize-mode");
  const auto scaled = [&](size_t side) {
    const double pixels = std::floor(static_cast<double>(side) / r.crop_pct);
    if (!(pixels >= 1 && pixels <= kMaxPixels))
      cfg.refuse("crop_pct",
                 "is " + cfg.shown("crop_pct") + ", which would resize photos to " +
                     std::to_string(pixels) + " pixels",
                 "correct it");
    return static_cast<size_t>(pixels);
  };
  r.width = scaled(image.width), r.height = scaled(image.height);
  r.mode = mode == "squash"      ? ResizeMode::Exact
           : mode == "border"    ? ResizeMode::LongerSide
           : r.width == r.height ? ResizeMode::ShorterSide
                                 : ResizeMode::Cover;
  return r;
}

// As resolve_data_config reads it, which looks at nothing of test_input_size and test_crop_pct
// unless it is told to.
PictureConfig picture_in(const JsonObject& cfg, PixelSize image, bool resize_is_given) {
  if (cfg.whole("crop_border_pixels", 0, kMaxPixels).value_or(0) > 0)
    cfg.refuse("crop_border_pixels",
               "is " + cfg.shown("crop_border_pixels") + ", which vitro does not do",
               kAnotherModel);
  PictureConfig out;
  if (!resize_is_given) {
    std::string source;
    for (const char* key : {"crop_pct", "crop_mode"})
      if (cfg.has(key)) source = source.empty() ? cfg.source(key) : source + ", " + key;
    out.resizing = {resizing_of(cfg, image), source.empty() ? "timm's default of crop_pct" : source,
                    false};
  }
  out.filter = {ResizeFilter::Bicubic, "timm's default of interpolation", false};
  if (const auto name = cfg.text("interpolation")) {
    const auto filter = filter_by_name(*name);
    if (!filter)
      cfg.refuse("interpolation",
                 "is " + cfg.shown("interpolation") + ", not a filter that vitro knows",
                 "give a model's config.json with the filter of its evaluation");
    out.filter = {*filter, cfg.source("interpolation"), false};
  }
  out.mean = channels_of(cfg, "mean", {0.485f, 0.456f, 0.406f}, -1e4, 1e4);
  out.std = channels_of(cfg, "std", {0.229f, 0.224f, 0.225f}, 1e-4, 1e4);
  out.rescale = {1.0f / 255, "timm's ToTensor", false};
  out.centring = {Centring::HalfEven, "timm's CenterCrop", false};
  out.fill = {{0, 0, 0}, "timm's CenterCrop", false};
  if (out.resizing && out.resizing.value.mode == ResizeMode::LongerSide) {
    const std::vector<double> mean = cfg.has("mean") ? *cfg.numbers("mean", -1e4, 1e4)
                                                     : std::vector<double>{0.485, 0.456, 0.406};
    for (size_t c = 0; c < 3; ++c)
      out.fill.value[c] =
          static_cast<uint8_t>(std::clamp(std::nearbyint(255 * mean[c]), 0.0, 255.0));
    out.fill.source = "timm's crop_mode border: round(255 * mean)";
  }
  return out;
}

bool is_synset(const std::string& name) {
  return name.size() == 9 && name[0] == 'n' &&
         std::all_of(name.begin() + 1, name.end(), [](char c) { return c >= '0' && c <= '9'; });
}

// WordNet's numbers say nothing to people; label_descriptions, where they are there, do.
Said<std::vector<std::string>> labels_of(const JsonObject& config, const JsonObject& cfg) {
  for (const JsonObject* place : {&config, &cfg})
    for (const char* key : {"label_names", "labels"}) {
      if (!place->has(key)) continue;
      Said<std::vector<std::string>> out{*place->names(key), place->source(key), false};
      const JsonObject* described = config.is_object("label_descriptions") ? &config
                                    : cfg.is_object("label_descriptions")  ? &cfg
                                                                           : nullptr;
      if (!described || !std::all_of(out.value.begin(), out.value.end(), is_synset)) return out;
      const JsonObject descriptions = *described->object("label_descriptions");
      for (std::string& name : out.value) name = descriptions.text(name).value_or(name);
      out.source = described->source("label_descriptions");
      return out;
    }
  return {};
}

}  // namespace

bool is_timm(const JsonObject& config) {
  return config.has("pretrained_cfg") ||
         (config.has("architecture") && !config.has("architectures"));
}

ModelConfig read_timm(const JsonObject& config, TimmArchitectures architectures,
                      bool resize_is_given, bool image_size_is_given) {
  // Files of old have the pretrained_cfg's keys beside `architecture`.
  const JsonObject cfg = config.has("pretrained_cfg") ? *config.object("pretrained_cfg") : config;
  const std::string name = config.text("architecture").value_or("");
  const std::string without_tag = name.substr(0, name.find('.'));
  const TimmArchitecture architecture = architectures(without_tag);
  if (!architecture.fault.empty())
    config.refuse("architecture", "is " + config.shown("architecture") + ": " + architecture.fault,
                  kAnotherModel);
  const std::string by_name = config.has("architecture") ? config.source("architecture") + " " +
                                                               config.shown("architecture")
                                                         : "";

  ModelConfig out;
  if (!by_name.empty()) out.architecture = {without_tag, config.source("architecture"), false};
  out.activation = {architecture.activation, by_name.empty() ? "assumed: timm's default" : by_name,
                    by_name.empty()};
  if (architecture.epsilon > 0) out.epsilon = {architecture.epsilon, by_name, false};
  if (architecture.heads > 0)
    out.heads = {architecture.heads, by_name, false}, out.heads_at_width = architecture.width;
  if (architecture.window > 0) out.window = {architecture.window, by_name, false};
  if (!architecture.trained_windows.empty())
    out.trained_windows = {architecture.trained_windows, by_name, false};
  Said<PixelSize> picture = {{224, 224}, "timm's default of input_size", false};
  if (cfg.has("input_size"))
    picture = {input_size_of(cfg, "input_size"), cfg.source("input_size"), false};
  out.image_size = picture;
  if (const auto args = config.object("model_args")) {
    check_arguments(*args);
    if (args->has("embed_dim")) out.heads_at_width = 0;  // timm keeps the architecture's number
    const bool by_stage = args->is_list("num_heads");
    if (const auto heads = by_stage ? std::nullopt : args->whole("num_heads", 1, kMaxCount))
      out.heads = {*heads, args->source("num_heads"), false}, out.heads_at_width = 0;
    if (const auto bias = args->flag("qkv_bias"))
      out.qkv_bias = {*bias, args->source("qkv_bias"), false};
    if (const auto activation = args->text("act_layer"))
      out.activation = {*activation, args->source("act_layer"), false};
    if (args->has("global_pool")) out.pool = pooling_of(*args);
    if (args->has("norm_layer"))
      out.epsilon = {1e-6f, "timm's layernorm, " + args->source("norm_layer"), false};
    if (const auto width = args->whole("embed_dim", 1, kMaxCount))
      out.width = {*width, args->source("embed_dim"), false};
    for (const char* key : {"depth", "num_blocks"})
      if (const auto depth = args->whole(key, 1, kMaxCount))
        out.depth = {*depth, args->source(key), false};
    if (const auto registers = args->whole("reg_tokens", 0, kMaxCount))
      out.registers = {*registers, args->source("reg_tokens"), false};
    out.patch = patch_of(*args);
    add_stages_of(*args, out);
    const Said<PixelSize> size = sides_of(*args, "img_size");
    if (size) out.image_size = size;
    if (size && cfg.flag("fixed_input_size").value_or(false)) picture = size;
  }
  if (picture.value != out.image_size.value && !image_size_is_given)
    throw InputError(config.path(),
                     picture.source + " is " + setting_of(picture.value) + ", but " +
                         out.image_size.source + " is " + setting_of(out.image_size.value),
                     "say which of them the pictures have (--image-size)");
  if (const auto width = config.whole("num_features", 1, kMaxCount); width && !out.width)
    out.width = {*width, config.source("num_features"), false};
  const JsonObject& counted = config.has("num_classes") ? config : cfg;
  if (const auto classes = counted.whole("num_classes", 0, kMaxCount); classes && *classes > 0)
    out.classes = {*classes, counted.source("num_classes"), false};
  if (config.has("global_pool")) {
    const Said<std::string> pool = pooling_of(config);
    if (out.pool && out.pool.value != pool.value)
      throw InputError(
          config.path(),
          pool.source + " is " + pool.value + ", but " + out.pool.source + " is " + out.pool.value,
          "correct one of them");
    out.pool = pool;
  }
  out.labels = labels_of(config, cfg);
  out.picture = picture_in(cfg, picture.value, resize_is_given);
  return out;
}

}  // namespace vitro::converter
