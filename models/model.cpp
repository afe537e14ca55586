// SPDX-License-Identifier: Apache-2.0
#include "models/model.h"

#include <filesystem>
#include <map>

#include "converter/base/error.h"
#include "models/config/agreement.h"
#include "models/config/hugging_face.h"
#include "models/config/image_processor.h"
#include "models/config/model_files.h"
#include "models/config/timm.h"
#include "models/vit/biases.h"
#include "models/vit/config.h"
#include "models/vit/names.h"
#include "models/vit/vit.h"

namespace vitro::converter {

namespace {

std::string file_name(const std::string& path) { return path.substr(path.find_last_of('/') + 1); }

ModelConfig read_config(const ModelFiles& files, const ModelOptions& options) {
  const bool resize_is_given = options.picture.say_resizing();
  ModelConfig out;
  std::string type;
  if (!files.config.empty()) {
    const JsonObject config = JsonObject::read(files.config);
    if (is_timm(config)) return read_timm(config, resize_is_given);
    if (!is_hugging_face(config))
      throw InputError(files.config,
                       "says neither model_type (transformers) nor architecture (timm)",
                       "give the config.json that was saved with the weights, or move it away");
    out = read_hugging_face(config);
    type = hugging_face_type(config);
  }
  if (!files.processor.empty())
    out.picture = read_image_processor(files.processor, type, resize_is_given);
  if (files.processor.empty() && out.image_size)
    out.picture = default_image_processor(type, out.image_size.value);
  return out;
}

// What is taken where nothing says it: ImageNet's usual values, photos resized to a little more
// than the crop, tiny pictures (CIFAR) taken whole.
PictureConfig assumed_picture(const Preprocessing& by_family) {
  PictureConfig out =
      picture_of(by_family, [](const char*) { return "assumed: usual for ImageNet"; });
  out.orientation = said(Orientation::Apply, "assumed: photos are seen upright");
  out.resizing.source = by_family.resize_width == by_family.image_width
                            ? "assumed: small pictures are taken whole"
                            : "assumed: image_size * 256 / 224";
  return out;
}

// Of a calibration that is asked for or, where none is, the weights' own.
void read_saved(const ModelOptions& options, Model& model) {
  model.calibration_path = options.calibration;
  if (model.calibration_path.empty() && options.own_calibration &&
      model.weights_sha256 == model.checkpoint.sha256) {
    const std::string beside = calibration_path(model.checkpoint.path);
    std::error_code error;
    if (std::filesystem::exists(beside, error)) model.calibration_path = beside;
  }
  if (!model.calibration_path.empty())
    model.calibration = read_calibration(model.calibration_path, model.weights_sha256);
}

template <typename T>
Said<T> settle(T option, const char* name, const Said<T>& config, const Said<T>& saved) {
  if (option != T{}) return {option, name, false};
  return config && (!config.assumed || !saved) ? config : saved;
}

// Where a value of the calibration was read when it was made; of files that do not say so, the file
// itself.
std::string saved_source(const Model& model, const std::string& name) {
  const auto at = model.calibration->sources.find(name);
  return at == model.calibration->sources.end() ? file_name(model.calibration_path) : at->second;
}

// Program and calibration must be of one preprocessing; what differs is named with both values.
void check_saved(const Model& model, const Preprocessing& saved,
                 const std::vector<Setting>& settings) {
  const SavedCalibration& calibration = *model.calibration;
  std::vector<Setting> then;
  const PictureConfig picture = picture_of(saved, [](const char*) { return "saved"; });
  settle_picture({}, picture, {}, picture, {saved.image_width, "saved", false}, false,
                 model.calibration_path, then);
  then.push_back({"heads", std::to_string(calibration.heads), "", false});
  then.push_back({"epsilon", text_of(calibration.epsilon), "", false});
  for (const Setting& now : settings)
    for (const Setting& before : then)
      if (now.name == before.name && now.value != before.value)
        throw InputError(model.calibration_path,
                         "was saved with " + before.name + " " + before.value + ", but " +
                             now.source + " says " + now.value,
                         "leave it out, or calibrate anew (--calib PHOTOS)");
  if (model.graph.preprocessing != saved)
    throw InputError(model.calibration_path, "was saved with other preprocessing than is asked for",
                     "calibrate anew (--calib PHOTOS)");
  check_fit(model.calibration_path, calibration.calibration, model.graph);
}

using Tensors = std::map<std::string, TensorView>;

// A name like vit_tiny is given to models of other widths, too.
void forget_heads_of_another_width(const Tensors& tensors, ModelConfig& config) {
  const auto patches = tensors.find("patch_embed.proj.weight");
  if (config.heads_at_width && (patches == tensors.end() || patches->second.shape.empty() ||
                                patches->second.shape[0] != config.heads_at_width))
    config.heads = {};
}

// What the tensors' names tell.
void add_names(const NamesReport& names, Model& model) {
  model.settings.push_back(
      {"names", names.spelling + (names.prefix.empty() ? "" : ", prefix " + names.prefix),
       "names of the tensors", false});
  if (!model.checkpoint.chosen.empty())
    model.settings.push_back({"weights", model.checkpoint.chosen, "keys of the file", false});
  if (!names.chosen.empty())
    model.settings.push_back({"weights", names.chosen, "prefixes of the tensors", false});
  if (!names.head.empty())
    model.settings.push_back({"head", names.head, "the one linear layer beside the trunk", true});
  model.ignored = names.ignored;
}

// Biases that no tensor gives count as zeros. Where the config says so, nothing is assumed.
void add_absent_biases(const std::string& spelling, const Tensors& tensors, bool new_head,
                       const ModelConfig& config, Model& model) {
  std::string list;
  for (const std::string& part :
       absent_biases(model.checkpoint.path, tensors, new_head ? "timm" : spelling)) {
    if (part == "attn.qkv" && config.qkv_bias) continue;
    list += (list.empty() ? "" : ", ") + part;
  }
  if (!list.empty())
    model.settings.push_back({"zero_biases", list, "assumed: there are no such tensors", true});
}

Setting heads_setting(const Said<size_t>& said, const VitConfig& vit) {
  if (said) return {"heads", std::to_string(vit.heads), said.source, said.assumed};
  return {"heads", std::to_string(vit.heads),
          "assumed: " + std::to_string(vit.dim / vit.heads) +
              " channels each are usual at a width of " + std::to_string(vit.dim),
          true};
}

}  // namespace

Model read_model(const std::string& path, const ModelOptions& options) {
  const ModelFiles files = find_model_files(path);
  Model model;
  ModelConfig config = read_config(files, options);
  model.checkpoint = read_checkpoint(files.weights, options.state);

  NamesReport names;
  Tensors tensors = canonical_tensors(model.checkpoint, &names);
  add_names(names, model);
  const Adapted adapted =
      apply_adapters(options.adapters, model.checkpoint, tensors, model.settings);
  if (adapted.new_head) config.classes = {}, config.labels = {};
  model.weights_sha256 = adapted.sha256;
  read_saved(options, model);

  Said<size_t> saved_heads;
  Said<float> saved_epsilon;
  if (model.calibration) {
    saved_heads = said(model.calibration->heads, saved_source(model, "heads"));
    saved_epsilon = said(model.calibration->epsilon, saved_source(model, "epsilon"));
  }
  forget_heads_of_another_width(tensors, config);
  if (names.heads) {
    const Said<size_t> shown{names.heads, "shape of the first query", false};
    if (!config.heads.assumed) check_agreement(files.config, config.heads, shown);
    config.heads = shown;
  }
  const Said<size_t> heads = settle(options.heads, "--heads", config.heads, saved_heads);
  Said<float> epsilon = settle(options.epsilon, "--epsilon", config.epsilon, saved_epsilon);
  const auto warn = [&](const char* option, const std::string& value, const std::string& source,
                        const std::string& other) {
    if (value != other)
      model.warnings.push_back(std::string(option) + " is " + value + ", but " + source + " says " +
                               other);
  };
  if (options.heads != 0 && config.heads && !config.heads.assumed)
    warn("--heads", std::to_string(options.heads), config.heads.source,
         std::to_string(config.heads.value));
  if (options.epsilon != 0 && config.epsilon && !config.epsilon.assumed)
    warn("--epsilon", text_of(options.epsilon), config.epsilon.source,
         text_of(config.epsilon.value));
  VitOptions vit;
  if (!epsilon) epsilon = {vit.epsilon, "assumed: usual for a ViT", true};
  vit.heads = heads.value;
  vit.epsilon = epsilon.value;
  if (config.pool) vit.pooling = config.pool.value == "avg" ? Pooling::Mean : Pooling::Token;
  vit.image_size = options.adapters.image_size;
  vit.prompts = adapted.prompts;
  VitConfig built;
  add_absent_biases(names.spelling, tensors, adapted.new_head, config, model);
  model.graph = build_vit(model.checkpoint.path, tensors, vit, &built);
  if (names.spelling == "Hugging Face" && built.positioned < built.class_tokens)
    throw InputError(model.checkpoint.path,
                     "has positions for the patches alone, and models with these names have them "
                     "for the class token too",
                     "give a complete checkpoint");
  if (!files.config.empty())
    check_agreement(files.config, config, built, tensors.count("blocks.0.attn.q.bias") > 0);

  for (Setting& setting : shape_settings(config, built)) {
    if (setting.name == "image_size" && vit.image_size != 0)
      setting = {setting.name, std::to_string(vit.image_size),
                 "--image-size; trained for " + setting.value, false};
    model.settings.push_back(std::move(setting));
  }
  if (!built.norm_bias)
    model.settings.push_back({"norm", "LayerNorm without bias",
                              "assumed: not an RMSNorm, which has the same tensors", true});
  model.settings.push_back(heads_setting(heads, built));
  model.settings.push_back({"epsilon", text_of(epsilon.value), epsilon.source, epsilon.assumed});
  const Said<std::string> activation =
      config.activation ? config.activation
                        : Said<std::string>{"gelu", "assumed: usual for a ViT", true};
  model.settings.push_back({"activation", activation.value, activation.source, activation.assumed});
  model.labels = config.labels.value;
  model.labels_source = config.labels.source;

  PictureConfig saved;
  Preprocessing then;
  if (model.calibration) {
    then = model.calibration->preprocessing;
    then.image_width = model.graph.preprocessing.image_width;
    then.image_height = model.graph.preprocessing.image_height;
    saved = picture_of(then, [&](const char* name) { return saved_source(model, name); });
  }
  const bool resized = vit.image_size != 0;
  const Said<size_t> image_size{model.graph.preprocessing.image_width,
                                resized ? "--image-size" : "by its position embeddings", false};
  const std::string at = !files.processor.empty() ? files.processor
                         : !files.config.empty()  ? files.config
                                                  : files.weights;
  const PictureConfig assumed = assumed_picture(model.graph.preprocessing);
  model.graph.preprocessing = settle_picture(options.picture, config.picture, saved, assumed,
                                             image_size, resized, at, model.settings);
  if (model.calibration) check_saved(model, then, model.settings);
  return model;
}

std::string describe_assumed(const std::vector<Setting>& settings) {
  std::string out;
  for (const Setting& setting : settings)
    if (setting.assumed) out += (out.empty() ? "" : ", ") + setting.name + " " + setting.value;
  return out;
}

}  // namespace vitro::converter
