// SPDX-License-Identifier: Apache-2.0
#include "models/model.h"

#include "converter/base/error.h"
#include "converter/base/input_file.h"
#include "models/config/hugging_face.h"
#include "models/config/image_processor.h"
#include "models/config/model_files.h"
#include "models/config/timm.h"
#include "models/families.h"

namespace vitro::converter {

namespace {

ModelConfig read_config(const ModelFiles& files, const ModelOptions& options) {
  const bool resize_is_given = options.picture.say_resizing();
  ModelConfig out;
  std::string processor = "ViTImageProcessor";
  if (!files.config.empty()) {
    const JsonObject config = JsonObject::read(files.config);
    if (is_timm(config))
      return read_timm(config, timm_architecture, resize_is_given,
                       options.adapters.image_size != PixelSize{});
    if (!is_hugging_face(config))
      throw InputError(files.config,
                       "says neither model_type (transformers) nor architecture (timm)",
                       "give the config.json that was saved with the weights, or move it away");
    const std::vector<HuggingFaceType> types = hugging_face_types();
    out = read_hugging_face(config, types);
    processor = image_processor_of(config, types);
  }
  if (!files.processor.empty())
    out.picture = read_image_processor(files.processor, processor, resize_is_given);
  if (files.processor.empty() && out.image_size)
    out.picture = default_image_processor(processor, out.image_size.value);
  return out;
}

// What is taken where nothing says it: the family's usual values. ImageNet's: photos resized to a
// little more than the crop, tiny pictures (CIFAR) taken whole.
PictureConfig assumed_picture(const Preprocessing& by_family, const std::string& usual_for) {
  PictureConfig out =
      picture_of(by_family, [&](const char*) { return "assumed: usual for " + usual_for; });
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
    if (what_is(beside) != Found::Nothing) model.calibration_path = beside;
  }
  if (!model.calibration_path.empty())
    model.calibration = read_calibration(model.calibration_path, model.weights_sha256);
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
  settle_picture({{}, picture, {}, picture}, {image_size(saved), "saved", false}, false,
                 model.calibration_path, then);
  for (const auto& [name, value] : calibration.settings) then.push_back({name, value, "", false});
  for (const Setting& now : settings)
    for (const Setting& before : then)
      if (now.name == before.name && now.value != before.value)
        throw InputError(model.calibration_path,
                         "was saved with " + before.name + " " + before.value + ", but " +
                             now.source + " says " + now.value,
                         "leave it out, or calibrate again (--calib PHOTOS)");
  if (model.graph.preprocessing != saved)
    throw InputError(model.calibration_path, "was saved with other preprocessing than is asked for",
                     "calibrate again (--calib PHOTOS)");
  check_fit(model.calibration_path, calibration.calibration, model.graph);
}

// What the calibration says of the family's settings.
NamedValues saved_values(const Model& model) {
  NamedValues values;
  if (model.calibration)
    for (const auto& [name, value] : model.calibration->settings)
      values[name] = said(value, saved_source(model, name));
  return values;
}

}  // namespace

Model read_model(const std::string& path, const ModelOptions& options) {
  const ModelFiles files = find_model_files(path);
  Model model;
  const ModelConfig config = read_config(files, options);
  model.checkpoint = read_checkpoint(files.weights, options.state);

  const Family& family = family_of(model.checkpoint);
  check_settings(family, options.settings);
  check_family(family, config, files.config);

  const auto saved_of = [&](const std::string& weights_sha256) {
    model.weights_sha256 = weights_sha256;
    read_saved(options, model);
    return saved_values(model);
  };
  FamilyModel built = family.build(
      model.checkpoint, {config, files.config, options.adapters, options.settings, saved_of});
  model.graph = std::move(built.graph);
  model.settings = std::move(built.settings);
  model.warnings = std::move(built.warnings);
  model.ignored = std::move(built.ignored);
  model.family_values = std::move(built.values);
  if (built.own_classes) {
    model.labels = config.labels.value;
    model.labels_source = config.labels.source;
  }

  PictureConfig saved;
  Preprocessing then;
  if (model.calibration) {
    then = model.calibration->preprocessing;
    then.image_width = model.graph.preprocessing.image_width;
    then.image_height = model.graph.preprocessing.image_height;
    saved = picture_of(then, [&](const char* name) { return saved_source(model, name); });
  }
  const bool resized = options.adapters.image_size != PixelSize{};
  const Said<PixelSize> image{image_size(model.graph.preprocessing),
                              resized ? "--image-size" : built.image_size_from, false};
  const std::string at = !files.processor.empty() ? files.processor
                         : !files.config.empty()  ? files.config
                                                  : files.weights;
  PictureConfig of_files = config.picture;
  if (built.frames > 1) resize_clip(of_files.resizing, image.value, built.frames);
  const PictureConfig assumed = assumed_picture(model.graph.preprocessing, built.usual_for);
  model.graph.preprocessing = settle_picture({options.picture, of_files, saved, assumed}, image,
                                             resized, at, model.settings);
  if (model.calibration) check_saved(model, then, model.settings);
  return model;
}

SavedCalibration to_save(const Model& model, const ConvertResult& result) {
  SavedCalibration saved;
  saved.checkpoint_sha256 = model.weights_sha256;
  for (const auto& [name, said] : model.family_values) saved.settings[name] = said.value;
  saved.preprocessing = model.graph.preprocessing;
  saved.calibration = result.calibration;
  saved.layers = result.layers;
  for (const Setting& setting : model.settings) saved.sources[setting.name] = setting.source;
  return saved;
}

std::string describe_assumed(const std::vector<Setting>& settings) {
  std::string out;
  for (const Setting& setting : settings)
    if (setting.assumed) out += (out.empty() ? "" : ", ") + setting.name + " " + setting.value;
  return out;
}

}  // namespace vitro::converter
